//! Whose frame it is where several clips claim one, asked sample by sample.
//!
//! - In: what every clip would replace by itself, which clips are VFX, the rule among grades.
//! - Out: what is replaced, each sample once; an error where nobody can say by which clip.
//! - Not here: which samples a clip claims (`placer`).

use super::splicer::Replaced;

/// Who wins among grades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmongGrades {
    /// Nobody.
    Nobody,
    /// The clip that starts latest; of several, the last by name.
    Latest,
    /// The clip that starts earliest; of several, the first by name.
    Earliest,
}

/// Settles what clips claim.
///
/// - `claimed`: clips are counted in the order of their names.
/// - `vfx`: for each clip, whether it is VFX.
///
/// # Errors
/// Where two VFX clips claim a sample, or two grades one that no VFX clip claims and nobody is to win.
///
/// # Panics
/// Where a clip is not in `vfx`: the test is wrong.
pub fn settle(
    claimed: &[Replaced],
    vfx: &[bool],
    among_grades: AmongGrades,
) -> Result<Vec<Replaced>, String> {
    let end = claimed.iter().map(|one| one.base_sample + 1).max().unwrap_or(0);
    let mut settled = Vec::new();
    for base_sample in 0..end {
        let claims: Vec<&Replaced> =
            claimed.iter().filter(|one| one.base_sample == base_sample).collect();
        let effects: Vec<&Replaced> = claims.iter().filter(|one| vfx[one.clip]).copied().collect();
        let rivals = if effects.is_empty() { &claims } else { &effects };
        let winner = match (&rivals[..], among_grades) {
            ([], _) => continue,
            ([only], _) => only,
            (several, _) if !effects.is_empty() => {
                return Err(format!("{} VFX clips on sample {base_sample}", several.len()));
            }
            (several, AmongGrades::Nobody) => {
                return Err(format!("{} grades on sample {base_sample}", several.len()));
            }
            (several, AmongGrades::Latest) => {
                let latest = several.iter().max_by_key(|one| (start(claimed, one.clip), one.clip));
                latest.expect("there are several")
            }
            (several, AmongGrades::Earliest) => {
                let earliest =
                    several.iter().min_by_key(|one| (start(claimed, one.clip), one.clip));
                earliest.expect("there are several")
            }
        };
        settled.push(**winner);
    }
    Ok(settled)
}

/// The first base sample that a clip claims.
fn start(claimed: &[Replaced], clip: usize) -> usize {
    let own = claimed.iter().filter(|one| one.clip == clip);
    own.map(|one| one.base_sample).min().expect("it claims something")
}

#[cfg(test)]
mod tests {
    use super::super::splicer::run;
    use super::*;

    #[test]
    fn vfx_wins_and_the_grade_keeps_both_ends() {
        let claimed = [run(2, 6, 0, 0), run(4, 2, 1, 0)].concat();
        for rule in [AmongGrades::Nobody, AmongGrades::Latest, AmongGrades::Earliest] {
            let settled = settle(&claimed, &[false, true], rule).expect("it is decided");
            assert_eq!(settled, [run(2, 2, 0, 0), run(4, 2, 1, 0), run(6, 2, 0, 4)].concat());
        }
    }

    #[test]
    fn two_of_a_kind_are_decided_among_grades_alone() {
        let claimed = [run(2, 4, 0, 0), run(4, 4, 1, 0)].concat();
        let latest = settle(&claimed, &[false, false], AmongGrades::Latest);
        assert_eq!(latest, Ok([run(2, 2, 0, 0), run(4, 4, 1, 0)].concat()));
        let earliest = settle(&claimed, &[false, false], AmongGrades::Earliest);
        assert_eq!(earliest, Ok([run(2, 4, 0, 0), run(6, 2, 1, 2)].concat()));
        assert!(settle(&claimed, &[false, false], AmongGrades::Nobody).is_err());
        assert!(settle(&claimed, &[true, true], AmongGrades::Latest).is_err());
    }
}
