//! The command line as it is typed, and its translation to the library's options.
//!
//! - In: the process's arguments, which need not be UTF-8.
//! - Out: [`Cli`], one struct a command; `PlaceArgs::options`, `SpliceArgs::options` translate to library types.
//! - Holds: what clap lets through is a legal combination; everything else is a usage error (exit 2).
//! - Not here: what the commands do (`command`).

mod batch;
mod values;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser, ValueParser};
use clap::{Args, Parser, Subcommand};
use intercut_engine::link::LinkOptions;
use intercut_engine::plan::PlaceOptions;
use intercut_engine::splice::{MEMORY_BUDGET_DEFAULT, SpliceOptions};
use intercut_io::{Replace, STAGING_MIN};

pub(crate) use batch::BatchArgs;
use values::ConfidenceArg;
pub(crate) use values::{AllowArg, ClipEdgesArg, OverlapArg, RouteArg, VerifyArg};

const EXAMPLES: &str = "\
Examples:
  intercut demo                                     see it work on a small bundled movie
  intercut plan   master.mov graded/                what would go where
  intercut splice master.mov graded/ -o final.mov   do it
  intercut verify final.mov master.mov graded/      prove it, sample by sample
  intercut link   --bases masters/ --clips graded/  which clip belongs to which master

Exit codes: 0 done; 1 failed, or a difference was found; 2 usage; 3 refused plan, or clips without a base
(link --strict); 130 cancelled.";

/// Puts graded shots back into a ProRes master: bit for bit, without re-encoding.
///
/// Given a base movie and clips that carry their source timecode, intercut works out which base frames each clip
/// replaces and writes a new movie in which those samples are the clips' and everything else is the base's.
#[derive(Debug, Parser)]
#[command(name = "intercut", version, after_help = EXAMPLES, max_term_width = 100)]
#[command(disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a new movie: the base, with the clips in their place
    #[command(override_usage = "intercut splice [OPTIONS] -o <OUT> <BASE> <CLIP|DIR>...\n       \
                                intercut splice [OPTIONS] -o <OUT> --plan <FILE>")]
    #[command(
        after_help = "Example:\n  intercut splice master.mov graded/ -o final.mov --verify written"
    )]
    Splice(Box<SpliceArgs>),
    /// Show where the clips would go, and what stands in the way
    #[command(after_help = "Example:\n  intercut plan master.mov graded/ --overlap last")]
    Plan(PlanArgs),
    /// Show which clip belongs to which base, and why; writes no movie
    #[command(
        after_help = "Example:\n  intercut link --bases masters/ --clips graded/ --vfx effects/"
    )]
    Link(LinkArgs),
    /// Show what a movie is: tracks, timecode, reel, codec, frames, layout
    #[command(after_help = "Example:\n  intercut probe master.mov graded/S01.mov")]
    Probe(ProbeArgs),
    /// Prove an existing result, sample by sample
    #[command(override_usage = "intercut verify [OPTIONS] <OUT> <BASE> <CLIP|DIR>...\n       \
                                intercut verify [OPTIONS] <OUT> --plan <FILE>\n       \
                                intercut verify [OPTIONS] <OUT> --run <FILE>")]
    #[command(after_help = "Examples:\n  intercut verify final.mov master.mov graded/\n  \
                            intercut verify final.mov --plan plan.json\n  \
                            intercut verify final.mov --run run.json")]
    Verify(VerifyArgs),
    /// Make many splices: all planned before the first byte, and only what changed
    #[command(override_usage = "intercut batch [OPTIONS] <JOBS.toml>\n       \
                                intercut batch [OPTIONS] --bases <DIR> --clips <DIR> --out <DIR>")]
    #[command(after_help = batch::HELP)]
    Batch(Box<BatchArgs>),
    /// Make the report page of a saved run or batch
    #[command(
        after_help = "Examples:\n  intercut splice master.mov graded/ -o final.mov --json > run.json\n  \
                            intercut report run.json -o run.html\n  \
                            intercut batch jobs.toml --json > night.json\n  \
                            intercut report night.json -o night.html"
    )]
    Report(ReportArgs),
    /// Splice a small bundled movie and explain every step
    #[command(after_help = "Example:\n  intercut demo /tmp/intercut-demo")]
    Demo(DemoArgs),
    /// Print a completion script for a shell
    #[command(after_help = "Example:\n  intercut completions zsh > ~/.zfunc/_intercut")]
    Completions(CompletionsArgs),
    /// Print the manual page, or write one page a command to a folder
    #[command(
        after_help = "Examples:\n  intercut man | man -l -\n  intercut man ~/.local/share/man/man1"
    )]
    Man(ManArgs),
}

/// What is spliced: a base and clips, or a saved plan that names them.
#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    /// The movie to splice into: a blank rush or a full render, with a timecode track
    #[arg(value_name = "BASE", required_unless_present = "plan")]
    pub(crate) base: Option<PathBuf>,
    /// Graded clips, or folders of them (searched recursively, in name order)
    #[arg(value_name = "CLIP|DIR", required_unless_present_any = ["plan", "vfx"])]
    pub(crate) clips: Vec<PathBuf>,
    /// VFX clips, or folders of them: they win over the other clips on every frame, and are never cut (repeatable)
    #[arg(long, value_name = "CLIP|DIR", conflicts_with = "plan")]
    pub(crate) vfx: Vec<PathBuf>,
    /// Take base, clips and their places from a saved plan
    #[arg(long, value_name = "FILE", conflicts_with_all = ["base", "clips", "PlaceArgs"])]
    pub(crate) plan: Option<PathBuf>,
}

/// How clips are placed; the same for `splice`, `plan` and `verify`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Placing clips")]
pub(crate) struct PlaceArgs {
    /// Who wins frames that several clips claim: nobody (an error), or the clip whose record start is later or earlier
    #[arg(long, value_name = "WHO", value_enum, default_value = "error")]
    overlap: OverlapArg,
    /// Place a clip by this record timecode instead of its own; CLIP is its file name (repeatable)
    #[arg(long, value_name = "CLIP=TIMECODE", value_parser = at_parser())]
    at: Vec<(String, String)>,
    /// Frames at each end of every clip that are handles and are not used
    #[arg(long, value_name = "N", default_value_t = 0)]
    handles: u32,
    /// Clips that stick out of the base: an error, or cut off at its ends
    #[arg(long, value_name = "HOW", value_enum, default_value = "error")]
    clip_edges: ClipEdgesArg,
    /// Timecode of the base's first frame, for a base without a timecode track, such as 01:00:00:00
    #[arg(long, value_name = "TIMECODE")]
    base_timecode: Option<String>,
    /// Go on without the clips that are refused, each named in a warning
    #[arg(long)]
    skip_refused: bool,
    /// Let clips pass whose field order or alpha channel differs from the base's
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',')]
    allow: Vec<AllowArg>,
}

impl PlaceArgs {
    /// The library's options.
    pub(crate) fn options(&self) -> PlaceOptions {
        PlaceOptions {
            overlap: self.overlap.choice(),
            at: self.at.iter().cloned().collect::<BTreeMap<_, _>>(),
            handles: self.handles,
            clip_edges: self.clip_edges.choice(),
            base_timecode: self.base_timecode.clone(),
            skip_refused: self.skip_refused,
            allow_field_order: self.allow.contains(&AllowArg::FieldOrder),
            allow_alpha: self.allow.contains(&AllowArg::Alpha),
            by_clip: BTreeMap::new(),
        }
    }

    /// The first CLIP that `--at` names twice: one of its two places would be silently dropped.
    pub(crate) fn repeated_at(&self) -> Option<&str> {
        let names = self.at.iter().map(|(clip, _)| clip.as_str());
        names
            .enumerate()
            .find(|(i, name)| self.at[..*i].iter().any(|(n, _)| n == name))
            .map(|(_, n)| n)
    }
}

/// What is shown meanwhile.
#[derive(Debug, Args, Clone, Copy)]
pub(crate) struct ShowArgs {
    /// Print nothing but the result of --json, warnings and errors
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Show no progress
    #[arg(long)]
    pub(crate) no_progress: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SpliceArgs {
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    /// The movie to write; it appears complete under this name, or not at all
    #[arg(long, short, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Replace OUT if it exists, in one step, once the new movie is complete
    #[arg(long)]
    force: bool,
    /// Put the movie header before the media, so that a player can start while it loads
    #[arg(long)]
    faststart: bool,
    /// How bytes are moved: the fastest way that works here, or this one or an error
    #[arg(long, value_name = "ROUTE", value_enum, default_value = "auto")]
    route: RouteArg,
    /// Memory for staging and reading ahead, in MiB
    #[arg(long, value_name = "MIB", default_value_t = MEMORY_BUDGET_DEFAULT / MIB)]
    #[arg(value_parser = clap::value_parser!(u64).range(MEMORY_MIB_MIN..=MEMORY_MIB_MAX))]
    memory: u64,
    /// Check the result before it gets its name: re-read what reached the disk
    #[arg(long, value_name = "MODE", value_enum, default_value = "none")]
    verify: VerifyArg,
    /// Save the plan as JSON, to look at or to replay with --plan
    #[arg(long, value_name = "FILE", conflicts_with = "plan")]
    pub(crate) save_plan: Option<PathBuf>,
    /// Save how long copies took as read.hgrm, stage_wait.hgrm, write.hgrm and sync.hgrm, in microseconds, for
    /// HdrHistogram's plotters; files of these names are replaced
    #[arg(long, value_name = "DIR", conflicts_with = "dry_run")]
    pub(crate) histogram: Option<PathBuf>,
    /// Save what the run did when, for ui.perfetto.dev and chrome://tracing; also where it fails or is cancelled. An
    /// older trace of this name is replaced
    #[arg(long, value_name = "FILE.json")]
    pub(crate) trace: Option<PathBuf>,
    /// Save a page about the run: timeline, throughput, latencies, routes; it needs no network, and replaces an older page
    #[arg(long, value_name = "FILE.html", conflicts_with = "dry_run")]
    pub(crate) report: Option<PathBuf>,
    /// Do everything up to the first byte: plan and lay out, but write no movie
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print one report object (intercut.report/1) on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

impl SpliceArgs {
    /// The library's options.
    pub(crate) fn options(&self) -> SpliceOptions {
        SpliceOptions {
            replace: if self.force { Replace::Allow } else { Replace::Refuse },
            faststart: self.faststart,
            route: self.route.choice(),
            memory_budget: self.memory * MIB,
            verify: self.verify.choice(),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// The movie to splice into
    #[arg(value_name = "BASE")]
    pub(crate) base: PathBuf,
    /// Graded clips, or folders of them (searched recursively, in name order)
    #[arg(value_name = "CLIP|DIR", required_unless_present = "vfx")]
    pub(crate) clips: Vec<PathBuf>,
    /// VFX clips, or folders of them: they win over the other clips on every frame, and are never cut (repeatable)
    #[arg(long, value_name = "CLIP|DIR")]
    pub(crate) vfx: Vec<PathBuf>,
    /// Print the plan as JSON (intercut.plan/1), which `splice --plan` and `verify --plan` replay
    #[arg(long)]
    pub(crate) json: bool,
    /// Print nothing but the plan, warnings and errors
    #[arg(long, short)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct LinkArgs {
    /// Movies to splice into, or folders of them (searched recursively, in name order; repeatable)
    #[arg(long, value_name = "BASE|DIR", required = true)]
    pub(crate) bases: Vec<PathBuf>,
    /// Graded clips, or folders of them (repeatable); folders may lie within one another, and the nearest one counts
    #[arg(long, value_name = "CLIP|DIR", required_unless_present = "vfx")]
    pub(crate) clips: Vec<PathBuf>,
    /// VFX clips, or folders of them (repeatable)
    #[arg(long, value_name = "CLIP|DIR")]
    pub(crate) vfx: Vec<PathBuf>,
    /// The least sure link that is made
    #[arg(long, value_name = "HOW", value_enum, default_value = "medium")]
    min_confidence: ConfidenceArg,
    /// End with exit code 3 if any clip has no base
    #[arg(long)]
    pub(crate) strict: bool,
    /// Save the jobs as a file that `batch` runs (an existing one is left alone)
    #[arg(long, value_name = "JOBS.toml")]
    pub(crate) save: Option<PathBuf>,
    /// Print one object (intercut.link/1) on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
    /// Print nothing but the result, warnings and errors
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

impl LinkArgs {
    /// The library's options.
    pub(crate) fn options(&self) -> LinkOptions {
        let min_confidence = self.min_confidence.choice();
        LinkOptions { min_confidence, ..LinkOptions::default() }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ProbeArgs {
    /// Movies
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Print one object (intercut.probe/1) with an entry for each file
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(mut_arg("base", |base| base.required_unless_present_any(["plan", "run"])))]
#[command(mut_arg("clips", |clips| clips.required_unless_present_any(["plan", "run", "vfx"])))]
pub(crate) struct VerifyArgs {
    /// The movie to prove
    #[arg(value_name = "OUT")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) inputs: InputArgs,
    /// Prove it by the report object of its run alone (`splice --verify full --json`): the sources may be gone
    #[arg(long, value_name = "FILE", conflicts_with_all = ["base", "clips", "vfx", "plan", "PlaceArgs"])]
    pub(crate) run: Option<PathBuf>,
    /// Print one object (intercut.verify/1) on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// What a run printed: the report object of `splice --json`, or the lines of `batch --json`
    #[arg(value_name = "RUN.json")]
    pub(crate) run: PathBuf,
    /// The page to write; an older page is replaced, anything else is not
    #[arg(long, short, value_name = "FILE.html")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Where to put the movies; a new temporary folder, which is kept, if none is named
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Write intercut.1, intercut-splice.1, ... here instead of printing one page
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
}

const MIB: u64 = 1 << 20;
const MEMORY_MIB_MIN: u64 = STAGING_MIN / MIB;
/// 1 TiB: more is a typing error.
const MEMORY_MIB_MAX: u64 = 1 << 20;

/// Reads `CLIP=TIMECODE`. A file name may hold `=`, a timecode cannot: the last one counts. What is not UTF-8 in the
/// name is compared as U+FFFD, as the planner prints it.
fn at_parser() -> ValueParser {
    let parse = |value: OsString| -> Result<(String, String), &'static str> {
        let bytes = value.into_vec();
        let split = bytes.iter().rposition(|byte| *byte == b'=');
        let split = split.ok_or("write CLIP=TIMECODE, such as S01.mov=01:00:07:09")?;
        let (clip, timecode) = (&bytes[..split], &bytes[split + 1..]);
        if clip.is_empty() || timecode.is_empty() {
            return Err("write CLIP=TIMECODE, such as S01.mov=01:00:07:09");
        }
        let text = |bytes: &[u8]| std::ffi::OsStr::from_bytes(bytes).to_string_lossy().into_owned();
        Ok((text(clip), text(timecode)))
    };
    OsStringValueParser::new().try_map(parse).into()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use clap::CommandFactory;
    use intercut_engine::link::Confidence;
    use intercut_engine::plan::{ClipEdges, Overlap};
    use intercut_engine::splice::VerifyMode;
    use intercut_io::{Route, RouteChoice};

    use super::*;

    fn splice(line: &str) -> Result<SpliceArgs, clap::Error> {
        parse(line.split(' ').map(OsString::from))
    }

    fn parse(words: impl Iterator<Item = OsString>) -> Result<SpliceArgs, clap::Error> {
        let words = ["intercut", "splice"].map(OsString::from).into_iter().chain(words);
        match Cli::try_parse_from(words)?.command {
            Command::Splice(args) => Ok(*args),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn command_line_contradicts_itself_nowhere() {
        Cli::command().debug_assert();
    }

    #[test]
    fn defaults_refuse_whatever_is_doubtful() {
        let args = splice("base.mov a.mov -o out.mov").unwrap();
        assert_eq!(args.place.options(), PlaceOptions::default());
        assert_eq!(args.options(), SpliceOptions::default());
    }

    #[test]
    fn every_option_reaches_the_library() {
        let line = "b.mov c -o o.mov --overlap last --handles 12 --clip-edges trim --skip-refused \
                    --base-timecode 10:00:00:00 --allow field-order,alpha --at S01.mov=01:00:00:00 \
                    --force --faststart --route mapped --memory 9 --verify written";
        let args = splice(line).unwrap();
        let place = PlaceOptions {
            overlap: Overlap::Last,
            at: BTreeMap::from([("S01.mov".to_owned(), "01:00:00:00".to_owned())]),
            handles: 12,
            clip_edges: ClipEdges::Trim,
            base_timecode: Some("10:00:00:00".to_owned()),
            skip_refused: true,
            allow_field_order: true,
            allow_alpha: true,
            by_clip: BTreeMap::new(),
        };
        assert_eq!(args.place.options(), place);
        let options = SpliceOptions {
            replace: Replace::Allow,
            faststart: true,
            route: RouteChoice::Only(Route::Mapped),
            memory_budget: 9_437_184,
            verify: VerifyMode::Written,
        };
        assert_eq!(args.options(), options);
    }

    #[test]
    fn saved_plan_stands_for_base_clips_and_placing() {
        assert!(splice("--plan p.json -o out.mov --faststart").is_ok());
        assert!(splice("base.mov a.mov --plan p.json -o out.mov").is_err());
        assert!(splice("--plan p.json -o out.mov --overlap last").is_err());
        assert!(splice("base.mov -o out.mov").is_err());
        assert!(splice("base.mov a.mov").is_err());
        assert!(splice("--plan p.json --vfx fx -o out.mov").is_err());
    }

    #[test]
    fn vfx_clips_need_no_others_beside_them() {
        let args = splice("base.mov --vfx fx --vfx more -o out.mov").unwrap();
        assert_eq!(args.inputs.vfx, [PathBuf::from("fx"), PathBuf::from("more")]);
        assert!(args.inputs.clips.is_empty());
    }

    #[test]
    fn folders_of_a_link_repeat_and_medium_is_the_least_confidence() {
        let link = |line: &str| {
            let words = ["intercut", "link"].into_iter().chain(line.split(' '));
            match Cli::try_parse_from(words)?.command {
                Command::Link(args) => Ok::<_, clap::Error>(args),
                other => panic!("{other:?}"),
            }
        };
        let args = link("--bases a --bases b --clips c --clips d --vfx e --vfx f").unwrap();
        let folders = [&args.bases, &args.clips, &args.vfx].map(Vec::len);
        assert_eq!(folders, [2, 2, 2]);
        assert_eq!(args.options(), LinkOptions::default());
        assert_eq!(args.options().min_confidence, Confidence::Medium);
        let low = link("--bases a --clips b --min-confidence low").unwrap();
        assert_eq!(low.options().min_confidence, Confidence::Low);
        assert!(link("--bases a").is_err());
        assert!(link("--clips a").is_err());
    }

    #[test]
    fn saved_run_stands_for_everything_else() {
        let verify = |line: &str| {
            Cli::try_parse_from(["intercut", "verify"].into_iter().chain(line.split(' ')))
        };
        assert!(verify("out.mov --run run.json --json").is_ok());
        assert!(verify("out.mov").is_err());
        assert!(verify("out.mov base.mov a.mov --run run.json").is_err());
        assert!(verify("out.mov --plan p.json --run run.json").is_err());
        assert!(verify("out.mov --run run.json --handles 2").is_err());
    }

    #[test]
    fn file_name_with_an_equals_sign_can_be_placed() {
        let args = splice("b.mov c -o o.mov --at a=b.mov=01:00:00:00").unwrap();
        assert_eq!(args.place.at, [("a=b.mov".to_owned(), "01:00:00:00".to_owned())]);
        assert!(splice("b.mov c -o o.mov --at 01:00:00:00").is_err());
        assert!(splice("b.mov c -o o.mov --at =01:00:00:00").is_err());
    }

    #[test]
    fn clip_that_is_placed_twice_is_noticed() {
        let args =
            splice("b.mov c -o o.mov --at a.mov=01:00:00:00 --at a.mov=02:00:00:00").unwrap();
        assert_eq!(args.place.repeated_at(), Some("a.mov"));
    }

    #[test]
    fn path_that_is_not_utf_8_is_kept_as_it_is() {
        let name = OsStr::from_bytes(b"gr\xe4ded.mov");
        let words =
            ["b.mov", "-o", "o.mov"].map(OsString::from).into_iter().chain([name.to_owned()]);
        assert_eq!(parse(words).unwrap().inputs.clips, [PathBuf::from(name)]);
    }
}
