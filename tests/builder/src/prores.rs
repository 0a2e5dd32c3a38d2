//! Writes frames of ProRes from coefficients: well-formed ones in every mode, and ones that writers should not make.
//!
//! - In: [`FrameSpec`], plain data; a closure that invents levels and opacity.
//! - Out: the bytes of one sample, the same every time.
//! - Holds: every code of the bitstream can come out, the long ones too; nothing is chosen by what looks good.
//! - Not here: pictures that look like something (`media` has FFmpeg make them), what a frame decodes to (the oracle).
//!
//! References: SMPTE RDD 36:2022, 5 and 7.

/// What a number of the invention is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The level of the coefficient at a place of the scan, of component 0 (Y), 1 (Cb) or 2 (Cr).
    Level(usize, usize),
    /// The opacity of the next pixel.
    Opacity,
    /// The quantiser of the next slice, 1 to 224.
    Quantiser,
}

/// What a frame shall be.
#[derive(Debug, Clone)]
pub struct FrameSpec {
    /// Pixels across and down.
    pub raster: (u16, u16),
    /// Whether chroma is 4:4:4 and not 4:2:2.
    pub is_444: bool,
    /// 0: progressive; 1: fields, the top one first; 2: the bottom one first.
    pub interlace: u8,
    /// 0: none; 1: 8 bits; 2: 16 bits.
    pub alpha: u8,
    /// The bitstream's version.
    pub version: u16,
    /// Macroblocks of a slice, as a power of two.
    pub slice_log2: u32,
    /// Weights of luma, row by row; without, the header has none.
    pub luma_matrix: Option<[u8; 64]>,
    /// Weights of chroma.
    pub chroma_matrix: Option<[u8; 64]>,
    /// What is not as it should be.
    pub habits: Habits,
}

/// What writers do although RDD 36 does not allow it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Habits {
    /// Slices have a header of 6 bytes although there is alpha, which is then missing.
    pub short_slice_headers: bool,
    /// Chroma has no bytes.
    pub empty_chroma: bool,
    /// The picture header states so many slices.
    pub stated_slices: Option<u16>,
    /// Zeros behind every component.
    pub component_padding: usize,
    /// Bytes behind each picture that its size counts.
    pub picture_padding: usize,
    /// Bytes behind the frame that its size does not count.
    pub stuffing: usize,
    /// Bytes of the frame header behind the matrices.
    pub longer_header: usize,
    /// Both fields have as many rows as the longer one.
    pub equal_fields: bool,
}

impl FrameSpec {
    /// A progressive 4:2:2 frame with slices of eight macroblocks, without matrices.
    pub fn new(width: u16, height: u16) -> Self {
        Self {
            raster: (width, height),
            is_444: false,
            interlace: 0,
            alpha: 0,
            version: 0,
            slice_log2: 3,
            luma_matrix: None,
            chroma_matrix: None,
            habits: Habits::default(),
        }
    }

    /// The frame as a sample.
    pub fn bytes(&self, invent: &mut dyn FnMut(Wanted) -> i32) -> Vec<u8> {
        let header = self.header();
        let mut bytes = vec![0, 0, 0, 0];
        bytes.extend(b"icpf");
        bytes.extend(header);
        for field in 0..if self.interlace == 0 { 1 } else { 2 } {
            bytes.extend(self.picture(field, invent));
        }
        let len = u32::try_from(bytes.len()).expect("a frame of a test is short");
        bytes[..4].copy_from_slice(&len.to_be_bytes());
        bytes.extend(std::iter::repeat_n(0xa5, self.habits.stuffing));
        bytes
    }

    fn header(&self) -> Vec<u8> {
        let matrices = [self.luma_matrix, self.chroma_matrix];
        let mut header = vec![0, 0];
        header.extend(self.version.to_be_bytes());
        header.extend(b"test");
        header.extend(self.raster.0.to_be_bytes());
        header.extend(self.raster.1.to_be_bytes());
        header.push(if self.is_444 { 0xc0 } else { 0x80 } | self.interlace << 2);
        header.extend([0, 1, 1, 1, self.alpha, 0]);
        header.push(u8::from(matrices[0].is_some()) << 1 | u8::from(matrices[1].is_some()));
        header.extend(matrices.into_iter().flatten().flatten());
        header.extend(std::iter::repeat_n(0x5a, self.habits.longer_header));
        let len = u16::try_from(header.len()).expect("a header is short");
        header[..2].copy_from_slice(&len.to_be_bytes());
        header
    }

    /// Rows of macroblocks of a picture.
    fn rows(&self, field: usize) -> usize {
        let height = usize::from(self.raster.1);
        let is_top = (self.interlace == 1) == (field == 0);
        let lines = match self.interlace {
            0 => height,
            _ if is_top || self.habits.equal_fields => height.div_ceil(2),
            _ => height / 2,
        };
        lines.div_ceil(16)
    }

    fn picture(&self, field: usize, invent: &mut dyn FnMut(Wanted) -> i32) -> Vec<u8> {
        let columns = usize::from(self.raster.0).div_ceil(16);
        let mut slices = Vec::new();
        for _ in 0..self.rows(field) {
            let (mut left, mut len) = (columns, 1 << self.slice_log2);
            while left > 0 {
                while len > left {
                    len /= 2;
                }
                slices.push(self.slice(len, invent));
                left -= len;
            }
        }
        let count = u16::try_from(slices.len()).expect("a picture of a test has few slices");
        let mut picture = vec![8 << 3, 0, 0, 0, 0];
        picture.extend(self.habits.stated_slices.unwrap_or(count).to_be_bytes());
        picture.push(u8::try_from(self.slice_log2 << 4).expect("it is at most 3"));
        for slice in &slices {
            let len = u16::try_from(slice.len()).expect("a slice of a test is short");
            picture.extend(len.to_be_bytes());
        }
        picture.extend(slices.into_iter().flatten());
        picture.extend(std::iter::repeat_n(0, self.habits.picture_padding));
        let len = u32::try_from(picture.len()).expect("a picture of a test is short");
        picture[1..5].copy_from_slice(&len.to_be_bytes());
        picture
    }

    fn slice(&self, macroblocks: usize, invent: &mut dyn FnMut(Wanted) -> i32) -> Vec<u8> {
        let has_alpha = self.alpha != 0 && !self.habits.short_slice_headers;
        let quantiser = invent(Wanted::Quantiser);
        let chroma_blocks = macroblocks * if self.is_444 { 4 } else { 2 };
        let components: Vec<Vec<u8>> = [macroblocks * 4, chroma_blocks, chroma_blocks]
            .into_iter()
            .enumerate()
            .map(|(component, blocks)| {
                if component > 0 && self.habits.empty_chroma {
                    return Vec::new();
                }
                let mut bytes =
                    write_component(blocks, &mut |place| invent(Wanted::Level(component, place)));
                bytes.extend(std::iter::repeat_n(0, self.habits.component_padding));
                bytes
            })
            .collect();
        let mut slice = vec![if has_alpha { 8 } else { 6 } << 3];
        slice.push(u8::try_from(quantiser).expect("a quantiser is at most 224"));
        for component in &components[..if has_alpha { 3 } else { 2 }] {
            let len = u16::try_from(component.len()).expect("a component of a test is short");
            slice.extend(len.to_be_bytes());
        }
        slice.extend(components.into_iter().flatten());
        if has_alpha {
            let pixels: Vec<i32> =
                (0..macroblocks * 256).map(|_| invent(Wanted::Opacity)).collect();
            slice.extend(write_alpha(&pixels, if self.alpha == 1 { 8 } else { 16 }));
        }
        slice
    }
}

/// Bits from the most significant on.
#[derive(Default)]
struct BitWriter {
    bytes: Vec<u8>,
    free: u32,
}

impl BitWriter {
    fn put(&mut self, number: u64, len: u32) {
        for bit in (0..len).rev() {
            if self.free == 0 {
                self.bytes.push(0);
                self.free = 8;
            }
            self.free -= 1;
            let last = self.bytes.len() - 1;
            self.bytes[last] |= u8::from(number >> bit & 1 == 1) << self.free;
        }
    }

    /// A number by a codebook: the zeros up to which it is a Golomb-Rice code, its parameter, the exponential order.
    fn code(&mut self, number: u32, (last_rice, rice, exponential): (u32, u32, u32)) {
        let switch = (last_rice + 1) << rice;
        if number < switch {
            self.put(1, (number >> rice) + 1);
            self.put(u64::from(number & ((1 << rice) - 1)), rice);
        } else {
            let shifted = u64::from(number - switch) + (1 << exponential);
            let len = 64 - shifted.leading_zeros();
            let zeros = last_rice + 1 + len - 1 - exponential;
            self.put(0, zeros);
            self.put(shifted, len);
        }
    }
}

/// Writes a component of some blocks; `level` invents the level at a place of the scan.
fn write_component(blocks: usize, level: &mut dyn FnMut(usize) -> i32) -> Vec<u8> {
    let mut writer = BitWriter::default();
    let signed = |number: i32| number.unsigned_abs() * 2 - u32::from(number < 0);
    let mut dc = level(0);
    writer.code(signed(dc), (0, 5, 6));
    let (mut code, mut is_negative) = (5, false);
    for _ in 1..blocks {
        let next = level(0);
        let difference = next - dc;
        dc = next;
        // Odd where the sign changes; of 0 there is no sign, and it counts as positive.
        let changes = difference != 0 && is_negative != (difference < 0);
        let this = difference.unsigned_abs() * 2 - u32::from(changes);
        let book = [(0, 0, 1), (0, 1, 2), (0, 1, 2), (1, 2, 3), (1, 2, 3), (0, 3, 4), (0, 3, 4)];
        writer.code(this, book[code.min(6) as usize]);
        (code, is_negative) = (this, difference < 0);
    }
    let (mut last_run, mut last_level, mut run) = (4_u32, 2_u32, 0_u32);
    for place in 1..64 {
        for _ in 0..blocks {
            let level = level(place);
            if level == 0 {
                run += 1;
                continue;
            }
            writer.code(run, run_book(last_run));
            writer.code(level.unsigned_abs() - 1, level_book(last_level));
            writer.put(u64::from(level < 0), 1);
            (last_run, last_level, run) = (run, level.unsigned_abs(), 0);
        }
    }
    writer.bytes
}

fn run_book(last: u32) -> (u32, u32, u32) {
    match last {
        0 | 1 => (2, 0, 1),
        2 | 3 => (1, 0, 1),
        4 => (0, 0, 1),
        5..=8 => (1, 1, 2),
        9..=14 => (0, 1, 2),
        _ => (0, 2, 3),
    }
}

fn level_book(last: u32) -> (u32, u32, u32) {
    match last {
        0 | 1 => (2, 0, 2),
        2 => (1, 0, 1),
        3 => (2, 0, 1),
        4 => (0, 0, 1),
        5..=8 => (0, 1, 2),
        _ => (0, 2, 3),
    }
}

/// Writes opacity without loss: differences where they are short, runs where a value is repeated.
fn write_alpha(pixels: &[i32], depth: u32) -> Vec<u8> {
    let mut writer = BitWriter::default();
    let mask = (1_i32 << depth) - 1;
    let short = if depth == 8 { 4 } else { 7 };
    let mut last = mask;
    let mut at = 0;
    while at < pixels.len() {
        let value = pixels[at] & mask;
        let difference = value - last;
        let magnitude = difference.unsigned_abs();
        if (1..=1 << (short - 1)).contains(&magnitude) {
            writer.put(0, 1);
            writer.put(u64::from((magnitude - 1) << 1 | u32::from(difference < 0)), short);
        } else {
            writer.put(1, 1);
            writer.put(u64::from((difference & mask).unsigned_abs()), depth);
        }
        last = value;
        let same = pixels[at + 1..].iter().take_while(|&&pixel| pixel & mask == value).count();
        let run = same.min(2047);
        at += 1 + run;
        if at >= pixels.len() && run == 0 {
            break;
        }
        match u64::try_from(run).expect("a run is short") {
            0 => writer.put(1, 1),
            run @ 1..=15 => writer.put(run, 5),
            run => writer.put(run, 16),
        }
    }
    writer.bytes
}
