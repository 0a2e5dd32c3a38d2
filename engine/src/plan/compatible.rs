//! Whether a clip's samples can stand in the base's track: codec, picture, rate, fields, alpha, colour.
//!
//! - In: what the two movies say of their pictures.
//! - Out: every reason against it ([`Reason`]), and warnings for what matters only to the eye.
//! - Holds: what only one of the two movies states is not compared.
//! - Not here: timecode and places (`place`).

use super::facts::MovieFacts;
use super::options::PlaceOptions;
use super::refusal::{PictureSize, Reason, StatedIn};
use crate::movie::VideoFormat;
use crate::movie::frame_header::FrameHeader;
use crate::timecode::TimecodeFormat;
use crate::units::FourCc;

/// The ProRes family: proxy, LT, 422, HQ, 4444, 4444 XQ.
const PRORES: [&[u8; 4]; 6] = [b"apco", b"apcs", b"apcn", b"apch", b"ap4h", b"ap4x"];

/// What was found to differ.
#[derive(Debug, Default)]
pub(super) struct Differences {
    /// What rules the clip out.
    pub(super) reasons: Vec<Reason>,
    /// What matters only to the eye, as ends of the sentence "CLIP: ...".
    pub(super) warnings: Vec<String>,
}

/// Refuses any codec that is not ProRes.
pub(super) fn check_codec(codec: FourCc) -> Option<Reason> {
    (!PRORES.contains(&&codec.0)).then_some(Reason::NotProRes { codec })
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
    if let Some(reason) = check_codec(ours.codec) {
        found.reasons.push(reason);
    } else if ours.codec != theirs.codec {
        found.reasons.push(Reason::Codec { clip: ours.codec, base: theirs.codec });
    }
    let size = |format: &VideoFormat| PictureSize { width: format.width, height: format.height };
    if size(ours) != size(theirs) {
        let stated_in = StatedIn::SampleDescription;
        found.reasons.push(Reason::Size { stated_in, clip: size(ours), base: size(theirs) });
    }
    if ours.rate != theirs.rate {
        found.reasons.push(Reason::Rate { clip: ours.rate, base: theirs.rate });
    }
    if let (Some(clip), Some(base)) = (clip.timecode_format, timecode) {
        compare_timecode(clip, base, ours.rate == theirs.rate, &mut found);
    }
    compare_descriptions(ours, theirs, options, &mut found);
    if let (Some(clip), Some(base)) = (&ours.frame_header, &theirs.frame_header) {
        compare_frame_headers(clip, base, options, &mut found);
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

fn compare_descriptions(
    clip: &VideoFormat,
    base: &VideoFormat,
    options: &PlaceOptions,
    found: &mut Differences,
) {
    let stated_in = StatedIn::SampleDescription;
    if let (Some(clip), Some(base)) = (clip.fiel, base.fiel)
        && normal_fields(clip) != normal_fields(base)
    {
        let (clip, base) = (fields_text(clip), fields_text(base));
        if options.allow_field_order {
            found.warnings.push(format!("its {stated_in} says {clip}, the base's says {base}"));
        } else {
            found.reasons.push(Reason::FieldOrder { stated_in, clip, base });
        }
    }
    if let (Some(clip), Some(base)) = (depth_has_alpha(clip.depth), depth_has_alpha(base.depth)) {
        compare_alpha(stated_in, clip, base, options, found);
    }
    let atoms = [
        ("colr", &clip.colr, &base.colr),
        ("pasp", &clip.pasp, &base.pasp),
        ("clap", &clip.clap, &base.clap),
    ];
    for (kind, clip, base) in atoms {
        if let (Some(clip), Some(base)) = (clip, base)
            && clip != base
        {
            let (clip, base) = (hex(clip), hex(base));
            found
                .warnings
                .push(format!("its '{kind}' is {clip}, the base's is {base}; the base's is kept"));
        }
    }
}

fn compare_frame_headers(
    clip: &FrameHeader,
    base: &FrameHeader,
    options: &PlaceOptions,
    found: &mut Differences,
) {
    let stated_in = StatedIn::FrameHeader;
    let size = |header: &FrameHeader| PictureSize { width: header.width, height: header.height };
    let told = found.reasons.iter().any(|reason| matches!(reason, Reason::Size { .. }));
    if !told && size(clip) != size(base) {
        found.reasons.push(Reason::Size { stated_in, clip: size(clip), base: size(base) });
    }
    if clip.interlace_mode != base.interlace_mode {
        let (clip, base) =
            (interlace_text(clip.interlace_mode), interlace_text(base.interlace_mode));
        if options.allow_field_order {
            found.warnings.push(format!("its {stated_in} says {clip}, the base's says {base}"));
        } else {
            found.reasons.push(Reason::FieldOrder { stated_in, clip, base });
        }
    }
    let has_alpha = |header: &FrameHeader| header.alpha_channel_type != 0;
    compare_alpha(stated_in, has_alpha(clip), has_alpha(base), options, found);
    let codes = [
        ("chroma format", clip.chroma_format, base.chroma_format),
        ("colour primaries", clip.color_primaries, base.color_primaries),
        ("transfer characteristic", clip.transfer_characteristic, base.transfer_characteristic),
        ("matrix coefficients", clip.matrix_coefficients, base.matrix_coefficients),
    ];
    for (what, clip, base) in codes {
        if clip != base {
            found.warnings.push(format!("its frames have {what} {clip}, the base's have {base}"));
        }
    }
}

fn compare_alpha(
    stated_in: StatedIn,
    clip: bool,
    base: bool,
    options: &PlaceOptions,
    found: &mut Differences,
) {
    if clip == base {
        return;
    }
    let reason = Reason::Alpha { stated_in, clip };
    if options.allow_alpha {
        found.warnings.push(reason.to_string());
    } else {
        found.reasons.push(reason);
    }
}

/// What a sample description's depth says of alpha: 24 means none, 32 some, anything else nothing.
fn depth_has_alpha(depth: u16) -> Option<bool> {
    match depth {
        24 => Some(false),
        32 => Some(true),
        _ => None,
    }
}

/// One field a frame is progressive, whatever the second byte says of an order.
fn normal_fields(fiel: [u8; 2]) -> [u8; 2] {
    if fiel[0] == 1 { [1, 0] } else { fiel }
}

/// The order is told by its number: writers and documents disagree on what 9 and 14 mean.
fn fields_text(fiel: [u8; 2]) -> String {
    match fiel {
        [1, _] => "progressive".to_owned(),
        [fields, order] => format!("{fields} fields in order {order}"),
    }
}

fn interlace_text(mode: u8) -> String {
    match mode {
        0 => "progressive".to_owned(),
        1 => "top field first".to_owned(),
        2 => "bottom field first".to_owned(),
        other => format!("interlace mode {other}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    /// More than any of the three atoms holds when it is in order.
    const SHOWN: usize = 32;
    let mut text: String = bytes.iter().take(SHOWN).map(|byte| format!("{byte:02x}")).collect();
    if bytes.len() > SHOWN {
        text.push_str("...");
    }
    text
}
