//! Whether media is laid out as the layout rule says.
//!
//! - Holds where these pass: the base's file order and chunking are kept, with new chunks only at splice points; bytes
//!   of `mdat` that are not samples are zero and under 1 % of the media; what is contiguous in its source stays
//!   contiguous; every large extent is at its source offset modulo the alignment.
//! - Not here: what the samples are (`checker`).
//!
//! References: DESIGN.md, "The layout rule".

use super::checker::Case;
use super::reader::to_usize;

/// From this length on an extent must be congruent: at 4096 bytes of gap each, gaps stay under 1 %.
const CONGRUENT_LEN_MIN: u64 = 410 << 10;

/// One sample in the output, and where it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Placed {
    offset: u64,
    size: u64,
    file: usize,
    source_offset: u64,
    /// Where the base's own sample of this place is.
    base_offset: u64,
    track: usize,
    sample: usize,
}

/// The base's chunk boundaries are kept; others are only where samples are not neighbours in one source.
pub(crate) fn chunks(case: &Case<'_>) -> Result<(), String> {
    for (index, (ours, bases)) in case.output.tracks.iter().zip(&case.base.tracks).enumerate() {
        for sample in 1..ours.samples.len() {
            let starts = |samples: &[super::reader::Sample]| {
                samples[sample].chunk != samples[sample - 1].chunk
            };
            let (now, before) = (starts(&ours.samples), starts(&bases.samples));
            if before && !now {
                return Err(format!("track {index}: the chunk at sample {sample} was joined"));
            }
            let size = ours.samples[sample - 1].size;
            let (file, offset) = case.source(index, sample)?;
            let (file_before, offset_before) = case.source(index, sample - 1)?;
            let neighbours = file == file_before && offset == offset_before + size;
            if now && !before && neighbours {
                return Err(format!("track {index}: a needless chunk at sample {sample}"));
            }
            if !now && file != file_before {
                return Err(format!("track {index}: no chunk at the splice point {sample}"));
            }
        }
    }
    Ok(())
}

/// Media is in the base's own file order, and neighbours in a source are neighbours in the output.
pub(crate) fn order(case: &Case<'_>) -> Result<(), String> {
    let placed = placed(case)?;
    let shared = {
        let mut offsets: Vec<(u64, u64)> = placed
            .iter()
            .filter(|one| one.size > 0)
            .map(|one| (one.base_offset, one.size))
            .collect();
        offsets.sort();
        offsets.windows(2).any(|pair| pair[0].0 == pair[1].0)
    };
    if shared {
        // Samples that share bytes have no order of their own.
        return Ok(());
    }
    for pair in placed.windows(2) {
        let (first, second) = (&pair[0], &pair[1]);
        if second.base_offset < first.base_offset {
            let (track, sample) = (second.track, second.sample);
            return Err(format!("track {track}: sample {sample} left the base's file order"));
        }
        let neighbours =
            first.file == second.file && first.source_offset + first.size == second.source_offset;
        if neighbours && first.offset + first.size != second.offset {
            let (track, sample) = (second.track, second.sample);
            return Err(format!("track {track}: a needless gap before sample {sample}"));
        }
    }
    Ok(())
}

/// Every byte of `mdat` that belongs to no sample is zero, and there are few of them.
pub(crate) fn gaps(case: &Case<'_>) -> Result<(), String> {
    let mut used = vec![false; case.output.bytes.len()];
    let mut media = 0;
    for one in placed(case)? {
        used[to_usize(one.offset)..to_usize(one.offset + one.size)].fill(true);
        media += one.size;
    }
    let mdats: Vec<_> = case
        .output
        .top
        .iter()
        .filter(|atom| &atom.kind == b"mdat")
        .map(|atom| atom.payload())
        .collect();
    let mut unused = 0;
    for byte in mdats.iter().flat_map(Clone::clone).filter(|&byte| !used[byte]) {
        unused += 1;
        if case.output.bytes[byte] != 0 {
            return Err(format!("byte {byte} is no sample's and not zero"));
        }
    }
    let inside: usize =
        mdats.iter().map(|mdat| used[mdat.clone()].iter().filter(|&&used| used).count()).sum();
    if used.iter().filter(|&&used| used).count() != inside {
        return Err("a sample stands outside mdat".to_owned());
    }
    if unused * 100 > media {
        return Err(format!("gaps of {unused} bytes in {media} bytes of media"));
    }
    Ok(())
}

/// Every large extent is where whole blocks of its source are whole blocks of the output.
pub(crate) fn congruence(case: &Case<'_>) -> Result<(), String> {
    let mut extents: Vec<Placed> = Vec::new();
    for one in placed(case)? {
        match extents.last_mut() {
            Some(last)
                if last.file == one.file
                    && last.offset + last.size == one.offset
                    && last.source_offset + last.size == one.source_offset =>
            {
                last.size += one.size;
            }
            _ => extents.push(one),
        }
    }
    let len_min = CONGRUENT_LEN_MIN.max(case.alignment * 103);
    for extent in extents.iter().filter(|extent| extent.size >= len_min) {
        if extent.offset % case.alignment != extent.source_offset % case.alignment {
            let (size, offset, source) = (extent.size, extent.offset, extent.source_offset);
            return Err(format!("{size} bytes at {offset} are not congruent to {source}"));
        }
    }
    Ok(())
}

/// Every sample of the output, in its file order.
fn placed(case: &Case<'_>) -> Result<Vec<Placed>, String> {
    let mut all = Vec::new();
    for (track, ours) in case.output.tracks.iter().enumerate() {
        for (sample, our) in ours.samples.iter().enumerate() {
            let (file, source_offset) = case.source(track, sample)?;
            let base_offset = case.base.tracks[track].samples[sample].offset;
            let (offset, size) = (our.offset, our.size);
            all.push(Placed { offset, size, file, source_offset, base_offset, track, sample });
        }
    }
    all.sort();
    Ok(all)
}

#[cfg(test)]
mod tests {
    use crate::builder::MovieSpec;
    use crate::oracle::checker::{Expected, check_movies};
    use crate::oracle::reader::Movie;

    fn check(output: &MovieSpec, base: &MovieSpec) -> Result<(), String> {
        let movie = |spec: &MovieSpec| Movie::parse(spec.build().bytes).expect("it is well-formed");
        check_movies(&movie(output), &movie(base), &[], &Expected::new(Vec::new()))
    }

    #[test]
    fn bytes_that_belong_to_nothing_are_found() {
        let base = MovieSpec::with_timecode(1, 0, vec![10_000; 4]);
        let leaky = MovieSpec { gaps: vec![1], ..base.clone() };
        assert!(check(&leaky, &base).is_err_and(|text| text.contains("needless gap")));
        assert!(check(&leaky, &leaky).is_err_and(|text| text.contains("no sample's and not zero")));
    }

    #[test]
    fn a_joined_chunk_is_found() {
        let base = MovieSpec::with_timecode(1, 0, vec![10_000; 4]);
        let mut joined = base.clone();
        joined.tracks[0] = joined.tracks[0].clone().chunked(2);
        assert!(check(&joined, &base).is_err_and(|text| text.contains("was joined")));
    }
}
