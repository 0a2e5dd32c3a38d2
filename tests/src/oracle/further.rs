//! Mozilla's `mp4parse` as a second opinion: it must find the samples where the oracle's reader finds them.
//!
//! - In: a movie in memory. Out: how many tracks were compared.
//! - It is given a private copy of `ftyp` and `moov` alone, because it reads its way through `mdat`, and with `wave`
//!   renamed `skip`, because a sound description with `wave` makes it give up the file.
//! - Not here: what it drops (it is not a judge of what must be kept).

use std::io::Cursor;

use mp4parse::unstable::{CheckedInteger, Indice, create_sample_table};

use super::reader::Movie;

/// Where `mp4parse` finds each sample of each track, in decode order: first byte, and the one after the last.
///
/// - `header`: `ftyp` and `moov`, one after the other.
/// - `None` for a header, and an empty list for a track, that it does not take.
pub fn sample_ranges(header: &[u8]) -> Option<Vec<Vec<(u64, u64)>>> {
    let context = mp4parse::read_mp4(&mut Cursor::new(without_wave(header))).ok()?;
    // It sorts by composition time, which here is the decode order.
    let range = |sample: &Indice| (sample.start_offset.0, sample.end_offset.0);
    let tables = context.tracks.iter().map(|track| create_sample_table(track, CheckedInteger(0)));
    Some(
        tables
            .map(|table| table.iter().flat_map(|table| table.iter()).map(range).collect())
            .collect(),
    )
}

/// Compares sizes, offsets and counts of every track that `mp4parse` takes.
///
/// Returns how many tracks were compared; 0 where `mp4parse` does not take the movie at all.
///
/// # Errors
/// The first sample that is found elsewhere.
pub fn compare(movie: &Movie) -> Result<usize, String> {
    let Some(tracks) = sample_ranges(&header_alone(movie)) else { return Ok(0) };
    let mut compared = 0;
    for (index, (theirs, ours)) in tracks.iter().zip(&movie.tracks).enumerate() {
        // It reads no `stz2`, and knows nothing of sound whose sizes are in its description.
        let says_one = &ours.handler == b"soun" && ours.constant_size == 1;
        if &ours.size_table != b"stsz" || says_one || theirs.is_empty() {
            continue;
        }
        if theirs.len() != ours.samples.len() {
            let (found, read) = (theirs.len(), ours.samples.len());
            return Err(format!("mp4parse finds {found} samples in track {index}, not {read}"));
        }
        for (sample, (their, our)) in theirs.iter().zip(&ours.samples).enumerate() {
            if *their != (our.offset, our.offset + our.size) {
                return Err(format!(
                    "mp4parse finds sample {sample} of track {index} at {their:?}"
                ));
            }
        }
        compared += 1;
    }
    Ok(compared)
}

fn header_alone(movie: &Movie) -> Vec<u8> {
    let ftyp = movie.top.iter().find(|atom| &atom.kind == b"ftyp");
    let mut bytes = ftyp.map_or(Vec::new(), |atom| movie.bytes[atom.range.clone()].to_vec());
    bytes.extend(&movie.bytes[movie.moov().range.clone()]);
    bytes
}

fn without_wave(header: &[u8]) -> Vec<u8> {
    let mut bytes = header.to_vec();
    for at in 0..bytes.len().saturating_sub(3) {
        if &bytes[at..at + 4] == b"wave" {
            bytes[at..at + 4].copy_from_slice(b"skip");
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::{MovieSpec, TrackSpec};

    #[test]
    fn mp4parse_finds_every_sample_where_the_reader_does() {
        let mut spec = MovieSpec::with_timecode(5, 90_000, vec![300, 40, 77, 1000, 8]);
        spec.tracks[0] = spec.tracks[0].clone().chunked(2);
        spec.tracks.push(TrackSpec::sound(9600, 1920));
        let movie = Movie::parse(spec.build().bytes).expect("it is well-formed");
        assert_eq!(compare(&movie), Ok(3));
    }
}
