//! Whether a clip's samples can take the place of the base's: pictures, rate, how timecode counts.
//!
//! - In: what the two movies say of their pictures.
//! - Out: every reason against it ([`Reason`]), and warnings for what matters only to the eye.
//! - Holds: what only one of the two movies states is not compared.
//! - Not here: how pictures differ (`codec`), places (`place`).

use super::facts::MovieFacts;
use super::options::PlaceOptions;
use super::refusal::Reason;
use crate::codec::{self, Difference};
use crate::timecode::TimecodeFormat;

/// What was found to differ.
#[derive(Debug, Default)]
pub(super) struct Differences {
    /// What rules the clip out.
    pub(super) reasons: Vec<Reason>,
    /// What matters only to the eye, as ends of the sentence "CLIP: ...".
    pub(super) warnings: Vec<String>,
}

/// Compares a clip with the base.
///
/// - `timecode`: how the base's timecode is counted; `None` where the clip's own timecode is not used to place it.
pub(super) fn compare(
    clip: &MovieFacts<'_>,
    base: &MovieFacts<'_>,
    timecode: Option<TimecodeFormat>,
    options: &PlaceOptions,
) -> Differences {
    let mut found = Differences::default();
    let (ours, theirs) = (clip.format, base.format);
    found.reasons.extend(clip.obstacles.of_pictures.iter().cloned().map(Reason::Unsupported));
    // Nobody knows here what another codec keeps in its description: a decoder is given the base's for all frames.
    let is_exact = !codec::is_prores(theirs.description.codec);
    for difference in codec::compare(ours, theirs) {
        let is_refused = match difference {
            Difference::Codec { .. } | Difference::Size { .. } => true,
            Difference::Fields { .. } => is_exact || !options.allow_field_order,
            Difference::Alpha { .. } => is_exact || !options.allow_alpha,
            _ => is_exact,
        };
        if is_refused {
            found.reasons.push(Reason::Differs(difference));
        } else {
            found.warnings.push(difference.to_string());
        }
    }
    if ours.rate != theirs.rate {
        found.reasons.push(Reason::Rate { clip: ours.rate, base: theirs.rate });
    }
    if let (Some(clip), Some(base)) = (clip.timecode_format, timecode) {
        compare_timecode(clip, base, ours.rate == theirs.rate, &mut found);
    }
    found
}

/// Whether frames of the two can be counted in one another's terms.
pub(super) fn counts_alike(differences: &[Reason]) -> bool {
    !differences.iter().any(|reason| {
        matches!(
            reason,
            Reason::Rate { .. } | Reason::TimecodeRate { .. } | Reason::DropFrame { .. }
        )
    })
}

/// Timecode counts at its nominal rate. Where the pictures' rates differ, another rate of timecode is no news.
fn compare_timecode(
    clip: TimecodeFormat,
    base: TimecodeFormat,
    same_pictures: bool,
    found: &mut Differences,
) {
    if same_pictures && clip.rate.nominal() != base.rate.nominal() {
        found.reasons.push(Reason::TimecodeRate { clip: clip.rate, base: base.rate });
    }
    if clip.drop_frame != base.drop_frame {
        found.reasons.push(Reason::DropFrame { clip: clip.drop_frame });
    }
}
