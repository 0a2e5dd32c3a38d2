//! The note beside each output: what it was made of, so that the next run knows whether it has to be made again.
//!
//! - In: a plan, and what was written by it.
//! - Out: `OUT.intercut.json`, schema `intercut.sidecar/1`: [`Sidecar`].
//! - Holds: it is written when the output's bytes are durable and before they get their name. It tells of the new file and
//!   of the one that is replaced, so that whichever of them a crash leaves is known for ours; a new file under the name is
//!   whole, because it has no name before.
//! - Not here: what follows from it (`prepare`).
//!
//! Files are told by their length and the time of their last change, which stay over a remount, unlike inode numbers on
//! some filesystems. What keeps both (a damaged disk, a tool that puts the time back) is not seen: `intercut verify` sees
//! it.

use std::path::{Path, PathBuf};

use intercut_io::small::{read_whole, write_whole};
use intercut_io::{Control, IoError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::discover::sidecar_path;
use crate::plan::{FileStamp, SplicePlan};
use crate::splice::VerifyMode;
use crate::verify::Digests;

/// The name of this form of sidecar.
pub const SIDECAR_SCHEMA: &str = "intercut.sidecar/1";

/// No sidecar is longer: a plan has about 500 bytes a clip.
const LEN_MAX: u64 = 256 << 20;

/// What an output was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sidecar {
    /// `intercut.sidecar/1`.
    pub schema: String,
    /// Version of the engine that wrote the output.
    pub version: String,
    /// The output, as it is told again.
    pub output: FileStamp,
    /// What had its name before, until it is replaced.
    pub replaces: Option<FileStamp>,
    /// Whether `moov` stands before the media.
    pub faststart: bool,
    /// How the output was checked before it got its name.
    pub verify: VerifyMode,
    /// Digests of what was written, after a full verification.
    pub digests: Option<Digests>,
    /// Base and clips, which files they were, and which samples went where.
    pub plan: SplicePlan,
}

/// What stands under an output's name, and what its sidecar says.
#[derive(Debug)]
pub(super) struct Found {
    /// The file; `None` where the name is free.
    pub(super) existing: Option<FileStamp>,
    /// What an earlier batch has noted; `None` where there is nothing that can be understood.
    pub(super) sidecar: Option<Sidecar>,
    /// Something stands there that cannot be understood: damaged, or of another version's form.
    is_strange: bool,
}

impl Sidecar {
    /// The path of an output's sidecar: `OUT.intercut.json`.
    pub fn path_of(output: &Path) -> PathBuf {
        sidecar_path(output)
    }

    /// Writes it beside `output`.
    pub(super) fn write(&self, output: &Path, control: &Control) -> Result<(), IoError> {
        let mut text =
            serde_json::to_vec_pretty(self).expect("every field of a sidecar has a form in JSON");
        text.push(b'\n');
        write_whole(&Self::path_of(output), &text, control)
    }

    /// Puts back the text that was there before, whoever wrote it.
    pub(super) fn put_back(before: Option<&[u8]>, output: &Path) -> Result<(), IoError> {
        let path = Self::path_of(output);
        match before {
            Some(before) => write_whole(&path, before, &Control::default()),
            None => std::fs::remove_file(&path).map_err(IoError::failed("remove", &path)),
        }
    }

    /// What an earlier batch has noted of `output`; `None` where there is nothing, or nothing that can be understood.
    ///
    /// # Errors
    /// [`IoError`] where something is there and cannot be read.
    pub fn read(output: &Path) -> Result<Option<Self>, IoError> {
        Ok(Self::text(output)?.and_then(|text| Self::parse(&text)))
    }

    /// What stands beside `output`, understood or not.
    pub(super) fn text(output: &Path) -> Result<Option<Vec<u8>>, IoError> {
        read_whole(&Self::path_of(output), LEN_MAX)
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let sidecar: Option<Self> = serde_json::from_slice(text).ok();
        sidecar.filter(|sidecar| sidecar.schema == SIDECAR_SCHEMA)
    }
}

impl Found {
    /// Looks at `output` and its sidecar.
    ///
    /// # Errors
    /// [`IoError::TargetExists`] where the name is a link that leads nowhere; [`IoError::Failed`].
    pub(super) fn look(output: &Path) -> Result<Self, IoError> {
        let (existing, text) = (stamp_of(output)?, Sidecar::text(output)?);
        let sidecar = text.as_deref().and_then(Sidecar::parse);
        Ok(Self { existing, is_strange: text.is_some() && sidecar.is_none(), sidecar })
    }

    /// Why the file under the name is none that a batch has made; `None` where it is one, or where there is none.
    pub(super) fn foreign(&self) -> Option<String> {
        let existing = self.existing?;
        let Some(sidecar) = &self.sidecar else {
            return Some(match self.is_strange {
                true => "this version does not understand the .intercut.json beside it".to_owned(),
                false => "nothing beside it says that an earlier batch made it".to_owned(),
            });
        };
        let written = sidecar.output;
        if existing == written || Some(existing) == sidecar.replaces {
            None
        } else if existing.len != written.len {
            let (was, is) = (written.len, existing.len);
            Some(format!("an earlier batch made it with {was} bytes, and it has {is}"))
        } else {
            Some("it was written to since an earlier batch made it".to_owned())
        }
    }
}

/// What stands under a name; `None` where it is free.
pub(super) fn stamp_of(path: &Path) -> Result<Option<FileStamp>, IoError> {
    match std::fs::metadata(path) {
        // That a folder cannot be written over is told with all else.
        Ok(metadata) if metadata.is_dir() => Ok(None),
        Ok(metadata) => Ok(Some(FileStamp::of(&intercut_io::Identity::of(&metadata)))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            match std::fs::symlink_metadata(path) {
                Ok(_) => Err(IoError::TargetExists { path: path.to_owned() }),
                Err(_) => Ok(None),
            }
        }
        Err(error) => Err(IoError::failed("examine", path)(error)),
    }
}
