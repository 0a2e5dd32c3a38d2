//! Everything that an insert appends to a movie, and the one write that makes it the movie's.
//!
//! ```text
//! the old file │ head │ samples, gaps │ journal │ moov' │ atoms that must stay behind the header
//!              start    media                      at a multiple of 64
//! ```
//!
//! - In: the movie, the clips, the plan; how the file's bytes are read; what the journal shall say, if there is one.
//! - Out: [`Insertion`]: the schedule of the region with its patches, and what has to be filled in before it.
//! - Holds: the atoms of the file are followed twice, as they are before the switch and after it. Both times there is one
//!   `moov`, the old one and then the new one, and every atom that a movie must keep, in its order.
//! - Not here: writing (`in_place`), the samples' places (`layout`), which header is enlarged (`switch`).

use std::ops::Range;

use intercut_io::{IoError, Patch, ReadExactAt, ScheduleBuilder};

use super::AppendError;
use super::journal::{
    Block, Change, FOOTER_LEN, HeaderPlace, InsertedEvent, Journal, MOOV_ALIGNMENT,
};
use super::preview::Preview;
use super::switch::Switch;
use crate::atom::file::Header;
use crate::atom::region_head::{HEAD_LEN, RegionHead};
use crate::json::Schema;
use crate::layout::{BASE, Layout, Region};
use crate::movie::Movie;
use crate::plan::{FileStamp, SplicePlan};
use crate::units::{ByteRange, FourCc};

const MOOV: FourCc = FourCc(*b"moov");

/// Who inserts, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Made {
    /// As `2026-11-22T03:04:28Z`.
    pub(crate) time: String,
    pub(crate) user: String,
    pub(crate) host: String,
}

/// The file that is appended to.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a> {
    /// The movie in it.
    pub(crate) movie: &'a Movie,
    /// How its bytes are read.
    pub(crate) read: &'a ReadExactAt<'a>,
    /// The last change of its content, nanoseconds since 1970.
    pub(crate) modified_ns: i128,
}

/// A region that is laid out behind a movie.
#[derive(Debug)]
pub(crate) struct Insertion {
    /// What is written, and the patches that put it to use.
    pub(crate) layout: Layout,
    /// What is filled in before anything is appended: the size of a last atom that reaches to the end of the file.
    pub(crate) sized: Option<Patch>,
    /// The write that decides.
    pub(crate) switch: Patch,
}

impl Insertion {
    /// Lays out the samples that `plan` takes from clips behind the movie.
    ///
    /// - `clips`: the movies of `plan.clips`, in that order.
    /// - `made`: what the journal says; `None` if there is to be none, because the file is a copy.
    /// - Cost: as [`Region::new`]; a few reads, and two walks of the top-level atoms.
    ///
    /// # Errors
    /// [`AppendError`].
    pub(crate) fn new(
        ground: Ground<'_>,
        clips: &[&Movie],
        plan: &SplicePlan,
        made: Option<&Made>,
    ) -> Result<Self, AppendError> {
        let header = ground.movie.header();
        let sized = size_to_fill_in(ground)?;
        let filled_in = sized.clone();
        let read = |buffer: &mut [u8], offset: u64| {
            (ground.read)(buffer, offset)?;
            filled_in.iter().for_each(|patch| patch.show(buffer, offset));
            Ok(())
        };
        let ground = Ground { read: &read, ..ground };
        let sized_at = sized.as_ref().map(Patch::offset);
        let start = header.file_len;
        let zeros = zeros_before_head(ground)?;
        let head_offset = start + zeros;
        let head = RegionHead {
            len_before: start,
            modified_ns: if made.is_some() { ground.modified_ns } else { 0 },
            sized_at,
        };
        let region = Region::new(ground.movie, clips, plan, head_offset + HEAD_LEN as u64)?;
        let End { moov_offset, journal, switch } =
            End::find(ground, &region, plan, made.map(|made| (made, sized_at)))?;

        let mut builder = ScheduleBuilder::appending(plan.alignment, start);
        builder.push_zero(zeros);
        builder.push_inline(&head.to_bytes());
        for extent in &region.extents {
            builder.push_zero(extent.target - builder.position());
            builder.push_source(extent.source, extent.range.offset, extent.range.len);
        }
        builder.push_inline(&journal);
        builder.push_inline(&region.moov);
        let moov = inline_range(HEAD_LEN + journal.len(), region.moov.len());
        for atom in switch.swallowed(header) {
            builder.push_source(BASE, atom.range.offset, atom.range.len);
        }
        let seal = (made.is_some() && zeros == 0 && header.tail().len == 0)
            .then(|| seal(head, head_offset, builder.position()))
            .flatten();
        if made.is_none() {
            // A copy gets everything at once.
            sized.iter().for_each(|patch| builder.push_patch(patch.clone()));
        }
        seal.into_iter().for_each(|patch| builder.push_patch(patch));
        builder.push_patch(switch.patch.clone());
        let layout = region.into_layout(builder.finish(), moov);
        let insertion = Self { layout, sized, switch: switch.patch };
        insertion.check(ground, moov_offset)?;
        Ok(insertion)
    }

    /// Follows the atoms of the file before the switch, and after it.
    fn check(&self, ground: Ground<'_>, moov_offset: u64) -> Result<(), AppendError> {
        let before = ground.movie.header();
        for (is_switched, place, moov) in [
            (false, before.moov_offset, before.moov.as_slice()),
            (true, moov_offset, self.layout.moov()),
        ] {
            let preview =
                Preview { schedule: self.layout.schedule(), base: ground.read, is_switched };
            let found = preview.header()?;
            let kept = |header: &Header| -> Vec<(FourCc, u64)> {
                let atoms = header.atoms.iter().filter(|atom| atom.is_carried_over());
                atoms.map(|atom| (atom.kind, atom.range.len)).collect()
            };
            let moovs = found.atoms.iter().filter(|atom| atom.kind == MOOV).count();
            let is_sound = moovs == 1
                && found.moov_offset == place
                && found.moov == moov
                && kept(&found) == kept(before)
                && (!is_switched || found.tail().len == 0);
            if !is_sound {
                return Err(AppendError::Unsound);
            }
        }
        Ok(())
    }
}

/// What ends a region: where the new `moov` is, the journal before it, the header that is enlarged.
struct End {
    moov_offset: u64,
    /// From the end of the media to the new `moov`.
    journal: Vec<u8>,
    switch: Switch,
}

impl End {
    /// Finds them together: the journal says where the new `moov` is, and its length decides where that is.
    fn find(
        ground: Ground<'_>,
        region: &Region,
        plan: &SplicePlan,
        journalled: Option<(&Made, Option<u64>)>,
    ) -> Result<Self, AppendError> {
        let header = ground.movie.header();
        let media_end = region.media.end();
        let aligned = |len: u64| (media_end + len).next_multiple_of(MOOV_ALIGNMENT);
        let mut moov_offset = aligned(0);
        loop {
            let switch = Switch::find(header, moov_offset, ground.read)?;
            let switch = switch.ok_or(AppendError::NoPlace)?;
            let Some((made, sized_at)) = journalled else {
                let zeros = usize::try_from(moov_offset - media_end).expect("fewer than 64");
                return Ok(Self { moov_offset, journal: vec![0; zeros], switch });
            };
            let kept: u64 = switch.swallowed(header).map(|atom| atom.range.len).sum();
            let len_after = moov_offset + region.moov.len() as u64 + kept;
            let journal = Journal {
                schema: Schema::new(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                time: made.time.clone(),
                user: made.user.clone(),
                host: made.host.clone(),
                before: FileStamp { len: header.file_len, mtime_ns: ground.modified_ns },
                len_after,
                moov_before: HeaderPlace::of(header.moov_offset, &header.moov),
                moov_after: HeaderPlace::of(moov_offset, &region.moov),
                switch: Change::of(&switch.patch),
                sized_at,
                block: block_of(&switch.patch, ground)?,
                events: InsertedEvent::of(plan),
            };
            match journal.to_bytes(media_end, moov_offset) {
                Ok(bytes) => return Ok(Self { moov_offset, journal: bytes, switch }),
                Err(len) => moov_offset = aligned(len + FOOTER_LEN),
            }
        }
    }
}

/// The patch that fills in the size of a `moov` that reaches to the end of the file.
fn size_to_fill_in(ground: Ground<'_>) -> Result<Option<Patch>, AppendError> {
    let header = ground.movie.header();
    let offset = header.moov_offset;
    if offset + header.moov.len() as u64 != header.file_len {
        return Ok(None);
    }
    let mut size = [0; 4];
    (ground.read)(&mut size, offset)?;
    if size != [0; 4] {
        return Ok(None);
    }
    if offset % Patch::SECTOR_LEN + 4 > Patch::SECTOR_LEN {
        return Err(AppendError::NoPlace);
    }
    Ok(Some(Patch::new(offset, &size, &header.moov[..4])))
}

/// Zeros that have to stand before the head so that they, and those behind the last atom, make a header of zeros, which
/// reaches to the end of the file as a size of 0 does: a few zeros that the file ends with are not alone then, and a kind that
/// lies across two sectors, of which a crash may leave the first, is not cut.
fn zeros_before_head(ground: Ground<'_>) -> Result<u64, AppendError> {
    let ByteRange { offset, len } = ground.movie.header().tail();
    let mut first = [0; 8];
    let first = &mut first[..usize::try_from(len).unwrap_or(8).min(8)];
    (ground.read)(first, offset)?;
    if first.iter().any(|byte| *byte != 0) {
        return Err(AppendError::TrailingBytes { offset, len });
    }
    let to_sector = Patch::SECTOR_LEN - (offset + len) % Patch::SECTOR_LEN;
    Ok(match len {
        0 if (5..8).contains(&to_sector) => to_sector,
        0 => 0,
        _ => 8_u64.saturating_sub(len),
    })
}

/// The patch that gives a head its real size, if a reader beside it sees all of that or nothing.
fn seal(head: RegionHead, offset: u64, end: u64) -> Option<Patch> {
    let (before, after) = head.sealed(end - offset);
    let is_within_line = offset % Patch::LINE_LEN + after.len() as u64 <= Patch::LINE_LEN;
    is_within_line.then(|| Patch::new(offset, &before, &after))
}

/// The block that a patch lies in.
fn block_of(patch: &Patch, ground: Ground<'_>) -> Result<Block, IoError> {
    let offset = patch.offset() - patch.offset() % Block::LEN;
    let len = Block::LEN.min(ground.movie.header().file_len - offset);
    let mut bytes = vec![0; usize::try_from(len).expect("a block is small")];
    (ground.read)(&mut bytes, offset)?;
    Ok(Block { offset, bytes: super::journal::Bytes(bytes) })
}

fn inline_range(start: usize, len: usize) -> Range<usize> {
    start..start + len
}
