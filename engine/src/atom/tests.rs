//! Atoms, the top level of files, and rewriting, on bytes written by hand.

use std::convert::Infallible;

use super::file::{Header, HeaderError, TOP_ATOMS_MAX};
use super::*;

/// An atom with a 32-bit size.
pub(crate) fn atom(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let payload = parts.concat();
    let size = u32::try_from(payload.len() + 8).unwrap();
    [&size.to_be_bytes(), kind.as_slice(), &payload].concat()
}

/// An atom with a 64-bit size.
pub(crate) fn long_atom(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let payload = parts.concat();
    let size = payload.len() as u64 + 16;
    [&[0, 0, 0, 1], kind.as_slice(), &size.to_be_bytes(), &payload].concat()
}

/// Reads from memory. Asking for bytes that are not there is a bug of the reader.
pub(crate) fn from_memory(bytes: &[u8]) -> impl FnMut(&mut [u8], u64) -> Result<(), Infallible> {
    move |buffer, offset| {
        let start = usize::try_from(offset).unwrap();
        buffer.copy_from_slice(&bytes[start..start + buffer.len()]);
        Ok(())
    }
}

/// The header of a file that has nothing wrong with it.
fn header(bytes: &[u8]) -> Result<Header, HeaderError> {
    let (header, flaw) = described(bytes)?;
    flaw.map_or(Ok(header), Err)
}

/// The header of a file, and what is wrong with the rest of it.
fn described(bytes: &[u8]) -> Result<(Header, Option<HeaderError>), HeaderError> {
    Header::read(bytes.len() as u64, &mut from_memory(bytes)).map_err(|error| match error {
        ReadError::Format(error) => error,
    })
}

fn kinds(atoms: Atoms<'_>) -> Vec<String> {
    atoms.map(|atom| atom.map_or_else(|e| e.to_string(), |atom| atom.kind.to_string())).collect()
}

const MOOV: FourCc = FourCc(*b"moov");

#[test]
fn children_with_both_forms_of_size_are_walked_in_order() {
    let bytes =
        [atom(b"aaaa", &[b"12"]), long_atom(b"bbbb", &[b"345"]), atom(b"cccc", &[])].concat();
    let atoms: Vec<_> = Atoms::new(MOOV, &bytes, 100).map(Result::unwrap).collect();
    let seen: Vec<_> =
        atoms.iter().map(|a| (a.kind.0, a.offset, a.header_len, a.payload.len())).collect();
    assert_eq!(seen, [(*b"aaaa", 100, 8, 2), (*b"bbbb", 110, 16, 3), (*b"cccc", 129, 8, 0)]);
    assert_eq!(atoms[1].range(), ByteRange { offset: 110, len: 19 });
}

#[test]
fn atom_that_reaches_past_its_parent_is_named_with_its_byte_and_both_numbers() {
    let bytes =
        [atom(b"good", &[b"1"]), [0, 0, 0, 99].to_vec(), b"trak".to_vec(), vec![0; 10]].concat();
    assert_eq!(
        kinds(Atoms::new(MOOV, &bytes, 40)),
        ["good", "'trak' at byte 49 claims 99 bytes, but its parent 'moov' has 18 left"]
    );
}

#[test]
fn size_smaller_than_its_header_is_refused() {
    assert_eq!(
        kinds(Atoms::new(MOOV, &[0, 0, 0, 7, b't', b'r', b'a', b'k'], 8)),
        ["'trak' at byte 8 claims 7 bytes, less than its own header of 8"]
    );
}

#[test]
fn list_may_end_in_a_zero_terminator_or_in_a_few_stray_bytes() {
    let list = atom(b"name", &[b"x"]);
    assert_eq!(kinds(Atoms::new(MOOV, &[&list[..], &[0; 4]].concat(), 0)), ["name"]);
    assert_eq!(kinds(Atoms::new(MOOV, &[&list[..], &[0; 12]].concat(), 0)), ["name"]);
    assert_eq!(kinds(Atoms::new(MOOV, &[&list[..], &[1, 2, 3]].concat(), 0)), ["name"]);
}

#[test]
fn size_zero_inside_a_parent_is_refused_where_something_follows() {
    let bytes = [vec![0; 4], b"trak".to_vec()].concat();
    assert_eq!(
        kinds(Atoms::new(MOOV, &bytes, 8)),
        ["'trak' at byte 8 in 'moov' has size 0, which only the top level allows"]
    );
}

#[test]
fn metadata_of_quicktime_and_of_iso_is_told_apart() {
    let hdlr = atom(b"hdlr", &[&[0; 24]]);
    for meta in [atom(b"meta", &[&hdlr]), atom(b"meta", &[&[0; 4], &hdlr])] {
        let meta = Atom::whole(&meta, 0).unwrap();
        assert_eq!(kinds(meta.meta_children()), ["hdlr"]);
    }
}

#[test]
fn count_past_atom_is_refused_without_allocating() {
    let stts = atom(b"stts", &[&[0; 4], &[255; 4], &[0; 16]]);
    let error = Atom::whole(&stts, 40).unwrap().entries::<8>(4).unwrap_err();
    assert_eq!(error.to_string(), "'stts' at byte 40 claims 4294967295 entries but holds 2");
}

#[test]
fn header_is_found_first_last_and_between_media() {
    let (ftyp, wide) = (atom(b"ftyp", &[b"qt  "]), atom(b"wide", &[]));
    let (mdat, moov) = (long_atom(b"mdat", &[&[7; 50]]), atom(b"moov", &[&atom(b"free", &[])]));
    for file in [
        [&ftyp[..], &moov, &wide, &mdat].concat(),
        [&ftyp[..], &wide, &mdat, &mdat, &moov].concat(),
        [&mdat[..], &moov, &mdat].concat(),
        // The stale header in `free` does not count; the last atom runs to the end of the file.
        [&ftyp[..], &atom(b"free", &[&moov]), &moov, &[0, 0, 0, 0], b"mdat", &[1; 9]].concat(),
        [&ftyp[..], &mdat, &[0, 0, 0, 0], b"moov", &atom(b"free", &[])].concat(),
        // Bytes after the last atom, too few for another.
        [&moov[..], &mdat, &[0; 5]].concat(),
    ] {
        let header = header(&file).unwrap();
        assert_eq!(header.moov, moov);
        let tiles = header.atoms.windows(2).all(|pair| pair[0].range.end() == pair[1].range.offset);
        assert!(tiles);
    }
}

#[test]
fn file_without_header_is_told_from_one_that_is_no_movie() {
    let mdat = atom(b"mdat", &[&[0; 20]]);
    let message = |file: &[u8]| header(file).unwrap_err().to_string();
    assert_eq!(message(&mdat), "movie without 'moov', a crashed or unfinished render (28 bytes)");
    assert_eq!(
        message(&mdat[..20]),
        "movie without 'moov', a crashed or truncated render: 'mdat' at byte 0 claims 28 bytes, but the file ends \
         at byte 20"
    );
    let moov = atom(b"moov", &[]);
    assert_eq!(
        message(&[&moov[..], &mdat[..20]].concat()),
        "truncated file: 'mdat' at byte 8 claims 28 bytes, but the file ends at byte 28"
    );
    assert_eq!(
        message(b"This is a shot list, not a movie.\n"),
        "not a movie: the first atom would be ' is ', and there is no 'moov' in 34 bytes"
    );
    assert_eq!(message(b""), "it is empty");
    assert_eq!(message(b"moov"), "not a movie: it ends after 4 bytes");
    assert_eq!(
        message(&[0; 4096]),
        "not a movie: it begins with zeros, and there is no 'moov' in 4096 bytes"
    );
}

#[test]
fn two_headers_and_fragments_are_refused() {
    let moov = atom(b"moov", &[]);
    assert_eq!(
        header(&[&moov[..], &moov].concat()).unwrap_err(),
        HeaderError::TwoMoovs { first: 0, second: 8 }
    );
    let fragmented = header(&[&moov[..], &atom(b"moof", &[])].concat()).unwrap_err();
    assert_eq!(fragmented.to_string(), "fragmented movie ('moof' at byte 8)");
    assert!(fragmented.is_unsupported());
}

#[test]
fn header_of_a_movie_with_something_wrong_behind_it_is_read_all_the_same() {
    let (moov, mdat) = (atom(b"moov", &[&atom(b"mvhd", &[])]), atom(b"mdat", &[&[0; 20]]));
    let cut = [&moov[..], &mdat[..20]].concat();
    let (header, flaw) = described(&cut).unwrap();
    assert_eq!(header.moov, moov);
    assert!(matches!(flaw, Some(HeaderError::Truncated { .. })), "{flaw:?}");

    // The fragments of a movie may come first; its header is found behind them.
    let fragments = [&atom(b"styp", &[])[..], &atom(b"moof", &[]), &moov, &mdat].concat();
    let (header, flaw) = described(&fragments).unwrap();
    assert_eq!((header.moov_offset, header.atoms.len()), (16, 4));
    assert_eq!(flaw, Some(HeaderError::Fragmented { kind: FourCc(*b"styp"), offset: 0 }));
}

#[test]
fn files_of_other_formats_are_named() {
    let mut stream = vec![0; 400];
    for at in [0, 188, 376] {
        stream[at] = 0x47;
    }
    let files: [(&[u8], &str); 6] = [
        (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02\x04\x00", "an MXF file"),
        (b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska", "a Matroska or WebM file"),
        (b"RIFF\x10\x00\x00\x00AVI LIST", "an AVI file"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", "a WAV file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", "a PNG picture"),
        (&stream, "an MPEG transport stream"),
    ];
    for (file, name) in files {
        let error = header(file).unwrap_err();
        assert_eq!(error.to_string(), format!("it is {name}, not a QuickTime movie"));
        assert!(error.is_unsupported());
    }
    // The key of an MXF file reads as an atom of 101 MB, which a long file has room for.
    let mxf = files[0].0;
    let mut read = |buffer: &mut [u8], offset: u64| {
        let bytes = mxf.iter().skip(usize::try_from(offset).unwrap()).chain(std::iter::repeat(&0));
        buffer.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        Ok::<(), Infallible>(())
    };
    let error = Header::read(1 << 30, &mut read).unwrap_err();
    assert_eq!(error.to_string(), "it is an MXF file, not a QuickTime movie");
}

#[test]
fn file_of_countless_tiny_atoms_is_given_up_after_a_bounded_number_of_reads() {
    let file = atom(b"free", &[]).repeat(1_000_000);
    let mut reads = 0;
    let mut read = from_memory(&file);
    let mut counted = |buffer: &mut [u8], offset| {
        reads += 1;
        read(buffer, offset)
    };
    let result = Header::read(file.len() as u64, &mut counted);
    assert!(matches!(result, Err(ReadError::Format(HeaderError::TooManyAtoms { .. }))));
    assert_eq!(reads, TOP_ATOMS_MAX);
}

#[test]
fn header_larger_than_any_movie_has_is_refused_before_it_is_read() {
    let mut read = |buffer: &mut [u8], _| {
        assert!(buffer.len() <= 16);
        buffer.copy_from_slice(&long_atom(b"moov", &[])[..16]);
        buffer[8..16].copy_from_slice(&(2_u64 << 30).to_be_bytes());
        Ok::<(), Infallible>(())
    };
    let error = Header::read(2 << 30, &mut read).unwrap_err();
    assert_eq!(
        error.to_string(),
        "'moov' at byte 0 has 2147483648 bytes, more than the 268435456 that are read"
    );
}

/// A `moov` with a 64-bit `trak`, bytes after the last child of `stbl`, and where its two tables are.
fn nested() -> (Vec<u8>, ByteRange, ByteRange) {
    let (stsz, stco) = (atom(b"stsz", &[b"sizes"]), atom(b"stco", &[b"offsets"]));
    let stbl = atom(b"stbl", &[&atom(b"odd!", &[b"?"]), &stsz, &stco, &[9, 9]]);
    let mdia = atom(b"mdia", &[&atom(b"mdhd", &[]), &atom(b"minf", &[&stbl])]);
    let moov = atom(
        b"moov",
        &[&atom(b"mvhd", &[]), &long_atom(b"trak", &[&mdia]), &atom(b"udta", &[&[0; 4]])],
    );
    let place = |kind: &[u8]| {
        let at = moov.windows(4).position(|bytes| bytes == kind).unwrap() as u64 - 4;
        (at, u64::from(u32_at(&moov, usize::try_from(at).unwrap()).unwrap()))
    };
    let [stsz, stco] =
        [place(b"stsz"), place(b"stco")].map(|(offset, len)| ByteRange { offset, len });
    (moov, stsz, stco)
}

#[test]
fn rewriting_without_replacements_gives_the_same_bytes() {
    let (moov, stsz, stco) = nested();
    assert_eq!(rewrite(&moov, &[]), moov);
    let same = |range: ByteRange| {
        let start = usize::try_from(range.offset).unwrap();
        (range, moov[start..start + usize::try_from(range.len).unwrap()].to_vec())
    };
    assert_eq!(rewrite(&moov, &[same(stco), same(stsz)]), moov);
}

#[test]
fn replaced_atoms_change_the_sizes_of_their_parents_and_nothing_else() {
    let (moov, stsz, stco) = nested();
    let co64 = atom(b"co64", &[b"longer offsets"]);
    let new_stsz = atom(b"stsz", &[b"s"]);
    let out = rewrite(&moov, &[(stco, co64.clone()), (stsz, new_stsz.clone())]);
    let stbl = atom(b"stbl", &[&atom(b"odd!", &[b"?"]), &new_stsz, &co64, &[9, 9]]);
    let mdia = atom(b"mdia", &[&atom(b"mdhd", &[]), &atom(b"minf", &[&stbl])]);
    let parts = [atom(b"mvhd", &[]), long_atom(b"trak", &[&mdia]), atom(b"udta", &[&[0; 4]])];
    assert_eq!(out, atom(b"moov", &[&parts.concat()]));
}
