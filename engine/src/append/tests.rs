//! Every layout of a movie, changed in place and back in memory: each state of the file is read as a reader would.

use std::convert::Infallible;

use intercut_io::{IoError, Origin, Patch};

use super::journal::State;
use super::*;
use crate::layout::fake::{self, FakeTrack, atom, replace};
use crate::movie::Movie;
use crate::plan::SplicePlan;

/// What a file is made of, in order.
#[derive(Debug, Clone, Copy)]
enum Part {
    Ftyp,
    Wide,
    Free(usize),
    Uuid,
    Moov,
    /// With a size of 0.
    MoovToEnd,
    /// Half of the media, or all of it in a movie with one.
    Mdat,
    Mdat64,
    MdatToEnd,
    Zeros(usize),
    Bytes(&'static [u8]),
}

use Part::{Free, Ftyp, Mdat, Mdat64, MdatToEnd, Moov, MoovToEnd, Uuid, Wide, Zeros};

/// The layouts that writers leave, by the name of the last row that they differ in.
const LAYOUTS: [(&str, &[Part]); 14] = [
    ("wide", &[Ftyp, Wide, Mdat, Moov]),
    ("64-bit mdat", &[Ftyp, Mdat64, Moov]),
    ("no wide", &[Ftyp, Mdat, Moov]),
    ("moov first", &[Ftyp, Moov, Mdat]),
    ("moov first with room", &[Ftyp, Moov, Free(40), Mdat]),
    ("moov first, mdat to the end", &[Ftyp, Moov, MdatToEnd]),
    ("atoms behind", &[Ftyp, Wide, Mdat, Moov, Uuid, Free(9)]),
    ("moov to the end", &[Ftyp, Wide, Mdat, MoovToEnd]),
    ("zeros behind", &[Ftyp, Wide, Mdat, Moov, Zeros(100)]),
    ("few zeros behind", &[Ftyp, Wide, Mdat, Moov, Zeros(3)]),
    ("no ftyp", &[Wide, Mdat, Moov]),
    ("reserved room", &[Ftyp, Free(20), Moov, Free(30), Mdat]),
    ("two mdat", &[Ftyp, Mdat, Mdat, Moov]),
    ("strangers everywhere", &[Ftyp, Uuid, Free(0), Uuid, Moov, Uuid, Mdat, Uuid]),
];

/// The samples of the base, six of ten bytes, and the sound's.
const SAMPLES: &[u8; 60] = b"picture 00picture 01picture 02picture 03picture 04picture 05";
const SOUND: &[u8; 8] = b"la la la";
const CLIP: &[u8] = b"new 0new picture 1new 02";

/// The movie of a layout, whose `moov` says 1000 for an unknown time of change.
fn file(parts: &[Part]) -> Vec<u8> {
    let draft = moov(&[0, 0], 0);
    let mut offsets = Vec::new();
    let bytes = assemble(parts, &draft, &mut offsets);
    let (first, second) = match offsets[..] {
        [one] => (one, one + 48),
        [one, two] => (one, two),
        _ => panic!("one mdat or two"),
    };
    let moov = moov(&[first, second], first + 40);
    let done = assemble(parts, &moov, &mut Vec::new());
    assert_eq!(bytes.len(), done.len());
    done
}

fn moov(video: &[u64; 2], sound: u64) -> Vec<u8> {
    let picture = vec![(video[0], vec![10; 4]), (video[1], vec![10; 2])];
    let sound = vec![(sound, vec![8])];
    fake::moov(&[FakeTrack::new(b"vide", picture), FakeTrack::new(b"soun", sound)])
}

fn assemble(parts: &[Part], moov: &[u8], offsets: &mut Vec<u64>) -> Vec<u8> {
    let halves = [[&SAMPLES[..40], SOUND].concat(), SAMPLES[40..].to_vec()];
    let is_mdat = |part: &&Part| matches!(part, Mdat | Mdat64 | MdatToEnd);
    let mut media = match parts.iter().filter(is_mdat).count() {
        1 => vec![halves.concat()],
        _ => halves.into_iter().rev().collect(),
    };
    let mut bytes = Vec::new();
    for part in parts {
        match part {
            Ftyp => bytes.extend(atom(b"ftyp", &[b"qt  \0\0\0\0qt  "])),
            Wide => bytes.extend(atom(b"wide", &[])),
            Free(len) => bytes.extend(atom(b"free", &[&vec![0xf7; *len]])),
            Uuid => bytes.extend(atom(b"uuid", &[&bytes.len().to_be_bytes()])),
            Moov => bytes.extend(moov),
            MoovToEnd => bytes.extend([&[0; 4], &moov[4..]].concat()),
            Zeros(len) => bytes.extend(vec![0; *len]),
            Part::Bytes(other) => bytes.extend(*other),
            Mdat | Mdat64 | MdatToEnd => {
                let media = media.pop().unwrap();
                let size = u32::try_from(8 + media.len()).unwrap();
                let head = match part {
                    Mdat => [&size.to_be_bytes()[..], b"mdat"].concat(),
                    Mdat64 => {
                        let size = u64::from(size) + 8;
                        [&1u32.to_be_bytes()[..], b"mdat", &size.to_be_bytes()].concat()
                    }
                    _ => b"\0\0\0\0mdat".to_vec(),
                };
                bytes.extend(head);
                offsets.push(bytes.len() as u64);
                bytes.extend(media);
            }
        }
    }
    bytes
}

fn read_at(bytes: &[u8]) -> impl Fn(&mut [u8], u64) -> Result<(), IoError> + Sync {
    move |buffer, offset| {
        let start = usize::try_from(offset).unwrap();
        buffer.copy_from_slice(&bytes[start..start + buffer.len()]);
        Ok(())
    }
}

fn parse(bytes: &[u8]) -> Movie {
    let mut read = |buffer: &mut [u8], offset: u64| -> Result<(), Infallible> {
        let start = usize::try_from(offset).unwrap();
        buffer.copy_from_slice(&bytes[start..start + buffer.len()]);
        Ok(())
    };
    Movie::read(bytes.len() as u64, &mut read).unwrap()
}

/// What a reader gets: every sample of every track.
fn samples(bytes: &[u8]) -> Vec<Vec<u8>> {
    let movie = parse(bytes);
    let track = |track| {
        let ranges = movie.table(track).samples_from(crate::units::SampleIndex(0));
        let bytes = ranges.flat_map(|sample| {
            let range = sample.range;
            bytes[usize::try_from(range.offset).unwrap()..usize::try_from(range.end()).unwrap()]
                .to_vec()
        });
        bytes.collect()
    };
    movie.tracks().iter().map(track).collect()
}

fn top(bytes: &[u8]) -> String {
    let kinds =
        parse(bytes).header().atoms.iter().map(|atom| atom.kind.to_string()).collect::<Vec<_>>();
    kinds.join(" ")
}

fn clip() -> Movie {
    let chunks = vec![(0, vec![5, 13, 6])];
    fake::movie(CLIP.len() as u64, &fake::moov(&[FakeTrack::new(b"vide", chunks)]))
}

/// Replaces base samples 1 and 2 by the clip's first two.
fn plan() -> SplicePlan {
    fake::plan(6, &[3], vec![replace(1, 2, 0, 0)])
}

const MODIFIED_NS: i128 = 1_700_000_000_000_000_007;

fn insert(base: &[u8]) -> Result<Insertion, AppendError> {
    let movie = parse(base);
    let read = read_at(base);
    let ground = Ground { movie: &movie, read: &read, modified_ns: MODIFIED_NS };
    let made =
        Made { time: "2026-11-29T10:00:00Z".into(), user: "ann".into(), host: "suite".into() };
    Insertion::new(ground, &[&clip()], &plan(), Some(&made))
}

fn patched(bytes: &[u8], patch: &Patch) -> Vec<u8> {
    let (start, mut bytes) = (usize::try_from(patch.offset()).unwrap(), bytes.to_vec());
    assert_eq!(&bytes[start..start + patch.before().len()], patch.before());
    patch.show(&mut bytes, 0);
    bytes
}

/// The states that the file goes through: as it is, with its size filled in, with the region, with its seal, switched.
fn states(base: &[u8], insertion: &Insertion) -> Vec<Vec<u8>> {
    let mut states = vec![base.to_vec()];
    if let Some(sized) = &insertion.sized {
        states.push(patched(base, sized));
    }
    let mut bytes = states.last().unwrap().clone();
    let schedule = insertion.layout.schedule();
    for piece in schedule.pieces() {
        assert_eq!(piece.target, bytes.len() as u64);
        let len = usize::try_from(piece.len).unwrap();
        let part = |bytes: &[u8], offset: u64| {
            let start = usize::try_from(offset).unwrap();
            bytes[start..start + len].to_vec()
        };
        let part = match piece.origin {
            Origin::Inline { offset } => part(schedule.inline(), offset),
            Origin::Source { source, offset } if source.0 == 0 => part(&bytes, offset),
            Origin::Source { offset, .. } => part(CLIP, offset),
            Origin::Made { .. } => unreachable!("an insert makes no bytes"),
            Origin::Zero => vec![0; len],
        };
        bytes.extend(part);
    }
    states.push(bytes);
    for patch in schedule.patches() {
        states.push(patched(states.last().unwrap(), patch));
    }
    states
}

fn old_and_new() -> [Vec<Vec<u8>>; 2] {
    let new = [&SAMPLES[..10], &CLIP[..18], &SAMPLES[30..]].concat();
    [vec![SAMPLES.to_vec(), SOUND.to_vec()], vec![new, SOUND.to_vec()]]
}

#[test]
fn every_layout_is_the_old_movie_until_the_switch_and_then_the_new_one() {
    let [old, new] = old_and_new();
    for (name, parts) in LAYOUTS {
        let base = file(parts);
        assert_eq!(samples(&base), old, "{name}");
        let insertion = insert(&base).unwrap_or_else(|error| panic!("{name}: {error}"));
        let states = states(&base, &insertion);
        let (last, before) = states.split_last().unwrap();
        for state in before {
            assert_eq!(samples(state), old, "{name}");
        }
        assert_eq!(samples(last), new, "{name}");
    }
}

#[test]
fn region_of_which_any_sectors_were_lost_leaves_the_old_movie() {
    let [old, _] = old_and_new();
    // The file ends at every place near the end of a sector.
    let anywhere = (0..512).map(|len| vec![Ftyp, Free(len), Wide, Mdat, Moov]);
    let anywhere = anywhere.filter(|parts| (file(parts).len() + 9) % 512 < 11);
    for parts in LAYOUTS.iter().map(|(_, parts)| parts.to_vec()).chain(anywhere) {
        let base = file(&parts);
        let insertion = insert(&base).unwrap();
        let states = states(&base, &insertion);
        let patches = insertion.layout.schedule().patches().len();
        let whole = &states[states.len() - 1 - patches];
        let inside = (base.len() + 1..whole.len()).filter(|end| end % 512 == 0);
        let bounds: Vec<usize> =
            std::iter::once(base.len()).chain(inside).chain([whole.len()]).collect();
        for lost in 0..1 << (bounds.len() - 1) {
            let mut left = whole.clone();
            for (sector, bounds) in bounds.windows(2).enumerate() {
                if lost >> sector & 1 == 1 {
                    left[bounds[0]..bounds[1]].fill(0);
                }
            }
            assert_eq!(samples(&left), old, "{parts:?}, lost {lost:b}");
        }
    }
}

#[test]
fn switch_is_in_the_header_that_the_layout_has_room_in() {
    // The offset of the write, its length, and the atoms that a reader then sees.
    let expected = [
        (28, 4, "ftyp wide mdat moov"),
        (28, 8, "ftyp mdat moov"),
        (20, 4, "ftyp mdat moov"),
        (20, 8, "ftyp mdat moov"),
        (20, 8, "ftyp mdat moov"),
        (20, 8, "ftyp mdat moov"),
        (28, 4, "ftyp wide mdat moov uuid"),
        (28, 4, "ftyp wide mdat moov"),
        (28, 4, "ftyp wide mdat moov"),
        (28, 4, "ftyp wide mdat moov"),
        (8, 4, "wide mdat moov"),
        (20, 8, "ftyp mdat moov"),
        (76, 4, "ftyp mdat mdat moov"),
        (36, 8, "ftyp uuid mdat moov uuid uuid uuid"),
    ];
    for ((name, parts), (offset, len, atoms)) in LAYOUTS.into_iter().zip(expected) {
        let base = file(parts);
        let insertion = insert(&base).unwrap();
        let switch = &insertion.switch;
        assert_eq!((switch.offset(), switch.after().len()), (offset, len), "{name}");
        assert!(switch.is_within_line(), "{name}");
        assert_eq!(top(states(&base, &insertion).last().unwrap()), atoms, "{name}");
    }
}

#[test]
fn journal_gives_back_the_file_byte_for_byte_after_any_number_of_inserts() {
    for (name, parts) in LAYOUTS {
        let mut files = vec![file(parts)];
        for _ in 0..3 {
            let base = files.last().unwrap();
            let insertion = insert(base).unwrap_or_else(|error| panic!("{name}: {error}"));
            files.push(states(base, &insertion).pop().unwrap());
        }
        while let Some(mut changed) = files.pop().filter(|_| !files.is_empty()) {
            let header = parse(&changed).header().clone();
            let found = Journal::before(header.moov_offset, &read_at(&changed)).unwrap().unwrap();
            assert_eq!(found.state, State::Undoable);
            let Journal { before, switch, sized_at, len_after, moov_after, .. } = found.journal;
            assert_eq!((len_after, before.mtime_ns), (changed.len() as u64, MODIFIED_NS));
            assert_eq!(moov_after, HeaderPlace::of(header.moov_offset, &header.moov));
            switch.patch().unwrap().reversed().show(&mut changed, 0);
            changed.truncate(usize::try_from(before.len).unwrap());
            if let Some(at) = sized_at {
                changed[usize::try_from(at).unwrap()..][..4].fill(0);
            }
            assert!(changed == *files.last().unwrap(), "{name}, {} left", files.len());
        }
    }
}

#[test]
fn region_that_is_left_behind_is_known_by_its_head() {
    for (name, parts) in LAYOUTS {
        let base = file(parts);
        let insertion = insert(&base).unwrap();
        let states = states(&base, &insertion);
        let find = |bytes: &[u8]| {
            let movie = parse(bytes);
            Leftover::find(movie.header(), Some(&movie), &read_at(bytes)).unwrap()
        };
        assert_eq!(find(&base), None, "{name}");
        assert_eq!(find(states.last().unwrap()), None, "{name}");
        let patches = insertion.layout.schedule().patches().len();
        for left in &states[states.len() - 1 - patches..states.len() - 1] {
            let found = find(left).unwrap_or_else(|| panic!("{name}: it has a head"));
            assert_eq!(found.start, base.len() as u64, "{name}");
            assert_eq!(found.len, (left.len() - base.len()) as u64, "{name}");
            assert_eq!(found.modified_ns, MODIFIED_NS, "{name}");
            assert_eq!(found.sized_at.is_some(), insertion.sized.is_some(), "{name}");
        }
    }
}

#[test]
fn movie_without_room_for_the_switch_is_refused() {
    // Bytes that are no atom, and no zeros.
    let base = file(&[Ftyp, Mdat, Moov, Part::Bytes(b"abc")]);
    let error = insert(&base).unwrap_err();
    assert!(matches!(error, AppendError::TrailingBytes { len: 3, .. }), "{error}");
    // Both headers lie across the end of a sector.
    let moov_len = moov(&[0, 0], 0).len();
    let to_sector = |from: usize, before: usize| 512 - (from + before) % 512 - 8;
    let first = to_sector(20, 2);
    let media = 20 + 8 + first + 8 + 68;
    let second = to_sector(media, 3);
    let base = file(&[Ftyp, Free(first), Mdat, Free(second), Moov]);
    let header = parse(&base).header().clone();
    assert!(header.moov_offset % 512 > 504 && header.moov.len() == moov_len);
    // The free atom before it is there, and does for both.
    assert!(insert(&base).is_ok());
}

#[test]
fn movie_above_4_gib_gets_a_header_of_64_bits_where_there_is_room_for_one() {
    const LEN: u64 = 5 << 30;
    // `ftyp wide mdat(32 bits) … moov`, and the same without `wide`: only headers are bytes, media is zeros.
    for (wide, offset, len) in [(true, 20, 16), (false, 4_294_967_288, 8)] {
        let start: u64 = if wide { 28 } else { 20 };
        let moov_at: u64 = (1 << 32) - 8;
        let chunks = vec![(1000, vec![10; 4]), (2000, vec![10; 2])];
        let moov = fake::moov(&[FakeTrack::new(b"vide", chunks)]);
        let free_at = moov_at + moov.len() as u64;
        let free = [&1u32.to_be_bytes()[..], b"free", &(LEN - free_at).to_be_bytes()].concat();
        let size = u32::try_from(moov_at - start).unwrap();
        let mut head = atom(b"ftyp", &[b"qt  \0\0\0\0qt  "]);
        head.extend(if wide { atom(b"wide", &[]) } else { Vec::new() });
        head.extend([&size.to_be_bytes()[..], b"mdat"].concat());
        let parts = [(0, &head), (moov_at, &moov), (free_at, &free)];
        let read = |buffer: &mut [u8], offset: u64| {
            buffer.fill(0);
            for (at, byte) in parts.iter().flat_map(|(start, bytes)| (*start..).zip(*bytes)) {
                let index = at.checked_sub(offset).and_then(|at| usize::try_from(at).ok());
                if let Some(slot) = index.and_then(|index| buffer.get_mut(index)) {
                    *slot = *byte;
                }
            }
            Ok(())
        };
        let movie =
            Movie::read(LEN, &mut |buffer: &mut [u8], offset| read(buffer, offset)).unwrap();
        let ground = Ground { movie: &movie, read: &read, modified_ns: 0 };
        let made = Made { time: String::new(), user: String::new(), host: String::new() };
        let insertion = Insertion::new(ground, &[&clip()], &plan(), Some(&made)).unwrap();
        let switch = insertion.switch;
        assert_eq!((switch.offset(), switch.after().len()), (offset, len));
        let end = insertion.layout.schedule().len() - insertion.layout.moov().len() as u64;
        let size = (end - offset).to_be_bytes();
        let (at, size) = if wide { (8, &size[..]) } else { (0, &size[4..]) };
        assert_eq!(&switch.after()[at..at + size.len()], size);
    }
}

#[test]
fn journal_that_is_damaged_or_contradicts_itself_is_not_used() {
    let base = file(&[Ftyp, Wide, Mdat, Moov]);
    let changed = states(&base, &insert(&base).unwrap()).pop().unwrap();
    let moov_offset = parse(&changed).header().moov_offset;
    let found = Journal::before(moov_offset, &read_at(&changed)).unwrap().unwrap();
    let (start, end) =
        (usize::try_from(found.offset).unwrap(), usize::try_from(moov_offset).unwrap());
    for at in start..end {
        let mut damaged = changed.clone();
        damaged[at] ^= 1;
        // The state alone is outside the check.
        let is_state = (end - 12..end - 8).contains(&at);
        let read = Journal::before(moov_offset, &read_at(&damaged)).unwrap();
        assert_eq!(read.is_some(), is_state, "{at}");
    }
    // Whole, and made to write where the movie had nothing.
    for spoil in [
        (|journal| journal.before.len = u64::MAX) as fn(&mut Journal),
        |journal| journal.switch.offset += 1 << 20,
        |journal| journal.block.offset = 4096,
        |journal| journal.moov_before.len = u64::MAX,
        |journal| journal.sized_at = Some(u64::MAX - 2),
        |journal| journal.len_after = 0,
    ] {
        let mut journal = found.journal.clone();
        spoil(&mut journal);
        let bytes = journal.to_bytes(found.offset, moov_offset).unwrap();
        let mut forged = changed.clone();
        forged[start..end].copy_from_slice(&bytes);
        let error = Journal::before(moov_offset, &read_at(&forged));
        assert!(matches!(error, Err(JournalError::Form(_))), "{journal:?}");
    }
}
