//! Mozilla's `mp4parse` as a second opinion: it must find the samples where the oracle's reader finds them.
//!
//! - In: a movie in memory. Out: how many tracks were compared.
//! - It is given a private copy of `ftyp` and `moov` alone, because it reads its way through `mdat`, and with `wave`
//!   renamed `skip`, because a sound description with `wave` makes it give up the file.
//! - Not here: what it drops (it is no judge of what must be kept).

use std::io::Cursor;

use mp4parse::unstable::{CheckedInteger, create_sample_table};

use super::reader::Movie;

/// Compares sizes, offsets and counts of every track that `mp4parse` takes.
///
/// Returns how many tracks were compared; 0 where `mp4parse` does not take the movie at all.
///
/// # Errors
/// The first sample that is found elsewhere.
pub fn compare(movie: &Movie) -> Result<usize, String> {
    let Ok(context) = mp4parse::read_mp4(&mut Cursor::new(header_alone(movie))) else {
        return Ok(0);
    };
    let mut compared = 0;
    for (index, (theirs, ours)) in context.tracks.iter().zip(&movie.tracks).enumerate() {
        // It reads no `stz2`, and knows nothing of sound whose sizes are in its description.
        let says_one = &ours.handler == b"soun" && ours.constant_size == 1;
        if &ours.size_table != b"stsz" || says_one {
            continue;
        }
        let Some(table) = create_sample_table(theirs, CheckedInteger(0)) else {
            continue;
        };
        if table.len() != ours.samples.len() {
            let (found, read) = (table.len(), ours.samples.len());
            return Err(format!("mp4parse finds {found} samples in track {index}, not {read}"));
        }
        // It sorts by composition time, which here is the decode order.
        for (sample, (their, our)) in table.iter().zip(&ours.samples).enumerate() {
            let range = (their.start_offset.0, their.end_offset.0);
            if range != (our.offset, our.offset + our.size) {
                return Err(format!(
                    "mp4parse finds sample {sample} of track {index} at {range:?}"
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
    for at in 0..bytes.len().saturating_sub(4) {
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
