//! Who takes part: intercut on each route, what a user would take instead, and the storage's own limit.
//!
//! - In: a workload, the finished movie that was verified, a folder for results.
//! - Out: for each [`Contender`] which files it reads, and a command or a call that writes the result.
//! - Holds: all write the same media; all but FFmpeg and raw writes write the same bytes.
//! - FFmpeg's concat demuxer ends a stretch at the first packet of any stream that is past its end, so where sound is
//!   before pictures it loses pictures. It is given a base without sound, made before the clock starts, and takes the
//!   sound from the real one.
//! - Not here: measuring (`measure`), checking the result (`check`).
//!
//! References: cp(1), dd(1), FFmpeg's concat demuxer.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use intercut_io::Route;

use crate::cache::Cache;
use crate::error::VersusError;
use crate::limit::{Limit, Memory, Shape};
use crate::measure;
use crate::workload::Workload;

/// One way of getting the finished movie onto the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contender {
    /// Raw direct writes of one shape, with raw direct reads where the run is cold. The fastest from memory that is used
    /// again and again is the storage limit.
    Raw(Shape, Memory),
    /// `intercut splice --route ROUTE`.
    Intercut(Route),
    /// FFmpeg's concat demuxer with `-c copy`.
    Ffmpeg,
    /// `cp --reflink=never` of the finished movie.
    Copy,
    /// `cp --reflink=auto` of the finished movie.
    CopyReflink,
    /// `dd` of the finished movie with direct writes, and direct reads where the run is cold.
    Dd,
}

impl Contender {
    /// Everybody, raw writes first.
    pub fn all(limits: &[Limit]) -> Vec<Self> {
        let routes = Route::ALL.map(Contender::Intercut);
        let peers = [Self::Ffmpeg, Self::Copy, Self::CopyReflink, Self::Dd];
        limits.iter().map(Self::of).chain(routes).chain(peers).collect()
    }

    /// The contender that `limit` is run as.
    pub fn of(limit: &Limit) -> Self {
        Self::Raw(limit.shape(), limit.memory())
    }

    /// Whether it is raw writes, not a program.
    pub fn is_raw(self) -> bool {
        matches!(self, Self::Raw(..))
    }

    /// Its name in tables.
    pub fn name(self) -> String {
        match self {
            Self::Raw(shape, Memory::Used) => format!("raw {shape}"),
            Self::Raw(shape, Memory::Fresh) => format!("raw {shape}, fresh"),
            Self::Intercut(route) => format!("intercut {route}"),
            Self::Ffmpeg => "ffmpeg concat -c copy".to_owned(),
            Self::Copy => "cp --reflink=never".to_owned(),
            Self::CopyReflink => "cp --reflink=auto".to_owned(),
            Self::Dd => "dd oflag=direct".to_owned(),
        }
    }
}

/// What the commands are about.
#[derive(Debug)]
pub struct Scene<'a> {
    /// The workload.
    pub workload: &'a Workload,
    /// The `intercut` command.
    pub intercut: PathBuf,
    /// The folder that everything made by the comparison is in.
    pub folder: PathBuf,
    /// Whether the sources are in the page cache.
    pub cache: Cache,
}

impl Scene<'_> {
    /// The finished movie, verified, which `cp` and `dd` copy.
    pub fn finished(&self) -> PathBuf {
        self.folder.join("finished.mov")
    }

    /// The result of a run.
    pub fn output(&self) -> PathBuf {
        self.folder.join("out.mov")
    }

    /// The base that FFmpeg's list names: a copy without sound where there is any.
    fn pictures(&self) -> PathBuf {
        match self.workload.recipe.sound {
            Some(_) => self.folder.join("pictures.mov"),
            None => self.workload.base.clone(),
        }
    }

    fn list(&self) -> PathBuf {
        self.folder.join("edits.ffconcat")
    }

    /// Every file that is read by anyone.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = self.reads(Contender::Ffmpeg);
        files.push(self.finished());
        files
    }

    /// The files that a contender reads.
    pub fn reads(&self, contender: Contender) -> Vec<PathBuf> {
        match (contender, self.cache) {
            (Contender::Raw(..), Cache::Warm) => Vec::new(),
            (Contender::Raw(..), Cache::Cold) | (Contender::Intercut(_), _) => {
                self.workload.files()
            }
            (Contender::Ffmpeg, _) => {
                let mut files = self.workload.files();
                files.extend(self.workload.recipe.sound.map(|_| self.pictures()));
                files
            }
            (Contender::Copy | Contender::CopyReflink | Contender::Dd, _) => vec![self.finished()],
        }
    }

    /// The command that splices the workload to `output`.
    pub fn splice(&self, route: Route, output: &Path) -> Command {
        let mut command = Command::new(&self.intercut);
        command.arg("splice").arg(&self.workload.base).arg(&self.workload.clips);
        command.arg("-o").arg(output).args(["--route", route.name(), "--json", "--quiet"]);
        command
    }

    /// The command that proves the finished movie sample by sample.
    pub fn verify(&self) -> Command {
        let mut command = Command::new(&self.intercut);
        command.arg("verify").arg(self.finished());
        command.arg(&self.workload.base).arg(&self.workload.clips);
        command
    }

    /// The command of a contender; `None` for raw writes, which are not a program.
    pub fn command(&self, contender: Contender) -> Option<Command> {
        let (finished, output) = (self.finished(), self.output());
        Some(match contender {
            Contender::Raw(..) => return None,
            Contender::Intercut(route) => self.splice(route, &output),
            Contender::Ffmpeg => self.concat(&output),
            Contender::Copy => cp("--reflink=never", &finished, &output),
            Contender::CopyReflink => cp("--reflink=auto", &finished, &output),
            Contender::Dd => self.dd(&finished, &output),
        })
    }

    /// The pictures come from the list, the sound from the base, since the clips have none.
    fn concat(&self, output: &Path) -> Command {
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-nostdin", "-f", "concat", "-safe", "0", "-i"]);
        command.arg(self.list());
        if self.workload.recipe.sound.is_some() {
            command.arg("-i").arg(&self.workload.base).args(["-map", "0:v", "-map", "1:a"]);
        } else {
            command.args(["-map", "0:v"]);
        }
        let timecode = self.workload.recipe.timecode(0);
        command.args(["-c", "copy", "-timecode", &timecode, "-f", "mov"]).arg(output);
        command
    }

    fn dd(&self, finished: &Path, output: &Path) -> Command {
        let named = |name: &str, path: &Path| {
            let mut word = std::ffi::OsString::from(name);
            word.push(path);
            word
        };
        let mut command = Command::new("dd");
        command.arg(named("if=", finished)).arg(named("of=", output));
        command.args(["bs=4M", "oflag=direct", "conv=fdatasync", "status=none"]);
        if self.cache == Cache::Cold {
            command.arg("iflag=direct");
        }
        command
    }

    /// Writes what FFmpeg needs: the list of edits, and the base without sound.
    ///
    /// # Errors
    /// [`VersusError`] where it cannot be written.
    pub fn prepare_ffmpeg(&self) -> Result<(), VersusError> {
        let path = self.list();
        fs::write(&path, self.edits()).map_err(VersusError::io("write", &path))?;
        if self.workload.recipe.sound.is_some() {
            let mut command = Command::new("ffmpeg");
            command.args(["-v", "error", "-nostdin", "-i"]).arg(&self.workload.base);
            command.args(["-map", "0:v", "-c", "copy", "-f", "mov"]).arg(self.pictures());
            measure::finish(&mut command)?;
        }
        Ok(())
    }

    /// Microseconds are all that the list can say. A stretch begins at the first one that is not before its frame and
    /// ends at the last one that is not after the next, so that no frame is taken twice or left out.
    fn edits(&self) -> String {
        let recipe = &self.workload.recipe;
        let rate = u64::from(recipe.rate);
        let begin = |frame: u32| (u64::from(frame) * 1_000_000).div_ceil(rate);
        let end = |frame: u32| u64::from(frame) * 1_000_000 / rate;
        let file = |path: &Path| path.display().to_string().replace('\'', r"'\''");
        let mut list = "ffconcat version 1.0\n".to_owned();
        let mut add = |path: &Path, range: Option<(u32, u32)>| {
            let mut entry = format!("file '{}'\n", file(path));
            if let Some((first, after)) = range {
                let _ = writeln!(entry, "inpoint {}us\noutpoint {}us", begin(first), end(after));
            }
            list += &entry;
        };
        let (pictures, mut frame) = (self.pictures(), 0);
        for clip in &recipe.clips {
            if clip.base_frame > frame {
                add(&pictures, Some((frame, clip.base_frame)));
            }
            add(&self.workload.clips.join(&clip.name), None);
            frame = clip.base_frame + clip.frames;
        }
        if frame < recipe.frames {
            add(&pictures, Some((frame, recipe.frames)));
        }
        list
    }
}

fn cp(reflink: &str, from: &Path, to: &Path) -> Command {
    let mut command = Command::new("cp");
    command.arg(reflink).arg(from).arg(to);
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::{ClipRecipe, Recipe, WorkloadName};

    #[test]
    fn edits_leave_out_no_frame_and_take_none_twice() {
        let mut recipe = Recipe::new(WorkloadName::Long, 1.0);
        recipe.sound = None;
        let clip =
            |name: &str, base_frame| ClipRecipe { name: name.to_owned(), base_frame, frames: 24 };
        recipe.clips = vec![clip("a.mov", 0), clip("it's.mov", 25)];
        recipe.frames = 60;
        let (base, clips) = ("/w/base.mov".into(), "/w/clips".into());
        let workload = Workload { name: WorkloadName::Long, scale: 1.0, recipe, base, clips };
        let scene = Scene {
            workload: &workload,
            intercut: "intercut".into(),
            folder: "/w/run".into(),
            cache: Cache::Warm,
        };
        let expected = r"ffconcat version 1.0
file '/w/clips/a.mov'
file '/w/base.mov'
inpoint 1000000us
outpoint 1041666us
file '/w/clips/it'\''s.mov'
file '/w/base.mov'
inpoint 2041667us
outpoint 2500000us
";
        assert_eq!(scene.edits(), expected);
    }
}
