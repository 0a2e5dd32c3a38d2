//! What several commands take: movies, folders of them, what is placed where, what is shown.
//!
//! - Out: groups of arguments that a command flattens into its own; which of them it requires is the command's to say.
//! - Not here: options that a jobs file has too (`options`).

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser, ValueParser};
use clap::{Args, ValueEnum};
use intercut_engine::discover::Turnover;
use intercut_engine::list::is_same_name;
use intercut_engine::plan::PlaceOptions;
use intercut_engine::splice::MEMORY_BUDGET_DEFAULT;
use intercut_io::STAGING_MIN;

use crate::options::{Placing, Settings};

/// A base and its clips.
#[derive(Debug, Args)]
pub(crate) struct MovieArgs {
    /// The movie to splice into: a blank rush or a full render, with a timecode track
    #[arg(value_name = "BASE")]
    pub(crate) base: Option<PathBuf>,
    /// Graded clips, or folders of them (searched recursively, in name order)
    #[arg(value_name = "CLIP|DIR")]
    pub(crate) clips: Vec<PathBuf>,
    /// VFX clips, or folders of them: they win over the other clips on every frame, and are never cut (repeatable)
    #[arg(long, value_name = "CLIP|DIR")]
    pub(crate) vfx: Vec<PathBuf>,
}

/// What is spliced: a base and clips, or a saved plan that names them.
#[derive(Debug, Args)]
#[command(mut_arg("base", |arg| arg.required_unless_present("plan")))]
#[command(mut_arg("clips", |arg| arg.required_unless_present_any(["plan", "vfx"])))]
pub(crate) struct InputArgs {
    #[command(flatten)]
    pub(crate) movies: MovieArgs,
    /// Take base, clips and their places from a saved plan
    #[arg(long, value_name = "FILE", conflicts_with_all = ["MovieArgs", "PlaceArgs", "Placing"])]
    pub(crate) plan: Option<PathBuf>,
}

/// How clips are placed; the same for `splice`, `plan` and `verify`.
#[derive(Debug, Args)]
pub(crate) struct PlaceArgs {
    #[command(flatten)]
    placing: Placing,
    /// Place a clip by this record timecode instead of its own; CLIP is its file name (repeatable)
    #[arg(long, value_name = "CLIP=TIMECODE", value_parser = at_parser())]
    #[arg(help_heading = "Placing clips")]
    at: Vec<(String, String)>,
    /// Give a clip this event of a list, by its number or as line:13; CLIP is its file name (repeatable)
    #[arg(long, value_name = "CLIP=EVENT", value_parser = event_parser())]
    #[arg(help_heading = "Placing clips", requires = "edl")]
    event: Vec<(String, String)>,
}

impl PlaceArgs {
    /// The library's options.
    pub(crate) fn options(&self) -> PlaceOptions {
        let mut options = self.placing.place_options();
        options.at = self.at.iter().cloned().collect::<BTreeMap<_, _>>();
        options.lists.event = self.event.iter().cloned().collect::<BTreeMap<_, _>>();
        options
    }

    /// The edit lists.
    pub(crate) fn lists(&self) -> &[PathBuf] {
        self.placing.lists()
    }

    /// The same as settings of jobs; `None` if `--at` or `--event` places a clip, because they name no job.
    pub(crate) fn settings(&self) -> Option<Settings> {
        let placing = self.placing.clone();
        (self.at.is_empty() && self.event.is_empty())
            .then(|| Settings { placing, ..Settings::default() })
    }

    /// The first option that names a CLIP twice, and that CLIP: one of its two places would be silently dropped.
    pub(crate) fn repeated(&self) -> Option<(&'static str, &str)> {
        [("--at", &self.at), ("--event", &self.event)].into_iter().find_map(|(option, given)| {
            let names = given.iter().map(|(clip, _)| clip.as_str()).enumerate();
            let mut repeated =
                names.filter(|(i, name)| given[..*i].iter().any(|(n, _)| is_same_name(n, name)));
            repeated.next().map(|(_, name)| (option, name))
        })
    }
}

fn at_parser() -> ValueParser {
    of_clip_parser("write CLIP=TIMECODE, such as S01.mov=01:00:07:09")
}

fn event_parser() -> ValueParser {
    of_clip_parser("write CLIP=EVENT, such as S01.mov=004 or S01.mov=line:13")
}

/// Reads `CLIP=VALUE`. A file name may contain `=`, a timecode and an event cannot: the last one counts. What is not UTF-8
/// in the name is compared as U+FFFD, as the planner prints it.
fn of_clip_parser(help: &'static str) -> ValueParser {
    let parse = move |value: OsString| -> Result<(String, String), &'static str> {
        let bytes = value.into_vec();
        let split = bytes.iter().rposition(|byte| *byte == b'=').ok_or(help)?;
        let (clip, value) = (&bytes[..split], &bytes[split + 1..]);
        if clip.is_empty() || value.is_empty() {
            return Err(help);
        }
        let text = |bytes: &[u8]| OsStr::from_bytes(bytes).to_string_lossy().into_owned();
        Ok((text(clip), text(value)))
    };
    OsStringValueParser::new().try_map(parse).into()
}

/// Lists that are saved of what was placed.
#[derive(Debug, Args)]
pub(crate) struct SaveListArgs {
    /// Save what is replaced as an EDL (CMX 3600), to look at elsewhere or to give back with --edl
    #[arg(long, value_name = "FILE.edl")]
    pub(crate) save_edl: Option<PathBuf>,
    /// Save what is replaced as an OpenTimelineIO timeline, the base on its lower track
    #[arg(long, value_name = "FILE.otio")]
    pub(crate) save_otio: Option<PathBuf>,
}

/// Folders whose clips are linked to bases.
#[derive(Debug, Args)]
pub(crate) struct TurnoverArgs {
    /// Movies to splice into, or folders of them (searched recursively, in name order; repeatable)
    #[arg(long, value_name = "BASE|DIR")]
    pub(crate) bases: Vec<PathBuf>,
    /// Graded clips, or folders of them (repeatable); folders may contain one another: the nearest one counts
    #[arg(long, value_name = "CLIP|DIR")]
    pub(crate) clips: Vec<PathBuf>,
    /// VFX clips, or folders of them: they win over the other clips on every frame, and are never cut (repeatable)
    #[arg(long, value_name = "CLIP|DIR")]
    pub(crate) vfx: Vec<PathBuf>,
    /// End with exit code 3 if any clip has no base
    #[arg(long)]
    pub(crate) strict: bool,
}

impl TurnoverArgs {
    /// The folders, and the files that are not looked at because they are `outputs`.
    ///
    /// - `lists`: edit lists for all bases; without any, those that lie beside them count.
    pub(crate) fn turnover(&self, lists: &[PathBuf], outputs: Vec<PathBuf>) -> Turnover {
        Turnover {
            bases: self.bases.clone(),
            clips: self.clips.clone(),
            vfx: self.vfx.clone(),
            lists: lists.to_vec(),
            outputs,
        }
    }
}

/// How much memory is used.
#[derive(Debug, Args, Clone, Copy)]
pub(crate) struct MemoryArgs {
    /// Memory for staging, reading ahead, hashing and verifying, in MiB; jobs that run at the same time share it
    #[arg(long, value_name = "MIB", default_value_t = MEMORY_BUDGET_DEFAULT / MIB)]
    #[arg(value_parser = clap::value_parser!(u64).range(MEMORY_MIB_MIN..=MEMORY_MIB_MAX))]
    memory: u64,
}

const MIB: u64 = 1 << 20;
const MEMORY_MIB_MIN: u64 = STAGING_MIN / MIB;
/// 1 TiB: more is a typing error.
const MEMORY_MIB_MAX: u64 = 1 << 20;

impl MemoryArgs {
    /// The budget in bytes.
    pub(crate) fn budget(self) -> u64 {
        self.memory * MIB
    }
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ProgressForm {
    /// A bar on a terminal, a line every two seconds elsewhere (default)
    #[default]
    Auto,
    /// One JSON object per line on standard error, every second and whenever the phase changes
    Json,
}

/// What is shown during a run.
#[derive(Debug, Args, Clone, Copy)]
pub(crate) struct ShowArgs {
    /// Print nothing but the result of --json, warnings and errors
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Show no progress
    #[arg(long)]
    pub(crate) no_progress: bool,
}
