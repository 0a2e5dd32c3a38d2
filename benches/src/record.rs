//! Timings of the reference workload on other people's machines, to be beside what was measured here.
//!
//! - Holds: none of them was taken on the machine of the comparison, and each says where it comes from.

use serde::Serialize;

/// One timing on record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recorded {
    /// What was run.
    pub what: String,
    /// How long it took; where a range is on record, its lower end.
    pub seconds: f64,
    /// What the record says of it.
    pub note: String,
    /// Where it comes from.
    pub source: String,
}

/// The timings on record, and the user's own of DaVinci Resolve if there is one.
pub fn on_record(resolve_seconds: Option<f64>) -> Vec<Recorded> {
    let recorded = |what: &str, seconds, note: &str, source: &str| Recorded {
        what: what.to_owned(),
        seconds,
        note: note.to_owned(),
        source: source.to_owned(),
    };
    let own = resolve_seconds.map(|seconds| {
        recorded("DaVinci Resolve", seconds, "given by --resolve", "whoever ran this comparison")
    });
    let known = [
        recorded(
            "DaVinci Resolve, M1 Pro",
            9.0,
            "render only, project already loaded",
            "the user's own timing",
        ),
        recorded(
            "ProResWriter, first version, M1 Pro",
            45.12,
            "export 35.40, then timecode 9.72",
            "its log",
        ),
        recorded(
            "ProResWriter, other export presets",
            33.5,
            "to 45.4: export 25 to 34, then timecode 8.4 to 11.5",
            "its log",
        ),
        recorded("ProResWriter, set-up split off", 42.69, "render 31.82", "its log"),
        recorded("ProResWriter, final version", 9.47, "set-up 0.62, render 8.85", "its log"),
        recorded("FFmpeg-library rewrite, M4 Pro", 9.10, "", "its repository"),
        recorded("AVFoundation, M4 Pro", 8.09, "", "the rewrite's repository"),
    ];
    own.into_iter().chain(known).collect()
}
