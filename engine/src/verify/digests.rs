//! Digests of a movie: one of each track's samples, one of the file.
//!
//! - In: a movie and how its bytes are read.
//! - Out: [`Digests`], which anybody can recompute:
//!   - the digest of a track is XXH3-128 (seed 0, no secret) over the bytes of all its samples, in sample order, one after
//!     the other, without lengths or gaps between them;
//!   - the digest of the file is the same over all its bytes;
//!   - both are written as 32 hexadecimal digits, the high ones first, as `xxh128sum` and
//!     `xxhash.xxh3_128_hexdigest` print them.
//! - Holds: the file is read once, in order. A track whose chunks are in another order than its samples (or twice in
//!   the same place) is read once more, by itself.
//! - Not here: with what they are compared (`hashed`, `prove`).
//!
//! References: XXH3, <https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md>.

use intercut_io::{IoError, read_in_order};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_128;

use super::{READS_PER_BYTE_MAX, Readable, VerifyError, check_pieces, kind_name};
use crate::digest::Digest;
use crate::movie::Movie;
use crate::table::SampleTable;
use crate::units::ByteRange;

/// What digests are computed with. Reading any other is refused by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Algorithm {
    /// XXH3, 128 bits: finds every accident; it is not a proof against somebody who forges a file on purpose.
    #[serde(rename = "xxh3-128")]
    Xxh3_128,
}

/// The digests of a movie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Digests {
    /// What they are computed with.
    pub algorithm: Algorithm,
    /// One of each track, in the movie's order.
    pub tracks: Vec<TrackDigest>,
    /// Of all bytes of the file.
    #[schemars(with = "String")]
    pub file: Digest,
}

/// The digest of a track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct TrackDigest {
    /// The id in its `tkhd`.
    pub id: u32,
    /// What it holds: `video`, `sound`, `timecode`, `text`, or its media handler's subtype.
    pub kind: String,
    /// How many samples it has.
    pub samples: u32,
    /// Bytes of all its samples.
    pub bytes: u64,
    /// Of the bytes of all its samples, in sample order.
    #[schemars(with = "String")]
    pub digest: Digest,
}

/// Refuses a movie whose samples would take for ever to hash: they refer to the same bytes again and again, or lie about
/// in pieces of a few bytes, in another order than they have in the file.
///
/// # Errors
/// [`VerifyError::SharedTooOften`], [`VerifyError::Scattered`].
pub(crate) fn check_media(movie: &Movie) -> Result<(), VerifyError> {
    let file_len = movie.header().file_len;
    let tables = movie.tracks().iter().map(|track| movie.table(track));
    let bytes = tables.clone().map(|table| table.byte_count()).fold(0, u64::saturating_add);
    let limit = file_len.saturating_mul(READS_PER_BYTE_MAX);
    if bytes > limit {
        return Err(VerifyError::SharedTooOften { bytes, limit });
    }
    let apart = tables.filter(|table| !is_in_file_order(ranges(*table)));
    check_pieces(apart.map(|table| u64::from(table.chunk_count())).sum(), file_len)
}

fn is_in_file_order(ranges: impl Iterator<Item = ByteRange>) -> bool {
    ranges.is_sorted_by(|one, next| one.end() <= next.offset)
}

/// Reads `file` and computes its digests, if [`check_media`] lets it pass.
///
/// - `memory`: bytes for what is read, as [`read_in_order`] takes them.
/// - `tick`: is told how many bytes of the file were read, a block at a time; what it answers ends the reading.
///
/// # Errors
/// Where a read fails, or `tick` says so; what [`check_media`] says, before anything is read.
pub(crate) fn digests(
    file: Readable<'_>,
    memory: u64,
    tick: &dyn Fn(u64) -> Result<(), IoError>,
) -> Result<Digests, VerifyError> {
    let movie = file.movie;
    check_media(movie)?;
    let mut whole = XxHash3_128::new();
    let mut tracks: Vec<TrackHash<'_>> =
        movie.tracks().iter().map(|track| TrackHash::new(movie.table(track))).collect();
    let len = movie.header().file_len;
    read_in_order(std::iter::once(0..len), memory, file.read, |offset, bytes| {
        tick(bytes.len() as u64)?;
        whole.write(bytes);
        tracks.iter_mut().for_each(|track| track.feed(offset, bytes));
        Ok(())
    })?;
    for track in &mut tracks {
        track.read_apart(file, memory, tick)?;
    }
    let digests = movie.tracks().iter().zip(tracks).map(|(track, hash)| TrackDigest {
        id: track.id,
        kind: kind_name(track.kind),
        samples: hash.table.sample_count(),
        bytes: hash.table.byte_count(),
        digest: Digest(hash.hasher.finish_128()),
    });
    let (tracks, file) = (digests.collect(), Digest(whole.finish_128()));
    Ok(Digests { algorithm: Algorithm::Xxh3_128, tracks, file })
}

/// The running hash of one track.
struct TrackHash<'a> {
    table: SampleTable<'a>,
    hasher: XxHash3_128,
    /// The bytes that are still to come, in sample order; `None` where that is not the order of the file.
    pending: Option<Pending<'a>>,
}

/// The bytes of a track that are still to come.
struct Pending<'a> {
    ranges: Box<dyn Iterator<Item = ByteRange> + 'a>,
    next: Option<ByteRange>,
}

impl<'a> TrackHash<'a> {
    fn new(table: SampleTable<'a>) -> Self {
        let ranges = ranges(table);
        let pending = is_in_file_order(ranges.clone()).then(|| {
            let mut ranges = Box::new(ranges);
            let next = ranges.next();
            Pending { ranges, next }
        });
        Self { table, hasher: XxHash3_128::new(), pending }
    }

    /// Hashes what the track has in the block of the file that begins at `offset`; blocks come in order.
    fn feed(&mut self, offset: u64, block: &[u8]) {
        let Some(pending) = &mut self.pending else { return };
        let end = offset + block.len() as u64;
        let at = |byte: u64| usize::try_from(byte - offset).expect("the byte lies in the block");
        while let Some(range) = pending.next.filter(|range| range.offset < end) {
            let split = range.end().min(end);
            self.hasher.write(&block[at(range.offset)..at(split)]);
            pending.next = match range.end() - split {
                0 => pending.ranges.next(),
                len => Some(ByteRange { offset: split, len }),
            };
        }
    }

    /// Reads and hashes a track whose samples are not in the order of the file.
    fn read_apart(
        &mut self,
        file: Readable<'_>,
        memory: u64,
        tick: &dyn Fn(u64) -> Result<(), IoError>,
    ) -> Result<(), IoError> {
        if self.pending.is_some() {
            return Ok(());
        }
        // Bounded, however often the samples share bytes: `check_media` looked.
        let apart = ranges(self.table).map(|range| range.offset..range.end());
        read_in_order(apart, memory, file.read, |_, bytes| {
            // These bytes of the file were counted before.
            tick(0)?;
            self.hasher.write(bytes);
            Ok(())
        })
    }
}

/// The bytes of a track in sample order, chunk by chunk; none is empty.
fn ranges<'a>(table: SampleTable<'a>) -> impl Iterator<Item = ByteRange> + Clone + Send + use<'a> {
    table.chunks().map(|chunk| chunk.range).filter(|range| range.len > 0)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use intercut_io::READING_MAX;

    use super::*;
    use crate::layout::fake::{self, FakeTrack};

    /// Digests of a movie of 9,000 media bytes from byte 28 on, and the file.
    fn digests_of(tracks: &[FakeTrack]) -> (Digests, Vec<u8>) {
        let file = fake::file(9_000, 1, tracks);
        let movie = fake::read(file.len() as u64, |at| file[usize::try_from(at).expect("small")]);
        let read = |buffer: &mut [u8], offset: u64| {
            let offset = usize::try_from(offset).expect("small");
            buffer.copy_from_slice(&file[offset..offset + buffer.len()]);
            Ok(())
        };
        let digests = digests(Readable { movie: &movie, read: &read }, READING_MAX, &|_| Ok(()));
        (digests.expect("memory can be read"), file)
    }

    #[test]
    fn digest_is_printed_as_xxh128sum_prints_it() {
        // The digest of no bytes, by the reference implementation.
        let digest = Digest(XxHash3_128::new().finish_128());
        assert_eq!(digest.to_string(), "99aa06d3014798d86001c324468d497f");
        assert_eq!("99aa06d3014798d86001c324468d497f".parse(), Ok(digest));
        assert_eq!(Digest(1).to_string(), "00000000000000000000000000000001");
        for text in
            ["", "99aa", "+9aa06d3014798d86001c324468d497f", "99aa06d3014798d86001c324468d497fff"]
        {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }

    #[test]
    fn track_digest_is_that_of_its_samples_and_nothing_between_them() {
        let video = FakeTrack::new(b"vide", vec![(28, vec![10; 3]), (78, vec![20])]);
        let sound = FakeTrack::new(b"soun", vec![(58, vec![5; 4])]);
        let (digests, file) = digests_of(&[video, sound]);
        let video = [&file[28..58], &file[78..98]].concat();
        assert_eq!(digests.tracks[0].digest, Digest(XxHash3_128::oneshot(&video)));
        assert_eq!((digests.tracks[0].samples, digests.tracks[0].bytes), (4, 50));
        assert_eq!((digests.tracks[0].id, digests.tracks[0].kind.as_str()), (1, "video"));
        assert_eq!(digests.tracks[1].digest, Digest(XxHash3_128::oneshot(&file[58..78])));
        assert_eq!(digests.file, Digest(XxHash3_128::oneshot(&file)));
    }

    #[test]
    fn samples_count_in_their_order_wherever_they_stand_and_however_often() {
        // Later samples before earlier ones, and two chunks that share their bytes.
        let chunks = vec![(4000, vec![100; 2]), (28, vec![50]), (4000, vec![100])];
        let (digests, file) = digests_of(&[FakeTrack::new(b"vide", chunks)]);
        let samples = [&file[4000..4200], &file[28..78], &file[4000..4100]].concat();
        assert_eq!(digests.tracks[0].digest, Digest(XxHash3_128::oneshot(&samples)));
        assert_eq!(digests.tracks[0].bytes, 350);
    }

    #[test]
    fn samples_of_a_byte_in_no_order_cost_one_more_reading_of_the_file() {
        let places = (0..9_000).map(|index: u64| 28 + index * 7 % 9_000);
        let chunks = places.clone().map(|place| (place, vec![1])).collect();
        let file = fake::file(9_000, 1, &[FakeTrack::new(b"vide", chunks)]);
        let small = |at: u64| usize::try_from(at).expect("small");
        let movie = fake::read(file.len() as u64, |at| file[small(at)]);
        let count = AtomicUsize::new(0);
        let read = |buffer: &mut [u8], offset: u64| {
            count.fetch_add(buffer.len(), Ordering::Relaxed);
            buffer.copy_from_slice(&file[small(offset)..small(offset) + buffer.len()]);
            Ok(())
        };
        let digests = digests(Readable { movie: &movie, read: &read }, READING_MAX, &|_| Ok(()));
        let samples: Vec<u8> = places.map(|place| file[small(place)]).collect();
        let found = digests.expect("memory can be read").tracks[0].digest;
        assert_eq!(found, Digest(XxHash3_128::oneshot(&samples)));
        // From end to end, and then each page that holds samples.
        let count = count.into_inner();
        assert!((file.len()..=2 * file.len()).contains(&count), "{count} of {}", file.len());
    }

    #[test]
    fn samples_that_share_bytes_without_end_are_refused_before_anything_is_read() {
        let chunks = |count| vec![(28, vec![9_000]); count];
        for (count, is_refused) in [(60, false), (100, true)] {
            let file = fake::file(9_000, 1, &[FakeTrack::new(b"vide", chunks(count))]);
            let len = file.len() as u64;
            let movie = fake::read(len, |at| file[usize::try_from(at).expect("small")]);
            let read = |_: &mut [u8], _: u64| -> Result<(), IoError> {
                assert!(!is_refused, "a file that is refused is not read");
                Ok(())
            };
            match digests(Readable { movie: &movie, read: &read }, READING_MAX, &|_| Ok(())) {
                Err(VerifyError::SharedTooOften { bytes, limit }) if is_refused => {
                    assert_eq!((bytes, limit), (900_000, 64 * len));
                }
                other => assert!(!is_refused && other.is_ok(), "{other:?}"),
            }
        }
    }

    #[test]
    fn digests_are_read_back_as_they_were_saved() {
        let (digests, _) = digests_of(&[FakeTrack::new(b"vide", vec![(28, vec![10])])]);
        let text = serde_json::to_string(&digests).expect("digests have a form in JSON");
        assert!(
            text.starts_with(r#"{"algorithm":"xxh3-128","tracks":[{"id":1,"kind":"video","#),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<Digests>(&text).expect("they read back"), digests);
        let other = text.replace("xxh3-128", "md5");
        let error = serde_json::from_str::<Digests>(&other).expect_err("another algorithm");
        assert!(error.to_string().contains("md5"), "{error}");
    }
}
