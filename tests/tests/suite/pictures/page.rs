//! Pictures of every cut on the report page: the right frames, from the finished movie, that open and can be leafed through.

use std::path::Path;

use intercut_tests::browser::look_at;
use intercut_tests::desk::Desk;
use intercut_tests::media::ffmpeg::{Profile, Recipe};
use serde_json::json;

use super::material::{overwrite, put, rgb_by_ffmpeg};

const HQ: &str = "-c:v prores_ks -profile:v hq -pix_fmt yuv422p10le";

/// Pixels of the movies, across and down.
const SIZE: usize = 256 * 144;

/// A pattern of which every frame differs from every other, and from those of other slopes.
fn pattern(slope: u32, frames: u32) -> (String, String) {
    let lum = format!("40+mod(X*{slope}+Y*5+7*N\\,150)");
    let filter = format!(
        "color=gray:s=256x144:r=25,format=yuv422p,geq=lum='{lum}':cb=128:cr={}",
        60 + 9 * slope
    );
    (filter, format!("{HQ} -frames:v {frames}"))
}

/// A base of 50 frames, and a clip of ten that goes to frame 20.
fn desk() -> Desk {
    let desk = Desk::empty();
    for (name, slope, frames) in [("base.mov", 3, 50), ("clip.mov", 8, 10)] {
        let (filter, options) = pattern(slope, frames);
        put(&desk, name, &filter, &options);
    }
    desk
}

const SPLICE: &str =
    "splice base.mov clip.mov -o out.mov --at clip.mov=01:00:00:20 --report page.html";

/// The pictures of a page: what each is said to show, and where its bytes are.
fn images(page: &str) -> Vec<(String, String)> {
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!("{name}=\"")).expect("it has one");
        rest.split_once('"').expect("it ends").0.to_owned()
    };
    let tags = page.split("<img ").skip(1);
    tags.map(|tag| (attribute(tag, "alt"), attribute(tag, "src"))).collect()
}

/// The frame of a movie that a picture is most like, and how many levels it is off in the mean.
fn most_like(picture: &[u8], frames: &[u8]) -> (usize, u64) {
    let off = |frame: &[u8]| {
        let pairs = frame.iter().zip(picture);
        pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>() / picture.len() as u64
    };
    let all = frames.chunks(3 * SIZE).map(off).enumerate();
    all.min_by_key(|(_, off)| *off).expect("a movie has frames")
}

/// Red, green and blue of every frame of a movie, by FFmpeg.
fn all_frames(path: &Path) -> Vec<u8> {
    let output = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(path)
        .args(["-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
        .output()
        .expect("ffmpeg runs; tests/run installs what is missing");
    output.stdout
}

#[test]
fn each_picture_is_the_frame_that_it_is_said_to_be() {
    let desk = desk();
    desk.ends(SPLICE, 0);
    let (finished, base) = (all_frames(&desk.path("out.mov")), all_frames(&desk.path("base.mov")));
    assert_eq!((finished.len(), base.len()), (50 * 3 * SIZE, 50 * 3 * SIZE));
    let expected = [
        ("The frame before clip.mov, 01:00:00:19: base.mov", &finished, 19),
        ("clip.mov, first frame, 01:00:00:20", &finished, 20),
        ("clip.mov, middle frame, 01:00:01:00", &finished, 25),
        ("clip.mov, last frame, 01:00:01:04", &finished, 29),
        ("The frame after clip.mov, 01:00:01:05: base.mov", &finished, 30),
        ("What clip.mov replaced at its first frame, 01:00:00:20: base.mov", &base, 20),
    ];
    let images = images(&desk.read("page.html"));
    assert_eq!(images.len(), expected.len());
    for ((alt, uri), (said, movie, frame)) in images.iter().zip(expected) {
        assert_eq!(alt, said);
        let picture = rgb_by_ffmpeg(Path::new(uri), "null");
        assert_eq!(picture.len(), 3 * SIZE, "it is smaller than it could be");
        let (found, off) = most_like(&picture, movie);
        assert!(found == frame && off < 12, "{alt}: it is frame {found}, {off} levels off");
    }
}

#[test]
fn pictures_open_and_the_arrow_keys_leaf_through_them_on_a_narrow_page() {
    let desk = desk();
    let (filter, options) = pattern(11, 2);
    put(&desk, "other.mov", &filter, &options);
    let more = "--at other.mov=01:00:01:05";
    desk.ends(&SPLICE.replace(" -o", &format!(" other.mov {more} -o")), 0);
    let script = "
        const needed = [page.documentElement.scrollWidth];
        const pictures = [...page.querySelectorAll('.picture')];
        const dialog = page.querySelector('dialog'), caption = dialog.querySelector('p');
        const press = (key) => {
            dialog.dispatchEvent(new frame.KeyboardEvent('keydown', { key, cancelable: true }));
            return dialog.open && caption.textContent;
        };
        pictures[1].click();
        const said = [caption.textContent];
        const large = dialog.querySelector('img');
        needed.push(page.documentElement.scrollWidth, dialog.scrollWidth);
        const same = large.src === pictures[1].querySelector('img').src && large.alt;
        for (const key of ['ArrowRight', 'ArrowDown', 'ArrowDown', 'End', 'ArrowUp', 'ArrowLeft', 'Home', 'ArrowLeft', 'Escape'])
            said.push(press(key));
        const focus = page.activeElement === pictures[0];
        // As it opens where it stands, without the script.
        page.querySelectorAll('details').forEach((details) => { details.open = true; });
        needed.push(page.documentElement.scrollWidth);
        const opened = pictures[0].querySelector('img').getBoundingClientRect().width;
        // As it is printed.
        const rules = [...page.styleSheets[0].cssRules].filter((rule) => rule.conditionText === 'print' || rule.media?.mediaText === 'print');
        const style = page.createElement('style');
        style.textContent = rules.flatMap((rule) => [...rule.cssRules]).map((rule) => rule.cssText).join(' ');
        page.head.append(style);
        const printed = [...page.querySelectorAll('.picture img')].filter((image) => image.getBoundingClientRect().width > 20).length;
        return { needed, said, same, focus, opened, printed, rules: rules.length };";
    let Some(seen) = look_at(&desk.read("page.html"), desk.folder(), script) else { return };
    for needed in seen["needed"].as_array().expect("a list") {
        assert!(needed.as_u64().expect("a number") <= 400, "it sticks out: {seen}");
    }
    let first = "1 clip.mov 01:00:00:20 to 01:00:01:05: ";
    let second = "2 other.mov 01:00:01:05 to 01:00:01:07: ";
    let said = [
        format!("{first}first 01:00:00:20"),
        format!("{first}middle 01:00:01:00"),
        format!("{second}last 01:00:01:06"),
        // There is no cut below.
        format!("{second}last 01:00:01:06"),
        format!("{second}replaced 01:00:01:05"),
        format!("{first}after 01:00:01:05"),
        format!("{first}last 01:00:01:04"),
        format!("{first}before 01:00:00:19"),
        // There is none before.
        format!("{first}before 01:00:00:19"),
    ];
    let mut expected = json!(said);
    expected.as_array_mut().expect("a list").push(json!(false));
    assert_eq!(seen["said"], expected);
    assert_eq!(seen["same"], "clip.mov, first frame, 01:00:00:20");
    assert_eq!((&seen["focus"], &seen["printed"]), (&json!(true), &json!(11)));
    assert!(seen["rules"].as_u64() >= Some(1) && seen["opened"].as_f64() > Some(300.0), "{seen}");
}

#[test]
fn frame_that_cannot_be_decoded_says_so_in_its_place() {
    let desk = desk();
    overwrite(&desk, "clip.mov", 9, |sample| sample[200..].fill(0));
    overwrite(&desk, "clip.mov", 0, |sample| {
        let half = sample.len() / 2;
        sample[half..].fill(0);
    });
    let (_, said) = desk.ends(&format!("{SPLICE} --quiet"), 0);
    assert_eq!(said, "", "the page says it");
    let page = desk.read("page.html");
    assert_eq!(images(&page).len(), 5);
    let damaged = "slices can be decoded</p><span><b>last</b> 01:00:01:04</span>";
    assert!(page.contains(damaged), "the last frame is not named");
    assert!(page.contains("slices cannot be decoded and are grey</span>"));
}

#[test]
fn movies_of_other_codecs_have_a_page_that_says_why_there_are_no_pictures() {
    let desk = Desk::empty();
    for (name, frames, timecode) in
        [("base.mov", 50, "01:00:00:00"), ("clip.mov", 5, "01:00:01:00")]
    {
        let mut recipe = Recipe::new(name, frames).at(timecode);
        recipe.encoder = Some("mjpeg -pix_fmt yuvj420p");
        desk.real(name, &recipe);
    }
    let (_, said) = desk.ends("splice base.mov clip.mov -o out.mov --report page.html --quiet", 0);
    assert!(!said.contains("pictures"), "nothing is wrong: {said}");
    let page = desk.read("page.html");
    assert!(page.contains("No pictures: the codec is "), "{page}");
    assert!(page.contains(", and only ProRes is decoded.") && !page.contains("<img"));
}

#[test]
fn page_has_no_pictures_if_it_is_to_have_none() {
    let desk = desk();
    desk.ends(&format!("{SPLICE} --no-pictures"), 0);
    let page = desk.read("page.html");
    assert!(!page.contains("<img") && !page.contains("<h2>Pictures"));
    let (_, said) = desk.ends("splice base.mov clip.mov -o other.mov --no-pictures", 2);
    assert!(said.contains("--report <FILE.html>"), "{said}");
    let (_, said) = desk.ends("batch jobs.toml --no-pictures", 2);
    assert!(said.contains("--report <FILE.html>"), "{said}");
}

#[test]
fn movie_is_done_with_a_warning_if_there_is_no_memory_for_its_pictures() {
    let desk = Desk::empty();
    for (name, frames, timecode) in [("base.mov", 2, "01:00:00:00"), ("clip.mov", 1, "01:00:00:01")]
    {
        let mut recipe = Recipe::new(name, frames).at(timecode);
        (recipe.profile, recipe.raster) = (Profile::Full, (4096, 1600));
        desk.real(name, &recipe);
    }
    let splice = "splice base.mov clip.mov -o out.mov --report page.html --memory 8 --json";
    let (out, said) = desk.ends(splice, 0);
    assert!(out.contains("\"frames_replaced\": 1"), "{out}");
    let expected =
        "warning: out.mov is complete, but its page lacks pictures: out.mov: a frame needs ";
    assert!(said.contains(expected), "{said}");
    assert!(desk.read("page.html").contains("No pictures: out.mov: a frame needs "));
}

#[test]
fn batch_has_the_pictures_of_its_jobs() {
    let desk = desk();
    desk.write(
        "jobs.toml",
        "[[job]]\nbase = \"base.mov\"\nclips = [{ path = \"clip.mov\", at = \"01:00:00:20\" }]\noutput = \"a.mov\"\n\
         [[job]]\nbase = \"base.mov\"\nclips = [{ path = \"clip.mov\", at = \"01:00:01:15\" }]\noutput = \"b.mov\"\n",
    );
    desk.ends("batch jobs.toml --report page.html", 0);
    let said: Vec<String> =
        images(&desk.read("page.html")).into_iter().map(|(alt, _)| alt).collect();
    assert_eq!(said.len(), 11, "the second clip reaches to the end of the base");
    assert_eq!(said[1], "clip.mov, first frame, 01:00:00:20");
    assert_eq!(said[7], "clip.mov, first frame, 01:00:01:15");
}

#[test]
fn page_of_hundreds_of_events_has_the_pictures_of_the_first_and_says_so() {
    let desk = Desk::empty();
    desk.real("base.mov", &Recipe::new("base.mov", 1000));
    let mut clip = Recipe::new("S01.mov", 1000).at("10:00:00:00");
    clip.pattern = 1;
    desk.real("S01.mov", &clip);
    let label = |hour: u32, frame: u32| format!("{hour:02}:00:{:02}:{:02}", frame / 25, frame % 25);
    let mut list = "TITLE: REEL 1\nFCM: NON-DROP FRAME\n".to_owned();
    for event in 0..230 {
        let (from, to) = (4 * event, 4 * event + 1);
        let labels = [label(10, from), label(10, to), label(1, from), label(1, to)].join(" ");
        list.push_str(&format!(
            "{:03}  AX       V     C        {labels}\n* FROM CLIP NAME: S01.mov\n",
            event + 1
        ));
    }
    desk.write("cut.edl", list);
    desk.ends("splice base.mov S01.mov --edl cut.edl -o out.mov --report page.html --quiet", 0);
    let page = desk.read("page.html");
    // Before, the only frame, after, replaced; the first has none before it.
    assert_eq!(images(&page).len(), 200 * 4 - 1);
    assert!(
        page.contains("The first 200 events have pictures. 30 more events are left out"),
        "it is not said"
    );
    assert!(page.len() < 6_000_000, "{} bytes", page.len());
}
