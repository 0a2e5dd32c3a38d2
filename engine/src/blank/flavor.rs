//! The flavours of ProRes: their names, and what their frames are.
//!
//! - In: a name, or the fourcc of a sample description. Out: [`Flavor`].
//! - Not here: frames (`picture`).

use crate::codec::Chroma;
use crate::units::FourCc;

/// A flavour of ProRes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flavor {
    /// 422 Proxy.
    Proxy,
    /// 422 LT.
    Lt,
    /// 422.
    Standard,
    /// 422 HQ.
    Hq,
    /// 4444.
    Full,
    /// 4444 XQ.
    FullXq,
}

impl Flavor {
    /// Every flavour, the one with the fewest bytes first.
    pub const ALL: [Self; 6] =
        [Self::Proxy, Self::Lt, Self::Standard, Self::Hq, Self::Full, Self::FullXq];

    /// The flavour that a sample description names.
    pub fn of(codec: FourCc) -> Option<Self> {
        Self::ALL.into_iter().find(|flavor| flavor.codec() == codec)
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proxy => "proxy",
            Self::Lt => "lt",
            Self::Standard => "422",
            Self::Hq => "hq",
            Self::Full => "4444",
            Self::FullXq => "4444xq",
        }
    }

    /// Its fourcc.
    pub fn codec(self) -> FourCc {
        FourCc(*match self {
            Self::Proxy => b"apco",
            Self::Lt => b"apcs",
            Self::Standard => b"apcn",
            Self::Hq => b"apch",
            Self::Full => b"ap4h",
            Self::FullXq => b"ap4x",
        })
    }

    /// How often its frames sample colour.
    pub fn chroma(self) -> Chroma {
        match self {
            Self::Full | Self::FullXq => Chroma::Full,
            _ => Chroma::Half,
        }
    }

    /// What sample descriptions call it.
    pub(super) fn compressor(self) -> &'static str {
        match self {
            Self::Proxy => "Apple ProRes 422 Proxy",
            Self::Lt => "Apple ProRes 422 LT",
            Self::Standard => "Apple ProRes 422",
            Self::Hq => "Apple ProRes 422 HQ",
            Self::Full => "Apple ProRes 4444",
            Self::FullXq => "Apple ProRes 4444 XQ",
        }
    }
}
