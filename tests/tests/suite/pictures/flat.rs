//! Frames that are black but for text: by our decoder, the oracle's and FFmpeg's.

use std::path::Path;
use std::process::Command;

use intercut_engine::codec::color::ColorCodes;
use intercut_engine::codec::{Chroma, Scan};
use intercut_engine::picture::flat::{BurnIn, FlatError, FlatFrames, FlatShape};
use intercut_engine::picture::{AlphaDepth, CodedFrame, Components, Planes, Size};
use intercut_engine::timecode::{FrameRate, Timecode, TimecodeFormat};
use intercut_tests::builder::{MovieSpec, TrackSpec};
use intercut_tests::oracle::prores::decode;
use intercut_tests::skip;

/// Black, the text and no colour, of 1023.
const BLACK: u16 = 64;
const LIT: u16 = 928;
const GREY: u16 = 512;

fn shape(width: u16, height: u16) -> FlatShape {
    FlatShape {
        width,
        height,
        chroma: Chroma::Half,
        scan: Scan::Progressive,
        alpha: false,
        color: ColorCodes { primaries: 1, transfer: 1, matrix: 1 },
    }
}

/// Counting from 01:00:07:09 at 25 frames a second, under a name.
fn burn_in() -> BurnIn {
    let format =
        TimecodeFormat { rate: FrameRate::matching(25, 1).expect("a rate"), drop_frame: false };
    let timecode = Timecode::parse("01:00:07:09", format).expect("a timecode");
    BurnIn { timecode, lines: vec!["A001_C003.mov".to_owned(), "Graded by \u{6f22}".to_owned()] }
}

/// The bytes of each frame.
fn samples(frames: &FlatFrames) -> Vec<Vec<u8>> {
    let mut bytes = vec![0xee; usize::try_from(frames.len()).expect("they are in memory")];
    frames.fill(0, &mut bytes);
    let mut rest = bytes.as_slice();
    let sample = |&size: &u32| {
        let (sample, behind) = rest.split_at(size as usize);
        rest = behind;
        sample.to_vec()
    };
    frames.sizes().iter().map(sample).collect()
}

/// Every kind of frame, in rasters with whole and with broken slices.
fn shapes() -> Vec<FlatShape> {
    let mut shapes = Vec::new();
    for (width, height) in [(577, 133), (130, 40), (1, 2)] {
        for scan in [Scan::Progressive, Scan::TopFieldFirst, Scan::BottomFieldFirst] {
            for (chroma, alpha) in
                [(Chroma::Half, false), (Chroma::Full, false), (Chroma::Full, true)]
            {
                shapes.push(FlatShape { chroma, scan, alpha, ..shape(width, height) });
            }
        }
    }
    shapes
}

/// Decodes a frame with ours and checks every sample: returns which pixels are lit.
#[track_caller]
fn lit_pixels(shape: &FlatShape, sample: &[u8]) -> Vec<bool> {
    let frame = CodedFrame::parse(sample).expect("it is a frame");
    let header = frame.header();
    assert_eq!((header.width, header.height), (shape.width, shape.height));
    assert_eq!((header.scan, header.chroma), (shape.scan, shape.chroma));
    assert_eq!(header.color, Some(shape.color));
    assert_eq!(frame.alpha(), shape.alpha.then_some(AlphaDepth::Sixteen));
    let mut planes = Planes::default();
    let damage = frame.decode(Size::Full, Components::ColorAndAlpha, &mut planes);
    assert_eq!(damage.damaged, 0);
    let scale = 1 << (planes.depth - 10);
    let colors = planes.cb.rows().chain(planes.cr.rows()).flatten();
    assert!(colors.into_iter().all(|&sample| sample == GREY * scale));
    assert!(planes.alpha.rows().flatten().all(|&opacity| opacity == 0xffff));
    let luma = planes.luma.rows().flatten();
    luma.map(|&sample| {
        assert!(sample == BLACK * scale || sample == LIT * scale, "{sample}");
        sample == LIT * scale
    })
    .collect()
}

#[test]
fn frames_of_every_kind_are_legal_black_but_for_text_by_our_decoder_and_the_oracles() {
    for shape in shapes() {
        let frames = FlatFrames::new(&shape, Some(&burn_in()), 1).expect("such frames can be made");
        assert_eq!(frames.is_bare(), shape.width < 544, "{shape:?}");
        for sample in samples(&frames) {
            let lit = lit_pixels(&shape, &sample);
            assert_eq!(lit.contains(&true), !frames.is_bare(), "{shape:?}");
            let exact = decode(&sample, 1);
            let scale = f64::from(1_u16 << (exact.depth - 10));
            let [luma, cb, cr] = &exact.components;
            for (&lit, found) in lit.iter().zip(&luma.samples) {
                let expected = f64::from(if lit { LIT } else { BLACK }) * scale;
                let found = found.expect("every slice is good");
                assert!((found - expected).abs() < 1e-6, "{shape:?}: {found}, not {expected}");
            }
            let grey = f64::from(GREY) * scale;
            let mut colors = cb.samples.iter().chain(&cr.samples);
            assert!(colors.all(|found| (found.expect("it is good") - grey).abs() < 1e-6));
            let alpha = exact.alpha.map(|alpha| alpha.samples);
            assert!(alpha.is_none_or(|alpha| alpha.iter().all(|&found| found == Some(65535.0))));
        }
    }
}

/// The picture at an eighth of its size, in characters, cut to a part.
fn drawn(sample: &[u8], columns: std::ops::Range<usize>, rows: std::ops::Range<usize>) -> String {
    let frame = CodedFrame::parse(sample).expect("it is a frame");
    let mut planes = Planes::default();
    frame.decode(Size::Eighth, Components::Luma, &mut planes);
    let middle = 1 << (planes.depth - 1);
    let dot = |&sample: &u16| if sample > middle { '#' } else { '.' };
    let line = |row: usize| planes.luma.row(row)[columns.clone()].iter().map(dot).collect();
    rows.map(line).collect::<Vec<String>>().join("\n")
}

#[test]
fn timecode_counts_from_frame_to_frame_and_so_does_the_number() {
    let frames = FlatFrames::new(&shape(1920, 1080), Some(&burn_in()), 92).expect("they are made");
    let samples = samples(&frames);
    // 01:00:11:00, three seconds and 16 frames later, and frame 91.
    let timecode = "\
.###....#..........###...###..........#.....#..........###...###..
#...#..##....##...#...#.#...#..##....##....##....##...#...#.#...#.
#..##...#....##...#..##.#..##..##.....#.....#....##...#..##.#..##.
#.#.#...#.........#.#.#.#.#.#.........#.....#.........#.#.#.#.#.#.
##..#...#....##...##..#.##..#..##.....#.....#....##...##..#.##..#.
#...#...#....##...#...#.#...#..##.....#.....#....##...#...#.#...#.
.###...###.........###...###.........###...###.........###...###..";
    assert_eq!(drawn(&samples[91], 10..76, 118..125), timecode);
    let number = "\
.###...###...###...###...###....#..
#...#.#...#.#...#.#...#.#...#..##..
#..##.#..##.#..##.#..##.#...#...#..
#.#.#.#.#.#.#.#.#.#.#.#..####...#..
##..#.##..#.##..#.##..#.....#...#..
#...#.#...#.#...#.#...#....#....#..
.###...###...###...###...##....###.";
    assert_eq!(drawn(&samples[91], 192..227, 118..125), number);
}

#[test]
fn name_is_written_at_the_top_and_what_the_face_lacks_is_a_box() {
    let frames = FlatFrames::new(&shape(1920, 1080), Some(&burn_in()), 1).expect("they are made");
    let samples = samples(&frames);
    let name = "\
.###...###...###....#..........###...###...###...###................................
#...#.#...#.#...#..##.........#...#.#...#.#...#.#...#...............................
#...#.#..##.#..##...#.........#.....#..##.#..##.....#.......##.#...###..#...#.......
#####.#.#.#.#.#.#...#.........#.....#.#.#.#.#.#...##........#.#.#.#...#.#...#.......
#...#.##..#.##..#...#.........#.....##..#.##..#.....#.......#.#.#.#...#.#...#.......
#...#.#...#.#...#...#.........#...#.#...#.#...#.#...#..##...#.#.#.#...#..#.#........
#...#..###...###...###..#####..###...###...###...###...##...#.#.#..###....#.........
....................................................................................";
    assert_eq!(drawn(&samples[0], 10..94, 8..16), name);
    let graded_by = "\
.###..................#...........#.......#.................#####.
#...#.................#...........#.......#.................#...#.
#.....#.##...###...##.#..###...##.#.......#.##..#...#.......#...#.
#.###.##..#.....#.#..##.#...#.#..##.......##..#.#...#.......#...#.";
    assert_eq!(drawn(&samples[0], 10..76, 18..22), graded_by);
}

#[test]
fn bytes_are_the_same_from_wherever_they_are_asked_for() {
    let shape = FlatShape { scan: Scan::TopFieldFirst, ..shape(720, 576) };
    let frames = FlatFrames::new(&shape, Some(&burn_in()), 150).expect("they are made");
    let mut whole = vec![0; usize::try_from(frames.len()).expect("they are in memory")];
    frames.fill(0, &mut whole);
    for step in [1009, 4096, 100_003] {
        for start in (0..whole.len()).step_by(step * 7) {
            let mut part = vec![0xee; step.min(whole.len() - start)];
            frames.fill(start as u64, &mut part);
            assert!(part == whole[start..start + part.len()], "{start}");
        }
    }
}

#[test]
fn frames_are_as_short_as_a_blank_rush_has_to_be() {
    let of = |width, height, chroma| {
        let shape = FlatShape { chroma, ..shape(width, height) };
        let frames = FlatFrames::new(&shape, Some(&burn_in()), 10).expect("they are made");
        *frames.sizes().iter().max().expect("there are some")
    };
    assert!(of(1920, 1080, Chroma::Half) < 80_000);
    assert!(of(4096, 2928, Chroma::Full) < 160_000);
}

#[test]
fn frames_that_prores_does_not_have_are_refused() {
    let refused = |shape: FlatShape| FlatFrames::new(&shape, None, 1).map(|_| ()).unwrap_err();
    let raster = |width, height| FlatError::Raster { width, height };
    assert_eq!(refused(shape(0, 16)), raster(0, 16));
    assert_eq!(refused(shape(16, 0)), raster(16, 0));
    assert_eq!(refused(shape(65535, 65535)), raster(65535, 65535));
    let interlaced = FlatShape { scan: Scan::BottomFieldFirst, ..shape(16, 1) };
    assert_eq!(refused(interlaced), raster(16, 1));
    assert_eq!(refused(FlatShape { alpha: true, ..shape(64, 64) }), FlatError::Alpha);
}

/// A movie of these samples.
fn movie(shape: &FlatShape, codec: [u8; 4], samples: &[Vec<u8>]) -> Vec<u8> {
    let sizes = samples
        .iter()
        .map(|sample| u32::try_from(sample.len()).expect("a frame is short"))
        .collect();
    let mut track = TrackSpec::video(sizes);
    let video = track.video_mut();
    (video.codec, video.width, video.height) = (codec, shape.width, shape.height);
    video.depth = if shape.alpha { 32 } else { 24 };
    let mut built = MovieSpec::new(1, vec![track]).build();
    for (&offset, sample) in built.chunk_offsets[0].iter().zip(samples) {
        let at = usize::try_from(offset).expect("it is in memory");
        built.bytes[at..at + sample.len()].copy_from_slice(sample);
    }
    built.bytes
}

/// What FFmpeg decodes, as little-endian words; it must not say a word.
fn decoded_by_ffmpeg(movie: &Path, pixels: &str) -> Vec<u16> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "warning", "-xerror", "-err_detect", "explode", "-i"]).arg(movie);
    command.args(["-f", "rawvideo", "-pix_fmt", pixels, "-"]);
    let output = command.output().expect("ffmpeg was there before");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    output.stdout.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect()
}

#[test]
fn ffmpeg_decodes_the_same_black_and_the_same_text_without_a_word() {
    if let Err(error) = Command::new("ffmpeg").arg("-version").output() {
        return skip::note("ffmpeg", &error.to_string());
    }
    let folder = tempfile::tempdir().expect("a folder can be made");
    for shape in shapes().into_iter().filter(|shape| shape.width > 100) {
        let frames = FlatFrames::new(&shape, Some(&burn_in()), 2).expect("they are made");
        let samples = samples(&frames);
        let (codecs, pixels): (&[&[u8; 4]], _) = match (shape.chroma, shape.alpha) {
            (Chroma::Half, _) => (&[b"apco", b"apcs", b"apcn", b"apch"], "yuv422p10le"),
            (_, false) => (&[b"ap4h", b"ap4x"], "yuv444p12le"),
            (_, true) => (&[b"ap4h", b"ap4x"], "yuva444p12le"),
        };
        let (width, height) = (usize::from(shape.width), usize::from(shape.height));
        let chroma = if shape.chroma == Chroma::Half { width.div_ceil(2) } else { width };
        for codec in codecs {
            let path = folder.path().join("flat.mov");
            std::fs::write(&path, movie(&shape, **codec, &samples)).expect("it can be written");
            let decoded = decoded_by_ffmpeg(&path, pixels);
            let mut rest = decoded.as_slice();
            let mut plane = |len: usize| {
                let (plane, behind) = rest.split_at(len);
                rest = behind;
                plane
            };
            let scale = if shape.chroma == Chroma::Half { 1 } else { 4 };
            for sample in &samples {
                let lit = lit_pixels(&shape, sample);
                let luma = plane(width * height).iter();
                let expected = lit.iter().map(|&lit| if lit { LIT } else { BLACK } * scale);
                assert!(luma.copied().eq(expected), "{shape:?} {codec:?}");
                let mut colors = plane(2 * chroma * height).iter();
                assert!(colors.all(|&color| color == GREY * scale), "{shape:?}");
                if shape.alpha {
                    assert!(plane(width * height).iter().all(|&opacity| opacity == 4095));
                }
            }
            assert!(rest.is_empty());
        }
    }
}
