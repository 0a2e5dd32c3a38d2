//! Puts the plan together from what was settled.
//!
//! - In: the base, its clock, the candidates, the settlement.
//! - Out: [`SplicePlan`]: every clip that was given is either one of its clips or left out.
//! - Not here: any decision.

use std::collections::HashMap;
use std::path::Path;

use super::candidates::Candidate;
use super::clock::BaseClock;
use super::events::Claim;
use super::events::list::Placed;
use super::facts::MovieFacts;
use super::options::Rank;
use super::settle::Settlement;
use super::splice_plan::forms::Schema;
use super::splice_plan::notes::{gathered, listed};
use super::splice_plan::{
    self, Event, EventOrigin, FileStamp, LeftOut, PlannedBase, PlannedClip, PlannedOverlap,
    SplicePlan, TimecodeJump, gaps,
};
use crate::codec;
use crate::timecode::Timecode;
use crate::units::{ClipIndex, EventIndex, FourCc, in_frames};

/// The plan of a settlement.
pub(super) fn assemble(
    base: &MovieFacts<'_>,
    clock: Option<&BaseClock>,
    candidates: &[Candidate<'_>],
    settlement: Settlement,
    alignment: u64,
    placed: Placed,
) -> SplicePlan {
    let (events, event_of) = events(candidates, &settlement, clock);
    let overlaps = overlaps(&settlement, &event_of);
    let mut warnings = warnings(base, candidates, &settlement);
    warnings.extend(placed.warnings);
    if !settlement.clips.is_empty() {
        warnings.extend(unseen_damage(base.format.description.codec));
    }
    warnings.extend(short_gaps(base, &events, clock));
    SplicePlan {
        schema: Schema,
        alignment,
        base: planned_base(base, clock),
        clips: settlement.clips.iter().map(|&clip| planned_clip(candidates[clip].facts)).collect(),
        lists: placed.lists,
        gaps: gaps(events.iter().map(Event::record)),
        events,
        left_out: left_out(candidates, &settlement),
        replacements: settlement.replacements,
        overlaps,
        content: None,
        warnings,
    }
}

fn planned_base(base: &MovieFacts<'_>, clock: Option<&BaseClock>) -> PlannedBase {
    let format = clock.map(|clock| clock.format);
    let starts: Vec<_> = clock.into_iter().flat_map(BaseClock::starts).collect();
    let text_at_start =
        starts.first().filter(|(frame, _)| *frame == 0).map(|(_, timecode)| timecode.to_string());
    PlannedBase {
        path: base.path.to_owned(),
        frames: base.frames.frame_count(),
        samples: base.sample_count,
        rate: base.format.rate,
        timecode: text_at_start,
        timecode_rate: format.map_or(base.format.rate, |format| format.rate),
        drop_frame: format.is_some_and(|format| format.drop_frame),
        timecode_jumps: starts
            .iter()
            .filter(|(frame, _)| *frame != 0)
            .copied()
            .map(timecode_jump)
            .collect(),
        codec: base.format.description.codec,
        width: base.format.description.width,
        height: base.format.description.height,
        identity: FileStamp::of(&base.identity),
    }
}

fn timecode_jump((frame, timecode): (u64, Timecode)) -> TimecodeJump {
    TimecodeJump { frame, timecode: timecode.to_string() }
}

fn planned_clip(facts: &MovieFacts<'_>) -> PlannedClip {
    let presented = facts.presented();
    let (first, jumps): (Vec<_>, Vec<_>) =
        facts.presented_stretches().into_iter().partition(|(frame, _)| *frame == 0);
    PlannedClip {
        path: facts.path.to_owned(),
        rank: facts.rank,
        timecode: first.first().map(|(_, timecode)| timecode.to_string()),
        timecode_jumps: jumps.into_iter().map(timecode_jump).collect(),
        reel: facts.reel.map(str::to_owned),
        frames: presented.end - presented.start,
        samples: facts.sample_count,
        identity: FileStamp::of(&facts.identity),
    }
}

/// The events of the plan, and for each claim its event if it keeps a frame.
fn events(
    candidates: &[Candidate<'_>],
    settlement: &Settlement,
    clock: Option<&BaseClock>,
) -> (Vec<Event>, Vec<Option<EventIndex>>) {
    let clips = settlement.clips.iter().enumerate();
    let clip_of: HashMap<usize, ClipIndex> =
        clips.map(|(index, &candidate)| (candidate, ClipIndex::new(index))).collect();
    let (mut events, mut event_of) = (Vec::new(), Vec::new());
    for (claim, &frames) in settlement.claims.iter().zip(&settlement.frames_used) {
        let Some(clock) = clock.filter(|_| frames > 0) else {
            event_of.push(None);
            continue;
        };
        let Claim { candidate, record_in, record_out, source_in, origin, list, .. } = *claim;
        let start = clock.timecode_at(record_in);
        event_of.push(Some(EventIndex::new(events.len())));
        events.push(Event {
            clip: clip_of[&candidate],
            record_in,
            record_out,
            record_timecode_in: start.to_string(),
            record_timecode_out: clock.after(start, record_out - record_in).to_string(),
            source_in: source_in - candidates[candidate].facts.presented().start,
            frames,
            origin,
            list: list.map(|list| candidates[candidate].list_events[list].clone()),
        });
    }
    (events, event_of)
}

/// Who won which frames, among the events that keep some.
fn overlaps(settlement: &Settlement, event_of: &[Option<EventIndex>]) -> Vec<PlannedOverlap> {
    let overlap = |contest: &super::overlap::Contest| {
        let (winner, loser) = (event_of[contest.winner]?, event_of[contest.loser]?);
        let (record_in, record_out) = (contest.record_in, contest.record_out);
        Some(PlannedOverlap { winner, loser, record_in, record_out })
    };
    settlement.contests.iter().filter_map(overlap).collect()
}

/// Every candidate that is not a clip of the plan, by path.
fn left_out(candidates: &[Candidate<'_>], settlement: &Settlement) -> Vec<LeftOut> {
    let mut left_out = Vec::new();
    for (index, candidate) in candidates.iter().enumerate() {
        if let Some(first) = candidate.reasons.first() {
            let reasons: Vec<String> = candidate.reasons.iter().map(ToString::to_string).collect();
            left_out.push(LeftOut {
                path: candidate.facts.path.to_owned(),
                code: first.code().to_owned(),
                reason: reasons.join("; "),
            });
        } else if let Some(reason) = &candidate.left_out {
            left_out.push(LeftOut {
                path: candidate.facts.path.to_owned(),
                code: reason.code().to_owned(),
                reason: reason.to_string(),
            });
        } else if let Some(reason) = &candidate.superseded {
            left_out.push(LeftOut {
                path: candidate.facts.path.to_owned(),
                code: reason.code().to_owned(),
                reason: reason.to_string(),
            });
        } else if !candidate.claims.is_empty() && !settlement.clips.contains(&index) {
            left_out.push(covered_by_others(index, candidates, settlement));
        }
    }
    left_out.sort();
    left_out
}

/// A clip of which no frame is used.
fn covered_by_others(
    candidate: usize,
    candidates: &[Candidate<'_>],
    settlement: &Settlement,
) -> LeftOut {
    let claims = &settlement.claims;
    let lost = settlement.contests.iter().filter(|lost| claims[lost.loser].candidate == candidate);
    let (mut winners, mut only_vfx) = (Vec::new(), true);
    for contest in lost {
        let winner = candidates[claims[contest.winner].candidate].facts;
        only_vfx &= winner.rank == Rank::Vfx;
        if !winners.contains(&winner.name()) {
            winners.push(winner.name());
        }
    }
    let named = listed(&winners, "clip");
    let (code, rank) = if only_vfx { ("outranked", "VFX: ") } else { ("hidden", "") };
    let path = candidates[candidate].facts.path.to_owned();
    let reason = format!("no frame of it is used, because it is covered by {rank}{named}");
    LeftOut { path, code: code.to_owned(), reason }
}

/// What to know of a codec whose frames have no header that is known here.
fn unseen_damage(codec: FourCc) -> Option<String> {
    codec::frame_head_len(codec).is_none().then(|| {
        let codec = codec::described(codec);
        format!(
            "of damaged frames of {codec} only empty ones and zeros are seen: its frames have no header that is known here"
        )
    })
}

/// What a person should know of a plan that was made, clip by clip in record order. What holds for many clips is said
/// once.
fn warnings(
    base: &MovieFacts<'_>,
    candidates: &[Candidate<'_>],
    settlement: &Settlement,
) -> Vec<String> {
    let mut of_clips: Vec<(&Path, String)> = Vec::new();
    of_clips.extend(parting(base).map(|warning| (base.path, warning)));
    for &clip in &settlement.clips {
        let candidate = &candidates[clip];
        let mut add = |warning: String| of_clips.push((candidate.facts.path, warning));
        candidate.warnings.iter().for_each(|warning| add(warning.to_string()));
        if candidate.claims.iter().any(|claim| claim.origin == EventOrigin::Timecode) {
            parting(candidate.facts).into_iter().for_each(&mut add);
        }
        for claim in candidate.claims.iter().filter(|claim| claim.kept != (0, 0)) {
            let ends = [(claim.kept.0, "first", "begins"), (claim.kept.1, "last", "ends")];
            for (frames, which, does) in ends.into_iter().filter(|(frames, ..)| *frames > 0) {
                add(format!(
                    "its {} used: it {does} where the base {does}, so {}",
                    end_frames(which, frames),
                    if frames == 1 { "it cannot be a handle" } else { "they cannot be handles" }
                ));
            }
        }
        for claim in candidate.claims.iter().filter(|claim| claim.trimmed != (0, 0)) {
            let (head, tail) = claim.trimmed;
            let ends =
                [("first", head), ("last", tail)].into_iter().filter(|(_, frames)| *frames > 0);
            let ends: Vec<String> = ends.map(|(which, frames)| end_frames(which, frames)).collect();
            add(format!(
                "it sticks out of the base: its {} not used",
                ends.join(" not used, its ")
            ));
        }
    }
    gathered(&of_clips)
}

/// `first frame is`, `last 8 frames are`.
fn end_frames(which: &str, frames: u64) -> String {
    if frames == 1 { format!("{which} frame is") } else { format!("{which} {frames} frames are") }
}

/// What is said of a movie whose first picture begins visibly after the frame of timecode that it has.
fn parting(movie: &MovieFacts<'_>) -> Option<String> {
    let label = movie.labels().label_of(movie.presented().start)?;
    let hundredths = movie.parting;
    (hundredths > 0).then(|| {
        format!(
            "its first picture begins 0.{hundredths:02} of a frame after its timecode says {label}; \
             it is taken for that frame"
        )
    })
}

/// What is said of frames between two events that no event covers, if they last less than a second: most likely somebody
/// left out too many handles, or a clip is too short.
fn short_gaps(
    base: &MovieFacts<'_>,
    events: &[Event],
    clock: Option<&BaseClock>,
) -> Option<String> {
    const NAMED_MAX: usize = 3;
    let clock = clock?;
    let short = splice_plan::short_gaps(events, base.format.rate);
    let named = short.iter().take(NAMED_MAX).map(|gap| {
        let from = clock.timecode_at(gap.record_in);
        format!("{from} to {} ({})", clock.after(from, gap.frames), in_frames(gap.frames))
    });
    let named: Vec<String> = named.collect();
    let more = match short.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let gaps = if short.len() == 1 { "gap" } else { "gaps" };
    (!short.is_empty()).then(|| {
        format!(
            "{} {gaps} of less than a second between two clips, which no clip covers: {}{more}",
            short.len(),
            named.join(", ")
        )
    })
}
