//! What people and scripts see of the `intercut` command: exit codes, output, refusals, files.

/// `blank`: black movies with burnt-in timecode.
mod blank;
/// `batch --blank`: bases that are made first.
mod blank_batch;
/// `blank --sound`: the sound of camera originals in their blanks.
mod blank_sound;
/// `splice`, `plan`, `probe` and `demo`: exit codes and standard output.
mod command_line;
/// `insert`, `undo`, `history`, `compact`: a movie that is changed in place.
#[cfg(target_os = "linux")]
mod in_place;
/// `link`: which clip belongs to which base.
mod link;
/// `--edl`: placing by edit lists.
mod lists;
/// Help, completions and manual pages.
mod manual;
/// Outputs that are sources by another name, odd names, links, permissions.
#[cfg(target_os = "linux")]
mod names;
/// `probe` describes whatever can be read, and says beside it why it cannot be spliced.
mod probe;
/// `verify --run`: a result is proved by the report of its run.
mod prove;
/// Refusals as people and programs read them.
mod refusals;
/// The report page in a browser.
mod report_page;
/// `review`: what is refused.
mod review;
/// `--save-edl`, `--save-otio`, and what independent readers find in lists.
mod saved_lists;
/// Plans, pages, traces and histograms beside a movie.
mod side_files;
/// `splice --trace`: the trace file.
#[cfg(target_os = "linux")]
mod trace_file;
/// `verify OUT` and `verify --each`: results are proved by what lies beside them.
mod verify_beside;
