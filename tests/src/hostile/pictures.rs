//! Samples of ProRes, and what must hold of one whatever its bytes are: it is decoded or refused, the same way by every path.
//!
//! - In: a seed, or the bytes of a sample.
//! - Out: a good frame of a few slices, to be damaged; whether a sample was decoded; a panic if something does not hold.
//! - Not here: what it decodes to (`oracle`).

use intercut_engine::picture::{CodedFrame, Components, Planes, Size};

use crate::builder::prores::{FrameSpec, Wanted};
use crate::random::Random;

/// Pixels of a frame that is decoded whole: a small sample may well be a large grey picture.
const PIXELS_MAX: usize = 1 << 20;

/// Decodes a sample at every size.
///
/// # Panics
/// If two ways of decoding it differ, or more is damaged than there is.
pub fn judge(sample: &[u8]) -> bool {
    let Ok(frame) = CodedFrame::parse(sample) else { return false };
    let header = frame.header();
    let pixels = usize::from(header.width) * usize::from(header.height);
    let (mut planes, mut luma) = (Planes::default(), Planes::default());
    let mut last = None;
    for size in [Size::Eighth, Size::Quarter, Size::Half, Size::Full] {
        if pixels / size.divisor().pow(2) > PIXELS_MAX {
            break;
        }
        let damage = frame.decode(size, Components::ColorAndAlpha, &mut planes);
        assert!(damage.damaged <= damage.slices, "{damage:?}");
        // What is read of a slice grows with the size, and so does what may be wrong with it.
        assert!(last.is_none_or(|last| last <= damage.damaged), "{damage:?} after {last:?}");
        last = Some(damage.damaged);
        if size == Size::Full {
            assert_eq!(frame.walk(), damage, "walked and decoded");
        }
        let of_luma = frame.decode(size, Components::Luma, &mut luma);
        assert!(of_luma.damaged <= damage.damaged, "{of_luma:?}, {damage:?}");
        let max = (1 << planes.depth) - 1;
        for plane in [&planes.luma, &planes.cb, &planes.cr] {
            assert!(plane.rows().flatten().all(|&sample| sample <= max), "beyond {max}");
        }
        if of_luma == damage {
            assert!(luma.luma.rows().eq(planes.luma.rows()), "{size:?}: brightness differs");
        }
    }
    true
}

/// A good frame of a few slices, in any mode.
pub fn frame(seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let small = |number: usize| u8::try_from(number).expect("it is small");
    let matrix = [4, 9][random.below(2)];
    let spec = FrameSpec {
        is_444: random.once_in(2),
        interlace: small(random.below(3)),
        alpha: small(random.below(3)),
        slice_log2: u32::from(small(random.below(4))),
        luma_matrix: random.once_in(2).then_some([matrix; 64]),
        chroma_matrix: random.once_in(2).then_some([matrix; 64]),
        ..FrameSpec::new(80, 40)
    };
    spec.bytes(&mut |wanted| match wanted {
        Wanted::Quantiser => 4,
        Wanted::Level(_, place) => [0, 0, 1, -3, 40][random.below(if place == 0 { 5 } else { 4 })],
        Wanted::Opacity => [0, 65535, 65535, 65000][random.below(4)],
    })
}
