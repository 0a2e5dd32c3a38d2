//! The command line as it is typed, and its translation to the library's options.
//!
//! - In: the process's arguments, which need not be UTF-8.
//! - Out: [`Cli`], one struct a command, each with the library's options that it stands for.
//! - Holds: what clap lets through is a legal combination; everything else is a usage error (exit 2).
//! - Not here: what the commands do (`command`), options that jobs files have too (`options`).

mod batch;
mod blank;
mod farm;
mod in_place;
mod inputs;
mod pictures;
mod review;
mod splice;
mod stamp;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use batch::{BatchArgs, LinkArgs};
pub(crate) use blank::BlankArgs;
pub(crate) use farm::{FarmArgs, Scheduler, Task};
pub(crate) use in_place::{CompactArgs, HistoryArgs, InsertArgs, UndoArgs};
pub(crate) use inputs::{InputArgs, MovieArgs, PlaceArgs, ProgressForm, SaveListArgs, ShowArgs};
pub(crate) use pictures::{QcArgs, StillArgs};
pub(crate) use review::ReviewArgs;
pub(crate) use splice::{PlanArgs, SpliceArgs, VerifyArgs};
pub(crate) use stamp::StampArgs;

const EXAMPLES: &str = "\
Examples:
  intercut demo                                     see it work on a small bundled movie
  intercut plan   master.mov graded/                show what would go where
  intercut splice master.mov graded/ -o final.mov   write the movie
  intercut verify final.mov master.mov graded/      prove it, sample by sample
  intercut insert final.mov fixes/                  fix it in place; intercut undo final.mov takes that back
  intercut link   --bases masters/ --clips graded/  show which clip belongs to which master

Exit codes: 0 done; 1 failed, or a difference was found, or files are still being written and nothing else is wrong; \
2 usage; 3 refused plan, nothing to undo, or clips without a base \
(link --strict); 130 cancelled.";

/// Puts graded shots back into a ProRes master: bit for bit, without re-encoding.
///
/// Given a base movie and clips that carry their source timecode, intercut works out which base frames each clip
/// replaces and writes a new movie in which those samples are the clips' and everything else is the base's.
#[derive(Debug, Parser)]
#[command(name = "intercut", version, after_help = EXAMPLES, max_term_width = 100)]
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
    /// Put clips into a movie in place: only what is new is written, and `undo` takes it back
    #[command(override_usage = "intercut insert [OPTIONS] <MOVIE> <CLIP|DIR>...\n       \
                                intercut insert [OPTIONS] --plan <FILE>")]
    #[command(after_help = "Example:\n  intercut insert master.mov fixes/ --verify written")]
    Insert(Box<InsertArgs>),
    /// Take the last insert into a movie back
    #[command(after_help = "Example:\n  intercut undo master.mov")]
    Undo(UndoArgs),
    /// Show what was inserted into a movie
    #[command(after_help = "Example:\n  intercut history master.mov")]
    History(HistoryArgs),
    /// Give back the space of what a movie does not use any more; its inserts cannot be taken back then
    #[command(
        after_help = "Examples:\n  intercut compact master.mov\n  intercut compact master.mov --punch"
    )]
    Compact(CompactArgs),
    /// Show where the clips would go, and what prevents it
    #[command(override_usage = "intercut plan [OPTIONS] <BASE> <CLIP|DIR>...\n       \
                                intercut plan [OPTIONS] <JOBS.toml>")]
    #[command(after_help = "Examples:\n  intercut plan master.mov graded/ --overlap last\n  \
                            intercut plan jobs.toml")]
    Plan(PlanArgs),
    /// Show which clip belongs to which base, and why; writes no movie
    #[command(
        after_help = "Example:\n  intercut link --bases masters/ --clips graded/ --vfx effects/"
    )]
    Link(LinkArgs),
    /// Show what a movie is: tracks, timecode, reel, codec, frames, layout
    #[command(after_help = "Example:\n  intercut probe master.mov graded/S01.mov")]
    Probe(ProbeArgs),
    /// Save one frame of a ProRes movie as a PNG or JPEG picture
    #[command(after_help = "Examples:\n  intercut still final.mov --at 01:00:12:00 -o cut.png\n  \
                            intercut still final.mov --at 288 -o cut.jpg --size full")]
    Still(StillArgs),
    /// Make black movies with burnt-in timecode, like camera originals, to splice into
    #[command(override_usage = "intercut blank [OPTIONS] -o <OUT|DIR> <SOURCE|DIR>...\n       \
                                intercut blank [OPTIONS] -o <OUT> --size <WxH> --rate <R> --frames <N> \
                                --timecode <TC> --codec <FLAVOUR>")]
    #[command(after_help = blank::HELP)]
    Blank(Box<BlankArgs>),
    /// Make a small movie of what was replaced, base beside result, that anybody can play
    #[command(after_help = review::HELP)]
    Review(Box<ReviewArgs>),
    /// Burn timecode into a ProRes movie, or show two side by side, for review; nothing is encoded again
    #[command(after_help = stamp::HELP)]
    Stamp(Box<StampArgs>),
    /// Find black, repeated, undecodable and hollow frames
    #[command(after_help = pictures::QC_HELP)]
    Qc(QcArgs),
    /// Prove an existing movie, sample by sample
    #[command(override_usage = "intercut verify [OPTIONS] <OUT> <BASE> <CLIP|DIR>...\n       \
                                intercut verify [OPTIONS] <OUT> --plan <FILE>\n       \
                                intercut verify [OPTIONS] <OUT> --run <FILE>\n       \
                                intercut verify [OPTIONS] <OUT>\n       \
                                intercut verify [OPTIONS] --each <OUT|DIR|JOBS.toml>...")]
    #[command(after_help = "Examples:\n  intercut verify final.mov master.mov graded/\n  \
                            intercut verify final.mov --plan plan.json\n  \
                            intercut verify final.mov --run run.json\n  \
                            intercut verify --each finished/")]
    Verify(VerifyArgs),
    /// Make many movies: plan them all first, then write what has changed
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
    /// Splice a small bundled movie and explain each step
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
    /// Print the JSON Schema of an object that other commands print or save, or the list of their names
    #[command(after_help = "Example:\n  intercut schema report > report.schema.json")]
    Schema(SchemaArgs),
}

impl Command {
    /// Whether standard output is for a program.
    pub(crate) fn wants_json(&self) -> bool {
        match self {
            Command::Splice(args) => args.json,
            Command::Insert(args) => args.json,
            Command::History(args) => args.json,
            Command::Plan(args) => args.json,
            Command::Link(args) => args.json,
            Command::Probe(args) => args.json,
            Command::Still(args) => args.json,
            Command::Blank(args) => args.json,
            Command::Stamp(args) => args.json,
            Command::Qc(args) => args.json,
            Command::Review(args) => args.json,
            Command::Verify(args) => args.json,
            Command::Batch(args) => args.json,
            Command::Undo(_)
            | Command::Compact(_)
            | Command::Report(_)
            | Command::Demo(_)
            | Command::Completions(_)
            | Command::Man(_)
            | Command::Schema(_) => false,
        }
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
pub(crate) struct ReportArgs {
    /// What a run printed: the object of `splice --json`, `blank --json` or `stamp --json`, or the lines of `batch --json`. The
    /// page has no pictures: the movie may be another one by now
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
pub(crate) struct SchemaArgs {
    /// Which one; none lists their names
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Write intercut.1, intercut-splice.1, ... here instead of printing one page
    #[arg(value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::ffi::{OsStr, OsString};
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    use clap::CommandFactory;
    use intercut_engine::link::{Confidence, LinkOptions};
    use intercut_engine::list::Transitions;
    use intercut_engine::plan::{ClipEdges, ListOptions, Overlap, PlaceOptions, Versions};
    use intercut_engine::splice::{LayoutChoice, SpliceOptions, VerifyMode};
    use intercut_io::{Replace, Route, RouteChoice};

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
        let line = "b.mov c -o o.mov --overlap last --handles 12 --vfx-handles 2 --versions latest --complete --clip-edges trim --skip-refused \
                    --base-timecode 10:00:00:00 --allow field-order,alpha,reel,growing,removed-clips --at S01.mov=01:00:00:00 \
                    --edl cut.edl --edl-offset -01:00:00:00 --edl-timeline T --event S02.mov=004 \
                    --min-confidence high --transitions leave \
                    --force --faststart --layout ordered --route mapped --memory 9 --verify written";
        let args = splice(line).unwrap();
        let place = PlaceOptions {
            overlap: Overlap::Last,
            at: BTreeMap::from([("S01.mov".to_owned(), "01:00:00:00".to_owned())]),
            versions: Versions::Latest,
            handles: 12,
            vfx_handles: 2,
            clip_edges: ClipEdges::Trim,
            base_timecode: Some("10:00:00:00".to_owned()),
            skip_refused: true,
            complete: true,
            allow_reel: true,
            allow_field_order: true,
            allow_alpha: true,
            allow_growing: true,
            allow_removed_clips: true,
            lists: ListOptions {
                offset: Some("-01:00:00:00".to_owned()),
                timeline: Some("T".to_owned()),
                event: BTreeMap::from([("S02.mov".to_owned(), "004".to_owned())]),
                min_confidence: Confidence::High,
                transitions: Transitions::Leave,
            },
            by_clip: BTreeMap::new(),
        };
        assert_eq!(args.place.options(), place);
        assert_eq!(args.place.lists(), [Path::new("cut.edl")]);
        let options = SpliceOptions::default()
            .replace(Replace::Allow)
            .faststart(true)
            .layout(LayoutChoice::Ordered)
            .route(RouteChoice::Only(Route::Mapped))
            .memory_budget(9_437_184)
            .verify(VerifyMode::Written);
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
        assert_eq!(args.inputs.movies.vfx, [PathBuf::from("fx"), PathBuf::from("more")]);
        assert!(args.inputs.movies.clips.is_empty());
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
        let turnover = args.turnover.turnover(&[], Vec::new());
        let folders = [&turnover.bases, &turnover.clips, &turnover.vfx].map(Vec::len);
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
        assert!(verify("out.mov").is_ok(), "its plan is found beside it");
        assert!(verify("out.mov base.mov a.mov --run run.json").is_err());
        assert!(verify("out.mov --plan p.json --run run.json").is_err());
        assert!(verify("out.mov --run run.json --handles 2").is_err());
    }

    #[test]
    fn file_name_with_an_equals_sign_can_be_placed() {
        let args = splice("b.mov c -o o.mov --at a=b.mov=01:00:00:00").unwrap();
        let expected = BTreeMap::from([("a=b.mov".to_owned(), "01:00:00:00".to_owned())]);
        assert_eq!(args.place.options().at, expected);
        assert!(splice("b.mov c -o o.mov --at 01:00:00:00").is_err());
        assert!(splice("b.mov c -o o.mov --at =01:00:00:00").is_err());
    }

    #[test]
    fn clip_that_is_placed_twice_is_noticed() {
        let args =
            splice("b.mov c -o o.mov --at a.mov=01:00:00:00 --at a.mov=02:00:00:00").unwrap();
        assert_eq!(args.place.repeated(), Some(("--at", "a.mov")));
        let args = splice("b.mov c -o o.mov --edl l --event a.mov=1 --event a.mov=2").unwrap();
        assert_eq!(args.place.repeated(), Some(("--event", "a.mov")));
        assert!(splice("b.mov c -o o.mov --event a.mov=1").is_err(), "without a list");
    }

    #[test]
    fn path_that_is_not_utf_8_is_kept_as_it_is() {
        let name = OsStr::from_bytes(b"gr\xe4ded.mov");
        let words =
            ["b.mov", "-o", "o.mov"].map(OsString::from).into_iter().chain([name.to_owned()]);
        assert_eq!(parse(words).unwrap().inputs.movies.clips, [PathBuf::from(name)]);
    }
}
