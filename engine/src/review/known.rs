//! Finds out what was replaced in a result: by what the caller names, by its sidecar, by its own journals.
//!
//! - In: the result, and a plan or a run, if one was named.
//! - Out: [`Known`].
//! - Holds: what was inserted later counts, whoever told of the rest. A plan of an insert that the movie does not know is
//!   refused, and one whose frames are not in it: frames would be called a clip's that are none.
//! - Not here: which frames are whose in the end (`replaced`), the base (`base`).

use std::collections::BTreeMap;
use std::path::Path;

use intercut_io::Cancel;

use super::base::is_same_file;
use super::error::{ReviewError, ReviewReason};
use super::replaced::Replaced;
use crate::discover::{self, OpenMovie};
use crate::in_place::{History, HistoryEntry};
use crate::look::PictureFinder;
use crate::plan::FileStamp;
use crate::sidecar::Sidecar;

/// What is known of a result.
pub(super) struct Known {
    /// What was replaced; `None` if nobody says.
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
            Some(named) => {
                let replaced = with_later_inserts(named, result, history.as_ref())?;
                must_be_in(result, &replaced, cancel)?;
                Some(replaced)
            }
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
) -> Result<Replaced, ReviewError> {
    let inserts = history.map_or(&[][..], |history| &history.inserts);
    let path = result.source.path();
    let own = named.base.as_ref().filter(|base| is_same_file(&base.path, path));
    // A splice's plan is of another movie; an insert's is among the journals itself.
    let mut later = 0;
    if let Some(before) = own.map(|base| base.identity.len) {
        let is_its = |entry: &HistoryEntry| {
            let insert = Replaced::by_inserts(&result.movie, [&entry.journal]);
            entry.journal.before.len == before && insert.replaces_as(&named)
        };
        let nth = inserts.iter().position(is_its).ok_or_else(|| ReviewError::Refused {
            path: path.to_owned(),
            reason: ReviewReason::NotInserted,
        })?;
        named.first_insert = Some(nth);
        later = nth + 1;
    }
    let later = inserts[later..].iter().map(|entry| &entry.journal);
    Ok(named.with_inserts(&result.movie, later))
}

/// Refuses a plan whose frames are not in the result, as far as its clips are still what they were. Frames of ProRes hardly ever
/// have the same size, so sizes tell.
fn must_be_in(result: &OpenMovie, replaced: &Replaced, cancel: &Cancel) -> Result<(), ReviewError> {
    let found = PictureFinder::of(&result.movie);
    let mut clips: BTreeMap<&Path, Option<OpenMovie>> = BTreeMap::new();
    for (nth, event) in replaced.events.iter().enumerate() {
        let Some(from) = &event.from else { continue };
        let clip = clips.entry(&event.clip).or_insert_with(|| {
            let clip = discover::open(&event.clip, cancel).ok()?;
            (FileStamp::of(clip.source.identity()) == from.stamp).then_some(clip)
        });
        cancel.check()?;
        let Some(clip) = clip else { continue };
        let (first, source) =
            (clip.movie.frames().presented().start, PictureFinder::of(&clip.movie));
        let cuts = replaced.cuts.iter().filter(|cut| cut.event.get() == nth);
        let (mut seen, mut equal) = (0, 0);
        for frame in cuts.flat_map(|cut| cut.record.clone()) {
            let of_clip = source.at(first + from.source_in + (frame - from.record_in));
            if let (Some(one), Some(other)) = (found.at(frame), of_clip) {
                seen += 1;
                equal += usize::from(one.range.len == other.range.len);
            }
        }
        // Half of them: where either movie holds a frame, or has two for one, others may meet.
        if equal * 2 < seen {
            let (path, clip) = (result.source.path().to_owned(), event.clip.clone());
            let at = event.timecodes[0].clone();
            return Err(ReviewError::Refused {
                path,
                reason: ReviewReason::OtherFrames { at, clip },
            });
        }
    }
    Ok(())
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
    let beside = Sidecar::path_of(path);
    let now = FileStamp::of(result.source.identity());
    let changed = sidecar.in_place.as_ref().map(|changed| changed.output);
    let (record, made) = (changed.unwrap_or(sidecar.output), sidecar.output.stamp);
    if !record.is_still(path, now)? {
        let beside = beside.display();
        warnings.push(format!("{beside} is about another file, and is not used"));
        return Ok(by_inserts());
    }
    let mut replaced = Replaced::from(sidecar.plan_beside(path)?);
    replaced.base_record = Some(sidecar.base());
    // Written anew, a movie has what was inserted, and no journals of it.
    let first = inserts.clone().next().map(|insert| insert.before);
    if changed.is_some() && first != Some(made) {
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
