//! What an insert leaves in the movie so that it can be taken back: a journal right before the new `moov`.
//!
//! ```text
//! mdat[ … old moov, head, samples │ JSON, line feeds │ footer ] moov'
//!                                   offset             32 bytes
//! footer: 'intercut' │ offset of the JSON │ its length │ state │ check │ 'jrnl'
//!          8           8                    4            4       4       4
//! ```
//!
//! It lies inside the swallowed `mdat`: no reader sees it, and whoever writes the movie anew leaves it out. The journal before
//! it is found in the same way, right before the `moov` that was swallowed: journals are a stack.
//!
//! - In: what an insert knows. Out: bytes that end right before `moov'`; or, of a movie, its last journal.
//! - Holds: bytes that are damaged, cut or somebody else's are no journal. The state is outside the check, in a word of its
//!   own that lies in one line of 64 bytes, so that it can be changed by one write.
//! - Not here: what is done with it (`history`, `in_place`).

use intercut_io::{IoError, Patch, ReadExactAt};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::path::PathBuf;
use twox_hash::XxHash3_128;

use crate::digest::Digest;
use crate::json::{self, Form, Schema};
use crate::plan::forms::path_text;
use crate::plan::{FileStamp, SplicePlan, lost_frames};
use crate::units::{ByteRange, EventIndex};

/// Bytes of the footer.
pub(crate) const FOOTER_LEN: u64 = FOOTER_BYTES as u64;
const FOOTER_BYTES: usize = 32;
/// The new `moov` begins at a multiple of this many bytes: so the state word, and the header that a later insert may have to
/// enlarge, lie within a line.
pub(crate) const MOOV_ALIGNMENT: u64 = 64;
/// No journal is longer: an event has about 250 bytes.
const LEN_MAX: u32 = 64 << 20;

const MAGIC: &[u8; 8] = b"intercut";
const END: &[u8; 4] = b"jrnl";
const UNDOABLE: &[u8; 4] = b"undo";
const PUNCHED: &[u8; 4] = b"void";
/// Where the state is in the footer.
const STATE_AT: usize = 20;

/// What an insert did, and what it takes to take it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Journal {
    /// `intercut.journal/1`.
    pub schema: Schema<Journal>,
    /// Version of the engine.
    pub version: String,
    /// When it was made, as `2026-11-22T03:04:28Z`.
    pub time: String,
    /// Who made it.
    pub user: String,
    /// On which machine.
    pub host: String,
    /// The file before.
    pub before: FileStamp,
    /// Length of the file after, in bytes.
    pub len_after: u64,
    /// The `moov` before.
    pub moov_before: HeaderPlace,
    /// The `moov` after.
    pub moov_after: HeaderPlace,
    /// The write that made the new `moov` the movie's.
    pub switch: Change,
    /// Where a size of 0 was filled in before anything was appended.
    pub sized_at: Option<u64>,
    /// The whole block of the disk that the switch lies in, before it.
    pub block: Block,
    /// What went where, in record order.
    pub events: Vec<InsertedEvent>,
}

impl Form for Journal {
    const SCHEMA: &'static str = "intercut.journal/1";
}

/// A `moov` in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HeaderPlace {
    /// Where it begins.
    pub offset: u64,
    /// Its length.
    pub len: u64,
    /// XXH3-128 of its bytes.
    #[schemars(with = "String")]
    pub digest: Digest,
}

impl HeaderPlace {
    /// The place of `moov`, whose bytes are these.
    pub(crate) fn of(offset: u64, moov: &[u8]) -> Self {
        Self { offset, len: moov.len() as u64, digest: Digest(XxHash3_128::oneshot(moov)) }
    }
}

/// Bytes that were replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Where they are.
    pub offset: u64,
    /// What they were.
    pub before: Bytes,
    /// What they are.
    pub after: Bytes,
}

impl Change {
    /// The change that a patch makes.
    pub(crate) fn of(patch: &Patch) -> Self {
        let [before, after] = [patch.before(), patch.after()].map(|bytes| Bytes(bytes.to_vec()));
        Self { offset: patch.offset(), before, after }
    }

    /// The patch that makes it; `None` if it is none that a switch makes.
    pub(crate) fn patch(&self) -> Option<Patch> {
        let Self { offset, before: Bytes(before), after: Bytes(after) } = self;
        let len = before.len() as u64;
        let is_sound = before.len() == after.len()
            && (1..=16).contains(&len)
            && offset % Patch::SECTOR_LEN + len <= Patch::SECTOR_LEN;
        is_sound.then(|| Patch::new(*offset, before, after))
    }
}

/// A block of the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Block {
    /// Where it begins.
    pub offset: u64,
    /// Its bytes: fewer than 4096 if the file ended in it.
    pub bytes: Bytes,
}

impl Block {
    /// Bytes of a block: what most disks write at a time.
    pub(crate) const LEN: u64 = 4096;
}

/// Bytes, in JSON as hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let digits = digits.filter_map(|digit| char::from_digit(digit.into(), 16));
        serializer.serialize_str(&digits.collect::<String>())
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
        bytes.filter(|_| rest.is_empty()).map(Self).ok_or_else(|| {
            serde::de::Error::custom("bytes are written as pairs of hexadecimal digits")
        })
    }
}

impl JsonSchema for Bytes {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Bytes".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^([0-9a-f]{2})*$" })
    }
}

/// Frames of a clip that went into the movie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InsertedEvent {
    /// The clip.
    #[serde(with = "path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub clip: PathBuf,
    /// The first frame of the movie that it took, counted from 0.
    pub record_in: u64,
    /// The one after the last.
    pub record_out: u64,
    /// Timecode of `record_in` in the movie.
    pub record_timecode_in: String,
    /// Frames that it replaced: `record_out - record_in`, less what it lost to other events.
    pub frames: u64,
    /// What it lost to others of the same insert: each from the first frame to the one after the last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<[u64; 2]>,
}

impl InsertedEvent {
    /// The events of a plan.
    pub(crate) fn of(plan: &SplicePlan) -> Vec<Self> {
        let lost = lost_frames(&plan.overlaps);
        let lost = |nth: usize| {
            let lost = lost.get(&EventIndex::new(nth)).into_iter().flatten();
            lost.map(|frames| [frames.start, frames.end]).collect()
        };
        let event = |(nth, event): (usize, &crate::plan::Event)| Self {
            clip: plan.clip_of(event).path.clone(),
            record_in: event.record_in,
            record_out: event.record_out,
            record_timecode_in: event.record_timecode_in.clone(),
            frames: event.frames,
            lost: lost(nth),
        };
        plan.events.iter().enumerate().map(event).collect()
    }
}

/// Whether an insert can still be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Undoable,
    /// The space of what it replaced was given back.
    Punched,
}

/// A journal that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReadJournal {
    pub(crate) journal: Journal,
    /// Where it begins.
    pub(crate) offset: u64,
    pub(crate) state: State,
}

impl Journal {
    /// The journal in bytes, from `offset` to `moov_offset`, where the new `moov` begins.
    ///
    /// # Errors
    /// How many bytes it needs before its footer, if there is too little room.
    pub(crate) fn to_bytes(&self, offset: u64, moov_offset: u64) -> Result<Vec<u8>, u64> {
        let mut bytes = serde_json::to_vec(self).expect("every field has a form in JSON");
        let needed = bytes.len() as u64;
        let len = (moov_offset - offset).checked_sub(FOOTER_LEN).filter(|len| needed <= *len);
        let len = len.ok_or(needed)?;
        bytes.resize(usize::try_from(len).expect("a journal is in memory"), b'\n');
        let len = u32::try_from(len).expect("a journal is shorter than 4 GiB");
        let footer = [&MAGIC[..], &offset.to_be_bytes(), &len.to_be_bytes()].concat();
        let check = check(&bytes, &footer);
        Ok([bytes, footer, UNDOABLE.to_vec(), check.to_vec(), END.to_vec()].concat())
    }

    /// Whether it can be the journal that lies from `offset` to `moov_offset`: what it would change is in the file that there
    /// was before.
    fn is_sound(&self, offset: u64, moov_offset: u64) -> bool {
        let Self { before, moov_before, moov_after, switch, sized_at, block, .. } = self;
        let is_before = |start: u64, len: usize| {
            start.checked_add(len as u64).is_some_and(|end| end <= before.len)
        };
        let moov_len = usize::try_from(moov_before.len).unwrap_or(usize::MAX);
        let (block_len, switch_len) = (block.bytes.0.len(), switch.before.0.len());
        let in_block = switch.offset.checked_sub(block.offset);
        before.len <= offset
            && moov_after.offset == moov_offset
            && self.len_after > moov_offset
            && is_before(moov_before.offset, moov_len)
            && is_before(switch.offset, switch_len)
            && is_before(block.offset, block_len)
            && block_len as u64 <= Block::LEN
            && in_block.is_some_and(|at| at + switch_len as u64 <= block_len as u64)
            && sized_at.is_none_or(|at| is_before(at, 4))
            && switch.patch().is_some()
    }

    /// Bytes by which the file grew.
    pub(crate) fn bytes_appended(&self) -> u64 {
        self.len_after.saturating_sub(self.before.len)
    }

    /// The journal that ends right before `moov_offset`; `None` if there is none.
    ///
    /// # Errors
    /// [`JournalError`] if it cannot be read, or is another version's.
    pub(crate) fn before(
        moov_offset: u64,
        read: &ReadExactAt<'_>,
    ) -> Result<Option<ReadJournal>, JournalError> {
        let Some(footer_offset) = moov_offset.checked_sub(FOOTER_LEN) else { return Ok(None) };
        let mut footer = [0; FOOTER_BYTES];
        read(&mut footer, footer_offset)?;
        let number =
            |at: usize| crate::atom::array_at::<8>(&footer, at).map_or(0, u64::from_be_bytes);
        let (offset, len) = (number(8), number(16) >> 32);
        let is_footer = footer.starts_with(MAGIC)
            && footer.ends_with(END)
            && len <= u64::from(LEN_MAX)
            && offset.checked_add(len) == Some(footer_offset);
        if !is_footer {
            return Ok(None);
        }
        let mut bytes = vec![0; usize::try_from(len).expect("it is at most LEN_MAX")];
        read(&mut bytes, offset)?;
        if check(&bytes, &footer[..STATE_AT]) != footer[STATE_AT + 4..STATE_AT + 8] {
            return Ok(None);
        }
        let state = match &footer[STATE_AT..STATE_AT + 4] {
            state if state == UNDOABLE => State::Undoable,
            _ => State::Punched,
        };
        let text = String::from_utf8_lossy(&bytes);
        let journal: Self =
            json::from_text(&text).map_err(|error| JournalError::Form(error.to_string()))?;
        if !journal.is_sound(offset, moov_offset) {
            return Err(JournalError::Form("it contradicts itself".to_owned()));
        }
        Ok(Some(ReadJournal { journal, offset, state }))
    }
}

/// The most journals that are followed.
const CHAIN_MAX: usize = 100_000;

/// The journals of a movie whose `moov` begins at `moov_offset`, newest first: each is right before the `moov` that the one
/// after it replaced.
///
/// # Errors
/// [`JournalError`] if one cannot be read, or is another version's.
pub(crate) fn journals(
    moov_offset: u64,
    read: &ReadExactAt<'_>,
) -> Result<Vec<ReadJournal>, JournalError> {
    let (mut found, mut end) = (Vec::new(), moov_offset);
    while found.len() < CHAIN_MAX {
        let Some(journal) = Journal::before(end, read)? else { break };
        let before = journal.journal.moov_before.offset;
        found.push(journal);
        // An older one lies before it: what says otherwise leads nowhere.
        if before >= end {
            break;
        }
        end = before;
    }
    Ok(found)
}

/// Where a `moov` may begin that has a journal before it, from the end of the file on: for a file whose atoms cannot be
/// followed.
///
/// - `moov_len_max`: how far back is looked.
///
/// # Errors
/// [`IoError`] if the file cannot be read.
pub(crate) fn moov_offsets_from_end(
    len: u64,
    moov_len_max: u64,
    read: &ReadExactAt<'_>,
) -> Result<Vec<u64>, IoError> {
    const STEP_LEN: u64 = 1 << 20;
    const OFFSETS_MAX: usize = 64;
    let first = len.saturating_sub(moov_len_max).max(FOOTER_LEN);
    let mut end = len - len % MOOV_ALIGNMENT;
    let (mut offsets, mut block) = (Vec::new(), Vec::new());
    while end > first && offsets.len() < OFFSETS_MAX {
        let start = end.saturating_sub(STEP_LEN);
        block.resize(usize::try_from(end - start).expect("a step is small"), 0);
        read(&mut block, start)?;
        let ends = block.as_chunks::<64>().0.iter().enumerate().rev();
        let ends = ends.filter(|(_, bytes)| bytes[32..].starts_with(MAGIC) && bytes.ends_with(END));
        offsets.extend(ends.map(|(chunk, _)| start + (chunk as u64 + 1) * MOOV_ALIGNMENT));
        end = start;
    }
    Ok(offsets)
}

impl ReadJournal {
    /// Where it is in the file.
    pub(crate) fn range(&self) -> ByteRange {
        let end = self.journal.moov_after.offset;
        ByteRange { offset: self.offset, len: end.saturating_sub(self.offset) }
    }

    /// The write after which the insert cannot be taken back any more.
    pub(crate) fn end_undo(&self) -> Patch {
        let state_at = self.journal.moov_after.offset - FOOTER_LEN + STATE_AT as u64;
        Patch::new(state_at, UNDOABLE, PUNCHED)
    }
}

/// Why a journal that is there cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It could not be read.
    #[error(transparent)]
    Io(#[from] IoError),
    /// It is of another version.
    #[error("its journal cannot be used: {0}")]
    Form(String),
}

/// Four bytes that a journal and its footer up to the state must have.
fn check(journal: &[u8], footer: &[u8]) -> [u8; 4] {
    let mut hash = XxHash3_128::new();
    hash.write(journal);
    hash.write(footer);
    let hash = hash.finish_128().to_be_bytes();
    [hash[12], hash[13], hash[14], hash[15]]
}
