//! Which bytes are in the finished movie, judged by the oracle, FFmpeg and `mp4parse`.

/// The movie builder and the oracle's reader, judged by FFmpeg and `mp4parse`.
mod builder;
/// Codecs other than ProRes: spliced if every frame stands alone, refused by name if not.
mod codecs;
/// Movies that FFmpeg and GStreamer wrote: every frame rate, codec and kind of sound.
mod end_to_end;
/// Clip frames that are none are refused before anything is made.
mod hollow;
/// Which label a picture has, against the oracle.
mod labels;
/// Whose frame it is where a VFX clip and a grade overlap.
mod priority;
/// Random splices against the oracle.
mod properties;
/// One schedule by every route makes the same bytes.
mod routes;
/// The plan and result of the workload whose figures are on record.
mod seed;
/// `verify` names everything that is damaged in a finished movie.
mod verify;
/// Habits of writers that are not at hand, rebuilt; complaints about other tools.
mod writers;
