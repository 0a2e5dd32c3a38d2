//! The note beside each output: what it was made of, so that the next run knows whether it has to be made again.
//!
//! - In: a plan, and what was written by it.
//! - Out: `OUT.intercut.json`, schema `intercut.sidecar/2`: [`Sidecar`].
//! - Holds: it is written when the output's bytes are durable and before they get their name. It describes the new file and
//!   the one that is replaced, so that whichever of them a crash leaves is known for ours; a new file under the name is
//!   whole, because it has no name before.
//! - Holds, too: the last try at the output lies there as well (`attempt`), whatever it came to; an output that was changed in place is known by it before the change and after it, and it says so.
//! - Not here: what follows from it (`batch`), how files are known again (`record`).

mod attempt;
mod fingerprint;
mod record;

use std::path::{Component, Path, PathBuf, absolute};

use intercut_io::small::{read_whole, write_whole};
use intercut_io::{Control, Identity, IoError};
use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use attempt::Beside;
pub use attempt::{Attempt, AttemptOutcome, JobNote, Tried};
pub use fingerprint::Fingerprint;
pub use record::FileRecord;

use crate::discover::sidecar_path;
use crate::json::{self, Form, Schema};
use crate::plan::forms::path_text;
use crate::plan::{FileStamp, SplicePlan};
use crate::splice::VerifyMode;
use crate::verify::Digests;

/// No sidecar is longer: a plan has about 500 bytes a clip.
const LEN_MAX: u64 = 256 << 20;

/// What an output was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Sidecar {
    /// `intercut.sidecar/2`.
    pub schema: Schema<Sidecar>,
    /// Version of the engine that wrote the output.
    pub version: String,
    /// The folder that the output was written to, an absolute path: a project that was moved as a whole is known by it.
    #[serde(with = "path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub folder: PathBuf,
    /// The output.
    pub output: FileRecord,
    /// What had its name before, until it is replaced.
    pub replaces: Option<FileStamp>,
    /// Whether `moov` is before the media.
    pub faststart: bool,
    /// How the output was checked.
    pub verify: VerifyMode,
    /// Digests of what was written, after a full verification.
    pub digests: Option<Digests>,
    /// Fingerprints of the base and then of the clips of the plan.
    pub sources: Vec<Fingerprint>,
    /// What became of the output since, if it was changed in place; all else tells what it was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_place: Option<ChangedInPlace>,
    /// The last try at the output, if runs were told to note it; the output itself may be older.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_attempt: Option<Attempt>,
    /// Base and clips, which files they were, and which samples went where.
    pub plan: SplicePlan,
}

/// An output that was changed in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangedInPlace {
    /// Inserts that are in it and were not taken back.
    pub inserts: u64,
    /// The output with them.
    pub output: FileRecord,
    /// Whether it was written anew since: then its journals do not tell all that was inserted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub written_anew: bool,
    /// Its digests, if the last insert was fully verified.
    pub digests: Option<Digests>,
}

impl Form for Sidecar {
    const SCHEMA: &'static str = "intercut.sidecar/2";
}

impl Sidecar {
    /// The sidecar of an output that is about to get its name, not verified so far.
    ///
    /// - Cost: reads samples of the base and of every clip, in parallel.
    ///
    /// # Errors
    /// [`IoError`] if a source cannot be read.
    pub(crate) fn of(
        output_path: &Path,
        output: FileRecord,
        plan: SplicePlan,
    ) -> Result<Self, IoError> {
        let plan = with_absolute_paths(plan)?;
        let sources: Vec<(&PathBuf, FileStamp)> =
            std::iter::once((&plan.base.path, plan.base.identity))
                .chain(plan.clips.iter().map(|clip| (&clip.path, clip.identity)))
                .collect();
        let record = |(path, stamp): (&PathBuf, FileStamp)| FileRecord::of(path, stamp);
        let sources: Vec<FileRecord> =
            sources.into_par_iter().map(record).collect::<Result<_, _>>()?;
        Ok(Self {
            schema: Schema::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            folder: folder_of(output_path)?,
            output,
            replaces: None,
            faststart: false,
            verify: VerifyMode::None,
            digests: None,
            sources: sources.into_iter().map(|record| record.fingerprint).collect(),
            in_place: None,
            last_attempt: None,
            plan,
        })
    }

    /// What the base was when it was spliced into.
    pub(crate) fn base(&self) -> FileRecord {
        FileRecord { stamp: self.plan.base.identity, fingerprint: self.sources[0] }
    }

    /// The path of an output's sidecar: `OUT.intercut.json`, shortened if that is longer than a name may be.
    pub fn path_of(output: &Path) -> PathBuf {
        sidecar_path(output)
    }

    /// Where the sidecar of a movie is: beside its name, or, if that is a link and nothing is there, beside the movie itself.
    ///
    /// # Errors
    /// [`IoError`] if the link cannot be followed.
    pub fn place_of(output: &Path) -> Result<PathBuf, IoError> {
        let beside = Self::path_of(output);
        match beside.exists() {
            true => Ok(beside),
            false => Ok(Self::path_of(&followed(output)?)),
        }
    }

    /// Writes it to its place.
    pub(crate) fn write(&self, place: &Path, control: &Control) -> Result<(), IoError> {
        write_whole(place, json::to_text(self).as_bytes(), control)
    }

    /// Puts back the text that was there before, unless somebody else wrote another since.
    pub(crate) fn put_back(&self, before: Option<&[u8]>, place: &Path) -> Result<(), IoError> {
        if Self::text(place)?.as_deref() != Some(json::to_text(self).as_bytes()) {
            return Ok(());
        }
        match before {
            Some(before) => write_whole(place, before, &Control::default()),
            None => std::fs::remove_file(place).map_err(IoError::failed("remove", place)),
        }
    }

    /// What an earlier batch has noted of `output`; `None` if there is nothing, or nothing that can be understood.
    ///
    /// # Errors
    /// [`IoError`] if something is there and cannot be read.
    pub fn read(output: &Path) -> Result<Option<Self>, IoError> {
        Ok(Self::text(&Self::place_of(output)?)?.and_then(|text| Self::parse(&text)))
    }

    /// The files from which `output` was made, by what lies beside it; none if nothing does.
    ///
    /// # Errors
    /// As [`Sidecar::read`], [`Sidecar::plan_beside`].
    pub(crate) fn files_of(output: &Path) -> Result<Vec<PathBuf>, IoError> {
        let Some(sidecar) = Self::read(output)? else { return Ok(Vec::new()) };
        let plan = sidecar.plan_beside(output)?;
        let clips = plan.clips.into_iter().map(|clip| clip.path);
        Ok(std::iter::once(plan.base.path).chain(clips).collect())
    }

    /// What is there, understood or not.
    pub(crate) fn text(place: &Path) -> Result<Option<Vec<u8>>, IoError> {
        read_whole(place, LEN_MAX)
    }

    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let sidecar: Self = json::from_text(std::str::from_utf8(text).ok()?).ok()?;
        // One fingerprint a file: what contradicts itself is not understood.
        (sidecar.sources.len() == 1 + sidecar.plan.clips.len()).then_some(sidecar)
    }

    /// The plan with the paths at which its files are found now: where they were, or, if the output was moved together
    /// with them, at the same place beside it.
    ///
    /// # Errors
    /// [`IoError`] if the current folder is not known.
    pub fn plan_beside(&self, output: &Path) -> Result<SplicePlan, IoError> {
        let folder = folder_of(&Self::place_of(output)?)?;
        let mut plan = self.plan.clone();
        let clips = plan.clips.iter_mut().map(|clip| (&mut clip.path, &mut clip.identity));
        for (path, identity) in
            std::iter::once((&mut plan.base.path, &mut plan.base.identity)).chain(clips)
        {
            let is_there = |path: &Path| {
                std::fs::metadata(path).is_ok_and(|metadata| metadata.len() == identity.len)
            };
            let moved = way_from(&self.folder, path).map(|way| plain(&folder.join(way)));
            // Another movie may have come to the old place.
            let is_moved = |moved: &PathBuf| {
                !is_there(path) && (is_there(moved) || (!path.exists() && moved.exists()))
            };
            if let Some(moved) = moved.filter(is_moved) {
                *path = moved;
            }
            // A copy has another time; that it is the same file is for the verification to find out.
            if let Ok(metadata) = std::fs::metadata(&*path) {
                let now = FileStamp::of(&Identity::of(&metadata));
                *identity = if now.len == identity.len { now } else { *identity };
            }
        }
        Ok(plan)
    }
}

/// The same plan, understood wherever the process is that reads it.
fn with_absolute_paths(mut plan: SplicePlan) -> Result<SplicePlan, IoError> {
    let SplicePlan { base, clips, lists, events, left_out, .. } = &mut plan;
    let paths = std::iter::once(&mut base.path)
        .chain(clips.iter_mut().map(|clip| &mut clip.path))
        .chain(lists.iter_mut().map(|list| &mut list.path))
        .chain(events.iter_mut().filter_map(|event| Some(&mut event.list.as_mut()?.path)))
        .chain(left_out.iter_mut().map(|clip| &mut clip.path));
    for path in paths {
        *path = absolute(&*path).map_err(IoError::failed("find", path))?;
    }
    Ok(plan)
}

/// The movie that a name leads to, if it is a link; else the name.
pub(crate) fn followed(path: &Path) -> Result<PathBuf, IoError> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => match std::fs::canonicalize(path) {
            Ok(movie) => Ok(movie),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(path.to_owned()),
            Err(error) => Err(IoError::failed("follow", path)(error)),
        },
        // What is wrong with it is for the reader of the movie to say.
        _ => Ok(path.to_owned()),
    }
}

/// The folder of a file, as an absolute path.
pub(crate) fn folder_of(path: &Path) -> Result<PathBuf, IoError> {
    let whole = absolute(path).map_err(IoError::failed("find", path))?;
    Ok(whole.parent().unwrap_or(Path::new("/")).to_owned())
}

/// The way from a folder to a file, both absolute: `../graded/S01.mov`; `None` if they have nothing in common but the root,
/// so that a project that holds both cannot be moved.
pub(crate) fn way_from(folder: &Path, file: &Path) -> Option<PathBuf> {
    let common = folder.components().zip(file.components()).take_while(|(one, other)| one == other);
    let common = common.count();
    if common < 2 {
        return None;
    }
    let up = folder.components().skip(common).map(|_| Component::ParentDir);
    Some(up.chain(file.components().skip(common)).collect())
}

/// A path without `..`, as far as names alone tell.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn way_leads_from_the_output_to_its_sources_unless_they_share_no_folder() {
        let way = |folder: &str, file: &str| way_from(Path::new(folder), Path::new(file));
        let expected = Some(PathBuf::from("../graded/S01.mov"));
        assert_eq!(way("/show/finished", "/show/graded/S01.mov"), expected);
        assert_eq!(way("/show", "/show/S01.mov"), Some(PathBuf::from("S01.mov")));
        assert_eq!(way("/out", "/masters/a.mov"), None);
        assert_eq!(
            plain(Path::new("/new/finished/../graded/S01.mov")),
            Path::new("/new/graded/S01.mov")
        );
    }
}
