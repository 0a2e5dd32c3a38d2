//! `review`: the pictures and the sound of its movies, as FFmpeg reads them.

use std::path::Path;
use std::process::Command;

use intercut_engine::canvas::{Canvas, Pixels, Rect};
use intercut_tests::desk::{Desk, ends_with};
use intercut_tests::media::ffmpeg::{Profile, Recipe, Sound};

use super::material::{overwrite, put};

/// Pixels of the reviews here, and of the pictures in them: half as wide, in the middle.
const SIZE: [usize; 2] = [640, 360];

/// Small pictures without tags are BT.601; reviews are BT.709.
const TO_VIDEO: &str = "flags=bicubic:in_color_matrix=bt601:out_color_matrix=bt709";

/// Frames of the base; how many of them S01 replaces, from the tenth on.
const FRAMES: u32 = 30;
const REPLACED: u32 = 6;

/// What FFmpeg says a run of samples is: of a frame, or of sound.
fn by_ffmpeg(path: &Path, words: &str) -> Vec<u8> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-i"]).arg(path).args(words.split_whitespace()).arg("-");
    let output = command.output().expect("ffmpeg runs; tests/run installs what is missing");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The brightness of every frame, each after `filter`.
fn frames(path: &Path, filter: &str) -> Vec<u8> {
    by_ffmpeg(path, &format!("-vf {filter},format=yuv420p,extractplanes=y -f rawvideo"))
}

fn probed(path: &Path, entries: &str) -> String {
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-of", "compact=p=0:nk=1", "-show_entries", entries]).arg(path);
    let output = command.output().expect("ffprobe runs");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Decibels by which a picture is louder than what differs.
fn psnr(one: &[u8], other: &[u8]) -> f64 {
    assert_eq!(one.len(), other.len());
    let squares = one.iter().zip(other).map(|(one, other)| f64::from(one.abs_diff(*other)).powi(2));
    10.0 * (65_025.0 / (squares.sum::<f64>() / one.len() as f64).max(1e-9)).log10()
}

fn base() -> Recipe {
    Recipe {
        raster: (640, 360),
        sound: Sound::Pcm24,
        profile: Profile::Hq,
        ..Recipe::new("base.mov", FRAMES)
    }
}

/// With `base.mov`, `S01_v2.mov` and `final.mov`, which has a sidecar and a saved report.
pub(super) fn desk() -> Desk {
    let desk = Desk::empty();
    desk.real("base.mov", &base());
    let clip = Recipe {
        raster: (640, 360),
        profile: Profile::Hq,
        pattern: 5,
        ..Recipe::new("S01_v2.mov", REPLACED)
    };
    desk.real("S01_v2.mov", &clip.at("01:00:00:10"));
    let run = desk.json("splice base.mov S01_v2.mov -o final.mov --sidecar --json", 0);
    desk.write("run.json", run.to_string());
    desk
}

/// The line that is burnt in at the bottom of each picture, as a canvas of that size has it: its box alone.
fn line(text: &str) -> (Rect, Vec<u8>) {
    let mut bytes = vec![0; Pixels::Nv12.len(SIZE)];
    let mut canvas = Canvas::new(Pixels::Nv12, SIZE, &mut bytes);
    let rect = canvas.write(text, [2, 348], 1, 638);
    let Rect { x, y, width, height } = rect;
    let rows = (y..y + height).flat_map(|row| row * SIZE[0] + x..row * SIZE[0] + x + width);
    // From the range of video to that of FFmpeg's grey.
    let luma = rows.map(|at| if bytes[at] > 128 { 255 } else { 0 });
    (rect, luma.collect())
}

#[track_caller]
pub(super) fn assert_line(path: &Path, frame: usize, text: &str) {
    let (Rect { x, y, width, height }, expected) = line(text);
    let found = frames(path, &format!("crop={width}:{height}:{x}:{y}"));
    let found = &found[frame * width * height..][..width * height];
    let wrong =
        found.iter().zip(&expected).filter(|(found, expected)| found.abs_diff(**expected) > 100);
    let share = wrong.count() as f64 / expected.len() as f64;
    assert!(share < 0.02, "{share} of the dots of {text:?} differ in frame {frame}");
}

/// One side of a review shows the frames of a movie, from `first` on, and no others.
#[track_caller]
pub(super) fn assert_side(review: &Path, left: usize, movie: &Path, first: usize) {
    let expected = frames(movie, &format!("scale=320:180:{TO_VIDEO}"));
    let found = frames(review, &format!("crop=320:180:{left}:90"));
    let frame = |all: &[u8], nth: usize| all[nth * 320 * 180..][..320 * 180].to_vec();
    for nth in 0..found.len() / (320 * 180) {
        let shown = frame(&found, nth);
        let own = psnr(&shown, &frame(&expected, first + nth));
        let other = psnr(&shown, &frame(&expected, (first + nth + 1) % FRAMES as usize));
        let name = movie.display();
        assert!(own > 30.0 && own > other + 3.0, "{name} {nth}: {own:.1} dB, {other:.1} dB");
    }
}

#[test]
fn base_and_result_lie_side_by_side_frame_by_frame_with_the_label_of_each() {
    let desk = desk();
    let made = desk.json("review final.mov -o review.mp4 --size 640x360 --quality 90 --json", 0);
    assert_eq!(made["schema"], "intercut.review/1");
    assert_eq!((&made["pictures"], &made["layout"]), (&30.into(), &"side-by-side".into()));
    assert_eq!((&made["timecode"], &made["sound_channels"]), (&"01:00:00:00".into(), &2.into()));
    assert_eq!(
        made["decoded"][0],
        serde_json::json!({"side": "base", "divisor": 2, "color_divisor": 2, "tone_mapped": null})
    );
    let review = desk.path("review.mp4");
    assert_eq!(
        probed(
            &review,
            "stream=codec_name,width,height,pix_fmt,color_space,r_frame_rate,nb_frames:stream_tags=timecode"
        ),
        "h264|640|360|yuv420p|bt709|25/1|30|01:00:00:00\naac|0/0|58\nunknown|0/0|1|01:00:00:00"
    );
    assert_side(&review, 0, &desk.path("base.mov"), 0);
    assert_side(&review, 320, &desk.path("final.mov"), 0);
    assert_line(&review, 9, "01:00:00:09  (base)");
    assert_line(&review, 10, "01:00:00:10  S01_v2.mov");
    assert_line(&review, 15, "01:00:00:15  S01_v2.mov");
    assert_line(&review, 16, "01:00:00:16  (base)");
}

#[test]
fn reel_has_what_was_replaced_with_its_context_whoever_says_what_that_is() {
    let desk = desk();
    let by = [
        ("sidecar", "review final.mov"),
        ("run", "review moved.mov --run run.json --against base.mov"),
    ];
    std::fs::copy(desk.path("final.mov"), desk.path("moved.mov")).expect("it can be copied");
    for (name, words) in by {
        let words = format!(
            "{words} -o {name}.mov --only replaced --context 2 --size 640x360 --burn-in frame --json"
        );
        let made = desk.json(&words, 0);
        assert_eq!((&made["pictures"], &made["cards"]), (&10.into(), &0.into()));
        assert_eq!(made["timecode"], "01:00:00:08", "one stretch counts on");
        let reel = desk.path(format!("{name}.mov"));
        assert_line(&reel, 0, "#8");
        assert_line(&reel, 9, "#17");
    }
    let (_, err) = desk.ends("review moved.mov -o none.mov --only replaced", 2);
    assert!(err.contains("nothing says what was replaced in moved.mov"), "{err}");
}

#[test]
fn page_of_the_run_leads_into_the_review_where_each_event_begins() {
    let desk = desk();
    let words = "--run run.json --only replaced --context 2 --size 640x360 --codec proxy --json";
    let words = format!("{words} -o reel#1.mov --report page.html");
    let made = desk.json(&format!("review final.mov {words}"), 0);
    assert_eq!(made["events"], serde_json::json!([{"event": 0, "picture": 2, "seconds": 0.08}]));
    let page = std::fs::read_to_string(desk.path("page.html")).expect("a page");
    for part in [
        "href=\"./reel%231.mov#t=0.100\"",
        "side-by-side, 10 frames, 640 × 360, proxy",
        "Pictures at the cuts",
        "data:image/jpeg;base64,",
    ] {
        assert!(page.contains(part), "{part}");
    }
    // Of another movie than the run wrote, the page would tell what is not so.
    std::fs::remove_file(desk.path("reel#1.mov")).expect("it is there");
    let (_, err) = desk.ends(&format!("review base.mov {words}"), 2);
    assert!(err.contains("it is about another movie"), "{err}");
    assert!(!desk.path("reel#1.mov").exists());
    desk.ends("review final.mov -o reel.mov --report page.html", 2);
}

#[test]
fn reel_of_several_events_has_a_card_before_each_and_the_sound_that_belongs_to_it() {
    let desk = Desk::empty();
    desk.real("base.mov", &base());
    let clip = |name: &str, pattern| {
        let recipe = Recipe { raster: (640, 360), profile: Profile::Hq, ..Recipe::new(name, 3) };
        Recipe { pattern, ..recipe }
    };
    desk.real("S01.mov", &clip("S01.mov", 5).at("01:00:00:04"));
    desk.real("S02.mov", &clip("S02.mov", 6).at("01:00:00:20"));
    desk.ends("splice base.mov S01.mov S02.mov -o final.mov --sidecar", 0);
    let words = "review final.mov -o reel.mov --only replaced --context 1 --size 640x360 --json";
    let made = desk.json(words, 0);
    // A second of card before each stretch of five frames.
    assert_eq!((&made["pictures"], &made["cards"]), (&60.into(), &2.into()));
    assert_eq!(made["timecode"], serde_json::Value::Null);
    let reel = desk.path("reel.mov");
    assert_line(&reel, 25, "01:00:00:03  (base)");
    assert_line(&reel, 26, "01:00:00:04  S01.mov");
    assert_line(&reel, 56, "01:00:00:20  S02.mov");
    // The card says which one it is, in the middle, and what follows.
    let card = frames(&reel, "select=eq(n\\,0),crop=560:300:80:30");
    let lit = card.iter().filter(|&&level| level > 200).count();
    assert!((100..5000).contains(&lit), "{lit}");
    // Sound is copied, sample by sample: 1920 for each frame, silence under cards.
    let sound = by_ffmpeg(&reel, "-map 0:a -f s24le");
    let all = by_ffmpeg(&desk.path("base.mov"), "-map 0:a -f s24le");
    let frame = 1920 * 6;
    assert_eq!(sound.len(), 60 * frame);
    assert!(sound[..25 * frame].iter().all(|&byte| byte == 0));
    assert!(sound[25 * frame..30 * frame] == all[3 * frame..8 * frame]);
    assert!(sound[30 * frame..55 * frame].iter().all(|&byte| byte == 0));
    assert!(sound[55 * frame..] == all[19 * frame..24 * frame]);
}

#[test]
fn frames_that_are_left_out_are_counted_and_the_review_lasts_as_long() {
    let desk = desk();
    let words = "review final.mov -o fast.mp4 --every 4 --size 640x360 --layout single --json";
    let made = desk.json(words, 0);
    assert_eq!((&made["pictures"], &made["frames_left_out"]), (&8.into(), &22.into()));
    assert_eq!(made["timecode"], serde_json::Value::Null);
    let fast = desk.path("fast.mp4");
    assert_eq!(probed(&fast, "stream=r_frame_rate,nb_frames"), "25/4|8\n0/0|61");
    assert_line(&fast, 3, "01:00:00:12  S01_v2.mov");
    assert_line(&fast, 7, "01:00:01:03  (base)");
}

#[test]
fn wipe_has_the_left_of_the_base_and_the_right_of_the_result_and_stacked_has_both() {
    let desk = desk();
    desk.ends("review final.mov -o wipe.mov --layout wipe --size 640x360 --burn-in none", 0);
    desk.ends("review final.mov -o stacked.mov --layout stacked --size 640x360 --burn-in none", 0);
    let near = |review: &str, part: &str, movie: &str, of: &str| {
        let found = frames(&desk.path(review), &format!("select=eq(n\\,12),crop={part}"));
        let expected = frames(&desk.path(movie), &format!("select=eq(n\\,12),{of}"));
        let decibels = psnr(&found, &expected);
        assert!(decibels > 29.0, "{part} of {review}: {decibels:.1} dB from {movie}");
    };
    near(
        "wipe.mov",
        "320:360:0:0",
        "base.mov",
        &format!("scale=640:360:{TO_VIDEO},crop=320:360:0:0"),
    );
    near(
        "wipe.mov",
        "320:360:320:0",
        "final.mov",
        &format!("scale=640:360:{TO_VIDEO},crop=320:360:320:0"),
    );
    near("stacked.mov", "320:180:160:0", "base.mov", &format!("scale=320:180:{TO_VIDEO}"));
    near("stacked.mov", "320:180:160:180", "final.mov", &format!("scale=320:180:{TO_VIDEO}"));
}

#[test]
fn same_command_twice_gives_the_same_pictures() {
    let desk = desk();
    let hashes = ["one.mp4", "two.mp4"].map(|name| {
        desk.ends(&format!("review final.mov -o {name} --size 640x360"), 0);
        by_ffmpeg(&desk.path(name), "-f framemd5")
    });
    assert!(hashes[0] == hashes[1]);
}

#[test]
fn hevc_has_ten_bits_and_the_colour_of_every_line() {
    let desk = desk();
    let words =
        "review final.mov -o review.mov --codec hevc --every 10 --size 640x360 --burn-in none";
    desk.ends(words, 0);
    let review = desk.path("review.mov");
    let entries = "stream=codec_name,codec_tag_string,pix_fmt,nb_frames";
    let found = probed(&review, entries);
    assert!(found.starts_with("hevc|hvc1|yuv422p10le|3"), "{found}");
    let part = |path: &str, filter: &str| {
        let words =
            format!("-vf select=eq(n\\,0),{filter} -f rawvideo -pix_fmt yuv422p -frames:v 1");
        by_ffmpeg(&desk.path(path), &words)
    };
    let decibels = psnr(
        &part("review.mov", "crop=320:180:320:90"),
        &part("final.mov", &format!("scale=320:180:{TO_VIDEO}")),
    );
    assert!(decibels > 30.0, "{decibels:.1} dB");
}

#[test]
fn proxy_needs_no_other_program_and_every_reader_takes_it() {
    let desk = desk();
    let words = "review final.mov -o review.mov --codec proxy --size 640x360 --quality 80 --json";
    let output = desk.command(words).env("PATH", "/nowhere").output().expect("the command runs");
    let (out, _) = ends_with(&output, 0);
    let made: serde_json::Value = serde_json::from_str(&out).expect("an object");
    assert_eq!((&made["encoder"], &made["codec"]), (&"intercut".into(), &"proxy".into()));
    let review = desk.path("review.mov");
    let entries = "stream=codec_name,codec_tag_string,width,height,pix_fmt,color_space,r_frame_rate,nb_frames:stream_tags=timecode";
    assert_eq!(
        probed(&review, entries),
        "prores|apco|640|360|yuv422p10le|bt709|25/1|30|01:00:00:00\npcm_s24le|lpcm|0/0|57600\nunknown|tmcd|0/0|1|01:00:00:00"
    );
    let expected = frames(&desk.path("final.mov"), &format!("scale=320:180:{TO_VIDEO}"));
    let found = frames(&review, "crop=320:180:320:90");
    for nth in 0..FRAMES as usize {
        let frame = |all: &[u8]| all[nth * 320 * 180..][..320 * 180].to_vec();
        let decibels = psnr(&frame(&found), &frame(&expected));
        assert!(decibels > 30.0, "frame {nth}: {decibels:.1} dB");
    }
    assert_line(&review, 12, "01:00:00:12  S01_v2.mov");
    let sound = |path: &str| by_ffmpeg(&desk.path(path), "-map 0:a -f s24le");
    // Samples are copied; where the result's sound ends before its pictures there is silence.
    let (found, own) = (sound("review.mov"), sound("final.mov"));
    assert_eq!(found.len(), FRAMES as usize * 1920 * 6);
    assert!(found.starts_with(&own) && found[own.len()..].iter().all(|&byte| byte == 0));
    let checked = desk.json("qc review.mov --deep --json", 0);
    assert_eq!(checked["movies"][0]["findings"], serde_json::json!([]));
    let probed = desk.json("probe review.mov --json", 0);
    assert_eq!(probed["files"][0]["cannot_be_spliced"], serde_json::json!([]), "{probed}");
}

#[test]
fn proxy_of_a_reel_has_the_sound_of_each_stretch() {
    let desk = desk();
    let words = "--only replaced --context 3 --every 2 --size 320x180";
    desk.ends(&format!("review final.mov -o proxy.mov --codec proxy {words}"), 0);
    desk.ends(&format!("review final.mov -o other.mov {words}"), 0);
    let sound = |path: &str| by_ffmpeg(&desk.path(path), "-map 0:a -f s24le");
    assert!(sound("proxy.mov") == sound("other.mov"));
    let rate = "stream=r_frame_rate,nb_frames";
    let [proxy, other] = ["proxy.mov", "other.mov"].map(|path| probed(&desk.path(path), rate));
    assert_eq!(proxy.lines().next(), other.lines().next());
}

#[test]
fn fields_odd_rasters_wide_pixels_and_high_ranges_keep_their_shape_and_colour() {
    let hq = "-c:v prores_ks -profile:v hq -pix_fmt yuv422p10le";
    let pq = "-colorspace bt2020nc -color_primaries bt2020 -color_trc smpte2084";
    for (name, raster, options, cell) in [
        ("fields", "720:576", format!("{hq} -flags:v +ildct -field_order tt"), [320, 256]),
        (
            "odd",
            "321:181",
            "-c:v prores_ks -profile:v 4444 -pix_fmt yuva444p10le".to_owned(),
            [320, 180],
        ),
        ("wide pixels", "320:360", format!("{hq} -aspect 16:9"), [320, 180]),
        ("PQ", "640:360", format!("{hq} {pq} -movflags +write_colr"), [320, 180]),
    ] {
        let desk = Desk::empty();
        let picture = format!(
            "color=black:s=640x360:r=25,format=gray,geq=lum=255*X/W,format=yuv444p10le,scale={raster},setsar=1"
        );
        put(&desk, "base.mov", &picture, &format!("{options} -frames:v 4"));
        put(&desk, "result.mov", &picture, &format!("{options} -frames:v 4"));
        let words = "review result.mov --against base.mov -o review.mp4 --size 640x362";
        let made = desk.json(&format!("{words} --layout side-by-side --burn-in frame --json"), 0);
        let tone = if name == "PQ" { "PQ".into() } else { serde_json::Value::Null };
        assert_eq!(made["decoded"][1]["tone_mapped"], tone, "{name}");
        let all = frames(&desk.path("review.mp4"), "null");
        let top = (362 - cell[1]) / 2;
        let row = |side: usize, y: usize| &all[640 * y + 320 * side..][..320];
        for y in [top + 40, 180, top + cell[1] - 40] {
            // What was put in again is what was there, dot for dot; it grows brighter from left to right.
            let (base, result) = (row(0, y), row(1, y));
            let off = base.iter().zip(result).filter(|(one, other)| one.abs_diff(**other) > 6);
            assert_eq!(off.count(), 0, "{name}, row {y}");
            let [left, middle, right] = [8, 160, 311].map(|x| result[x]);
            assert!(
                left < 60 && right > 150 && (left..right).contains(&middle),
                "{name}: {left} {middle} {right}"
            );
        }
        let above = row(1, top.saturating_sub(4));
        assert!(above.iter().all(|level| *level < 24), "{name}: nothing is above the picture");
        assert!(row(1, top + 2).iter().any(|level| *level > 100), "{name}: it begins at row {top}");
    }
}

#[test]
fn frames_with_more_colour_than_the_first_are_shown_as_they_are() {
    let desk = Desk::empty();
    let picture = "testsrc2=s=640x360:r=25";
    put(
        &desk,
        "base.mov",
        picture,
        "-c:v prores_ks -profile:v hq -pix_fmt yuv422p10le -frames:v 8",
    );
    // FFmpeg writes 4:4:4 frames under the name of 4:2:2 ones if it is given them.
    let full = "-c:v prores_ks -profile:v hq -pix_fmt yuv444p10le -frames:v 3";
    put(&desk, "clip.mov", &format!("{picture},negate"), full);
    desk.ends("splice base.mov clip.mov -o final.mov --at clip.mov=01:00:00:04", 0);
    let words = "review final.mov --layout single --only all -o review.mp4 --size 640x360";
    let made = desk.json(&format!("{words} --burn-in frame --quality 90 --json"), 0);
    assert_eq!(made["undecodable_count"], 0, "{made}");
    let filter = format!("crop=640:330:0:0,scale=640:330:{TO_VIDEO}");
    let own = frames(&desk.path("clip.mov"), &filter);
    let found = frames(&desk.path("review.mp4"), "crop=640:330:0:0");
    let decibels = psnr(&found[4 * 640 * 330..7 * 640 * 330], &own);
    assert!(decibels > 30.0, "{decibels:.1} dB");
}

#[test]
fn sound_that_is_left_out_is_told_also_if_it_is_switched_off() {
    let desk = Desk::empty();
    let mono = "-f lavfi -i sine=r=48000 -f lavfi -i sine=r=48000";
    let video =
        "-c:v prores_ks -profile:v hq -pix_fmt yuv422p10le -frames:v 4 -c:a pcm_s16le -t 0.16";
    let options = format!("{mono} -map 0 -map 1 -map 2 {video}");
    put(&desk, "final.mov", "testsrc2=s=128x96:r=25", &options);
    let (_, err) = desk.ends("review final.mov -o review.mov --only all --size 128x96", 0);
    assert!(err.contains("1 more track of sound of final.mov"), "{err}");
}

#[test]
fn first_frame_without_a_header_is_the_only_one_that_is_lost() {
    let desk = desk();
    overwrite(&desk, "final.mov", 0, |sample| sample.fill(0));
    overwrite(&desk, "base.mov", 0, |sample| sample.fill(0));
    let words = "review final.mov --against base.mov -o review.mp4 --size 640x360 --json";
    let made = desk.json(words, 0);
    assert_eq!(made["undecodable_count"], 2, "{made}");
    for named in made["undecodable"].as_array().expect("a list") {
        assert_eq!((&named["frame"], &named["slices"]), (&0.into(), &serde_json::Value::Null));
    }
    let found = frames(&desk.path("review.mp4"), "crop=320:180:320:90");
    let expected = frames(&desk.path("final.mov"), &format!("scale=320:180:{TO_VIDEO}"));
    let last = |all: &[u8]| all[all.len() - 320 * 180..].to_vec();
    let decibels = psnr(&last(&found), &last(&expected));
    assert!(decibels > 30.0, "{decibels:.1} dB");
}

#[test]
fn frame_that_cannot_be_decoded_is_grey_says_so_and_is_counted() {
    let desk = desk();
    // A frame of the result whose middle is gone, and one that is none at all.
    overwrite(&desk, "final.mov", 3, |sample| {
        let (from, until) = (sample.len() / 3, sample.len() * 2 / 3);
        sample[from..until].fill(0);
    });
    overwrite(&desk, "final.mov", 5, |sample| sample.fill(0));
    let words =
        "review final.mov --run run.json -o review.mp4 --size 640x360 --layout single --json";
    let output = desk.intercut(words);
    assert_eq!(output.status.code(), Some(0));
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.contains("2 frames cannot be decoded, in part or whole"), "{err}");
    let made: serde_json::Value = serde_json::from_slice(&output.stdout).expect("an object");
    assert_eq!((&made["pictures"], &made["undecodable_count"]), (&30.into(), &2.into()));
    let named = &made["undecodable"];
    assert_eq!((&named[0]["frame"], &named[0]["side"]), (&3.into(), &"result".into()));
    assert!(named[0]["damaged_slices"].as_u64().is_some_and(|count| count > 0), "{named}");
    assert_eq!(
        named[1],
        serde_json::json!({"side": "result", "frame": 5, "slices": null, "damaged_slices": null})
    );
    let all = frames(&desk.path("review.mp4"), "crop=640:60:0:20");
    let frame = |nth: usize| &all[nth * 640 * 60..][..640 * 60];
    // Between black and white, at the place of a picture of many colours: nobody took the frame before for it.
    assert!(frame(5).iter().all(|level| level.abs_diff(128) < 12), "{:?}", &frame(5)[..20]);
    assert!(frame(4).iter().any(|level| level.abs_diff(128) > 60));
}
