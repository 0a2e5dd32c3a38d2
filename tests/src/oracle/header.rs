//! Whether nothing was lost that was not understood: the top level, and `moov` atom by atom.
//!
//! - Holds where these pass: every atom of the base's `moov` is there byte for byte and in its place, except the size
//!   and offset tables that had to change and the sizes of their parents; `stco` became `co64` only where an offset
//!   needs it; unknown top-level atoms are kept in their order.
//!
//! References: DESIGN.md, promises 2 and 3.

use super::checker::Case;
use super::reader::Atom;

/// Atoms that are room, not content.
const ROOM: [&[u8; 4]; 3] = [b"free", b"skip", b"wide"];

/// The top level: `ftyp` and strangers as in the base, one `moov`, and no room with anything in it.
pub(crate) fn top_level(case: &Case<'_>) -> Result<(), String> {
    let kept = |atom: &&Atom| {
        !ROOM.contains(&&atom.kind) && &atom.kind != b"mdat" && &atom.kind != b"moov"
    };
    let bytes_of = |bytes: &[u8], atoms: &[Atom]| -> Vec<Vec<u8>> {
        atoms.iter().filter(kept).map(|atom| bytes[atom.range.clone()].to_vec()).collect()
    };
    let ours = bytes_of(&case.output.bytes, &case.output.top);
    let bases = bytes_of(&case.base.bytes, &case.base.top);
    if ours != bases {
        let (now, before) = (ours.len(), bases.len());
        return Err(format!(
            "of {before} atoms at the top level {now} are kept, or not as they were"
        ));
    }
    let places = |kind: &[u8; 4]| -> Vec<usize> {
        let found = case.output.top.iter().enumerate().filter(|(_, atom)| &atom.kind == kind);
        found.map(|(place, _)| place).collect()
    };
    let (moov, mdat) = (places(b"moov"), places(b"mdat"));
    if moov.len() != 1 {
        return Err(format!("{} moov atoms", moov.len()));
    }
    if let Some(&first) = mdat.first()
        && (moov[0] < first) != case.faststart
    {
        return Err(format!("moov is atom {}, mdat atom {first}", moov[0]));
    }
    for room in case.output.top.iter().filter(|atom| ROOM.contains(&&atom.kind)) {
        if case.output.bytes[room.payload()].iter().any(|&byte| byte != 0) {
            return Err(format!("stale bytes in an atom at byte {}", room.range.start));
        }
    }
    Ok(())
}

/// `moov`, atom by atom.
pub(crate) fn moov(case: &Case<'_>) -> Result<(), String> {
    let mut walk = Walk { case, track: None };
    walk.same(case.output.moov(), case.base.moov(), "moov")
}

struct Walk<'a, 'b> {
    case: &'a Case<'b>,
    /// The track that the walk is in.
    track: Option<usize>,
}

impl Walk<'_, '_> {
    fn same(&mut self, ours: &Atom, bases: &Atom, path: &str) -> Result<(), String> {
        let (our_bytes, base_bytes) = (&self.case.output.bytes, &self.case.base.bytes);
        if bases.children.is_empty() {
            if our_bytes[ours.range.clone()] == base_bytes[bases.range.clone()] {
                return Ok(());
            }
            return self.permitted(ours, bases, path);
        }
        let kinds = |atom: &Atom| atom.children.iter().map(|child| child.kind).collect::<Vec<_>>();
        if ours.children.len() != bases.children.len() {
            return Err(format!(
                "{path} has other children: {:?}, {:?}",
                kinds(ours),
                kinds(bases)
            ));
        }
        if ours.header_len != bases.header_len {
            return Err(format!("the header of {path} has another form"));
        }
        if our_bytes[ours.trailing.clone()] != base_bytes[bases.trailing.clone()] {
            return Err(format!("the bytes after the last child of {path} differ"));
        }
        let mut tracks = 0;
        for (our, base) in ours.children.iter().zip(&bases.children) {
            if &base.kind == b"trak" {
                self.track = Some(tracks);
                tracks += 1;
            }
            let name = String::from_utf8_lossy(&base.kind);
            self.same(our, base, &format!("{path}/{name}"))?;
        }
        Ok(())
    }

    /// A leaf that differs: is it one that may?
    fn permitted(&self, ours: &Atom, bases: &Atom, path: &str) -> Result<(), String> {
        let track = self.track.ok_or_else(|| format!("{path} differs"))?;
        let in_table = path.ends_with(&format!("stbl/{}", String::from_utf8_lossy(&bases.kind)));
        let is_video = track == self.case.video;
        match (&bases.kind, &ours.kind) {
            (b"stsz", b"stsz") | (b"stz2", b"stz2" | b"stsz") | (b"stsc", b"stsc")
                if in_table && is_video =>
            {
                Ok(())
            }
            (b"stco", b"stco") | (b"co64", b"co64") if in_table => Ok(()),
            (b"stco", b"co64") if in_table => {
                let offsets = &self.case.output.tracks[track].chunk_offsets;
                if offsets.iter().any(|&offset| offset > u64::from(u32::MAX)) {
                    Ok(())
                } else {
                    Err(format!("{path} became co64, but no offset needs it"))
                }
            }
            _ => {
                Err(format!("{path} of track {track} differs (now {:?})", ours.kind.escape_ascii()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::builder::{MovieSpec, TrackSpec};
    use crate::oracle::checker::{Expected, check_movies};
    use crate::oracle::reader::Movie;

    fn movie(spec: &MovieSpec) -> Movie {
        Movie::parse(spec.build().bytes).expect("it is well-formed")
    }

    #[test]
    fn a_copy_of_a_packed_movie_passes() {
        let base = movie(&MovieSpec::with_timecode(1, 0, vec![100; 8]));
        check_movies(&base, &base, &[], &Expected::new(Vec::new())).expect("it is its own splice");
    }

    #[test]
    fn a_changed_time_table_is_found() {
        let mut spec = MovieSpec::with_timecode(1, 0, vec![100; 8]);
        let base = movie(&spec);
        spec.tracks[0].durations = vec![(7, 1), (1, 2)];
        let error = check_movies(&movie(&spec), &base, &[], &Expected::new(Vec::new()));
        assert!(error.is_err_and(|text| text.contains("mvhd") || text.contains("stts")));
    }

    #[test]
    fn a_lost_track_is_found() {
        let base = movie(&MovieSpec::with_timecode(1, 0, vec![100; 8]));
        let output = movie(&MovieSpec::new(1, vec![TrackSpec::video(vec![100; 8])]));
        let error = check_movies(&output, &base, &[], &Expected::new(Vec::new()));
        assert!(error.is_err_and(|text| text.contains("moov has other children")));
    }
}
