//! `intercut still`: one frame of a movie as a picture.

use std::fs;

use intercut_tests::desk::Desk;
use intercut_tests::media::ffmpeg::Recipe;

use super::material::{overwrite, put, rgb_by_ffmpeg};

const HQ: &str = "-c:v prores_ks -profile:v hq -pix_fmt yuv422p10le -frames:v 4";

/// Asserts that the two pictures are alike: scaling and rounding are a matter of taste, a wrong matrix or range is not.
#[track_caller]
fn assert_alike(found: &[u8], expected: &[u8]) {
    assert_eq!(found.len(), expected.len());
    let off = found.iter().zip(expected).map(|(a, b)| u64::from(a.abs_diff(*b)));
    let mean = off.sum::<u64>() as f64 / found.len() as f64;
    assert!(mean < 1.5, "{mean} levels in the mean");
}

#[test]
fn whole_frame_is_what_ffmpeg_shows_in_the_matrix_and_range_of_the_movie() {
    let desk = Desk::empty();
    let tags = "-colorspace bt709 -color_primaries bt709 -color_trc bt709 -movflags +write_colr";
    let full = "-c:v prores_ks -profile:v 4444 -pix_fmt yuv444p10le -frames:v 4";
    for (size, options, matrix) in [
        ("640x360", format!("{HQ} {tags}"), "bt709"),
        ("640x360", HQ.to_owned(), "bt601"),
        ("322x720", HQ.to_owned(), "bt709"),
        ("98x50", full.to_owned(), "bt601"),
        ("322x182,format=yuv444p10le,scale=321:181", full.to_owned(), "bt601"),
    ] {
        put(&desk, "movie.mov", &format!("testsrc2=r=25:s={size}"), &options);
        let object = desk.json("still movie.mov --at 2 -o still.png --size full --force --json", 0);
        assert_eq!(object["matrix"], if matrix == "bt709" { "BT.709" } else { "BT.601" });
        let found = rgb_by_ffmpeg(&desk.path("still.png"), "null");
        let scale = "flags=accurate_rnd+full_chroma_int+full_chroma_inp+bilinear";
        let filter = format!("select=eq(n\\,2),scale=in_color_matrix={matrix}:in_range=tv:{scale}");
        assert_alike(&found, &rgb_by_ffmpeg(&desk.path("movie.mov"), &filter));
    }
}

#[test]
fn other_primaries_are_shown_as_zimg_converts_them() {
    let desk = Desk::empty();
    for (tags, from) in [
        (
            "-color_primaries bt2020 -color_trc bt2020-10 -colorspace bt2020nc",
            "pin=2020:tin=2020_10:min=2020_ncl",
        ),
        (
            "-color_primaries smpte432 -color_trc bt709 -colorspace bt709",
            "pin=smpte432:tin=709:min=709",
        ),
        (
            "-color_primaries bt470bg -color_trc bt709 -colorspace bt709",
            "pin=bt470bg:tin=709:min=709",
        ),
        (
            "-color_primaries smpte170m -color_trc bt709 -colorspace smpte170m",
            "pin=smpte170m:tin=709:min=smpte170m",
        ),
    ] {
        put(&desk, "movie.mov", "testsrc2=r=25:s=640x360", &format!("{HQ} {tags}"));
        desk.ends("still movie.mov --at 2 -o still.png --size full --force", 0);
        let found = rgb_by_ffmpeg(&desk.path("still.png"), "null");
        let filter = format!(
            "select=eq(n\\,2),zscale={from}:rin=limited:p=709:t=709:m=gbr:r=full,format=gbrp"
        );
        assert_alike(&found, &rgb_by_ffmpeg(&desk.path("movie.mov"), &filter));
    }
}

#[test]
fn size_is_rounded_up_and_a_jpeg_shows_the_same() {
    let desk = Desk::empty();
    let full = "-c:v prores_ks -profile:v 4444 -pix_fmt yuv444p10le -frames:v 4";
    put(&desk, "movie.mov", "testsrc2=s=322x182:r=25,format=yuv444p10le,scale=321:181", full);
    for (size, width, height) in
        [("full", 321, 181), ("half", 161, 91), ("quarter", 81, 46), ("eighth", 41, 23)]
    {
        let [png, jpeg] = ["png", "jpg"].map(|ending| {
            let line =
                format!("still movie.mov --at 01:00:00:03 -o {size}.{ending} --size {size} --json");
            let object = desk.json(&line, 0);
            assert_eq!((&object["width"], &object["height"]), (&width.into(), &height.into()));
            assert_eq!((&object["frame"], &object["size"]), (&3.into(), &size.into()));
            rgb_by_ffmpeg(&desk.path(format!("{size}.{ending}")), "null")
        });
        assert_eq!(png.len(), 3 * width * height);
        let off = png.iter().zip(&jpeg).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
        assert!(off < 12 * png.len() as u64, "{size}: {off}");
    }
    let (_, said) = desk.ends("still movie.mov --at 0 -o plain.png", 0);
    assert_eq!(said, "", "nothing has to be said");
}

#[test]
fn both_fields_are_woven_in_large_pictures_and_the_first_is_shown_in_small_ones() {
    let desk = Desk::empty();
    // Bright lines and dark ones, of which FFmpeg writes the dark ones first.
    let lines =
        "color=gray:s=64x64:r=25,format=yuv422p,geq=lum='if(mod(Y\\,2)\\,50\\,200)':cb=128:cr=128";
    for (mode, top, bottom) in [(2, 214, 40), (1, 40, 214)] {
        put(&desk, "movie.mov", lines, &format!("{HQ} -flags:v +ildct -field_order bb"));
        // The interlace mode of the frame header: the bottom field is first, or the top one.
        overwrite(&desk, "movie.mov", 0, |sample| sample[20] = sample[20] & !0x0c | mode << 2);
        let rows = |size: &str| {
            let line = format!("still movie.mov --at 0 -o {size}.png --size {size} --force --json");
            let object = desk.json(&line, 0);
            let pixels = rgb_by_ffmpeg(&desk.path(format!("{size}.png")), "null");
            let width =
                usize::try_from(object["width"].as_u64().expect("a number")).expect("small");
            let rows: Vec<u8> = pixels.chunks(3 * width).map(|row| row[0]).collect();
            (object["fields"].clone(), rows)
        };
        for size in ["full", "half"] {
            let (fields, rows) = rows(size);
            assert_eq!(fields, "woven");
            assert!(
                rows[0].abs_diff(top) <= 2 && rows[1].abs_diff(bottom) <= 2,
                "{size}: {rows:?}"
            );
        }
        for size in ["quarter", "eighth"] {
            let (fields, rows) = rows(size);
            assert_eq!(fields, "first");
            assert!(rows.iter().all(|row| row.abs_diff(40) <= 2), "{mode}, {size}: {rows:?}");
        }
    }
}

#[test]
fn picture_of_a_tone_mapped_movie_says_so() {
    let desk = Desk::empty();
    let pq = format!("{HQ} -colorspace bt2020nc -color_primaries bt2020 -color_trc smpte2084");
    put(&desk, "movie.mov", "testsrc2=s=64x64:r=25", &format!("{pq} -movflags +write_colr"));
    let (_, said) = desk.ends("still movie.mov --at 0 -o still.png", 0);
    let expected =
        "the picture is tone-mapped from PQ for display: its colours are not those of the movie";
    assert!(said.contains(expected), "{said}");
    let object = desk.json("still movie.mov --at 0 -o other.png --json", 0);
    assert_eq!((&object["tone_mapped"], &object["matrix"]), (&"PQ".into(), &"BT.2020".into()));
    let file = fs::read(desk.path("still.png")).expect("it is there");
    let comment = "movie.mov, frame 0, 01:00:00:00, tone-mapped from PQ for display";
    assert!(file.windows(comment.len()).any(|window| window == comment.as_bytes()));
}

#[test]
fn damaged_slices_are_grey_with_a_warning_and_a_frame_without_any_good_one_is_an_error() {
    let desk = Desk::empty();
    put(&desk, "movie.mov", "testsrc2=s=256x64:r=25", HQ);
    overwrite(&desk, "movie.mov", 1, |sample| {
        let half = sample.len() / 2;
        sample[half..].fill(0);
    });
    overwrite(&desk, "movie.mov", 2, |sample| sample[200..].fill(0));
    overwrite(&desk, "movie.mov", 3, |sample| sample.fill(0));
    let (out, said) = desk.ends("still movie.mov --at 1 -o 1.png --json", 0);
    assert!(said.contains("of the 8 slices of frame 1 cannot be decoded and are grey"), "{said}");
    let object: serde_json::Value = serde_json::from_str(&out).expect("one object");
    assert!(object["damaged_slices"].as_u64().is_some_and(|damaged| (3..8).contains(&damaged)));
    let (_, said) = desk.ends("still movie.mov --at 2 -o 2.png", 1);
    assert!(
        said.contains("movie.mov: frame 2 cannot be decoded: none of its 8 slices can be"),
        "{said}"
    );
    let (_, said) = desk.ends("still movie.mov --at 3 -o 3.png", 1);
    assert!(
        said.contains("frame 3 cannot be decoded: it does not begin like a ProRes frame"),
        "{said}"
    );
    assert_eq!(desk.names(), ["1.png", "movie.mov"]);
}

#[test]
fn what_cannot_be_shown_is_said_and_nothing_is_written() {
    let desk = Desk::empty();
    desk.real("movie.mov", &Recipe::new("movie.mov", 50));
    let mut other = Recipe::new("other.mov", 2);
    other.encoder = Some("mjpeg -pix_fmt yuvj420p");
    desk.real("other.mov", &other);
    for (line, code, expected) in [
        ("still movie.mov --at 50 -o a.png", 1, "there is no frame 50: it has 50, counted from 0"),
        (
            "still movie.mov --at 01:00:02:00 -o a.png",
            1,
            "no frame has timecode 01:00:02:00: the first has 01:00:00:00, the last 01:00:01:24",
        ),
        ("still movie.mov --at noon -o a.png", 2, "\"noon\" is not a timecode"),
        ("still movie.mov --at 0 -o a.tiff", 2, "cannot save a picture as a.tiff"),
        ("still other.mov --at 0 -o a.png", 1, "and only ProRes is decoded"),
        ("still gone.mov --at 0 -o a.png", 1, "cannot open gone.mov"),
    ] {
        let (_, said) = desk.ends(line, code);
        assert!(said.contains(expected), "{line}: {said}");
    }
    assert_eq!(desk.names(), ["movie.mov", "other.mov"]);
}

#[test]
fn picture_replaces_nothing_unless_it_is_forced_and_the_movie_never() {
    let desk = Desk::empty();
    desk.real("movie.mov", &Recipe::new("movie.mov", 50));
    desk.write("a.png", "notes");
    let (_, said) = desk.ends("still movie.mov --at 0 -o a.png", 1);
    assert!(said.contains("a.png exists already") && said.contains("pass --force"), "{said}");
    assert_eq!(desk.read("a.png"), "notes");
    desk.ends("still movie.mov --at 0 -o a.png --force", 0);
    assert!(fs::read(desk.path("a.png")).expect("it is there").starts_with(b"\x89PNG"));
    fs::hard_link(desk.path("movie.mov"), desk.path("movie.png")).expect("a link can be made");
    let (_, said) = desk.ends("still movie.mov --at 0 -o movie.png --force", 2);
    assert!(
        said.contains("movie.png is a source or the output: it is not replaced by a still"),
        "{said}"
    );
}
