//! Inserts clips into a movie.
//!
//! - In: what a splice takes; its base is the movie.
//! - Out: the changed movie, and its [`Report`].
//! - Holds: the movie is locked from its opening to the end. Nothing is written before [`LaidOutInsert::write`], and no byte that
//!   the movie has before [`WrittenInsert::commit`], which cannot be stopped any more once its first write is made.
//! - Not here: where bytes go (`append`), how they move (`splice`).

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use intercut_io::{Control, InPlaceFile, IoError, OpenElsewhere, Patch, Source, Target, machine};

use super::InPlaceError;
use super::leftover::{self, Care};
use super::noted::{self, Noted};
use crate::append::{AppendError, Ground, InPlace, Insertion, Leftover, Made};
use crate::atom::ReadError;
use crate::discover::{Growing, PassedOver};
use crate::json::moment;
use crate::movie::Movie;
use crate::plan::SplicePlan;
use crate::splice::{
    LaidOutSplice, OpenedSplice, OwnBase, PlannedSplice, Report, Splice, WrittenSplice,
};
use crate::verify::unreferenced_bytes;

/// An insert that is to be made.
#[derive(Debug, Clone)]
pub struct Insert {
    splice: Splice,
}

/// A movie that is locked, and the clips; nothing is planned.
#[derive(Debug)]
pub struct OpenedInsert {
    movie: Locked,
    opened: OpenedSplice,
}

/// An insert that is planned.
#[derive(Debug)]
pub struct PlannedInsert {
    movie: Locked,
    planned: PlannedSplice,
}

/// An insert that is laid out: the first byte can be written.
#[derive(Debug)]
pub struct LaidOutInsert {
    movie: Locked,
    splice: LaidOutSplice,
    sized: Option<Patch>,
}

/// An insert that is appended, durable, and verified as far as was asked. The movie is still the old one; dropped, the file is
/// what it was.
#[derive(Debug)]
pub struct WrittenInsert {
    path: PathBuf,
    written: WrittenSplice,
    noted: Option<Noted>,
    warnings: Vec<String>,
}

/// The movie that is changed.
#[derive(Debug)]
struct Locked {
    path: PathBuf,
    file: InPlaceFile,
    /// What is cut off first.
    leftover: Option<Leftover>,
    /// What a batch has left beside it.
    noted: Option<Noted>,
    /// What a person should know, as sentences.
    warnings: Vec<String>,
}

impl Insert {
    /// Makes what `splice` describes of its base, instead of a new movie.
    pub fn new(splice: Splice) -> Self {
        Self { splice }
    }

    /// Locks the movie and opens the clips.
    ///
    /// # Errors
    /// [`IoError::Locked`] if another run has the movie; what opening a splice says.
    pub fn open(&self, control: &Control) -> Result<OpenedInsert, InPlaceError> {
        control.cancel.check()?;
        let growing = others_write(self.splice.base_path())?;
        let movie = Locked::open(self.splice.base_path())?;
        let opened = self.splice.clone().in_place(OwnBase { growing }).open(control)?;
        if opened.base_identity() != movie.file.identity() {
            let (path, what) = (movie.path.clone(), "while it was opened".to_owned());
            return Err(IoError::TargetChanged { path, what }.into());
        }
        Ok(OpenedInsert { movie, opened })
    }

    /// Opens everything, plans, writes, and switches to the new movie.
    ///
    /// # Errors
    /// [`InPlaceError`]; the movie is then what it was.
    pub fn run(&self, control: &Control) -> Result<Report, InPlaceError> {
        self.open(control)?.plan()?.lay_out()?.write(control)?.commit(control)
    }
}

/// Whether somebody has the movie open for writing, asked before this process has. When it last changed says nothing: an
/// insert may follow another.
fn others_write(path: &Path) -> Result<Option<Growing>, IoError> {
    let growing = Growing::of(&Source::open(path)?);
    Ok(growing.filter(|growing| *growing == Growing::Open))
}

impl Locked {
    fn open(path: &Path) -> Result<Self, InPlaceError> {
        let file = InPlaceFile::open(path)?;
        let mut warnings = Vec::new();
        let is_open = match file.open_elsewhere() {
            OpenElsewhere::Yes => {
                warnings.push(
                    "others have the movie open: they see the old one until they open it again"
                        .to_owned(),
                );
                true
            }
            _ => false,
        };
        let links = std::fs::metadata(path).map_err(IoError::failed("examine", path))?.nlink();
        if links > 1 {
            warnings.push(format!("the movie has {links} names, and changes under all of them"));
        }
        // What is no movie is told when it is opened as one.
        let left = leftover::examine(&file).ok().and_then(|examined| examined.leftover);
        let leftover = left.filter(|leftover| {
            let (bytes, start) = (leftover.len, leftover.start);
            warnings.push(match is_open {
                true => format!(
                    "{bytes} bytes that an insert or undo before left behind the movie stay: others have it open"
                ),
                false => format!(
                    "{bytes} bytes from byte {start} on are removed: an insert or undo before was cut short, or told to keep them"
                ),
            });
            !is_open
        });
        let noted = Noted::of(path, left.as_ref())?;
        Ok(Self { path: path.to_owned(), file, leftover, noted, warnings })
    }
}

impl OpenedInsert {
    /// What was passed over in folders, and why.
    pub fn passed_over(&self) -> &[PassedOver] {
        self.opened.passed_over()
    }

    /// What a person should know, as sentences.
    pub fn warnings(&self) -> &[String] {
        &self.movie.warnings
    }

    /// Plans the insert.
    ///
    /// # Errors
    /// As a splice.
    pub fn plan(self) -> Result<PlannedInsert, InPlaceError> {
        let Self { movie, opened } = self;
        Ok(PlannedInsert { movie, planned: opened.plan()? })
    }
}

impl PlannedInsert {
    /// The plan.
    pub fn plan(&self) -> &SplicePlan {
        self.planned.plan()
    }

    /// Looks at the pictures of every event, if the options ask for that.
    ///
    /// # Errors
    /// As a splice.
    pub fn check_content(self, control: &Control) -> Result<Self, InPlaceError> {
        let Self { movie, planned } = self;
        Ok(Self { movie, planned: planned.check_content(control)? })
    }

    /// Lays out what is appended, and finds the header that is enlarged.
    ///
    /// # Errors
    /// [`InPlaceError::Append`]; what laying out a splice says.
    pub fn lay_out(self) -> Result<LaidOutInsert, InPlaceError> {
        let Self { movie, planned } = self;
        let made =
            Made { time: moment(SystemTime::now()), user: machine::user(), host: machine::name() };
        let leftover = movie.leftover;
        let before = planned.plan().base.identity;
        let laid_out = planned.lay_out_by(movie.path.clone(), |base, clips, plan| {
            let read_now =
                |buffer: &mut [u8], offset: u64| base.source.read_exact_at(buffer, offset);
            let size = leftover
                .map(|leftover| leftover::size_taken_back(&leftover, &read_now))
                .transpose()?;
            let size = size.flatten();
            let read = |buffer: &mut [u8], offset: u64| {
                read_now(buffer, offset)?;
                size.iter().for_each(|patch| patch.show(buffer, offset));
                Ok(())
            };
            // As it will be when what is left behind it is gone.
            let cut = leftover.map(|leftover| read_movie(leftover.start, &read)).transpose()?;
            let ground = Ground {
                movie: cut.as_ref().unwrap_or(&base.movie),
                read: &read,
                modified_ns: leftover.map_or(before.mtime_ns, |leftover| leftover.modified_ns),
            };
            let Insertion { layout, sized, switch } =
                Insertion::new(ground, clips, plan, Some(&made))?;
            Ok((layout, (sized, switch)))
        });
        let (splice, (sized, switch)) =
            laid_out.map_err(|error| InPlaceError::of_append(&movie.path, error))?;
        let (len, bytes) = {
            let schedule = splice.layout().schedule();
            (schedule.len(), schedule.bytes_to_write())
        };
        let planned = splice.planned();
        let changed =
            read_movie(len, &|buffer: &mut [u8], offset| planned.read_exact_at(buffer, offset));
        let changed = changed.map_err(|error| InPlaceError::of_append(&movie.path, error))?;
        let in_place = InPlace {
            bytes_appended: bytes,
            garbage_bytes: unreferenced_bytes(&changed),
            switch_offset: switch.offset(),
            switch_len: switch.after().len() as u64,
        };
        let splice = splice.changing_in_place(in_place);
        Ok(LaidOutInsert { movie, splice, sized })
    }
}

/// Reads a movie of `len` bytes.
fn read_movie(len: u64, read: &intercut_io::ReadExactAt<'_>) -> Result<Movie, AppendError> {
    Movie::read(len, &mut |buffer: &mut [u8], offset| read(buffer, offset)).map_err(|error| {
        match error {
            ReadError::Read(error) => AppendError::Io(error),
            ReadError::Format(_) => AppendError::Unsound,
        }
    })
}

impl LaidOutInsert {
    /// The plan.
    pub fn plan(&self) -> &SplicePlan {
        self.splice.plan()
    }

    /// The report of a run that ends here: what would be written.
    pub fn report(&self) -> Report {
        let mut report = self.splice.report();
        report.warnings.extend(self.movie.warnings.iter().cloned());
        report
    }

    /// Appends the region, makes it durable, and verifies it as far as the options say. The movie is still the old one.
    ///
    /// # Errors
    /// [`InPlaceError`]; the file is then what it was.
    pub fn write(self, control: &Control) -> Result<WrittenInsert, InPlaceError> {
        let Self { movie, splice, sized } = self;
        let Locked { path, mut file, leftover, noted, warnings } = movie;
        let written = splice.write_to(control, |_| {
            if let Some(leftover) = &leftover {
                // Whether somebody has the movie open was asked before this process had it open itself.
                leftover::cut_off(&mut file, leftover, Care::Force)?;
                file.renew()?;
            }
            file.prepare(sized.as_slice())?;
            Ok(Target::append(file))
        })?;
        Ok(WrittenInsert { path, written, noted, warnings })
    }
}

impl WrittenInsert {
    /// Switches to the new movie.
    ///
    /// # Errors
    /// [`InPlaceError`]; the movie is then what it was.
    pub fn commit(self, control: &Control) -> Result<Report, InPlaceError> {
        let Self { path, written, mut noted, mut warnings } = self;
        written.check_base_header()?;
        control.cancel.check()?;
        if let Some(noted) = &mut noted {
            let read = |buffer: &mut [u8], offset: u64| written.read_committed(buffer, offset);
            noted.expect(written.len(), &read)?;
        }
        let mut report = match written.commit(control) {
            Ok(report) => report,
            Err(error) => {
                noted.iter().for_each(Noted::put_back);
                return Err(error.into());
            }
        };
        if let Some(noted) = noted {
            let settled = noted.settle(report.verification.digests.clone());
            warnings.extend(settled.err().map(|error| noted::warning(&path, &error)));
        }
        let in_place = report.in_place;
        warnings.extend(in_place.and_then(|in_place| in_place.warning(report.bytes)));
        report.warnings.extend(warnings);
        Ok(report)
    }
}
