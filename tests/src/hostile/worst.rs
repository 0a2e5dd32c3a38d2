//! The worst that ten megabytes can say: files that are as long as a limit allows, each built against one stage.
//!
//! - Out: [`movies`] and [`plans`], each with what it does.
//! - Holds: no file is longer than `LEN_MAX`; media is first, from byte `MEDIA_AT` on, `moov` behind it.
//! - Not here: what they may cost (the tests).

use crate::builder::atoms::{Kind, atom, full_atom};

/// Every file up to this length is to be judged within two seconds and 64 MiB.
pub const LEN_MAX: usize = 10_000_000;
/// Where media begins: behind `ftyp` and the header of `mdat`.
const MEDIA_AT: u32 = 28;

/// The tables of a track, as 32-bit fields.
#[derive(Debug, Clone)]
struct Raw {
    handler: Kind,
    description: Vec<u8>,
    stts: Vec<u32>,
    stsc: Vec<u32>,
    /// Of `stsz`: size, count, sizes.
    stsz: Vec<u32>,
    stco: Vec<u32>,
    /// Of `elst`: duration, media time, rate.
    elst: Vec<u32>,
    /// Further atoms of `trak`.
    extra: Vec<u8>,
    /// The media handler's name.
    name: Vec<u8>,
}

impl Raw {
    /// `count` pictures of `size` bytes in one chunk, at 25 fps.
    fn video(count: u32, size: u32) -> Self {
        let mut description = vec![0; 78];
        description[24..28].copy_from_slice(&[0, 64, 0, 64]);
        description[75] = 24;
        Self {
            handler: *b"vide",
            description: atom(b"ap4h", &description),
            stts: vec![count, 1],
            stsc: vec![1, count, 1],
            stsz: vec![size, count],
            stco: vec![MEDIA_AT],
            elst: Vec::new(),
            extra: Vec::new(),
            name: Vec::new(),
        }
    }

    /// `count` samples of sound of one byte in one chunk.
    fn sound(count: u32) -> Self {
        let description = atom(b"raw ", &[0; 28]);
        Self { handler: *b"soun", description, ..Self::video(count, 1) }
    }

    /// Timecode at 25 fps, `count` samples in one chunk.
    fn timecode(count: u32) -> Self {
        let fields = be(&[0, 1, 0, 2, 25, 1]);
        let description = atom(b"tmcd", &[&fields[..], &[25, 0]].concat());
        Self { handler: *b"tmcd", description, ..Self::video(count, 4) }
    }

    fn write(&self) -> Vec<u8> {
        let table = |kind: &Kind, fields: &[u32], width: usize| {
            let count = u32::try_from(fields.len() / width).expect("a table is short");
            full_atom(kind, 0, 0, &[be(&[count]), be(fields)].concat())
        };
        let stbl = [
            full_atom(b"stsd", 0, 0, &[be(&[1]), self.description.clone()].concat()),
            table(b"stts", &self.stts, 2),
            table(b"stsc", &self.stsc, 3),
            full_atom(b"stsz", 0, 0, &be(&self.stsz)),
            table(b"stco", &self.stco, 1),
        ];
        let hdlr = [&[0; 4][..], &self.handler, &[0; 12], &self.name].concat();
        let hdlr = full_atom(b"hdlr", 0, 0, &hdlr);
        let mdhd = full_atom(b"mdhd", 0, 0, &be(&[0, 0, 25, 0, 0]));
        let minf = atom(b"minf", &atom(b"stbl", &stbl.concat()));
        let edts = atom(b"edts", &table(b"elst", &self.elst, 3));
        let edts = if self.elst.is_empty() { Vec::new() } else { edts };
        let tkhd = full_atom(b"tkhd", 0, 1, &be(&[0, 0, 1, 0, 0]));
        let mdia = atom(b"mdia", &[mdhd, hdlr, minf].concat());
        atom(b"trak", &[tkhd, edts, self.extra.clone(), mdia].concat())
    }
}

fn be(fields: &[u32]) -> Vec<u8> {
    fields.iter().flat_map(|field| field.to_be_bytes()).collect()
}

/// A file: media of zeros that fills it up to its length, then the header.
fn file(tracks: &[Raw], extra: &[u8]) -> Vec<u8> {
    let mvhd = full_atom(b"mvhd", 0, 0, &be(&[0, 0, 25, 0, 0]));
    let traks: Vec<Vec<u8>> = tracks.iter().map(Raw::write).collect();
    let moov = atom(b"moov", &[&mvhd[..], &traks.concat(), extra].concat());
    let ftyp = atom(b"ftyp", b"qt  \0\0\0\0qt  ");
    let media = LEN_MAX - ftyp.len() - 8 - moov.len();
    [ftyp, atom(b"mdat", &vec![0; media]), moov].concat()
}

/// `count` copies of an atom of eight bytes.
fn empties(kind: &Kind, count: usize) -> Vec<u8> {
    atom(kind, &[]).repeat(count)
}

/// Every file, with what it does.
pub fn movies() -> Vec<(&'static str, Vec<u8>)> {
    let video = || Raw::video(100, 30);
    [tables(video), headers(video), frames(), timecodes(), shared()].concat()
}

/// Files whose sample tables claim or hold too much.
fn tables(video: impl Fn() -> Raw) -> Vec<(&'static str, Vec<u8>)> {
    let max = u32::MAX;
    // 660 chunks that are in the same place, so that they lie in the file.
    let claimed = Raw {
        stsc: vec![1, 6_500_000, 1],
        stts: vec![660 * 6_500_000, 1],
        ..Raw::video(660 * 6_500_000, 1)
    };
    let claimed = Raw { stco: vec![MEDIA_AT; 660], ..claimed };
    let packed = Raw { stsc: vec![1, max, 1], stts: vec![max, 1], ..Raw::sound(max) };
    // Version 1: 2^32 - 1 frames in a packet of 16 bytes.
    let mut description = vec![0; 44];
    description[9] = 1;
    description[28..32].copy_from_slice(&be(&[max]));
    description[36..40].copy_from_slice(&be(&[16]));
    let packed = Raw { description: atom(b"ima4", &description), ..packed };
    let mut sizes: Vec<u32> = vec![0, 1_200_000];
    sizes.resize(1_200_002, 4);
    vec![
        ("one size for 4,290,000,000 pictures", file(&[claimed], &[])),
        ("sound of 2^32 - 1 samples in one packet", file(&[video(), packed], &[])),
        ("as many pictures as the file has room for", file(&[Raw::video(2_400_000, 4)], &[])),
        ("1,200,000 sizes", file(&[Raw { stsz: sizes, ..Raw::video(1_200_000, 4) }], &[])),
    ]
}

/// Files whose other atoms are many, or long.
fn headers(video: impl Fn() -> Raw) -> Vec<(&'static str, Vec<u8>)> {
    let million = 1_150_000;
    let mut described = Raw::sound(100);
    described.description = empties(b"raw ", million);
    let edits: Vec<u32> = (0..800_000).flat_map(|_| [1, 0, 0x1_0000]).collect();
    let edited = Raw { elst: edits, ..Raw::sound(100) };
    let referring = Raw { extra: atom(b"tref", &empties(b"tmcd", million)), ..video() };
    let many: Vec<Raw> = std::iter::once(video())
        .chain((0..30_000).map(|_| Raw {
            stts: vec![],
            stsc: vec![],
            stsz: vec![0, 0],
            stco: vec![],
            ..Raw::sound(0)
        }))
        .collect();
    let mut nested = Vec::new();
    for level in (1..=1_000_000u32).rev() {
        nested.extend(be(&[8 * level]));
        nested.extend(b"udta");
    }
    let zeros = vec![0; 9_000_000];
    let named = Raw { name: vec![0xff; 9_000_000], ..video() };
    vec![
        (
            "1,150,000 sample descriptions, which are claimed",
            claim(file(&[video(), described], &[]), b"raw ", million),
        ),
        ("800,000 edits of sound", file(&[video(), edited], &[])),
        ("1,150,000 references to tracks", file(&[referring], &[])),
        ("30,000 tracks", file(&many, &[])),
        ("a million atoms inside one another", file(&[video()], &nested)),
        ("zeros behind the last atom", file(&[video()], &zeros)),
        ("a name of nine megabytes", file(&[named], &[])),
        ("a million unknown atoms", file(&[video()], &empties(b"zork", million))),
        ("a million atoms at the top level", empties(b"free", million)),
    ]
}

/// Sets the count of the `stsd` whose first entry has this kind.
fn claim(mut bytes: Vec<u8>, kind: &Kind, count: usize) -> Vec<u8> {
    let at = bytes.windows(4).rposition(|window| window == b"stsd").expect("there is one");
    assert_eq!(&bytes[at + 16..at + 20], kind, "the last description");
    let count = u32::try_from(count).expect("few");
    bytes[at + 8..at + 12].copy_from_slice(&count.to_be_bytes());
    bytes
}

/// Files whose frames are irregular.
fn frames() -> Vec<(&'static str, Vec<u8>)> {
    let alternating: Vec<u32> = (0..1_100_000).flat_map(|index| [1, 1 + index % 2]).collect();
    let alternating = Raw { stts: alternating, ..Raw::video(1_100_000, 4) };
    let held = Raw { stts: vec![600_000, 1, 500_000, 2], ..Raw::video(1_100_000, 4) };
    let short = Raw { stts: vec![600_000, 10, 500_000, 3], ..Raw::video(1_100_000, 4) };
    let jumps: Vec<u32> =
        (0..250_000).flat_map(|index| [1, index * 7919 % 50_000, 0x1_0000]).collect();
    let jumping = Raw { elst: jumps, ..Raw::video(50_000, 4) };
    // A chunk a run, and an edit a frame: every frame is to be found anew.
    let runs = (0..170_000).flat_map(|index| [index + 1, 1, 1]).collect();
    let places = (0..170_000).map(|index| MEDIA_AT + 5 * index).collect();
    let back: Vec<u32> = (0..170_000).flat_map(|index| [1, 169_999 - index, 0x1_0000]).collect();
    let chunked = Raw { stsc: runs, stco: places, elst: back, ..Raw::video(170_000, 4) };
    vec![
        ("1,100,000 stretches of other durations", file(&[alternating], &[])),
        ("500,000 frames that are held", file(&[held, Raw::timecode(1).lasting(1_600_000)], &[])),
        (
            "500,000 frames too short to be shown",
            file(&[short, Raw::timecode(1).lasting(750_000)], &[]),
        ),
        ("250,000 edits that jump about", file(&[jumping, Raw::timecode(1).lasting(250_000)], &[])),
        (
            "170,000 chunks shown backwards",
            file(&[chunked, Raw::timecode(1).lasting(170_000)], &[]),
        ),
    ]
}

impl Raw {
    /// The only sample of a track lasts so long.
    fn lasting(self, ticks: u32) -> Self {
        Self { stts: vec![1, ticks], ..self }
    }
}

/// Files whose timecode jumps.
fn timecodes() -> Vec<(&'static str, Vec<u8>)> {
    let jumping = |count: u32| {
        let mut bytes = file(&[Raw::video(count, 4), Raw::timecode(count)], &[]);
        for sample in 0..count {
            let at = MEDIA_AT as usize + 4 * sample as usize;
            let frame = sample.wrapping_mul(7919) % 2_000_000;
            bytes[at..at + 4].copy_from_slice(&frame.to_be_bytes());
        }
        bytes
    };
    let apart: Vec<u32> = (0..500_000).map(|index| MEDIA_AT + 8 * index).collect();
    let apart = Raw { stsc: vec![1, 1, 1], stco: apart, ..Raw::timecode(500_000) };
    vec![
        ("a timecode that jumps at each of 500,000 frames", jumping(500_000)),
        ("a timecode that jumps at each of 65,000 frames", jumping(65_000)),
        ("500,000 timecode samples, each a chunk", file(&[Raw::video(700_000, 4), apart], &[])),
    ]
}

/// Files whose chunks share bytes.
fn shared() -> Vec<(&'static str, Vec<u8>)> {
    let each = |count: u32, size: u32, place: fn(u32) -> u32| {
        let stco = (0..count).map(|index| MEDIA_AT + place(index)).collect();
        let video = Raw { stsc: vec![1, 1, 1], stco, ..Raw::video(count, size) };
        file(&[video, Raw::timecode(1).lasting(count)], &[])
    };
    let sound = Raw { stsc: vec![1, 5_000_000, 1], ..Raw::sound(0) };
    let sound = Raw { stco: vec![MEDIA_AT; 800], stsz: vec![1, 4_000_000_000], ..sound };
    let sound = Raw { stts: vec![4_000_000_000, 1], ..sound };
    // As many chunks as there is room for: a byte each, anywhere in the file, which their own table is a part of.
    let crowd = |place: fn(u32) -> u32| {
        let stco = (0..2_400_000).map(|index| MEDIA_AT + place(index)).collect();
        let video = Raw { stsc: vec![1, 1, 1], stco, ..Raw::video(2_400_000, 1) };
        file(&[video, Raw::timecode(1).lasting(2_400_000)], &[])
    };
    vec![
        ("2,400,000 chunks in a row", crowd(|index| index)),
        ("2,400,000 chunks with gaps", crowd(|index| 2 * index)),
        ("2,400,000 chunks in no order", crowd(|index| index.wrapping_mul(7919) % 4_000_000)),
        ("one picture of 5 MB that stands for 1,000,000", each(1_000_000, 5_000_000, |_| 0)),
        ("1,000,000 pictures of 4 MB that overlap", each(1_000_000, 4_000_000, |index| index)),
        ("1,000,000 pictures of 2 bytes with gaps", each(1_000_000, 2, |index| 3 * index)),
        ("4,000,000,000 samples of sound in 5 MB", file(&[Raw::video(100, 30), sound], &[])),
    ]
}

/// Every text that claims to be a plan, with what it does.
pub fn plans() -> Vec<(&'static str, String)> {
    let with = |field: &str, value: String| {
        format!("{{\"schema\":\"intercut.plan/2\",\"{field}\":{value}}}")
    };
    let list = |item: &str| {
        format!("[{}{item}]", format!("{item},").repeat(LEN_MAX / (item.len() + 1) - 1000))
    };
    let replacement = r#"{"base_sample":0,"sample_count":1,"clip":0,"clip_sample":0}"#;
    let overlap = r#"{"winner":0,"loser":0,"record_in":0,"record_out":1}"#;
    vec![
        ("empty warnings", with("warnings", list("\"\""))),
        ("a path of single bytes", with("base", format!("{{\"path\":{}}}", list("1")))),
        ("replacements", with("replacements", list(replacement))),
        ("overlaps", with("overlaps", list(overlap))),
        ("clips of nothing", with("clips", list("{}"))),
        ("lists in lists", "[".repeat(LEN_MAX)),
        ("a field that nobody knows", with("unknown", list("[]"))),
    ]
}
