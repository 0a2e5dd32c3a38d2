//! Every mode of the bitstream, and what writers make of it, against the oracle.

use intercut_engine::picture::{CodedFrame, Components, Damage, Plane, Planes, Size};
use intercut_tests::builder::prores::{FrameSpec, Habits, Wanted};
use intercut_tests::oracle::prores::{self, decode};
use intercut_tests::random::Random;

const SIZES: [Size; 4] = [Size::Full, Size::Half, Size::Quarter, Size::Eighth];

/// Levels as pictures have them: large and dense at low frequencies, rare at high ones; now and then one of any size.
fn invented(seed: u64) -> impl FnMut(Wanted) -> i32 {
    let mut random = Random::new(seed);
    let mut below = move |end: usize| i32::try_from(random.below(end)).expect("it is small");
    let mut opacity = 65535;
    move |wanted| match wanted {
        Wanted::Quantiser => [1, 2, 4, 7, 100, 128, 129, 224][below(8) as usize],
        Wanted::Level(_, 0) => below(400) - 200,
        Wanted::Level(..) if below(3000) == 0 => below(4000) - 2000,
        Wanted::Level(_, place) => {
            let range = 40 / (place + 2) + 1;
            if below(1 + place / 4) > 0 {
                0
            } else {
                below(2 * range + 1) - i32::try_from(range).expect("a small range")
            }
        }
        Wanted::Opacity => {
            opacity = match below(12) {
                0 => below(65536),
                1 => opacity + below(200) - 100,
                2 => 0,
                _ => opacity,
            };
            opacity
        }
    }
}

fn matrix(seed: u64) -> [u8; 64] {
    let mut random = Random::new(seed);
    std::array::from_fn(|_| u8::try_from(2 + random.below(60)).expect("it is small"))
}

#[track_caller]
fn assert_like(what: &str, found: &Plane, expected: &prores::Plane, max: f64) {
    assert_eq!((found.width(), found.height()), (expected.width, expected.height), "{what}");
    for (y, row) in found.rows().enumerate() {
        for (x, &sample) in row.iter().enumerate() {
            let exact = expected.samples[y * expected.width + x].expect("every slice is good");
            let off = (f64::from(sample) - exact.clamp(0.0, max)).abs();
            // Half a level is rounding; the rest is what 32 bits lose of large levels.
            assert!(off <= 0.51, "{what} {x},{y}: {sample}, not {exact}");
        }
    }
}

/// Decodes at every size, on one thread and on several, and compares with the oracle.
#[track_caller]
fn assert_decodes(what: &str, sample: &[u8]) {
    let frame = CodedFrame::parse(sample).unwrap_or_else(|error| panic!("{what}: {error}"));
    let (mut planes, mut others) = (Planes::default(), Planes::default());
    for size in SIZES {
        let what = format!("{what}, {size:?}");
        let damage = frame.decode(size, Components::ColorAndAlpha, &mut planes);
        assert_eq!(damage.damaged, 0, "{what}");
        let expected = decode(sample, size.divisor());
        assert_eq!(planes.depth, expected.depth);
        let max = f64::from((1 << planes.depth) - 1);
        let found = [&planes.luma, &planes.cb, &planes.cr];
        for (component, (found, expected)) in
            found.into_iter().zip(&expected.components).enumerate()
        {
            assert_like(&format!("{what}, component {component}"), found, expected, max);
        }
        if let Some(alpha) = &expected.alpha {
            assert_like(&format!("{what}, alpha"), &planes.alpha, alpha, 65535.0);
        }
        assert_eq!(frame.decode_in_parallel(size, Components::ColorAndAlpha, &mut others), damage);
        let rows = |planes: &Planes| -> Vec<Vec<u16>> {
            let Planes { luma, cb, cr, alpha, .. } = planes;
            [luma, cb, cr, alpha]
                .iter()
                .flat_map(|plane| plane.rows().map(<[u16]>::to_vec))
                .collect()
        };
        assert_eq!(rows(&planes), rows(&others), "{what}: by row");
    }
}

#[test]
fn picture_in_every_mode_and_size_is_what_the_oracle_decodes() {
    let mut case = 0;
    for (width, height) in [(1, 1), (8, 16), (17, 33), (130, 40), (250, 70), (37, 66)] {
        for is_444 in [false, true] {
            for interlace in 0..3 {
                for alpha in 0..3 {
                    case += 1;
                    let spec = FrameSpec {
                        is_444,
                        interlace,
                        alpha,
                        version: u16::from(case % 2 == 0),
                        slice_log2: u32::try_from(case % 4).unwrap(),
                        luma_matrix: (case % 3 > 0).then(|| matrix(case)),
                        chroma_matrix: (case % 5 > 1).then(|| matrix(case + 1000)),
                        ..FrameSpec::new(width, height)
                    };
                    let sample = spec.bytes(&mut invented(case));
                    assert_decodes(&format!("{spec:?}"), &sample);
                }
            }
        }
    }
}

#[test]
fn picture_with_what_no_writer_should_write_is_decoded() {
    let good = Habits::default();
    let habits = [
        ("short slice headers", Habits { short_slice_headers: true, ..good }),
        ("no chroma", Habits { empty_chroma: true, ..good }),
        ("wrong number of slices", Habits { stated_slices: Some(77), ..good }),
        ("no number of slices", Habits { stated_slices: Some(0), ..good }),
        ("padded components", Habits { component_padding: 9, ..good }),
        ("padded pictures", Habits { picture_padding: 33, ..good }),
        ("stuffing", Habits { stuffing: 500, ..good }),
        ("longer header", Habits { longer_header: 6, ..good }),
        ("equal fields", Habits { equal_fields: true, ..good }),
    ];
    for (what, habits) in habits {
        for interlace in [0, 1, 2] {
            let spec = FrameSpec {
                is_444: true,
                interlace,
                alpha: 2,
                luma_matrix: Some(matrix(1)),
                habits,
                ..FrameSpec::new(72, 65)
            };
            assert_decodes(&format!("{what}, {interlace}"), &spec.bytes(&mut invented(7)));
        }
    }
}

#[test]
fn brightness_alone_is_that_of_the_whole_picture() {
    let sample = FrameSpec { alpha: 1, ..FrameSpec::new(100, 50) }.bytes(&mut invented(3));
    let frame = CodedFrame::parse(&sample).unwrap();
    let (mut luma, mut all) = (Planes::default(), Planes::default());
    for size in SIZES {
        frame.decode(size, Components::Luma, &mut luma);
        frame.decode(size, Components::Color, &mut all);
        assert!(luma.luma.rows().eq(all.luma.rows()), "{size:?}");
        assert_eq!((luma.cb.height(), luma.cr.height(), all.alpha.height()), (0, 0, 0));
    }
}

#[test]
fn slice_that_cannot_be_decoded_is_grey_and_counted_and_its_neighbours_are_as_they_were() {
    let mut sample = FrameSpec::new(64, 32).bytes(&mut invented(11));
    let mut planes = Planes::default();
    let before = decode(&sample, 1);
    // The second of two slices: its components end before its header says so.
    let table = 28 + 8;
    let first = usize::from(u16::from_be_bytes([sample[table], sample[table + 1]]));
    let second = table + 4 + first;
    sample[second + 2] = 0xff;
    let frame = CodedFrame::parse(&sample).unwrap();
    let damage = frame.decode(Size::Full, Components::Color, &mut planes);
    assert_eq!(damage, Damage { slices: 2, damaged: 1 });
    assert!(!damage.is_total());
    for y in 16..32 {
        assert_eq!(planes.luma.row(y), [512; 64]);
        assert_eq!(planes.cr.row(y), [512; 32]);
    }
    let kept = planes.luma.row(15)[63];
    let exact = before.components[0].samples[15 * 64 + 63].unwrap();
    assert!((f64::from(kept) - exact.clamp(0.0, 1023.0)).abs() <= 0.51);
}
