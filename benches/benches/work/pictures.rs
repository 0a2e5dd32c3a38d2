//! Decoding one picture at a size.
//!
//! - In: a raster. Out: check values: all samples, added up.
//! - The frame is made of levels as pictures have them, dense at low frequencies and rare at high ones, so that a slice costs
//!   about what one of a camera does.

use intercut_engine::picture::{CodedFrame, Components, Planes, Size};
use intercut_tests::builder::prores::{FrameSpec, Wanted};
use intercut_tests::random::Random;

/// A coded frame.
#[derive(Debug)]
pub(crate) struct Picture {
    sample: Vec<u8>,
}

impl Picture {
    /// A 4:2:2 frame of so many pixels.
    pub(crate) fn new(width: u16, height: u16) -> Self {
        let mut random = Random::new(1);
        let mut below = move |end| i32::try_from(random.below(end)).expect("it is small");
        let spec = FrameSpec { luma_matrix: Some([4; 64]), ..FrameSpec::new(width, height) };
        let sample = spec.bytes(&mut |wanted| match wanted {
            Wanted::Quantiser => 2,
            Wanted::Level(_, 0) => 300 + below(40),
            Wanted::Level(_, place) if below(2 + place / 4) == 0 => below(9) - 4,
            Wanted::Level(..) | Wanted::Opacity => 0,
        });
        Self { sample }
    }

    /// Bytes of the frame.
    pub(crate) fn len(&self) -> u64 {
        self.sample.len() as u64
    }

    /// Decodes the frame on this thread; returns its samples, added up.
    pub(crate) fn decode(&self, size: Size, components: Components, planes: &mut Planes) -> u64 {
        let frame = CodedFrame::parse(&self.sample).expect("the builder writes frames");
        let damage = frame.decode(size, components, planes);
        assert_eq!(damage.damaged, 0, "the builder writes good slices");
        let rows =
            [&planes.luma, &planes.cb, &planes.cr].into_iter().flat_map(|plane| plane.rows());
        rows.flatten().map(|&sample| u64::from(sample)).sum()
    }
}
