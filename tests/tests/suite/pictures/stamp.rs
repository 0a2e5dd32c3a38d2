//! `stamp`: burnt-in text and wipes by slices. Every slice of a stamped frame is text, or what it was, by the oracle's decoder.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use intercut_engine::discover;
use intercut_io::Cancel;
use intercut_tests::desk::Desk;
use intercut_tests::media::ffmpeg::{Profile, Recipe, Sound};
use intercut_tests::oracle::prores::{Picture, decode};
use intercut_tests::skip;

/// Black, the text and no colour, of 1023.
const BLACK: f64 = 64.0;
const LIT: f64 = 928.0;
const GREY: f64 = 512.0;

fn has_ffmpeg() -> bool {
    let version = Command::new("ffmpeg").arg("-version").output();
    version.map_err(|error| skip::note("ffmpeg", &error.to_string())).is_ok()
}

/// The samples of a movie's pictures.
fn samples(path: &Path) -> Vec<Vec<u8>> {
    let open = discover::open(path, &Cancel::default()).expect("it is a movie");
    let table = open.movie.table(open.movie.video());
    let bytes = fs::read(path).expect("it can be read");
    let sample = |range: intercut_engine::units::ByteRange| {
        let at = |offset: u64| usize::try_from(offset).expect("it is in memory");
        bytes[at(range.offset)..at(range.end())].to_vec()
    };
    table.samples_from(intercut_engine::units::SampleIndex(0)).map(|it| sample(it.range)).collect()
}

/// How a row of macroblocks is cut into slices: for each macroblock, which slice it is in.
fn slices_of(columns: usize, widest: usize) -> Vec<usize> {
    let (mut slices, mut width, mut nth) = (Vec::new(), widest, 0);
    while slices.len() < columns {
        while columns - slices.len() < width {
            width /= 2;
        }
        slices.extend(std::iter::repeat_n(nth, width));
        nth += 1;
    }
    slices
}

/// A slice: the field, the row, the place in the row.
type Slice = (usize, usize, usize);

/// The samples of each slice, as they are decoded: brightness, the two colours, alpha.
fn by_slice(
    picture: &Picture,
    is_interlaced: bool,
    widest: usize,
) -> BTreeMap<Slice, [Vec<f64>; 4]> {
    let luma = &picture.components[0];
    let slices = slices_of(luma.width.div_ceil(16), widest);
    let mut found: BTreeMap<Slice, [Vec<f64>; 4]> = BTreeMap::new();
    for (nth, plane) in picture.components.iter().chain(&picture.alpha).enumerate() {
        let across = if plane.width == luma.width { 16 } else { 8 };
        for (at, sample) in plane.samples.iter().enumerate() {
            let (x, y) = (at % plane.width, at / plane.width);
            let (field, line) = if is_interlaced { (y % 2, y / 2) } else { (0, y) };
            let slice = (field, line / 16, slices[x / across]);
            found.entry(slice).or_default()[nth].push(sample.expect("every slice is good"));
        }
    }
    found
}

/// Whether a slice is text on black.
fn is_text([luma, cb, cr, _]: &[Vec<f64>; 4], scale: f64) -> bool {
    let is = |sample: f64, level: f64| (sample - level * scale).abs() < 1e-6;
    luma.iter().all(|&sample| is(sample, BLACK) || is(sample, LIT))
        && cb.iter().chain(cr).all(|&sample| is(sample, GREY))
}

/// Checks that every slice is text or what it was; returns which are text, and whether each of their samples is lit.
fn text_of(
    before: &[u8],
    after: &[u8],
    is_interlaced: bool,
    widest: usize,
) -> BTreeMap<Slice, Vec<bool>> {
    let (before, after) = (decode(before, 1), decode(after, 1));
    let scale = f64::from(1_u16 << (after.depth - 10));
    let old = by_slice(&before, is_interlaced, widest);
    let mut text = BTreeMap::new();
    for (slice, samples) in by_slice(&after, is_interlaced, widest) {
        assert!(samples[3] == old[&slice][3], "{slice:?}: the alpha is what it was");
        if samples == old[&slice] {
            continue;
        }
        assert!(is_text(&samples, scale), "{slice:?} is neither text nor what it was");
        text.insert(slice, samples[0].iter().map(|&it| it > GREY * scale).collect());
    }
    text
}

/// The sound as FFmpeg decodes it.
fn sound(movie: &Path) -> Vec<u8> {
    let mut player = Command::new("ffmpeg");
    player.args(["-v", "error", "-i"]).arg(movie).args(["-map", "0:a", "-f", "s32le", "-"]);
    player.output().expect("ffmpeg was there before").stdout
}

#[test]
fn slices_under_the_text_are_replaced_and_all_others_are_what_they_were() {
    if !has_ffmpeg() {
        return;
    }
    let desk = Desk::empty();
    for (nth, profile) in Profile::ALL.into_iter().enumerate() {
        let with_fields = matches!(profile, Profile::Standard | Profile::FullAlpha);
        for interlaced in [false, true].into_iter().take(if with_fields { 2 } else { 1 }) {
            let (name, sound_kind) = (format!("stamp_{nth}_{interlaced}.mov"), Sound::Pcm24);
            let recipe = Recipe {
                profile,
                interlaced,
                sound: sound_kind,
                raster: (592, 144),
                // FFmpeg leaves out the sound of a single frame.
                ..Recipe::new(&name, 2)
            };
            desk.real(&name, &recipe);
            let made = desk.json(&format!("stamp {name} -o out_{name} --json"), 0);
            assert_eq!((&made["frames_changed"], &made["frames_copied"]), (&2.into(), &0.into()));
            let (old, new) =
                (samples(&desk.path(&name)), samples(&desk.path(format!("out_{name}"))));
            let blank = format!("blank_{name}");
            desk.ends(&format!("blank {name} -o {blank}"), 0);
            let black = samples(&desk.path(&blank));
            for (nth, (old, new)) in old.iter().zip(&new).enumerate() {
                let text = text_of(old, new, interlaced, 8);
                let lit = text.values().flatten().filter(|&&lit| lit).count();
                assert!(
                    !text.is_empty() && lit > 1000,
                    "{profile:?} {interlaced}: {lit} samples are lit"
                );
                // A blank has the same text at the same place: name and timecode are the same.
                let flat = decode(&black[nth], 1);
                let grey = GREY * f64::from(1_u16 << (flat.depth - 10));
                let flat = by_slice(&flat, interlaced, 8);
                for (slice, lit) in text {
                    let expected: Vec<bool> = flat[&slice][0].iter().map(|&it| it > grey).collect();
                    assert!(lit == expected, "{profile:?} {interlaced} {slice:?}");
                }
            }
            let heard = sound(&desk.path(&name));
            assert!(!heard.is_empty() && heard == sound(&desk.path(format!("out_{name}"))));
            let mut player = Command::new("ffmpeg");
            player.args(["-v", "warning", "-xerror", "-err_detect", "explode", "-i"]);
            player.arg(desk.path(format!("out_{name}"))).args(["-f", "null", "-"]);
            let played = player.output().expect("ffmpeg runs");
            assert!(played.status.success() && played.stderr.is_empty(), "{played:?}");
        }
    }
}

#[test]
fn narrow_slices_and_odd_sizes_are_stamped_too() {
    if !has_ffmpeg() {
        return;
    }
    let desk = Desk::empty();
    for (widest, encoder) in [
        (1, "prores_ks -profile:v hq -pix_fmt yuv422p10le -mbs_per_slice 1"),
        (4, "prores_ks -profile:v standard -pix_fmt yuv422p10le -mbs_per_slice 4"),
        (8, "prores_ks -profile:v 4444 -pix_fmt yuva444p10le -mbs_per_slice 8 -alpha_bits 8"),
        (8, "prores_aw -profile:v 3 -pix_fmt yuv422p10le"),
    ] {
        let encoder = Some(encoder);
        let recipe = Recipe { encoder, raster: (578, 134), ..Recipe::new("odd.mov", 1) };
        desk.real("odd.mov", &recipe);
        desk.ends("stamp odd.mov -o out.mov --force --text second", 0);
        for (old, new) in samples(&desk.path("odd.mov")).iter().zip(&samples(&desk.path("out.mov")))
        {
            let text = text_of(old, new, false, widest);
            assert!(text.values().flatten().filter(|&&lit| lit).count() > 1000, "{encoder:?}");
        }
    }
}

#[test]
fn wipe_of_movies_whose_frames_do_not_belong_together_is_refused() {
    let desk = Desk::empty();
    let movie = |name: &str| Recipe { raster: (128, 64), ..Recipe::new(name, 3) };
    desk.real("movie.mov", &movie("movie.mov"));
    desk.real("later.mov", &movie("later.mov").at("05:00:00:00"));
    desk.real("faster.mov", &Recipe { rate: "30", ..movie("faster.mov") });
    for (base, why) in [
        ("later.mov", "its first frame has timecode 01:00:00:00"),
        ("faster.mov", "it has 25 frames per second"),
    ] {
        let (_, err) = desk.ends(&format!("stamp movie.mov --wipe {base} -o wipe.mov"), 3);
        assert!(err.contains(why) && err.contains(base), "{err}");
        assert!(!desk.path("wipe.mov").exists());
    }
}

#[test]
fn wipe_shows_the_base_on_the_left_and_the_movie_on_the_right() {
    if !has_ffmpeg() {
        return;
    }
    let desk = Desk::empty();
    let recipe = Recipe {
        profile: Profile::Hq,
        raster: (592, 144),
        sound: Sound::Pcm16,
        ..Recipe::new("right.mov", 2)
    };
    desk.real("right.mov", &recipe);
    desk.real("left.mov", &Recipe { pattern: 5, ..recipe.clone() });
    desk.ends("stamp right.mov --wipe left.mov --split 40 --no-burn-in -o wipe.mov", 0);
    let all = ["left.mov", "right.mov", "wipe.mov"].map(|name| samples(&desk.path(name)));
    for nth in 0..2 {
        let [left, right, wipe] = all.each_ref().map(|it| by_slice(&decode(&it[nth], 1), false, 8));
        // 37 macroblocks: 40 of 100 are nearest to the second boundary, at 16.
        for (slice, samples) in &wipe {
            let expected = if slice.2 < 2 { &left } else { &right };
            assert!(samples == &expected[slice], "{slice:?}");
            assert!(left[slice] != right[slice], "the movies differ everywhere");
        }
    }
    assert_eq!(sound(&desk.path("wipe.mov")), sound(&desk.path("right.mov")));
    // With the text over both.
    desk.ends("stamp right.mov --wipe left.mov --split 40 -o both.mov", 0);
    let (wiped, both) = (samples(&desk.path("wipe.mov")), samples(&desk.path("both.mov")));
    assert!(!text_of(&wiped[0], &both[0], false, 8).is_empty());

    desk.real("short.mov", &Recipe { frames: 1, ..recipe.clone() });
    let refused = desk.json("stamp right.mov --wipe short.mov -o no.mov --json", 3);
    assert_eq!(refused["refusals"][0]["code"], "frames", "{refused}");
    desk.real("other.mov", &Recipe { profile: Profile::Standard, ..recipe.clone() });
    let refused = desk.json("stamp right.mov --wipe other.mov -o no.mov --json", 3);
    assert_eq!(refused["refusals"][0]["code"], "frame_kind", "{refused}");
    let message = refused["refusals"][0]["message"].as_str().expect("a message");
    assert!(message.contains("differ in their quantisation matrices"), "{message}");
    desk.real("fields.mov", &Recipe { interlaced: true, ..recipe });
    let (_, err) = desk.ends("stamp right.mov --wipe fields.mov -o no.mov", 3);
    assert!(err.contains("differ in their fields"), "{err}");
    desk.ends("stamp right.mov --split 40 -o no.mov", 2);
    desk.ends("stamp right.mov --no-burn-in -o no.mov", 2);
    assert!(!desk.path("no.mov").exists());
}

#[test]
fn stamped_movie_is_the_same_by_every_route_and_frames_that_are_damaged_are_copied() {
    if !has_ffmpeg() {
        return;
    }
    let desk = Desk::empty();
    let recipe = Recipe {
        profile: Profile::Hq,
        raster: (592, 144),
        sound: Sound::Aac,
        ..Recipe::new("good.mov", 80)
    };
    desk.real("good.mov", &recipe);
    let mut bytes = fs::read(desk.path("good.mov")).expect("it is there");
    // The header of frame 70.
    let marks: Vec<usize> =
        (0..bytes.len() - 4).filter(|&at| &bytes[at..at + 4] == b"icpf").collect();
    assert_eq!(marks.len(), 80);
    bytes[marks[70]] = 0;
    desk.write("bad.mov", &bytes);
    let made = desk.json("stamp bad.mov -o auto.mov --json", 0);
    assert_eq!((&made["frames_changed"], &made["frames_copied"]), (&79.into(), &1.into()));
    let warning = made["warnings"][0].as_str().expect("a warning");
    assert!(
        warning.contains("1 of its frames are copied as they are, the first of them frame 70"),
        "{warning}"
    );
    let (old, new) = (samples(&desk.path("bad.mov")), samples(&desk.path("auto.mov")));
    assert!(old[70] == new[70] && old[69] != new[69]);
    desk.is_the_same_by_every_route("stamp bad.mov", "auto.mov");
}

#[test]
fn what_cannot_be_stamped_is_refused_by_name() {
    if !has_ffmpeg() {
        return;
    }
    let desk = Desk::empty();
    let encoder = Some("libx264 -preset ultrafast -g 1 -pix_fmt yuv420p");
    desk.real("avc.mov", &Recipe { encoder, raster: (592, 144), ..Recipe::new("avc.mov", 2) });
    let refused = desk.json("stamp avc.mov -o no.mov --json", 3);
    assert_eq!(refused["refusals"][0]["code"], "codec");
    desk.real("small.mov", &Recipe { profile: Profile::Hq, ..Recipe::new("small.mov", 2) });
    let (_, err) = desk.ends("stamp small.mov -o no.mov", 3);
    assert!(err.contains("64x64 pixels are too few"), "{err}");
    let recipe = Recipe {
        profile: Profile::Hq,
        raster: (592, 144),
        timecode: None,
        ..Recipe::new("bare.mov", 2)
    };
    desk.real("bare.mov", &recipe);
    let (_, err) = desk.ends("stamp bare.mov -o bare_out.mov", 0);
    assert!(err.contains("it has no timecode: it is counted from 00:00:00:00"), "{err}");
    desk.ends("stamp bare.mov -o given.mov --timecode 10:00:00:00", 0);
    desk.ends("stamp bare.mov -o no.mov --timecode 10:00", 2);
    let (_, err) = desk.ends("stamp bare.mov -o bare.mov --force", 3);
    assert!(err.contains("bare.mov"), "{err}");
    let all: Vec<Vec<u8>> = samples(&desk.path("bare_out.mov"));
    let given = samples(&desk.path("given.mov"));
    assert!(all[0] != given[0], "another hour is shown");
    assert!(!desk.path("no.mov").exists());
}

#[test]
fn stamped_movie_is_read_back_and_its_page_says_that_it_is_no_master() {
    let desk = Desk::empty();
    let numbers = "--size 640x360 --rate 25 --frames 4 --timecode 01:00:00:00 --codec 4444";
    desk.ends(&format!("blank {numbers} --no-burn-in -o movie.mov"), 0);
    desk.ends(&format!("blank {numbers} -o base.mov"), 0);
    let line = "stamp movie.mov --wipe base.mov -o out.mov --verify full --report page.html --json";
    let made = desk.json(line, 0);
    assert_eq!(
        (&made["verify"]["mode"], &made["verify"]["samples_checked"]),
        (&"full".into(), &5.into())
    );
    assert!(made["slices_checked"].as_u64().is_some_and(|slices| slices > 100), "{made}");
    let page = fs::read_to_string(desk.path("page.html")).expect("there is a page");
    for told in [
        "For review, never a master: 4 of 4 frames are not those of",
        "bit for bit",
        "5 samples of all tracks",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    fs::write(desk.path("saved.json"), made.to_string()).expect("there is room");
    desk.ends("report saved.json -o again.html", 0);
    assert_eq!(fs::read_to_string(desk.path("again.html")).expect("a page"), page);
    let (out, _) = desk.ends("stamp movie.mov -o told.mov --verify written --no-progress", 0);
    assert!(out.contains("  verified written: 5 samples, 0 differ\n"), "{out}");
    assert!(out.contains(" outside of what was put in are the movie's\n"), "{out}");
    desk.ends("stamp movie.mov -o no.mov --report base.mov", 2);
    assert!(!desk.path("no.mov").exists());
}
