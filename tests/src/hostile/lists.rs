//! Edit lists of any content: read or refused, and what holds for whatever comes of them.
//!
//! - In: bytes that claim to be a list.
//! - Out: nothing: [`judge`] panics where something does not hold.
//! - Holds: see [`judge`]. [`CMX`], [`OTIO`], [`XMEML`] and [`FCPXML`] are small lists to begin with.
//! - Not here: what lists mean (the engine's own tests).

use intercut_engine::list::conform::{
    BaseFacts, ClipFacts, Confidence, ConformOptions, ListInput, Transitions, conform,
};
use intercut_engine::list::{CutList, NameKind, Span, read};
use intercut_engine::timecode::{FrameRate, Timecode, TimecodeFormat};

/// An EDL with a cut, a dissolve, a speed and most comments.
pub const CMX: &str = "TITLE: R\nFCM: NON-DROP FRAME\n\
    001  A001C002 V     C        10:00:00:00 10:00:02:00 01:00:00:00 01:00:02:00\n* FROM CLIP NAME: S01.mov\n\
    002  A001C002 V     C        10:00:02:00 10:00:02:00 01:00:02:00 01:00:02:00\n\
    002  B001     V     D    012 11:00:00:00 11:00:02:00 01:00:02:00 01:00:04:00\n* TO CLIP NAME: S02.mov\n\
    M2   B001       012.5                11:00:00:00\n* SOURCE FILE: B001C001\n\
    003  AX       AA    C        00:00:00:00 00:00:01:00 01:00:04:00 01:00:05:00\n\
    FINAL CUT PRO REEL: A001-C002 REPLACED BY: A001C002\n";

/// A timeline with a gap, a clip, a transition and a nested stack.
pub const OTIO: &str = r#"{"OTIO_SCHEMA":"Timeline.1","name":"T","global_start_time":{"rate":25,"value":90000},"tracks":
{"OTIO_SCHEMA":"Stack.1","children":[{"OTIO_SCHEMA":"Track.1","kind":"Video","children":[
{"OTIO_SCHEMA":"Gap.1","source_range":{"start_time":{"rate":25,"value":0},"duration":{"rate":25,"value":5}}},
{"OTIO_SCHEMA":"Clip.2","name":"S01.mov","source_range":{"start_time":{"rate":25,"value":900000},"duration":{"rate":25,"value":50}},
"media_references":{"DEFAULT_MEDIA":{"OTIO_SCHEMA":"ExternalReference.1","target_url":"a/S01.mov","available_range":
{"start_time":{"rate":25,"value":900000},"duration":{"rate":25,"value":100}}}},"active_media_reference_key":"DEFAULT_MEDIA"},
{"OTIO_SCHEMA":"Transition.1","in_offset":{"rate":25,"value":2},"out_offset":{"rate":25,"value":3}},
{"OTIO_SCHEMA":"Stack.1","source_range":{"start_time":{"rate":25,"value":0},"duration":{"rate":25,"value":9}},"children":[
{"OTIO_SCHEMA":"Clip.1","name":"S02","effects":[{"OTIO_SCHEMA":"LinearTimeWarp.1","time_scalar":0.5}],
"source_range":{"start_time":{"rate":25,"value":7},"duration":{"rate":25,"value":9}}}]}]}]}}"#;

/// A sequence with a clip, a transition and a nested sequence.
pub const XMEML: &str = r#"<?xml version="1.0"?><!DOCTYPE xmeml><xmeml version="5"><sequence id="s"><name>T</name><rate><timebase>25</timebase>
<ntsc>FALSE</ntsc></rate><timecode><string>01:00:00:00</string><frame>90000</frame></timecode><media><video><track>
<clipitem><name>S01.mov</name><start>0</start><end>-1</end><in>5</in><file id="f"><name>S01.mov</name><pathurl>file://x/S01.mov</pathurl>
<timecode><frame>900000</frame><reel><name>A001</name></reel></timecode></file></clipitem>
<transitionitem><start>40</start><end>50</end></transitionitem>
<clipitem><name>S02.mov</name><start>-1</start><end>90</end><in>0</in><file id="f"/></clipitem>
<clipitem><name>N</name><start>90</start><end>99</end><in>0</in><sequence id="n"><name>N</name><media><video><track>
<clipitem><name>S03</name><start>0</start><end>50</end><in>0</in></clipitem></track></video></media></sequence></clipitem>
</track></video></media></sequence></xmeml>"#;

/// A project with clips, a lane, a storyline, a transition and a compound clip.
pub const FCPXML: &str = r#"<?xml version="1.0"?><!DOCTYPE fcpxml><fcpxml version="1.10"><resources><format id="r" frameDuration="1/25s"/>
<asset id="a" name="S01" start="36000s" hasVideo="1" format="r"><media-rep src="file:///S01.mov"/></asset>
<media id="m"><sequence format="r"><spine><asset-clip ref="a" offset="0s" start="36000s" duration="9s"/></spine></sequence></media>
</resources><project name="P"><sequence format="r" tcStart="3600s" tcFormat="NDF"><spine>
<asset-clip ref="a" name="S01" offset="3600s" start="36001s" duration="2s"><asset-clip ref="a" lane="1" offset="36002s" duration="1s"/></asset-clip>
<transition offset="18009/5s" duration="2/5s"/><ref-clip ref="m" offset="3602s" duration="2s"/>
<gap offset="3604s" start="3600s" duration="2s"><spine lane="2" offset="3600s"><asset-clip ref="a" offset="0s" duration="1s"/></spine></gap>
</spine></sequence></project></fcpxml>"#;

/// The rates that bases have here.
const RATES: [(u64, u64, bool); 3] = [(25, 1, false), (24_000, 1001, false), (30_000, 1001, true)];

/// Reads a list, and holds clips to it that its own first cuts ask for.
///
/// - Returns: whether it could be read.
///
/// # Panics
/// If an error has no code or blames a line that the list does not have; if a clip is not either placed, refused or left
/// out; if a placement leaves the base or its clip, or two of one cut overlap.
pub fn judge(bytes: &[u8]) -> bool {
    let list = match read(bytes, None) {
        Ok(list) => list,
        Err(error) => {
            assert!(!error.code().is_empty() && !error.to_string().is_empty());
            let lines = 1 + bytes.iter().filter(|byte| matches!(byte, b'\r' | b'\n')).count();
            assert!(error.line().is_none_or(|line| line as usize <= lines), "{error}");
            return false;
        }
    };
    for rate in RATES {
        for transitions in [Transitions::Error, Transitions::Leave] {
            judge_at(&list, rate, transitions);
        }
    }
    true
}

fn judge_at(list: &CutList, rate: (u64, u64, bool), transitions: Transitions) {
    const FRAMES: u64 = 100_000;
    let (numerator, denominator, drop_frame) = rate;
    let rate = FrameRate::matching(numerator, denominator).expect("it is a rate");
    let format = TimecodeFormat { rate, drop_frame };
    let hour = i64::from(rate.nominal()) * 3600;
    let stretches = [(0, Timecode::from_frame(hour, format))];
    let base = BaseFacts { format, rate, stretches: &stretches, frames: FRAMES };
    let names: Vec<(String, [(u64, Timecode); 1])> = list
        .cuts
        .iter()
        .take(8)
        .map(|cut| {
            let name = cut.names.iter().find(|name| name.kind != NameKind::Reel);
            let name = name.map(|name| name.text.clone()).unwrap_or_default();
            let start = match cut.source {
                Span::Frames { first, .. } => Timecode::from_frame(first.saturating_sub(8), format),
                _ => Timecode::from_frame(hour * 10, format),
            };
            (name, [(0, start)])
        })
        .collect();
    let clips: Vec<ClipFacts<'_>> = names
        .iter()
        .map(|(name, start)| ClipFacts {
            file_name: name,
            reel: None,
            stretches: start,
            frames: 120,
            rank: 0,
            handles: 0,
            versions: &[],
        })
        .collect();
    let options = ConformOptions {
        min_confidence: Confidence::Low,
        transitions,
        ..ConformOptions::default()
    };
    let conformed = match conform(&[ListInput { name: "list", list }], &base, &clips, &options) {
        Ok(conformed) => conformed,
        Err(errors) => {
            assert!(errors.iter().all(|(_, error)| !error.to_string().is_empty()));
            return;
        }
    };
    for (clip, _) in clips.iter().enumerate() {
        let ways = [
            conformed.placements.iter().any(|placed| placed.clip == clip),
            conformed.refusals.iter().any(|(other, _)| *other == clip),
            conformed.left_out.iter().any(|(other, _)| *other == clip),
        ];
        assert_eq!(ways.iter().filter(|way| **way).count(), 1, "clip {clip}: {conformed:?}");
    }
    for placed in &conformed.placements {
        assert!(placed.frames > 0 && placed.record_in + placed.frames <= FRAMES, "{placed:?}");
        assert!(placed.source_in + placed.frames <= clips[placed.clip].frames, "{placed:?}");
    }
    assert!(conformed.notes.iter().all(|note| !note.to_string().is_empty()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Random, run_seed};

    #[test]
    fn lists_to_begin_with_can_be_read() {
        for list in [CMX, OTIO, XMEML, FCPXML] {
            assert!(judge(list.as_bytes()), "{list}");
        }
    }

    #[test]
    fn lists_that_are_damaged_in_any_way_are_read_or_refused() {
        let seed = run_seed();
        for (format, list) in [CMX, OTIO, XMEML, FCPXML].into_iter().enumerate() {
            for case in 0..1000 {
                let mut random = Random::of_case(seed, case * 4 + format as u64);
                let mut bytes = list.as_bytes().to_vec();
                for _ in 0..1 + random.below(4) {
                    damage(&mut bytes, &mut random);
                }
                let judged = std::panic::catch_unwind(|| judge(&bytes));
                assert!(judged.is_ok(), "seed {seed}: {}", String::from_utf8_lossy(&bytes));
            }
        }
    }

    /// Takes a piece out, doubles it, overwrites a byte, or ends the list early.
    fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
        let from = random.below(bytes.len());
        let to = bytes.len().min(from + random.below(40));
        match random.below(4) {
            0 => drop(bytes.drain(from..to)),
            1 => {
                let piece = bytes[from..to].to_vec();
                let at = random.below(bytes.len() + 1);
                drop(bytes.splice(at..at, piece));
            }
            2 => bytes.iter_mut().skip(from).take(1).for_each(|byte| *byte = b'9'),
            _ => bytes.truncate(from.max(8)),
        }
    }
}
