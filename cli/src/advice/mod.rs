//! What a person can do about an error or a refusal: every word of advice is here.
//!
//! - In: the library's errors and reasons, which say what is wrong and where.
//! - Out: one sentence without the full stop, or nothing where there is nothing to advise.
//! - Not here: how errors are drawn (`diagnostic`).

mod plan;

use std::io::{self, ErrorKind};
use std::path::Path;

use intercut_engine::atom::file::HeaderError;
use intercut_engine::batch::JobError;
use intercut_engine::blank::BlankReason;
use intercut_engine::discover::OpenError;
use intercut_engine::in_place::InPlaceError;
use intercut_engine::layout::LayoutError;
use intercut_engine::look::LookError;
use intercut_engine::movie::{MovieError, Unsupported};
use intercut_engine::plan::ReplayError;
use intercut_engine::review::{ReviewError, ReviewReason};
use intercut_engine::splice::SpliceError;
use intercut_engine::stamp::StampReason;
use intercut_engine::still::{NoFrame, StillError};
use intercut_engine::units::FourCc;
use intercut_io::IoError;

use crate::text;
pub(crate) use plan::reason;

/// For a file that is longer than its volume or a limit allows.
const TOO_LONG: &str = "the volume (FAT: 4 GB) or a limit (ulimit -f) allows no file of this length: write to another volume";

/// For a failure of input or output.
pub(crate) fn io(error: &IoError) -> Option<String> {
    let fixed = match error {
        IoError::Failed { source, .. } | IoError::NameNotDurable { source, .. } => {
            return system(source).map(str::to_owned);
        }
        IoError::NoSpace { needed, available, .. } => {
            let missing = text::bytes(needed.saturating_sub(*available));
            return Some(format!("free {missing} more there, or write to another volume"));
        }
        IoError::NotAFile { .. } => {
            "name a movie file; of a folder, only clips and originals are found"
        }
        IoError::SourceChanged { .. } => "wait until nothing writes to it any more, then run again",
        IoError::SourceTooShort { .. } => {
            "it was cut short while it was read, or is still being copied: run again once it is whole"
        }
        IoError::TargetExists { .. } => "pass --force to replace it, or write to another name",
        IoError::TargetIsSource { .. } => {
            "write to another name: what a movie is made from is never written to"
        }
        IoError::Locked { .. } => "wait until the other run has ended",
        IoError::TargetChanged { .. } => "run again once nothing else writes to it",
        IoError::CloneRefused { .. } => ORDERED,
        IoError::RouteRefused { .. } => {
            "leave out --route, and the fastest that works here is taken"
        }
        _ => return None,
    };
    Some(fixed.to_owned())
}

/// For a base that cannot be cloned and continued.
pub(crate) const ORDERED: &str =
    "leave out --layout: the movie is then written in the base's order";

/// For a movie that is changed in place.
pub(crate) fn in_place(error: &InPlaceError) -> Option<&'static str> {
    Some(match error {
        InPlaceError::Append { .. } => "write a new movie: intercut splice MOVIE CLIP... -o OUT",
        InPlaceError::NothingToUndo { .. } => "`intercut history` lists what was inserted",
        InPlaceError::Changed { .. } => {
            "take the movie from a backup, or insert what was there before"
        }
        InPlaceError::Punched { .. } => "insert what was there before, if it is still there",
        InPlaceError::OtherVersion { .. } => "use the version that made the insert",
        InPlaceError::Torn { .. } => {
            "pass --repair: the movie before the last insert is put back from the journal in it"
        }
        InPlaceError::OpenElsewhere { .. } => {
            "close it there first: who has the movie open would see zeros in what was replaced"
        }
        InPlaceError::LeftBehind { .. } => {
            "leave out --keep once: that cuts it off and takes nothing else back"
        }
        InPlaceError::NothingToRepair { .. } => "leave out --repair to take the last insert back",
        _ => return None,
    })
}

/// For what the system answered.
fn system(error: &io::Error) -> Option<&'static str> {
    // errno-base.h has the same numbers on Linux and macOS.
    const EIO: i32 = 5;
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    match (error.raw_os_error(), error.kind()) {
        (Some(EMFILE | ENFILE), _) => Some("raise the limit of open files: ulimit -n"),
        (Some(EIO), _) => Some(
            "the disk, the cable or the server failed: look into the system log, and do not trust the medium",
        ),
        (_, ErrorKind::NotFound) => {
            Some("check the path: is it spelt right, is the volume mounted?")
        }
        (_, ErrorKind::PermissionDenied) => Some(NO_PERMISSION),
        (_, ErrorKind::ReadOnlyFilesystem) => Some("the volume is read-only: write to another one"),
        (_, ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
            Some("free some space there, or write to another volume")
        }
        (_, ErrorKind::OutOfMemory) => {
            Some("raise the limit of memory (ulimit -v), or pass a smaller --memory")
        }
        (_, ErrorKind::FileTooLarge) => Some(TOO_LONG),
        (_, ErrorKind::StaleNetworkFileHandle) => Some("the share was lost: mount it again"),
        _ => None,
    }
}

/// For a frame that cannot be shown.
pub(crate) fn still(error: &StillError) -> Option<&'static str> {
    Some(match error {
        StillError::NoFrame { why, .. } => match why {
            NoFrame::Outside { .. } | NoFrame::NotThere { .. } => {
                "`intercut probe` shows how many frames a movie has, and its timecode"
            }
            NoFrame::NoTimecode | NoFrame::Ambiguous { .. } => "give the number of the frame",
            NoFrame::Nothing { .. } => "it is in a gap of the edit list: give another frame",
            _ => "write HH:MM:SS:FF (HH:MM:SS;FF for drop frame), or the number of the frame",
        },
        StillError::Undecodable { .. } => {
            "`intercut qc` finds all damaged frames: copy the movie again, or render it again"
        }
        StillError::TooLarge { .. } => "pass a smaller --size",
        _ => return None,
    })
}

/// For a movie that was read back and is another one.
pub(crate) const NOT_KEPT: &str =
    "the disk did not keep what was written: nothing was left under that name; try another volume";

/// For a blank that is not made.
pub(crate) fn blank(reason: &BlankReason) -> Option<&'static str> {
    Some(match reason {
        BlankReason::Codec { .. } => "pass --codec with the flavour that the grades will have",
        BlankReason::VariableRate { .. } => {
            "its timecode cannot name its frames: conform it to a constant rate first"
        }
        BlankReason::NoPicture { .. } => "make the blank from the movie before it was edited",
        BlankReason::TimecodeJumps { .. } => "make a blank from each of its shots",
        BlankReason::TimecodeRate { .. } | BlankReason::Frames { .. } => {
            "give the numbers by hand: --size, --rate, --frames, --timecode"
        }
        BlankReason::OtherTimecode { .. } => "leave out --timecode",
        BlankReason::DropFrame { .. } => {
            "write ':' before the frames; --drop-frame is for 30000/1001 and 60000/1001"
        }
        BlankReason::Sound(_) | BlankReason::SoundShared { .. } => "leave out --sound",
        BlankReason::Growing => {
            "wait until the program that writes it has closed it, then run again"
        }
        _ => return None,
    })
}

/// For a movie that is not stamped.
pub(crate) fn stamp(reason: &StampReason) -> Option<&'static str> {
    Some(match reason {
        StampReason::Codec { .. } => {
            "`intercut still` and other programs show movies of other codecs"
        }
        StampReason::Growing => {
            "wait until the program that writes it has closed it, then run again"
        }
        StampReason::Timecode(reason) => return blank(reason),
        StampReason::TooSmall { .. } => "pass --no-burn-in with --wipe, or use a larger movie",
        StampReason::NoFrame { .. } => "`intercut qc` says what is wrong with its frames",
        StampReason::Frames { .. }
        | StampReason::Rate { .. }
        | StampReason::OtherTimecode { .. } => "name the movie that it was spliced from",
        StampReason::Differs { .. } => {
            "movies of different encoders cannot be parted without encoding: compare them in a player"
        }
        _ => return None,
    })
}

/// For pictures that cannot be looked at.
pub(crate) fn look(error: &LookError) -> Option<String> {
    match error {
        LookError::NoRoom { needed, .. } => {
            Some(format!("pass --memory {} or more", needed.div_ceil(1 << 20)))
        }
        _ => None,
    }
}

/// For a review that is not made.
pub(crate) fn review(error: &ReviewError) -> Option<String> {
    let fixed = match error {
        ReviewError::Refused { reason, .. } => match reason {
            ReviewReason::BaseLength { .. } => {
                "name the movie that the result was made from, or pass --only replaced or --layout single"
            }
            ReviewReason::BaseRate { .. } | ReviewReason::BaseTimecode { .. } => {
                "name the movie that the result was made from with --against, or pass --layout single"
            }
            ReviewReason::NotInserted => {
                "leave --plan and --run out, or put the clips back that they name"
            }
            ReviewReason::BaseChanged { .. }
            | ReviewReason::BaseMadeAnew
            | ReviewReason::BaseIsResult => {
                "name what was spliced into with --against, or pass --layout single"
            }
            ReviewReason::NothingReplaced => "pass --only all to see all of it",
            ReviewReason::OtherPlan { .. } | ReviewReason::OtherFrames { .. } => {
                "name the plan or the run that made this movie"
            }
            _ => return None,
        },
        ReviewError::Size { .. } => "pass another --size, such as 1080p",
        ReviewError::Container { .. } => "name it .mp4 or .mov",
        ReviewError::ProxyContainer { .. } => "name it .mov, or pass another --codec",
        ReviewError::NoBase { .. } => "name it with --against, or pass --layout single",
        ReviewError::NoPlan { .. } => {
            "pass --plan or --run, or splice with --sidecar; --only all needs neither"
        }
        ReviewError::NoFfmpeg => {
            "install FFmpeg (Debian: apt install ffmpeg; macOS: brew install ffmpeg), or pass --codec proxy and name it .mov"
        }
        ReviewError::NoEncoder { .. } => {
            "pass another --codec, or install an FFmpeg with libx264 and libx265"
        }
        ReviewError::Encoder { ended, .. } => {
            let said = ended.last_lines.join(" ");
            if said.contains("No space left") || said.contains("Disk quota exceeded") {
                "free some space there, or write to another volume"
            } else if ended.status.contains("SIGXFSZ") || said.contains("File too large") {
                TOO_LONG
            } else {
                "pass another --codec, or another version of FFmpeg in PATH"
            }
        }
        ReviewError::Incomplete { .. } => "run again, with another version of FFmpeg in PATH",
        ReviewError::NoRoom { needed, .. } => {
            return Some(format!("pass --memory {} or more", needed.div_ceil(1 << 20)));
        }
        _ => return None,
    };
    Some(fixed.to_owned())
}

/// For a link whose file is not there.
pub(crate) const DANGLING: &str =
    "mount the volume that it leads to, or remove the link if the movie is not wanted any more";

/// For a file that this user may not read.
const NO_PERMISSION: &str = "check the permissions of the file and its folder";

/// For a file that somebody still writes to, and that is no movie yet.
const UNFINISHED: &str = "wait until the render or the copy has ended, then run again";

/// For a file that is not a movie, a damaged one, or one of a kind that is not handled.
pub(crate) fn movie(error: &MovieError) -> &'static str {
    match error {
        MovieError::Header(error) => header(error),
        MovieError::Unsupported(error) => unsupported(error),
        _ => "the file is damaged: copy it again from where it came from, or render it again",
    }
}

fn header(error: &HeaderError) -> &'static str {
    match error {
        HeaderError::OtherFormat { is_video: true, .. } => {
            "rewrap it as a QuickTime movie: ffmpeg -i IN -map 0 -c copy OUT.mov"
        }
        HeaderError::NotAMovie { first: FourCc([0, 0, 0, 0]), .. } => {
            "copy it again from where it came from, or render it again"
        }
        HeaderError::NotAMovie { .. } | HeaderError::OtherFormat { .. } => {
            "give QuickTime movies (.mov)"
        }
        HeaderError::NoMoov { .. } | HeaderError::TruncatedWithoutMoov { .. } => {
            "it is unfinished: wait for the render or the copy to end, or make it again"
        }
        HeaderError::Truncated { .. } => {
            "the end is missing: copy it again from where it came from"
        }
        HeaderError::Fragmented { .. } => {
            "rewrite it in one piece: ffmpeg -i IN -map 0 -c copy OUT.mov"
        }
        _ => "the file is damaged or very unusual: render it again",
    }
}

fn unsupported(error: &Unsupported) -> &'static str {
    match error {
        Unsupported::Fragmented { .. } => {
            "rewrite it in one piece: ffmpeg -i IN -map 0 -c copy OUT.mov"
        }
        Unsupported::CompressedHeader { .. } => {
            "rewrite its header: ffmpeg -i IN -map 0 -c copy OUT.mov"
        }
        Unsupported::ReferenceMovie { .. } | Unsupported::ExternalMedia { .. } => {
            "save it as a self-contained movie"
        }
        Unsupported::Encrypted { .. } => "ask for a copy that is not encrypted",
        Unsupported::NoVideoTrack { .. } => "enable its video track, or give another file",
        Unsupported::SeveralVideoTracks { .. } => "disable all its video tracks but one",
        Unsupported::NotIntra { .. } | Unsupported::CompositionOffsets { .. } => {
            "render it with a codec whose frames all stand alone, such as ProRes"
        }
        Unsupported::EditRate { .. } => "render it again as one simple timeline, at normal speed",
        _ => "render it again",
    }
}

/// For each thing that is wrong with a job of a batch; refusals of its plan have their own advice.
pub(crate) fn job(error: &JobError) -> Vec<Option<String>> {
    let fixed = match error {
        JobError::Splice(error) => return splice(error),
        JobError::NoClips { .. } => "name clips, or a folder that holds some",
        JobError::SameOutput { base, other, .. } => same_output(base, other),
        JobError::OutputIsSource { .. } => {
            "run the two as batches of their own, one after the other"
        }
        JobError::Busy { .. } => "wait for the other batch to end, then run again",
        JobError::Foreign { .. } => {
            "move it away, or pass --force, which replaces it and makes every other job again too"
        }
        JobError::ChangedInPlace { .. } => {
            "take the inserts back with `intercut undo`, or pass --force, which makes the movie again without them"
        }
        JobError::RemovedClips { clips, .. } => {
            return vec![Some(REMOVED_CLIP.to_owned()); clips.len()];
        }
        _ => return Vec::new(),
    };
    vec![Some(fixed.to_owned())]
}

fn splice(error: &SpliceError) -> Vec<Option<String>> {
    let help = match error {
        SpliceError::Io(IoError::TargetIsSource { .. }) => Some(
            "write to another folder: the finished movie must not take its source's place"
                .to_owned(),
        ),
        SpliceError::Io(error) => io(error),
        SpliceError::Open(OpenError::Several { errors }) => {
            return errors.iter().map(open).collect();
        }
        SpliceError::Open(error) => open(error),
        SpliceError::Replay(error) => Some(replay(error).to_owned()),
        SpliceError::Layout(error) => Some(layout(error).to_owned()),
        _ => None,
    };
    vec![help]
}

/// For a movie that cannot be opened.
pub(crate) fn open(error: &OpenError) -> Option<String> {
    match error {
        OpenError::Io(error) => io(error),
        OpenError::Movie { growing: Some(_), .. } => Some(UNFINISHED.to_owned()),
        OpenError::Movie { source, .. } => Some(movie(source).to_owned()),
        OpenError::Dangling { .. } => Some(DANGLING.to_owned()),
        OpenError::NoPermission { .. } => Some(NO_PERMISSION.to_owned()),
        _ => None,
    }
}

/// For an output that would lose a clip.
const REMOVED_CLIP: &str =
    "bring the clip back, or pass --allow removed-clips if it is gone for good";

/// For a clip that is in no job, though one may miss it.
///
/// - `code`: why.
pub(crate) fn unplaced_clip(code: &str) -> &'static str {
    match code {
        "growing" => UNFINISHED,
        _ => "bring it in order or move it away, or pass --skip-refused to go on without it",
    }
}

/// For two jobs with one output, by their bases.
pub(crate) fn same_output(base: &Path, other: &Path) -> &'static str {
    let stem = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase());
    let is_by_case = base.file_stem() != other.file_stem() && stem(base) == stem(other);
    match (base == other, base.file_stem() == other.file_stem()) {
        (true, _) => "name the base in one job, with all its clips",
        (false, _) if is_by_case => {
            "rename one of the bases: many disks take names that differ in case alone for one"
        }
        (false, true) => {
            "put {folder} into the output: the name of the folder that the base lies in"
        }
        (false, false) => "put {base} into the output: the base's name without its extension",
    }
}

/// For a plan that does not fit its files.
pub(crate) fn replay(error: &ReplayError) -> &'static str {
    match error {
        ReplayError::Unreadable { .. } => {
            "give a file that `splice --save-plan` or `plan --json` wrote"
        }
        _ => "plan again, now that the files are different",
    }
}

/// For a plan that cannot be laid out.
pub(crate) fn layout(error: &LayoutError) -> &'static str {
    match error {
        LayoutError::Plan(_) | LayoutError::OtherMovie { .. } => {
            "plan again: the plan was edited, or made for other files"
        }
        LayoutError::Unsupported { source, .. } => unsupported(source),
        LayoutError::Scattered { .. } => "rewrite the movie: ffmpeg -i IN -map 0 -c copy OUT.mov",
        _ => "splice it in several shorter parts",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_on_two_jobs_with_one_output_fits_how_their_bases_differ() {
        let of = |base: &str, other: &str| same_output(Path::new(base), Path::new(other));
        assert!(of("m/reel.mov", "m/reel.mov").starts_with("name the base in one job"));
        assert!(of("m/reel.mov", "n/reel.mov").starts_with("put {folder} into"));
        assert!(of("m/reel.mov", "m/REEL.mov").starts_with("rename one of the bases"));
        assert!(of("m/one.mov", "m/two.mov").starts_with("put {base} into"));
    }
}
