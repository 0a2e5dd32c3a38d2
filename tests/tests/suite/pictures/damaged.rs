//! Whatever the bytes are, a sample is decoded or refused.

use intercut_engine::picture::{CodedFrame, Components, Planes, Size};
use intercut_tests::builder::prores::{FrameSpec, Wanted};
use intercut_tests::hostile::pictures::{frame, judge};
use intercut_tests::random::{Random, run_seed};

#[test]
fn damaged_sample_is_decoded_or_refused_whatever_was_done_to_it() {
    let seed = run_seed();
    let frames: Vec<Vec<u8>> = (0..24).map(frame).collect();
    let mut decoded = [0_u32; 2];
    for case in 0..4000 {
        let mut random = Random::of_case(seed, case);
        let mut sample = random.one_of(&frames).clone();
        for _ in 0..=random.below(4) {
            // Headers and tables are a tenth of a frame and decide the most.
            let end = if random.once_in(2) { sample.len() } else { sample.len().min(180) };
            let at = random.below(end);
            match random.below(5) {
                0 => sample[at] ^= 1 << random.below(8),
                1 => sample[at] = random.next().to_be_bytes()[0],
                2 => sample[at] = [0, 0xff][random.below(2)],
                3 => sample.truncate(at.max(1)),
                _ => {
                    let end = sample.len().min(at + random.below(64));
                    sample[at..end].fill(0);
                }
            }
        }
        let was_decoded = judge(&sample);
        decoded[usize::from(was_decoded)] += 1;
    }
    // Both happen, or the damage is not what it should be.
    assert!(decoded[0] > 100 && decoded[1] > 1000, "{decoded:?}, seed {seed}");
}

#[test]
fn raster_that_the_sample_has_no_room_for_is_refused_by_the_numbers() {
    let mut sample = FrameSpec::new(16, 16).bytes(&mut |_| 1);
    sample[16..20].fill(0xff);
    let error = CodedFrame::parse(&sample).unwrap_err();
    assert_eq!(error.to_string(), "its header is damaged: the length of its picture is 210");
    sample[16..20].copy_from_slice(&[0, 160, 0, 16]);
    // Two entries of the table are there, the two slices of ten macroblocks are not.
    let error = CodedFrame::parse(&sample[..43]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "its picture is 15 bytes long, too short for the 2 slices of 160x16 pixels"
    );
}

#[test]
fn field_that_is_missing_is_grey_and_the_other_one_is_decoded() {
    let sample =
        FrameSpec { interlace: 2, ..FrameSpec::new(32, 64) }.bytes(&mut |wanted| match wanted {
            Wanted::Quantiser => 8,
            Wanted::Level(_, 0) => 10,
            _ => 0,
        });
    let first = 28 + usize::from(u16::from_be_bytes([sample[31], sample[32]]));
    let coded = CodedFrame::parse(&sample[..first]).unwrap();
    let mut planes = Planes::default();
    let damage = coded.decode(Size::Full, Components::Color, &mut planes);
    assert_eq!((damage.slices, damage.damaged), (4, 2));
    // The bottom field comes first.
    assert_eq!((planes.luma.row(0)[0], planes.luma.row(63)[31]), (512, 522));
}

#[test]
fn frame_of_which_only_the_shorter_field_is_there_is_grey_where_the_other_was() {
    // 33 lines: the top field has 17, which is a row of macroblocks more than the bottom field has.
    for interlace in [1, 2] {
        let spec = FrameSpec { interlace, ..FrameSpec::new(32, 33) };
        let sample = spec.bytes(&mut |_| 1);
        let decoded = (0..sample.len()).filter(|&len| judge(&sample[..len])).count();
        assert!(decoded > 0, "no part of it was decoded");
    }
}
