//! Finds out what was replaced in a result: by what the caller names, by its sidecar, by its own journals.
//!
//! - In: the result, and a plan or a run, if one was named.
//! - Out: [`Known`].
//! - Holds: later inserts are laid over what is known, whichever source it has. A plan whose frames are not in the result is
//!   refused, or frames would be given the name of a clip that they are not from.
//! - Not here: which frames are whose in the end (`replaced`), the base (`base`).

use std::collections::BTreeMap;
use std::ops::Range;

use intercut_io::Cancel;

use super::base::is_same_file;
use super::error::{ReviewError, ReviewReason};
use super::replaced::{ClipFrames, Event, Replaced};
use crate::discover::{self, OpenMovie};
use crate::in_place::{History, HistoryEntry};
use crate::look::PictureFinder;
use crate::plan::FileStamp;
use crate::sidecar::Sidecar;
use crate::units::EventIndex;

/// What is known of a result.
pub(super) struct Known {
    /// What was replaced; `None` if it is not known.
    pub(super) replaced: Option<Replaced>,
    /// What was inserted, if anything was.
    pub(super) history: Option<History>,
}

impl Known {
    /// - `named`: a plan or a run.
    ///
    /// # Errors
    /// [`ReviewError`] if the plan is of another movie, or a sidecar cannot be read.
    pub(super) fn of(
        result: &OpenMovie,
        named: Option<Replaced>,
        cancel: &Cancel,
        warnings: &mut Vec<String>,
    ) -> Result<Self, ReviewError> {
        let history = history(result, cancel, warnings)?;
        let replaced = match named {
            Some(named) => Some(with_later_inserts(named, result, history.as_ref(), cancel)?),
            None => noted(result, history.as_ref(), warnings)?,
        };
        Ok(Self { replaced, history })
    }
}

/// What was inserted into the result, if anything was.
fn history(
    result: &OpenMovie,
    cancel: &Cancel,
    warnings: &mut Vec<String>,
) -> Result<Option<History>, ReviewError> {
    let path = result.source.path();
    let read = |buffer: &mut [u8], offset: u64| {
        cancel.check()?;
        result.source.read_exact_at(buffer, offset)
    };
    match History::of(path, &result.movie, &read) {
        Ok(history) => Ok(Some(history).filter(|history| !history.inserts.is_empty())),
        Err(error) => {
            cancel.check()?;
            warnings.push(format!("what was inserted into the result is not known: {error}"));
            Ok(None)
        }
    }
}

/// What was replaced by a plan that was named, and by what was inserted after it.
fn with_later_inserts(
    mut named: Replaced,
    result: &OpenMovie,
    history: Option<&History>,
    cancel: &Cancel,
) -> Result<Replaced, ReviewError> {
    let inserts = history.map_or(&[][..], |history| &history.inserts);
    let path = result.source.path();
    // A splice's plan is of another movie; an insert's is of this one as it was, under whatever name it is known now.
    let now = FileStamp::of(result.source.identity());
    let own = named.base.as_ref().filter(|base| {
        let was = |entry: &HistoryEntry| entry.journal.before == base.identity;
        is_same_file(&base.path, path) || base.identity == now || inserts.iter().any(was)
    });
    let is_inserts_plan = own.is_some();
    let journaled = own.and_then(|base| {
        let is_its = |entry: &HistoryEntry| {
            let insert = Replaced::by_inserts(&result.movie, [&entry.journal]);
            entry.journal.before.len == base.identity.len && insert.replaces_as(&named)
        };
        inserts.iter().position(is_its)
    });
    named.first_insert = journaled;
    // If the insert is among the journals, only those after it are still to be applied.
    let later = journaled.map_or(0, |nth| nth + 1);
    let later = inserts[later..].iter().map(|entry| &entry.journal);
    let replaced = named.with_inserts(&result.movie, later);
    let found = frames_found(result, &replaced, cancel)?;
    // Written anew, a movie has no journals: then its frames have to tell.
    if is_inserts_plan && journaled.is_none() && found == 0 {
        let reason = ReviewReason::NotInserted;
        return Err(ReviewError::Refused { path: path.to_owned(), reason });
    }
    Ok(replaced)
}

/// How many frames of a plan are in the result, as far as its clips are still what they were. Frames of ProRes hardly ever have the
/// same size, so sizes tell.
///
/// # Errors
/// [`ReviewReason::OtherFrames`] if those of an event are not.
fn frames_found(
    result: &OpenMovie,
    replaced: &Replaced,
    cancel: &Cancel,
) -> Result<usize, ReviewError> {
    let mut all = 0;
    let found = PictureFinder::of(&result.movie);
    let end = result.movie.frames().frame_count();
    let mut cuts: BTreeMap<EventIndex, Vec<Range<u64>>> = BTreeMap::new();
    for cut in &replaced.cuts {
        cuts.entry(cut.event).or_default().push(cut.record.start..cut.record.end.min(end));
    }
    let events = replaced.events.iter().enumerate();
    let mut events: Vec<_> =
        events.filter_map(|(nth, it)| Some((nth, it, it.from.as_ref()?))).collect();
    events.sort_by_key(|(_, event, _)| &event.clip);
    // One clip is open at a time: there may be more of them than files may be.
    for of_clip in events.chunk_by(|(_, one, _), (_, other, _)| one.clip == other.clip) {
        cancel.check()?;
        let (_, Event { clip: path, .. }, ClipFrames { stamp, .. }) = of_clip[0];
        let Ok(clip) = discover::open(path, cancel) else { continue };
        if FileStamp::of(clip.source.identity()) != *stamp {
            continue;
        }
        let (first, source) =
            (clip.movie.frames().presented().start, PictureFinder::of(&clip.movie));
        for (nth, event, from) in of_clip {
            let (mut seen, mut equal) = (0, 0);
            for frame in cuts.remove(&EventIndex::new(*nth)).into_iter().flatten().flatten() {
                let since = frame.saturating_sub(from.record_in);
                let of_clip = source.at(first.saturating_add(from.source_in).saturating_add(since));
                if let (Some(one), Some(other)) = (found.at(frame), of_clip) {
                    seen += 1;
                    equal += usize::from(one.range.len == other.range.len);
                }
            }
            // Half of them: where either movie holds a frame, or has two for one, others may meet.
            if equal * 2 < seen {
                let (at, clip) = (event.timecodes[0].clone(), path.clone());
                let reason = ReviewReason::OtherFrames { at, clip };
                return Err(ReviewError::Refused { path: result.source.path().to_owned(), reason });
            }
            all += equal;
        }
    }
    Ok(all)
}

/// What the sidecar of a result says, and its own journals.
fn noted(
    result: &OpenMovie,
    history: Option<&History>,
    warnings: &mut Vec<String>,
) -> Result<Option<Replaced>, ReviewError> {
    let path = result.source.path();
    let inserts = history.iter().flat_map(|history| &history.inserts).map(|entry| &entry.journal);
    let by_inserts = || history.map(|_| Replaced::by_inserts(&result.movie, inserts.clone()));
    let Some(sidecar) = Sidecar::read(path)? else { return Ok(by_inserts()) };
    let beside = Sidecar::place_of(path)?;
    let now = FileStamp::of(result.source.identity());
    let changed = sidecar.in_place.as_ref();
    let record = changed.map_or(sidecar.output, |changed| changed.output);
    if !record.is_still(path, now)? {
        let beside = beside.display();
        warnings.push(format!("{beside} is about another file, and is not used"));
        return Ok(by_inserts());
    }
    let mut replaced = Replaced::from(sidecar.plan_beside(path)?);
    replaced.base_record = Some(sidecar.base());
    // Written anew, a movie has what was inserted, and no journals of it.
    if changed.is_some_and(|changed| changed.written_anew) {
        warnings.push(format!(
            "{} was changed in place since {} was written, and does not know any more by what: its pictures name no clips but \
             those of inserts that it knows, and what else was inserted is not marked",
            path.display(),
            beside.display()
        ));
        replaced.forget_names();
    }
    Ok(Some(replaced.with_inserts(&result.movie, inserts)))
}
