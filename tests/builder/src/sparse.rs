//! Movies of gigabytes that take no room: sparse files with a mark at both ends of every sample.
//!
//! - In: how many samples of what size. Out: a file.
//! - Holds: `moov` is first, then one `mdat` to the end of the file; the timecode track is the first, the pictures
//!   the second; a chunk a sample, 32-bit offsets.
//! - Not here: what is between the marks (zeros that the filesystem never stored).

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::atoms::{Kind, SizeForm};
use super::{ChunkOrder, MovieSpec, Part, lies};

/// Writes a movie of `count` samples of `size` bytes at 25 fps whose timecode starts at frame `start`.
///
/// - `codec`: as a clip, only one of bare pixels (`raw `) may have holes.
///
/// # Panics
/// Where the file cannot be written, or a sample would begin past 4 GiB.
pub fn write(path: &Path, codec: Kind, start: i32, count: usize, size: u32) {
    let parts = vec![Part::Ftyp, Part::Moov, Part::Mdat(SizeForm::ToEnd)];
    let mut spec = MovieSpec::with_timecode(1, start, vec![9; count]).laid_out(parts);
    spec.order = ChunkOrder::TrackAfterTrack;
    spec.tracks.reverse(); // the timecode's bytes come first
    spec.tracks[1].video_mut().codec = codec;
    spec.tracks[1].references = vec![(*b"tmcd", 0)];
    let mut built = spec.build();
    let media = built.chunk_offsets[1][0];
    let starts: Vec<u64> =
        (0..count as u64).map(|sample| media + sample * u64::from(size)).collect();
    for (sample, &offset) in starts.iter().enumerate() {
        let offset = u32::try_from(offset).expect("a sample begins before 4 GiB");
        set(&mut built.bytes, b"stsz", 12 + 4 * sample, size);
        set(&mut built.bytes, b"stco", 8 + 4 * sample, offset);
    }
    let header = usize::try_from(media).expect("a header is short");
    let file = File::create(path).expect("the file can be made");
    file.write_all_at(&built.bytes[..header], 0).expect("the header can be written");
    for (sample, offset) in starts.into_iter().enumerate() {
        let mark = format!("sample {sample:08} of {}", path.display()).into_bytes();
        let end = offset + u64::from(size);
        file.write_all_at(&mark, offset).expect("a mark can be written");
        file.write_all_at(&mark, end - mark.len() as u64).expect("a mark can be written");
    }
}

/// Overwrites 32 bits of a table of the second track.
fn set(bytes: &mut [u8], table: &Kind, at: usize, value: u32) {
    let path: [&Kind; 6] = [b"moov", b"trak", b"mdia", b"minf", b"stbl", table];
    lies::overwrite(bytes, &path, 1, at, &value.to_be_bytes());
}
