//! Movies of gigabytes that take no room: sparse files with a mark at both ends of every sample.
//!
//! - In: a layout, how many samples of what size. Out: a file.
//! - Holds: in `mdat` the timecode is first, then the pictures; the timecode track is the first, the pictures the second; a
//!   chunk a sample; offsets of 32 bits, unless a sample begins past 4 GiB.
//! - Not here: what is between the marks (zeros that the filesystem never stored).

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::atoms::Kind;
use super::{ChunkOrder, Layout, MovieSpec, OffsetTable, lies};

/// Writes a movie of `count` samples of `size` bytes at 25 fps whose timecode starts at frame `start`: `moov` first, then
/// `mdat` to the end of the file.
///
/// - `codec`: as a clip, only one of bare pixels (`raw `) may have holes.
///
/// # Panics
/// As [`write_in`].
pub fn write(path: &Path, codec: Kind, start: i32, count: usize, size: u32) {
    write_in(Layout::MdatToEnd, path, codec, start, count, size);
}

/// The same in a layout that has one `mdat` and nothing behind that and `moov`.
///
/// # Panics
/// Where the file cannot be written, or `mdat` needs a size of 64 bits and has no room for it.
pub fn write_in(layout: Layout, path: &Path, codec: Kind, start: i32, count: usize, size: u32) {
    let mut spec = MovieSpec::with_timecode(1, start, vec![9; count]).in_layout(layout);
    spec.order = ChunkOrder::TrackAfterTrack;
    spec.tracks.reverse(); // the timecode's bytes come first
    spec.tracks[1].video_mut().codec = codec;
    spec.tracks[1].references = vec![(*b"tmcd", 0)];
    let len = count as u64 * u64::from(size);
    // Where the last sample begins, but for the header.
    let is_long = len - u64::from(size) > u64::from(u32::MAX) - (1 << 20);
    if is_long {
        spec.tracks[1].offset_table = OffsetTable::Co64;
    }
    let mut built = spec.build();
    let media = built.chunk_offsets[1][0];
    let starts: Vec<u64> =
        (0..count as u64).map(|sample| media + sample * u64::from(size)).collect();
    for (sample, &offset) in starts.iter().enumerate() {
        set(&mut built.bytes, b"stsz", 12 + 4 * sample, &size.to_be_bytes());
        if is_long {
            set(&mut built.bytes, b"co64", 8 + 8 * sample, &offset.to_be_bytes());
        } else {
            let offset = u32::try_from(offset).expect("a sample begins before 4 GiB");
            set(&mut built.bytes, b"stco", 8 + 4 * sample, &offset.to_be_bytes());
        }
    }
    let (header, behind) = split(&mut built.bytes, media, len, 9 * count);
    let file = File::create(path).expect("the file can be made");
    file.write_all_at(header, 0).expect("the header can be written");
    file.write_all_at(behind, media + len).expect("what is behind the media can be written");
    for (sample, offset) in starts.into_iter().enumerate() {
        let mark = format!("sample {sample:08} of {}", path.display()).into_bytes();
        let end = offset + u64::from(size);
        file.write_all_at(&mark, offset).expect("a mark can be written");
        file.write_all_at(&mark, end - mark.len() as u64).expect("a mark can be written");
    }
}

/// What is before the pictures and what is behind them, once `mdat` says that there are `len` bytes of them instead of
/// `built_len`.
fn split(bytes: &mut [u8], media: u64, len: u64, built_len: usize) -> (&[u8], &[u8]) {
    let media = usize::try_from(media).expect("a header is short");
    let payload = lies::payloads(bytes, &[b"mdat"]).remove(0);
    let is_to_end = payload.end == bytes.len() && bytes[payload.start - 8..][..4] == [0; 4];
    if !is_to_end {
        let header_len = if bytes[payload.start - 12..][..4] == *b"mdat" { 16 } else { 8 };
        let whole = header_len + (media - payload.start) as u64 + len;
        if header_len == 16 {
            bytes[payload.start - 8..payload.start].copy_from_slice(&whole.to_be_bytes());
        } else {
            let whole = u32::try_from(whole).expect("mdat has a size of 32 bits");
            bytes[payload.start - 8..][..4].copy_from_slice(&whole.to_be_bytes());
        }
    }
    (&bytes[..media], &bytes[media + built_len..])
}

/// Overwrites bytes of a table of the second track.
fn set(bytes: &mut [u8], table: &Kind, at: usize, value: &[u8]) {
    let path: [&Kind; 6] = [b"moov", b"trak", b"mdia", b"minf", b"stbl", table];
    // The first track has no offsets of 64 bits.
    let nth = usize::from(table != b"co64");
    lies::overwrite(bytes, &path, nth, at, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moov_behind_gigabytes_is_where_the_size_of_mdat_says() {
        let path = std::env::temp_dir().join(format!("sparse-{}.mov", std::process::id()));
        for (layout, count, place) in [
            (Layout::WideMdatMoov, 4, 36 + 4 + 4_000_000_000),
            (Layout::LongMdat, 7, 36 + 4 + 7_000_000_000),
        ] {
            write_in(layout, &path, *b"ap4h", 0, count, 1_000_000_000);
            let mut kind = [0; 4];
            let file = File::open(&path).expect("it was written");
            file.read_exact_at(&mut kind, place + 4).expect("it is long enough");
            assert_eq!(&kind, b"moov", "{layout:?}");
        }
        std::fs::remove_file(&path).expect("it can be removed");
    }
}
