//! Gives back the space of what a movie does not use any more; there is no way back to older states then.
//!
//! ```text
//! anew    a splice without clips into a new file, which takes the movie's name when it is whole
//! punch   the blocks of unused bytes are given back where they are; the file stays as long as it is
//! ```
//!
//! - In: the movie. Out: [`Compacted`].
//! - Holds: written anew, the movie is the old file or the new one, whatever happens. Punched, undo is ended durably before the
//!   first block goes; blocks that a sample, an atom or a journal lies in stay.
//! - Not here: laying out a new movie (`layout`), which bytes are unused (`verify`).

use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use intercut_io::{
    Cancel, Control, InPlaceFile, IoError, OpenElsewhere, ReadExactAt, Replace, Target,
};

use super::leftover::{self, Care};
use super::noted::{self, Noted};
use super::{History, InPlaceError};
use crate::append::{Leftover, ReadJournal, State, journals};
use crate::atom::ReadError;
use crate::atom::file::Header;
use crate::discover::OpenError;
use crate::layout::{Layout, LayoutError, LayoutOptions};
use crate::movie::Movie;
use crate::sidecar::followed;
use crate::splice::{OwnBase, Splice, SpliceError, SpliceOptions};
use crate::units::{ByteRange, FourCc};
use crate::verify::unreferenced;

/// Blocks that are given back begin and end at multiples of this many bytes.
const BLOCK_LEN: u64 = 4096;

/// What is gained at least, or nothing is done: a new movie has gaps of its own.
const GAIN_MIN: u64 = 4096;

/// How a movie is compacted.
#[derive(Debug, Clone, PartialEq, Eq)]
enum How {
    /// Written anew, to its own name or another one.
    Anew { output: Option<PathBuf>, faststart: bool },
    /// Where it is.
    Punch,
}

/// A compaction that is to be made.
#[derive(Debug, Clone)]
pub struct Compact {
    path: PathBuf,
    how: How,
}

/// What a compaction did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compacted {
    /// Length of the movie before, in bytes.
    pub len_before: u64,
    /// Length of the movie that was written or punched.
    pub len: u64,
    /// Bytes that the disk has more: by the length of a new file, or by the blocks that were given back.
    pub given_back: u64,
    /// Whether anything was done: there was something to gain.
    pub is_changed: bool,
    /// Inserts that could be taken back before.
    pub inserts_ended: usize,
    /// What a person should know, as sentences.
    pub warnings: Vec<String>,
}

impl Compact {
    /// Writes the movie at `path` anew under its own name.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), how: How::Anew { output: None, faststart: false } }
    }

    /// Writes a new movie to `output`, and leaves the old one as it is.
    #[must_use]
    pub fn output(mut self, output: impl Into<PathBuf>) -> Self {
        let faststart = matches!(self.how, How::Anew { faststart: true, .. });
        self.how = How::Anew { output: Some(output.into()), faststart };
        self
    }

    /// Whether `moov` stands before the media.
    #[must_use]
    pub fn faststart(mut self, faststart: bool) -> Self {
        let output = match self.how {
            How::Anew { output, .. } => output,
            How::Punch => None,
        };
        self.how = How::Anew { output, faststart };
        self
    }

    /// Gives blocks back where they are, instead of writing the movie anew.
    #[must_use]
    pub fn punch(mut self) -> Self {
        self.how = How::Punch;
        self
    }

    /// Does it.
    ///
    /// # Errors
    /// [`InPlaceError`]. Written anew, the movie is then what it was; punched, some blocks may be given back, but none that the
    /// movie uses.
    pub fn run(&self, control: &Control) -> Result<Compacted, InPlaceError> {
        // The name that the new movie takes is the movie's own, and not that of a link to it.
        Self { path: followed(&self.path)?, how: self.how.clone() }.run_there(control)
    }

    fn run_there(&self, control: &Control) -> Result<Compacted, InPlaceError> {
        let noted = match &self.how {
            How::Anew { output: Some(_), .. } => None,
            _ => Noted::of(&self.path, None)?,
        };
        let mut done = match &self.how {
            How::Punch => self.punch_holes(control)?,
            How::Anew { output, faststart } => {
                self.write_anew(output.as_deref(), *faststart, control)?
            }
        };
        if let Some(noted) = noted.filter(|_| done.is_changed) {
            let settled = noted.settle(None);
            done.warnings.extend(settled.err().map(|error| noted::warning(&self.path, &error)));
        }
        Ok(done)
    }

    fn write_anew(
        &self,
        output: Option<&Path>,
        faststart: bool,
        control: &Control,
    ) -> Result<Compacted, InPlaceError> {
        let path = &self.path;
        // A movie that is only read need not be locked.
        let locked = if output.is_none() { Some(InPlaceFile::open(path)?) } else { None };
        let mut warnings = Vec::new();
        let metadata = std::fs::metadata(path).map_err(IoError::failed("examine", path))?;
        let (links, len_before) = (metadata.nlink(), metadata.len());
        if links > 1 && output.is_none() {
            warnings.push(format!("{} other names still lead to the old movie", links - 1));
        }
        let target = output.unwrap_or(path);
        let alone = Splice::new(path).options(SpliceOptions::default());
        let planned = match output {
            // Whether it can be written is known before anything is read.
            Some(output) => alone.output(output).open(control)?.plan()?,
            None => alone.in_place(OwnBase { growing: None }).open(control)?.plan()?,
        };
        let options = LayoutOptions { faststart };
        let (laid_out, (inserts_ended, is_moved)) =
            planned.lay_out_by(target.to_owned(), |base, clips, plan| {
                let header = base.movie.header();
                let read =
                    |buffer: &mut [u8], offset: u64| base.source.read_exact_at(buffer, offset);
                let inserts = undoable_count(path, &base.movie, &read);
                let is_moved = faststart && !is_header_first(header);
                let layout = Layout::new(&base.movie, clips, plan, options)?;
                Ok::<_, SpliceError>((layout, (inserts, is_moved)))
            })?;
        let len = laid_out.layout().schedule().len();
        let gain = len_before.saturating_sub(len);
        if output.is_none() && gain < GAIN_MIN && !is_moved {
            return Ok(nothing_to_gain(len_before, warnings));
        }
        let written = laid_out.write_to(control, |splice| match &locked {
            None => Target::create(target, Replace::Refuse, splice.sources()),
            Some(file) => Target::in_place_of(file),
        })?;
        written.commit(control)?;
        let inserts_ended = if output.is_none() { inserts_ended } else { 0 };
        let (given_back, is_changed) = (gain, true);
        Ok(Compacted { len_before, len, given_back, is_changed, inserts_ended, warnings })
    }

    fn punch_holes(&self, control: &Control) -> Result<Compacted, InPlaceError> {
        let path = &self.path;
        let file = &mut InPlaceFile::open(path)?;
        let len_before = file.identity().len;
        let mut warnings = Vec::new();
        let _lease = match file.open_elsewhere() {
            OpenElsewhere::No(lease) => Some(lease),
            OpenElsewhere::Yes => return Err(InPlaceError::OpenElsewhere { path: path.clone() }),
            _ => {
                warnings.push(
                    "this file system cannot tell whether others have the movie open: those who have see zeros in what \
                     was replaced"
                        .to_owned(),
                );
                None
            }
        };
        file.check_punch()?;
        let movie = read_whole(path, file, &control.cancel)?;
        let read = |buffer: &mut [u8], offset: u64| file.read_exact_at(buffer, offset);
        // They tell what was inserted when nothing can be taken back any more.
        let kept = journals(movie.header().moov_offset, &read);
        let mut kept = kept.map_err(|error| InPlaceError::of_journal(path, error))?;
        kept.reverse();
        let places: Vec<ByteRange> = kept.iter().map(ReadJournal::range).collect();
        let holes: Vec<Range<u64>> = unused_blocks(&movie, &places).collect();
        let leftover = Leftover::find(movie.header(), Some(&movie), &read)?;
        let inserts_ended = undoable_count(path, &movie, &read);
        let last = kept.last().filter(|last| last.state == State::Undoable);
        let tail = movie.header().tail();
        if holes.is_empty() && leftover.is_none() && tail.len == 0 {
            return Ok(nothing_to_gain(len_before, warnings));
        }
        control.cancel.check()?;
        if let Some(last) = last {
            file.patch(&[last.end_undo()])?;
        }
        let mut given_back = file.punch(&holes)?;
        if let Some(leftover) = &leftover {
            // The lease is held: nobody has it open.
            leftover::cut_off(file, leftover, Care::Force)?;
            given_back += leftover.len;
        } else if tail.len > 0 {
            let modified_ns = file.identity().mtime_ns;
            file.cut_back(tail.offset, &[], modified_ns)?;
            given_back += tail.len;
        }
        let len = len_before - leftover.map_or(tail.len, |leftover| leftover.len);
        let is_changed = given_back > 0 || inserts_ended > 0;
        Ok(Compacted { len_before, len, given_back, is_changed, inserts_ended, warnings })
    }
}

fn nothing_to_gain(len: u64, warnings: Vec<String>) -> Compacted {
    let is_changed = false;
    Compacted { len_before: len, len, given_back: 0, is_changed, inserts_ended: 0, warnings }
}

/// Inserts that can be taken back.
fn undoable_count(path: &Path, movie: &Movie, read: &ReadExactAt<'_>) -> usize {
    History::of(path, movie, read).map_or(0, |history| history.undoable_count())
}

/// Whether `moov` stands before the media.
fn is_header_first(header: &Header) -> bool {
    let media = header.atoms.iter().find(|atom| atom.kind == FourCc(*b"mdat"));
    media.is_none_or(|media| header.moov_offset < media.range.offset)
}

/// Reads a locked movie, of which everything that refers to its bytes must be understood.
fn read_whole(path: &Path, file: &InPlaceFile, cancel: &Cancel) -> Result<Movie, InPlaceError> {
    let mut read = |buffer: &mut [u8], offset: u64| {
        cancel.check()?;
        file.read_exact_at(buffer, offset)
    };
    let movie = Movie::read(file.identity().len, &mut read).map_err(|error| match error {
        ReadError::Read(error) => error.into(),
        ReadError::Format(source) => {
            InPlaceError::from(OpenError::Movie { path: path.to_owned(), source, growing: None })
        }
    })?;
    match movie.obstacles().of_the_rest.first() {
        None => Ok(movie),
        Some(source) => {
            let (path, source) = (path.to_owned(), source.clone());
            Err(SpliceError::from(LayoutError::Unsupported { path, source }).into())
        }
    }
}

/// The whole blocks in which nothing lies that the movie or its history needs.
fn unused_blocks<'a>(
    movie: &'a Movie,
    journals: &'a [ByteRange],
) -> impl Iterator<Item = Range<u64>> + 'a {
    unreferenced(movie).flat_map(move |gap| without(gap, journals)).filter_map(|gap| {
        let start = gap.start.next_multiple_of(BLOCK_LEN);
        let end = gap.end - gap.end % BLOCK_LEN;
        (start < end).then_some(start..end)
    })
}

/// What is left of a range without those of `taken`, which are in order.
fn without(range: ByteRange, taken: &[ByteRange]) -> Vec<Range<u64>> {
    let (mut left, mut at) = (Vec::new(), range.offset);
    for taken in
        taken.iter().filter(|taken| taken.end() > range.offset && taken.offset < range.end())
    {
        left.push(at..taken.offset.max(at));
        at = taken.end();
    }
    left.push(at..range.end().max(at));
    left
}
