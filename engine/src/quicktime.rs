//! The parts of a movie header that intercut writes itself, as QuickTime writers write them.
//!
//! - In: the numbers and names of one atom.
//! - Out: its bytes.
//! - Holds: nothing depends on when or where it is written. 64-bit times and offsets are used only where they are needed.
//! - Not here: which tracks a movie has (`blank`, `review`), headers that are kept from another movie (`layout`).
//!
//! References: QuickTime File Format, "Movie Atoms", "Video Sample Description", "Timecode Media"; Apple Technical Notes
//! TN2162 (`colr`), TN2310 (`tmcd`).

use crate::codec::color::ColorCodes;

/// The matrix that changes nothing.
const IDENTITY: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/// A track that is enabled; in the movie, its preview and its poster.
const ENABLED_IN_ALL: u32 = 0xf;

/// The longest text that is kept, in bytes.
const TEXT_LEN_MAX: usize = 1024;

/// An atom with these parts, one behind the other.
pub(crate) fn atom(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let len = 8 + parts.iter().map(|part| part.len()).sum::<usize>();
    let size = u32::try_from(len).expect("the header of a movie of 2^32 frames is the longest");
    let mut bytes = Vec::with_capacity(len);
    bytes.extend(size.to_be_bytes());
    bytes.extend(kind);
    parts.iter().for_each(|part| bytes.extend(*part));
    bytes
}

/// An atom with a version and flags of 0, a count, and so many entries.
pub(crate) fn table(kind: &[u8; 4], count: u32, entries: &[u8]) -> Vec<u8> {
    atom(kind, &[&[0; 4], &count.to_be_bytes(), entries])
}

pub(crate) fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// Times of creation and change, which nobody knows; something between; and the duration: in 64 bits if that needs them.
fn times(duration: u64, flags: u32, between: &[u32]) -> Vec<u8> {
    let between = words(between);
    match u32::try_from(duration) {
        Ok(short) => [&flags.to_be_bytes()[..], &[0; 8], &between, &short.to_be_bytes()].concat(),
        Err(_) => {
            let version = flags | 1 << 24;
            [&version.to_be_bytes()[..], &[0; 16], &between, &duration.to_be_bytes()].concat()
        }
    }
}

/// `ftyp` of a QuickTime movie.
pub(crate) fn ftyp() -> Vec<u8> {
    atom(b"ftyp", &[b"qt  ", &0x2005_0300_u32.to_be_bytes(), b"qt  "])
}

/// - `clock`: ticks per second, and how many the movie lasts.
pub(crate) fn mvhd([timescale, duration]: [u64; 2], next_track: u32) -> Vec<u8> {
    atom(
        b"mvhd",
        &[
            &times(duration, 0, &[ticks_per_second(timescale)]),
            &0x1_0000_u32.to_be_bytes(),
            &0x100_u16.to_be_bytes(),
            &[0; 10],
            &words(&IDENTITY),
            &[0; 24],
            &next_track.to_be_bytes(),
        ],
    )
}

/// The header of a track that is enabled.
///
/// - `duration`: in ticks of the movie.
/// - `is_heard`: whether it has a volume.
/// - `size`: pixels across and down, in 1/65536.
pub(crate) fn tkhd(duration: u64, track: u32, is_heard: bool, size: [u32; 2]) -> Vec<u8> {
    let times = times(duration, ENABLED_IN_ALL, &[track, 0]);
    let volume: u32 = if is_heard { 0x0100_0000 } else { 0 };
    atom(b"tkhd", &[&times, &[0; 12], &volume.to_be_bytes(), &words(&IDENTITY), &words(&size)])
}

/// `mdia` of a track whose media is in this file.
///
/// - `clock`: ticks per second, and how many the media lasts.
/// - `header`: of its kind of media: `vmhd`, `smhd`, `gmhd`.
pub(crate) fn mdia(
    [timescale, duration]: [u64; 2],
    kind: [u8; 4],
    name: &str,
    header: &[u8],
    stbl: &[Vec<u8>],
) -> Vec<u8> {
    // No language, normal quality.
    let times = times(duration, 0, &[ticks_per_second(timescale)]);
    let mdhd = atom(b"mdhd", &[&times, &0x7fff_0000_u32.to_be_bytes()]);
    let in_this_file = table(b"dref", 1, &atom(b"alis", &[&1_u32.to_be_bytes()]));
    let minf = [
        header.to_vec(),
        handler(*b"dhlr", *b"alis", "Data"),
        atom(b"dinf", &[&in_this_file]),
        atom(b"stbl", &[&stbl.concat()]),
    ];
    atom(b"mdia", &[&mdhd, &handler(*b"mhlr", kind, name), &atom(b"minf", &[&minf.concat()])])
}

fn ticks_per_second(timescale: u64) -> u32 {
    u32::try_from(timescale).unwrap_or(u32::MAX)
}

pub(crate) fn handler(part: [u8; 4], kind: [u8; 4], name: &str) -> Vec<u8> {
    atom(b"hdlr", &[&[0; 4], &part, &kind, &[0; 12], &counted(name)])
}

/// `vmhd`: dither copy, as Apple's writers say.
pub(crate) fn vmhd() -> Vec<u8> {
    atom(b"vmhd", &[&words(&[1, 0x0040_8000, 0x8000_8000])])
}

/// What frames of ProRes are, as a sample description has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProresDescription<'a> {
    pub(crate) codec: [u8; 4],
    pub(crate) vendor: &'a [u8; 4],
    /// The codec's name.
    pub(crate) compressor: &'a str,
    /// Pixels across and down.
    pub(crate) size: [u16; 2],
    /// Bits of a pixel: 24, or 32 with alpha.
    pub(crate) depth: u16,
    /// How many fields, and which is first, as `fiel` has it.
    pub(crate) fields: [u8; 2],
    pub(crate) color: Option<ColorCodes>,
    /// The shape of a pixel: across, down.
    pub(crate) pixel_aspect: Option<(u32, u32)>,
}

impl ProresDescription<'_> {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut compressor = [0; 32];
        let name = counted(self.compressor);
        compressor[..name.len()].copy_from_slice(&name);
        let color = self.color.map_or(Vec::new(), |color| {
            let codes = [color.primaries, color.transfer, color.matrix].map(u16::to_be_bytes);
            atom(b"colr", &[b"nclc", codes.as_flattened()])
        });
        let aspect = self.pixel_aspect;
        let aspect =
            aspect.map_or(Vec::new(), |(across, down)| atom(b"pasp", &[&words(&[across, down])]));
        atom(
            &self.codec,
            &[
                &[0, 0, 0, 0, 0, 0, 0, 1],
                &[0; 4],
                self.vendor,
                // All in space, nothing in time.
                &words(&[0, 1023]),
                self.size.map(u16::to_be_bytes).as_flattened(),
                &words(&[0x48_0000, 0x48_0000, 0]),
                &1_u16.to_be_bytes(),
                &compressor,
                &self.depth.to_be_bytes(),
                &[0xff, 0xff],
                &atom(b"fiel", &[&self.fields]),
                &color,
                &aspect,
            ],
        )
    }
}

/// What a timecode track has beside its header and its number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimecodeMedia<'a> {
    pub(crate) drop_frame: bool,
    /// Labels of a second.
    pub(crate) nominal: u32,
    /// Ticks per second.
    pub(crate) timescale: u32,
    /// Ticks of a frame.
    pub(crate) frame: u32,
    /// Ticks of all frames.
    pub(crate) duration: u64,
    pub(crate) reel: Option<&'a str>,
    /// Where its one sample is, of four bytes: from the start of the file.
    pub(crate) sample_at: u32,
}

impl TimecodeMedia<'_> {
    /// `mdia` of the track.
    pub(crate) fn mdia(&self) -> Vec<u8> {
        let length = u32::try_from(self.duration).unwrap_or(u32::MAX);
        let stbl = [
            table(b"stsd", 1, &self.description()),
            table(b"stts", 1, &words(&[1, length])),
            table(b"stsc", 1, &words(&[1, 1, 1])),
            atom(b"stsz", &[&words(&[0, 4, 1])]),
            table(b"stco", 1, &words(&[self.sample_at])),
        ];
        // The font in which a player may show it: 12 points, white on black.
        let font = b"\x07Courier";
        let tcmi: &[&[u8]] =
            &[&words(&[0, 0x0016_0000, 0x000c_0000, 0, 0xffff_ffff]), b"\xff\xff", font];
        let gmin = atom(b"gmin", &[&words(&[0, 0x0040_8000, 0x8000_8000, 0])]);
        let gmhd = atom(b"gmhd", &[&gmin, &atom(b"tmcd", &[&atom(b"tcmi", tcmi)])]);
        mdia([self.timescale.into(), self.duration], *b"tmcd", "Timecode", &gmhd, &stbl)
    }

    fn description(&self) -> Vec<u8> {
        // Drop frame; labels begin again after 24 hours.
        let flags = u32::from(self.drop_frame) | 2;
        let nominal = u8::try_from(self.nominal).unwrap_or(u8::MAX);
        let reel = self.reel.map_or(Vec::new(), |reel| atom(b"name", &[&user_text(reel)]));
        let clock = words(&[0, flags, self.timescale, self.frame]);
        atom(b"tmcd", &[&[0, 0, 0, 0, 0, 0, 0, 1], &clock, &[nominal, 0], &reel])
    }
}

/// `stco`, or `co64` if an offset needs it.
pub(crate) fn chunk_offsets(offsets: &[u64]) -> Vec<u8> {
    let count = count_of(offsets);
    let short: Result<Vec<u32>, _> = offsets.iter().map(|&offset| u32::try_from(offset)).collect();
    match short {
        Ok(short) => table(b"stco", count, &words(&short)),
        Err(_) => {
            let long: Vec<u8> = offsets.iter().flat_map(|offset| offset.to_be_bytes()).collect();
            table(b"co64", count, &long)
        }
    }
}

pub(crate) fn count_of<T>(entries: &[T]) -> u32 {
    u32::try_from(entries.len()).expect("there are no more of them than frames")
}

/// `udta` that says which program wrote the movie.
pub(crate) fn written_by() -> Vec<u8> {
    let software = user_text(&format!("intercut {}", env!("CARGO_PKG_VERSION")));
    atom(b"udta", &[&atom(&[0xa9, b's', b'w', b'r'], &[&software])])
}

/// A name with its length before it, cut to what that can state.
fn counted(name: &str) -> Vec<u8> {
    let name = cut(name, u8::MAX.into());
    let len = u8::try_from(name.len()).expect("it was cut");
    [&[len], name.as_bytes()].concat()
}

/// The beginning of a text, as far as whole letters fit.
fn cut(text: &str, len_max: usize) -> &str {
    &text[..text.floor_char_boundary(len_max)]
}

/// Text of user data: its length, no language, the text.
fn user_text(text: &str) -> Vec<u8> {
    let text = cut(text, TEXT_LEN_MAX);
    let len = u16::try_from(text.len()).expect("it was cut");
    [&len.to_be_bytes()[..], &[0; 2], text.as_bytes()].concat()
}
