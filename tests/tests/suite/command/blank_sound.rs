//! `blank --sound`: the sound of a camera original, bit for bit, as long and as late as it was.

use std::fs;
use std::path::Path;
use std::process::Command;

use intercut_tests::builder::lies::{overwrite, payloads};
use intercut_tests::builder::{EditSpec, MovieSpec, OffsetTable, TrackSpec};
use intercut_tests::desk::Desk;
use intercut_tests::media::ffmpeg::{Recipe, Sound};
use intercut_tests::readers::Reader;
use intercut_tests::skip;

/// Two seconds at 25 fps from 01:00:00:00 on, with two sound tracks: one a chunk for each half second, one for each frame.
fn original() -> MovieSpec {
    let mut spec = MovieSpec::with_timecode(7, 90_000, vec![700; 50]);
    spec.tracks[0].video_mut().codec = *b"avc1";
    spec.tracks.push(TrackSpec::sound(2 * 48_000, 24_000));
    let mut second = TrackSpec::sound(2 * 48_000, 1920);
    second.references.push((*b"tmcd", 1));
    second.references.push((*b"fall", 2));
    second.offset_table = OffsetTable::Co64;
    spec.tracks.push(second);
    spec
}

/// The bytes of the samples of the `nth` track, chunk by chunk, and where the first of them is.
fn media_of(bytes: &[u8], nth: usize, chunk_len: usize) -> (Vec<u8>, usize) {
    let path: [&[u8; 4]; 6] = [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stco"];
    let mut short = path;
    short[5] = b"stsz";
    let sizes = payloads(bytes, &short)[nth].start;
    // The table that follows the sizes is the one of offsets, whichever of the two kinds.
    let mut tables: Vec<(usize, usize)> =
        payloads(bytes, &path).iter().map(|it| (it.start, 4)).collect();
    short[5] = b"co64";
    tables.extend(payloads(bytes, &short).iter().map(|it| (it.start, 8)));
    let (start, width) = tables.into_iter().filter(|table| table.0 > sizes).min().expect("a table");
    let word = |at: usize, len: usize| {
        bytes[at..at + len].iter().fold(0_usize, |word, &byte| word << 8 | usize::from(byte))
    };
    let offsets = (0..word(start + 4, 4)).map(|entry| word(start + 8 + entry * width, width));
    let offsets: Vec<usize> = offsets.collect();
    let media = offsets.iter().flat_map(|&at| bytes[at..at + chunk_len].to_vec()).collect();
    (media, offsets[0])
}

#[test]
fn sound_is_copied_bit_for_bit_and_lies_before_the_frames_that_it_is_heard_with() {
    let desk = Desk::empty();
    desk.movie("original.mov", &original());
    let made = desk.json("blank original.mov -o blank.mov --codec lt --sound --json", 0);
    assert_eq!(made["blanks"][0]["sound_tracks"], 2);
    let source = fs::read(desk.path("original.mov")).expect("it is there");
    let blank = fs::read(desk.path("blank.mov")).expect("it was made");
    for (nth, chunk_len) in [(2, 96_000), (3, 7680)] {
        let (copied, _) = media_of(&blank, nth, chunk_len);
        assert_eq!(copied.len(), 384_000);
        assert!(copied == media_of(&source, nth, chunk_len).0, "track {nth}");
    }
    // Half a second of frames is twelve: 64x64 pixels at a few hundred bytes each.
    let frames = media_of(&blank, 0, 1).1;
    assert_eq!(media_of(&blank, 2, 96_000).1, 40, "sound is first");
    assert_eq!(frames, 40 + 96_000 + 7680, "then what is heard with the first frame of each track");
    // The timecode track is the second here, too; the sound that it fell back to is the third.
    let references = payloads(&blank, &[b"moov", b"trak", b"tref", b"tmcd"]);
    let ids: Vec<&[u8]> = references.iter().map(|it| &blank[it.clone()]).collect();
    assert_eq!(ids, [[0, 0, 0, 2], [0, 0, 0, 2]]);
    let falls = payloads(&blank, &[b"moov", b"trak", b"tref", b"fall"]);
    assert_eq!(blank[falls[0].clone()], [0, 0, 0, 3]);
    desk.clip("graded/shot.mov", 90_010, 10);
    desk.ends("blank original.mov -o base.mov --codec 4444 --sound", 0);
    desk.ends("splice base.mov graded -o out.mov --verify full", 0);
    let spliced = fs::read(desk.path("out.mov")).expect("it was made");
    assert!(media_of(&spliced, 2, 96_000).0 == media_of(&source, 2, 96_000).0);
}

#[test]
fn sound_before_the_first_picture_is_cut_off_and_the_rest_keeps_its_place() {
    let desk = Desk::empty();
    let mut late = original();
    // Five frames of nothing, in ticks of 1/1000 of the movie, then all pictures.
    late.timescale = 1000;
    let edit = |movie_duration, media_time| EditSpec { movie_duration, media_time };
    late.tracks[0].edits = vec![edit(200, None), edit(2000, Some(0))];
    late.tracks[2].edits = vec![edit(500, None), edit(1500, Some(1000))];
    late.tracks[3].edits = Vec::new();
    desk.movie("late.mov", &late);
    desk.ends("blank late.mov -o blank.mov --codec lt --sound", 0);
    let blank = fs::read(desk.path("blank.mov")).expect("it was made");
    let lists = payloads(&blank, &[b"moov", b"trak", b"edts", b"elst"]);
    let words = |nth: usize| -> Vec<u32> {
        blank[lists[nth].clone()]
            .as_chunks()
            .0
            .iter()
            .map(|word| u32::from_be_bytes(*word))
            .collect()
    };
    // The movie's clock has 5000 ticks: 2500 of its pictures would not hold a thousandth.
    assert_eq!(words(0), [0, 1, 10_000, 0, 0x1_0000]);
    assert_eq!(words(2), [0, 2, 1500, u32::MAX, 0x1_0000, 7500, 1000, 0x1_0000]);
    assert_eq!(words(3), [0, 1, 9000, 9600, 0x1_0000]);
}

#[test]
fn sound_that_cannot_be_copied_is_refused_with_the_reason() {
    let desk = Desk::empty();
    desk.movie("original.mov", &original());
    let whole = fs::read(desk.path("original.mov")).expect("it is there");
    let mut external = whole.clone();
    let dref: [&[u8; 4]; 7] = [b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref", b"alis"];
    let entries = payloads(&external, &dref[..6]);
    // Version, count, and the only entry: its size, its kind, its version and flags.
    assert!(entries.len() >= 3);
    overwrite(&mut external, &dref[..6], 2, 16, &[0, 0, 0, 0]);
    desk.write("external.mov", &external);
    let refused = desk.json("blank external.mov -o out.mov --codec lt --sound --json", 3);
    assert_eq!(refused["refusals"][0]["code"], "sound", "{refused}");
    let message = refused["refusals"][0]["message"].as_str().expect("a message");
    assert!(message.contains("its media is in another file"), "{message}");
    assert_eq!(refused["refusals"][0]["help"], "leave out --sound");
    desk.ends("blank external.mov -o silent.mov --codec lt", 0);

    let mut encrypted = original();
    if let intercut_tests::builder::Media::Sound(sound) = &mut encrypted.tracks[3].media {
        sound.codec = *b"enca";
    }
    desk.movie("encrypted.mov", &encrypted);
    let refused = desk.json("blank encrypted.mov -o out.mov --codec lt --sound --json", 3);
    let message = refused["refusals"][0]["message"].as_str().expect("a message");
    assert!(message.contains("encrypted"), "{message}");

    let mut shared = original();
    shared.tracks[3].shared_chunks = (1..50).map(|chunk| (chunk, 0)).collect();
    shared.tracks[2].shared_chunks = (1..4).map(|chunk| (chunk, 0)).collect();
    desk.movie("shared.mov", &shared);
    let refused = desk.json("blank shared.mov -o out.mov --codec lt --sound --json", 3);
    assert_eq!(refused["refusals"][0]["code"], "sound", "{refused}");

    desk.movie("mute.mov", &MovieSpec::with_timecode(1, 0, vec![700; 5]));
    let made = desk.json("blank mute.mov -o mute_blank.mov --sound --json", 0);
    assert!(made["blanks"][0]["warnings"].to_string().contains("it has no sound"), "{made}");
    desk.ends(
        "blank --size 64x64 --rate 25 --frames 5 --timecode 0 --codec hq --sound -o out.mov",
        2,
    );
}

/// The samples of each sound track as FFmpeg decodes them, and when its streams begin and how long they are.
fn heard(movie: &Path, tracks: usize) -> (Vec<Vec<u8>>, String) {
    let decoded = (0..tracks).map(|track| {
        let mut player = Command::new("ffmpeg");
        player.args(["-v", "error", "-i"]).arg(movie);
        player.args(["-map", &format!("0:a:{track}"), "-f", "s32le", "-"]);
        let output = player.output().expect("ffmpeg was there before");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    });
    let decoded = decoded.collect();
    let mut probe = Command::new("ffprobe");
    probe.args(["-v", "error", "-select_streams", "a", "-of", "csv=p=0"]);
    probe.args(["-show_entries", "stream=codec_name,start_time,duration,nb_frames"]).arg(movie);
    let said = probe.output().expect("ffprobe runs").stdout;
    (decoded, String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn every_reader_takes_blanks_and_stamped_movies_without_a_complaint() {
    if Reader::Ffmpeg.is_missing() {
        return;
    }
    let desk = Desk::empty();
    let encoder = Some("libx264 -preset ultrafast -bf 2 -g 12 -pix_fmt yuv420p");
    let recipe =
        Recipe { encoder, sound: Sound::Aac, raster: (640, 360), ..Recipe::new("camera.mov", 40) };
    desk.real("camera.mov", &recipe);
    desk.ends("blank camera.mov -o blank.mov --codec hq --sound", 0);
    desk.ends("stamp blank.mov -o stamped.mov --text review", 0);
    let files = ["blank.mov", "stamped.mov"].map(|name| desk.path(name));
    for reader in Reader::ALL.into_iter().filter(|reader| !reader.is_missing()) {
        let seen = reader.see(&files).unwrap_or_else(|complaint| panic!("{reader:?}: {complaint}"));
        assert_eq!(seen.len(), 2, "{reader:?}");
        if reader == Reader::MediaInfo {
            let facts = [
                "\"Format\":\"ProRes\"",
                "\"Width\":\"640\"",
                "\"FrameCount\":\"40\"",
                "01:00:00:00",
            ];
            for (seen, fact) in seen.iter().flat_map(|seen| facts.map(|fact| (seen, fact))) {
                assert!(seen.contains(fact), "{fact}: {seen}");
            }
        }
    }
    let probed = desk.json("probe blank.mov stamped.mov --json", 0);
    for file in probed["files"].as_array().expect("a list") {
        assert_eq!(file["timecode"]["start"], "01:00:00:00", "{file}");
        assert_eq!(
            (&file["picture"]["frames"], &file["picture"]["width"]),
            (&40.into(), &640.into())
        );
        assert_eq!(file["cannot_be_spliced"], serde_json::json!([]));
    }
}

#[test]
fn ffmpeg_hears_the_same_at_the_same_time() {
    if let Err(error) = Command::new("ffmpeg").arg("-version").output() {
        return skip::note("ffmpeg", &error.to_string());
    }
    let desk = Desk::empty();
    for (name, sound, rate) in [
        ("aac.mov", Sound::Aac, "24000/1001"),
        ("pcm.mov", Sound::Pcm24, "30000/1001"),
        ("short.mov", Sound::Pcm16, "25"),
    ] {
        let encoder = Some("libx264 -preset ultrafast -bf 2 -g 12 -pix_fmt yuv420p");
        let recipe = Recipe { encoder, sound, rate, raster: (640, 360), ..Recipe::new(name, 60) };
        desk.real(name, &recipe);
        let blank = format!("blank_{name}");
        desk.ends(&format!("blank {name} -o {blank} --codec hq --sound"), 0);
        let (source, copied) = (heard(&desk.path(name), 1), heard(&desk.path(&blank), 1));
        assert!(!source.0[0].is_empty(), "{name}");
        assert!(copied.0 == source.0, "{name}: the sound is another");
        assert_eq!(copied.1, source.1, "{name}");
    }
    // The container of most cameras that are not recorders.
    let mut muxer = Command::new("ffmpeg");
    muxer.args(["-v", "error", "-i"]).arg(desk.path("aac.mov"));
    muxer.args(["-map", "0:v", "-map", "0:a", "-c", "copy"]).arg(desk.path("camera.mp4"));
    assert!(muxer.status().expect("ffmpeg runs").success());
    desk.ends("blank camera.mp4 -o camera.mov --codec hq --sound", 0);
    let (source, copied) = (heard(&desk.path("camera.mp4"), 1), heard(&desk.path("camera.mov"), 1));
    assert!(copied.0 == source.0 && copied.1 == source.1, "{} {}", source.1, copied.1);
}
