//! Every profile of FFmpeg's two encoders, against FFmpeg's decoder.
//!
//! FFmpeg keeps four levels free at both ends of the range, where RDD 36 allows all of them: what lies outside is compared with the limit.

use std::path::Path;
use std::process::Command;

use intercut_engine::picture::{AlphaDepth, CodedFrame, Components, Plane, Planes, Size};
use intercut_tests::media::{cached, run};
use intercut_tests::oracle::reader::Movie;
use intercut_tests::skip;

/// Frames of each movie.
const FRAMES: usize = 2;

/// The smallest sample that FFmpeg makes.
const LIMIT: u16 = 4;

/// How one movie is made.
#[derive(Debug, Clone)]
struct Case {
    encoder: &'static str,
    profile: &'static str,
    pixels: &'static str,
    /// The number of bits of alpha.
    alpha: Option<&'static str>,
    /// `prog`, `tff` or `bff`.
    scan: &'static str,
    raster: (usize, usize),
    source: &'static str,
}

/// One plane of FFmpeg's.
struct Reference {
    width: usize,
    height: usize,
    samples: Vec<u16>,
}

impl Case {
    fn name(&self) -> String {
        let Self { encoder, profile, scan, raster: (width, height), .. } = self;
        format!("{encoder} {profile} {scan} {width}x{height} {:?}", self.alpha)
    }

    fn movie(&self) -> Vec<u8> {
        let (width, height) = self.raster;
        let source = self.source.replace("SIZE", &format!("{width}x{height}"));
        let filter = format!("{source},format={},setfield={}", self.pixels, self.scan);
        let mut words = vec!["-v", "error", "-y", "-f", "lavfi", "-i", &filter];
        words.extend(["-c:v", self.encoder, "-profile:v", self.profile, "-pix_fmt", self.pixels]);
        let fields: &[&str] = match self.scan {
            "prog" => &["-flags:v", "+bitexact"],
            "tff" => &["-flags:v", "+bitexact+ildct", "-field_order", "tt"],
            _ => &["-flags:v", "+bitexact+ildct", "-field_order", "bb"],
        };
        words.extend(fields);
        if let Some(bits) = self.alpha {
            words.extend(["-alpha_bits", bits]);
        }
        let count = FRAMES.to_string();
        words.extend(["-frames:v", &count, "-f", "mov"]);
        let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        let path = cached("profile.mov", &words.join(" "), |path| {
            let mut words = words.clone();
            words.push(path.display().to_string());
            run("ffmpeg", &words);
        });
        std::fs::read(path).expect("a made movie can be read")
    }
}

/// What FFmpeg decodes: the planes of each frame.
fn decoded_by_ffmpeg(movie: &Path, pixels: &str, shapes: &[(usize, usize)]) -> Vec<Vec<Reference>> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-i"]).arg(movie);
    command.args(["-f", "rawvideo", "-pix_fmt", pixels, "-"]);
    let output = command.output().expect("ffmpeg was there before");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let mut samples = output.stdout.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair));
    let mut plane = |&(width, height): &(usize, usize)| Reference {
        width,
        height,
        samples: samples.by_ref().take(width * height).collect(),
    };
    let frames = (0..FRAMES).map(|_| shapes.iter().map(&mut plane).collect()).collect();
    assert_eq!(samples.next(), None);
    frames
}

/// The whole picture is FFmpeg's within one level.
#[track_caller]
fn assert_like(what: &str, found: &Plane, expected: &Reference, depth: u32) {
    assert_eq!((found.width(), found.height()), (expected.width, expected.height), "{what}");
    let max = (1 << depth) - 1 - LIMIT;
    for (y, (row, expected)) in
        found.rows().zip(expected.samples.chunks(expected.width)).enumerate()
    {
        for (x, (&sample, &expected)) in row.iter().zip(expected).enumerate() {
            let held = sample.clamp(LIMIT, max);
            assert!(held.abs_diff(expected) <= 1, "{what} {x},{y}: {sample}, not {expected}");
        }
    }
}

/// The picture at an eighth is the mean of FFmpeg's whole blocks within one level; of each field by itself.
///
/// - Returns: how many blocks were compared.
#[track_caller]
fn assert_means(
    what: &str,
    found: &Plane,
    whole: &Reference,
    (depth, fields): (u32, usize),
) -> usize {
    let inside = LIMIT + 1..(1 << depth) - 1 - LIMIT;
    let mut compared = 0;
    for field in 0..fields {
        let lines: Vec<&[u16]> =
            whole.samples.chunks(whole.width).skip(field).step_by(fields).collect();
        for (row, lines) in lines.chunks_exact(8).enumerate() {
            for column in 0..whole.width / 8 {
                let block = || lines.iter().flat_map(|line| &line[8 * column..8 * column + 8]);
                if !block().all(|sample| inside.contains(sample)) {
                    continue;
                }
                let mean = block().map(|&sample| f64::from(sample)).sum::<f64>() / 64.0;
                let line = row * fields + field;
                let ours = f64::from(found.row(line)[column]);
                assert!((ours - mean).abs() <= 1.0, "{what} {column},{line}: {ours}, not {mean}");
                compared += 1;
            }
        }
    }
    compared
}

/// Alpha is coded without loss: FFmpeg shows 12 bits of it.
#[track_caller]
fn assert_same_alpha(what: &str, found: &Plane, expected: &Reference, depth: AlphaDepth) {
    let shown = |alpha: u16| match depth {
        AlphaDepth::Sixteen => alpha >> 4,
        _ => alpha << 4 | alpha >> 4,
    };
    for (y, (row, expected)) in
        found.rows().zip(expected.samples.chunks(expected.width)).enumerate()
    {
        let row: Vec<u16> = row.iter().map(|&alpha| shown(alpha)).collect();
        assert_eq!(row, expected, "{what}, line {y}");
    }
}

/// Returns how many blocks were compared at an eighth.
fn compare(case: &Case) -> usize {
    let name = case.name();
    let bytes = case.movie();
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("movie.mov");
    std::fs::write(&path, &bytes).expect("the folder can be written");
    let movie = Movie::parse(bytes).expect("FFmpeg writes movies");
    let track = movie.video().expect("it has video");
    assert_eq!(movie.tracks[track].samples.len(), FRAMES, "{name}");
    let (width, height) = case.raster;
    let is_444 = case.pixels.contains("444");
    let chroma = if is_444 { width } else { width.div_ceil(2) };
    let mut shapes = vec![(width, height), (chroma, height), (chroma, height)];
    shapes.extend(case.alpha.map(|_| (width, height)));
    let shown = match (is_444, case.alpha) {
        (false, _) => "yuv422p10le",
        (true, None) => "yuv444p12le",
        (true, Some(_)) => "yuva444p12le",
    };
    let fields = if case.scan == "prog" { 1 } else { 2 };
    let mut planes = Planes::default();
    let mut compared = 0;
    for (nth, expected) in decoded_by_ffmpeg(&path, shown, &shapes).into_iter().enumerate() {
        let frame = CodedFrame::parse(movie.sample(track, nth)).expect("it is a frame");
        for size in [Size::Full, Size::Eighth] {
            let damage = frame.decode(size, Components::ColorAndAlpha, &mut planes);
            assert_eq!(damage.damaged, 0, "{name}");
            let found = [&planes.luma, &planes.cb, &planes.cr];
            for (component, (found, expected)) in found.into_iter().zip(&expected).enumerate() {
                let what = format!("{name}, {size:?}, component {component}");
                if size == Size::Full {
                    assert_like(&what, found, expected, planes.depth);
                } else {
                    compared += assert_means(&what, found, expected, (planes.depth, fields));
                }
            }
            if let (Some(depth), Size::Full) = (frame.alpha(), size) {
                assert_same_alpha(&name, &planes.alpha, &expected[3], depth);
            }
        }
    }
    compared
}

/// Runs every case, unless FFmpeg is missing.
fn compare_all(cases: &[Case]) {
    if let Err(error) = Command::new("ffmpeg").arg("-version").output() {
        return skip::note("ffmpeg", &error.to_string());
    }
    let compared: usize = cases.iter().map(compare).sum();
    assert!(compared > 200 * cases.len(), "only {compared} blocks are not at a limit");
}

const PATTERN: &str = "testsrc2=s=SIZE,format=yuv444p10le,noise=alls=25:allf=t:all_seed=3";
const NOISE: &str = "color=c=0x808080:s=SIZE,format=yuv444p10le,noise=alls=100:allf=t:all_seed=4";

/// - `odd_width`: 177, or the next one where the encoder takes only even ones.
fn cases(encoder: &'static str, odd_width: usize) -> Vec<Case> {
    let profiles = [
        ("0", "yuv422p10le"),
        ("1", "yuv422p10le"),
        ("2", "yuv422p10le"),
        ("3", "yuv422p10le"),
        ("4", "yuv444p10le"),
        ("5", "yuv444p10le"),
    ];
    let rasters = [(176, 144), (odd_width, 99), (640, 38), (50, 270)];
    let mut cases = Vec::new();
    for (nth, (profile, pixels)) in profiles.into_iter().enumerate() {
        for scan in ["prog", "tff", "bff"] {
            let raster = rasters[(nth + cases.len()) % 4];
            let source = if nth % 2 == 0 { PATTERN } else { NOISE };
            cases.push(Case { encoder, profile, pixels, alpha: None, scan, raster, source });
        }
    }
    cases
}

#[test]
fn pictures_of_prores_ks_are_those_that_ffmpeg_decodes() {
    compare_all(&cases("prores_ks", 177));
}

#[test]
fn pictures_of_prores_aw_are_those_that_ffmpeg_decodes() {
    compare_all(&cases("prores_aw", 178));
}

#[test]
fn opacity_is_that_which_ffmpeg_decodes() {
    let source = "testsrc2=s=SIZE:alpha=130,format=yuva444p10le,noise=alls=9:allf=t:c3s=30:c3f=t";
    let case = |alpha, scan, raster| Case {
        encoder: "prores_ks",
        profile: "4",
        pixels: "yuva444p10le",
        alpha: Some(alpha),
        scan,
        raster,
        source,
    };
    compare_all(&[
        case("8", "prog", (177, 99)),
        case("16", "prog", (176, 144)),
        case("8", "tff", (176, 144)),
        case("16", "bff", (177, 99)),
    ]);
}
