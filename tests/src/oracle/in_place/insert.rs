//! What an insert may change, and whether its journal says how to take it back.
//!
//! - In: the bytes of a file before and after an insert, the clips, and which pictures had to be replaced.
//! - Out: nothing, or the first promise that is broken; the file as the journal says that it was.
//! - Holds where the check passes: of the old bytes at most 16 in one sector differ (and a size of 0 that was filled in);
//!   every sample is the one that it must be; those that were not replaced are where they were, tables and all; the new ones
//!   are behind the old end of the file, the long ones where whole blocks are whole blocks of their clip.
//!
//! The journal is read as the engine's documentation says, with no code of the engine:
//!
//! ```text
//! mdat[ … │ JSON, line feeds │ 'intercut' offset(8) length(4) state(4) check(4) 'jrnl' ] moov
//! ```
//!
//! - Not here: what a reader makes of it (`shown`).

use serde_json::Value;
use twox_hash::XxHash3_128;

use super::shown::{Shown, shown};
use crate::oracle::checker::{Case, samples};
use crate::oracle::header;
use crate::oracle::reader::{Movie, to_usize};
use crate::oracle::splicer::{Origin, Replaced, splice};

/// Bytes of a block.
const BLOCK_LEN: u64 = 4096;
/// From this length on the samples of a clip must be where its whole blocks are whole blocks.
const CONGRUENT_LEN_MIN: u64 = 410 << 10;
/// Bytes of a journal's footer.
const FOOTER_LEN: usize = 32;

/// Checks one insert.
///
/// # Errors
/// The first promise that is broken.
pub fn check(
    before: &[u8],
    after: &[u8],
    clips: &[Movie],
    replaced: &[Replaced],
) -> Result<(), String> {
    let (old, new) = (shown(before)?, shown(after)?);
    let video = old.movie.video()?;
    let case = Case {
        output: &new.movie,
        base: &old.movie,
        clips,
        video,
        origins: splice(old.movie.tracks[video].samples.len(), replaced),
        alignment: BLOCK_LEN,
        faststart: false,
    };
    header::moov(&case)?;
    samples(&case)?;
    places(&case, before.len() as u64)?;
    carried(&old, &new)?;
    switched(before, after, &old)
}

/// Every sample is where it was, or behind the old end of the file.
fn places(case: &Case<'_>, old_len: u64) -> Result<(), String> {
    for (track, (ours, bases)) in case.output.tracks.iter().zip(&case.base.tracks).enumerate() {
        if track != case.video && ours.chunk_offsets != bases.chunk_offsets {
            return Err(format!("the chunks of track {track} moved"));
        }
        for (sample, (our, base)) in ours.samples.iter().zip(&bases.samples).enumerate() {
            let is_base = case.origin(track, sample) == Origin::Base;
            if is_base && our.offset != base.offset {
                return Err(format!("track {track}: sample {sample} moved"));
            }
            if !is_base && our.size > 0 && our.offset < old_len {
                return Err(format!("track {track}: sample {sample} was written over something"));
            }
            let (_, source) = case.source(track, sample)?;
            let is_congruent = our.offset % BLOCK_LEN == source % BLOCK_LEN;
            if !is_base && our.size >= CONGRUENT_LEN_MIN && !is_congruent {
                return Err(format!("sample {sample} of {} bytes is not congruent", our.size));
            }
        }
    }
    Ok(())
}

/// Atoms that are neither media nor room are all there, in their order, and nothing is behind them.
fn carried(old: &Shown, new: &Shown) -> Result<(), String> {
    let kept = |shown: &Shown| -> Vec<Vec<u8>> {
        let atoms = shown.walk.atoms.iter();
        let atoms = atoms
            .filter(|atom| !matches!(&atom.kind, b"mdat" | b"free" | b"skip" | b"wide" | b"moov"));
        let bytes = |range: &std::ops::Range<u64>| {
            shown.movie.bytes[to_usize(range.start)..to_usize(range.end)].to_vec()
        };
        atoms.map(|atom| bytes(&atom.range)).collect()
    };
    if kept(old) != kept(new) {
        return Err(format!("{} became {}", old.walk.kinds(), new.walk.kinds()));
    }
    if new.walk.tail != super::walker::Tail::None {
        return Err(format!("something is behind the new movie: {:?}", new.walk.tail));
    }
    Ok(())
}

/// Of the old bytes only one header differs, and a size that was 0.
fn switched(before: &[u8], after: &[u8], old: &Shown) -> Result<(), String> {
    let moov = old.walk.moov();
    let size = to_usize(moov.range.start)..to_usize(moov.range.start) + 4;
    let is_sized = |at: usize| moov.is_to_end && size.contains(&at);
    let differs = |at: &usize| before[*at] != after[*at] && !is_sized(*at);
    let all: Vec<usize> = (0..before.len()).filter(differs).collect();
    let (Some(first), Some(last)) = (all.first(), all.last()) else {
        return Err("no header was enlarged".to_owned());
    };
    if last - first >= 16 || first / 512 != last / 512 {
        return Err(format!("bytes {first} to {last} were changed: not one header in one sector"));
    }
    Ok(())
}

/// The journal of a movie's last insert.
#[derive(Debug, Clone)]
pub struct Journal {
    /// Its fields.
    pub fields: Value,
    /// `undo`, or `void` if the insert cannot be taken back any more.
    pub state: [u8; 4],
}

/// Reads the journal right before the movie's `moov`.
///
/// # Errors
/// Why it is none.
pub fn journal(bytes: &[u8]) -> Result<Journal, String> {
    let end = to_usize(super::walker::walk(bytes)?.moov().range.start);
    let footer = end.checked_sub(FOOTER_LEN).map(|start| &bytes[start..end]).ok_or("no room")?;
    if !footer.starts_with(b"intercut") || !footer.ends_with(b"jrnl") {
        return Err("no footer".to_owned());
    }
    let number = |range: std::ops::Range<usize>| {
        to_usize(footer[range].iter().fold(0, |all, &byte| all << 8 | u64::from(byte)))
    };
    let (start, len) = (number(8..16), number(16..20));
    if start + len != end - FOOTER_LEN {
        return Err(format!("{len} bytes from {start} on do not end at the footer"));
    }
    let hash = XxHash3_128::oneshot(&[&bytes[start..start + len], &footer[..20]].concat());
    if footer[24..28] != hash.to_be_bytes()[12..] {
        return Err("it is damaged".to_owned());
    }
    let fields = serde_json::from_slice(&bytes[start..start + len]);
    let fields = fields.map_err(|error| error.to_string())?;
    let mut state = [0; 4];
    state.copy_from_slice(&footer[20..24]);
    Ok(Journal { fields, state })
}

impl Journal {
    /// The file as it was before the insert, by what the journal says, and the time of its last change in nanoseconds since
    /// 1970.
    ///
    /// # Errors
    /// What it says that is not so.
    pub fn undo(&self, bytes: &[u8]) -> Result<(Vec<u8>, i128), String> {
        let number = |path: &str| {
            let field = self.fields.pointer(path).ok_or_else(|| format!("no {path}"))?;
            field.as_u64().map(to_usize).ok_or_else(|| format!("{path}: {field}"))
        };
        let header = |file: &[u8], place: &str| {
            let offset = number(&format!("{place}/offset"))?;
            let moov = &file[offset..offset + number(&format!("{place}/len"))?];
            let hash = format!("{:032x}", XxHash3_128::oneshot(moov));
            if self.fields.pointer(&format!("{place}/digest")) == Some(&Value::from(hash.clone())) {
                Ok(())
            } else {
                Err(format!("{place}: XXH3-128 is {hash}"))
            }
        };
        header(bytes, "/moov_after")?;
        if number("/len_after")? != bytes.len() {
            return Err(format!("it says {} bytes", number("/len_after")?));
        }
        let hex = |path: &str| {
            let text = self.fields.pointer(path).and_then(Value::as_str).unwrap_or_default();
            let pair = |at: usize| u8::from_str_radix(&text[at..at + 2], 16);
            let bytes: Result<Vec<u8>, _> = (0..text.len()).step_by(2).map(pair).collect();
            bytes.map_err(|error| format!("{path}: {error}"))
        };
        let (mut file, at) = (bytes.to_vec(), number("/switch/offset")?);
        let (old, new) = (hex("/switch/before")?, hex("/switch/after")?);
        if file[at..at + new.len()] != new || old.len() != new.len() {
            return Err(format!("{new:02x?} is not at {at}"));
        }
        file[at..at + old.len()].copy_from_slice(&old);
        header(&file, "/moov_before")?;
        file.truncate(number("/before/len")?);
        let (block, image) = (number("/block/offset")?, hex("/block/bytes")?);
        if file[block..block + image.len()] != image[..] {
            return Err(format!("the block at {block} was another"));
        }
        if let Some(at) = self.fields["sized_at"].as_u64().map(to_usize) {
            file[at..at + 4].fill(0);
        }
        let mtime = self.fields.pointer("/before/mtime_ns").map(Value::to_string);
        let mtime = mtime.and_then(|text| text.trim_matches('"').parse().ok());
        Ok((file, mtime.ok_or("no time of change")?))
    }
}
