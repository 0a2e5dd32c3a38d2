//! How the samples of one direction are made from others: for each, which ones, and how much each of them counts.
//!
//! - In: how many samples there are and are wanted, and where the wanted ones lie among them.
//! - Out: [`Axis`]; rows that are mixed (down) and stretched (across).
//! - Holds: weights are a triangle, as wide as a wanted sample, so that a smaller picture has no false patterns; they add up to
//!   exactly one, and none is negative, so that nothing rings or leaves the range. The ends are repeated outwards.
//! - Not here: which rows and columns (`paint`).

/// One, as a weight.
const ONE: i32 = 1 << ONE_LOG2;
const ONE_LOG2: u32 = 14;

/// Up to this many samples for one, only its two neighbours count: pictures at a quarter or a half are smooth already.
const STEP_OF_TWO: f64 = 1.25;
/// Up to this many, four.
const STEP_OF_FOUR: f64 = 2.2;

/// How samples of one direction are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Axis {
    /// Samples that count, for each one that is made.
    taps: usize,
    /// The first of them.
    firsts: Vec<u32>,
    /// Their weights.
    weights: Vec<i16>,
    /// Whether everything stays as it is.
    is_plain: bool,
}

impl Axis {
    /// - `len`: samples that there are; not 0.
    /// - `count`: samples that are wanted.
    /// - `start`: where the first of these lies, the first one there is being at 0.
    /// - `step`: how far it is from one to the next.
    pub(super) fn new(len: usize, count: usize, start: f64, step: f64) -> Self {
        let radius = match step {
            step if step <= STEP_OF_TWO => 1.0,
            step if step <= STEP_OF_FOUR => step.min(2.0),
            step => step,
        };
        let taps = (2 * ceil(radius)).min(len);
        let mut axis = Self {
            taps,
            firsts: Vec::with_capacity(count),
            weights: Vec::with_capacity(count * taps),
            is_plain: len == count && start == 0.0 && step == 1.0,
        };
        let mut shares = vec![0.0; taps];
        for nth in 0..count {
            let center = start + step * nth as f64;
            let from = floor(center - radius) + 1;
            let first = from.clamp(0, (len - taps) as i64);
            shares.fill(0.0);
            for at in from..from + 2 * ceil(radius) as i64 {
                let share = (1.0 - (at as f64 - center).abs() / radius).max(0.0);
                let kept = at.clamp(0, len as i64 - 1) - first;
                // Of a row that is shorter than the triangle, the ends have what is outside.
                let kept = usize::try_from(kept).unwrap_or(0).min(taps - 1);
                shares[kept] += share;
            }
            axis.push(first, &shares);
        }
        axis
    }

    fn push(&mut self, first: i64, shares: &[f64]) {
        let sum: f64 = shares.iter().sum();
        let from = self.weights.len();
        self.firsts.push(u32::try_from(first).unwrap_or(0));
        self.weights.extend(shares.iter().map(|share| weight(share / sum)));
        let weights = &mut self.weights[from..];
        let missing = ONE - weights.iter().map(|&weight| i32::from(weight)).sum::<i32>();
        if let Some(heaviest) = weights.iter_mut().max() {
            *heaviest += i16::try_from(missing).unwrap_or(0);
        }
    }

    /// Samples that are made.
    pub(super) fn count(&self) -> usize {
        self.firsts.len()
    }

    /// Makes one row of several.
    ///
    /// - `row`: gives each row that there is.
    pub(super) fn mix<'p>(&self, nth: usize, row: impl Fn(usize) -> &'p [u16], out: &mut Vec<u16>) {
        let first = self.firsts[nth] as usize;
        let weights = &self.weights[nth * self.taps..][..self.taps];
        match *weights {
            [_] => {
                out.clear();
                out.extend_from_slice(row(first));
            }
            [a, b] => mix2([row(first), row(first + 1)], [a, b], out),
            [a, b, c, d] => {
                let rows = [row(first), row(first + 1), row(first + 2), row(first + 3)];
                mix4(rows, [a, b, c, d], out);
            }
            _ => {
                let count = row(first).len();
                out.clear();
                out.extend((0..count).map(|x| {
                    let taps = weights.iter().enumerate();
                    sample(taps.map(|(tap, &weight)| part(row(first + tap)[x], weight)).sum())
                }));
            }
        }
    }

    /// Makes a row of another length.
    pub(super) fn stretch(&self, row: &[u16], out: &mut Vec<u16>) {
        out.clear();
        if self.is_plain {
            return out.extend_from_slice(row);
        }
        match self.taps {
            1 => out.extend(self.firsts.iter().map(|&first| row[first as usize])),
            2 => self.stretch_by::<2>(row, out),
            4 => self.stretch_by::<4>(row, out),
            taps => {
                let weights = self.weights.chunks_exact(taps);
                out.extend(self.firsts.iter().zip(weights).map(|(&first, weights)| {
                    let samples = row[first as usize..].iter().zip(weights);
                    sample(samples.map(|(&sample, &weight)| part(sample, weight)).sum())
                }));
            }
        }
    }

    fn stretch_by<const TAPS: usize>(&self, row: &[u16], out: &mut Vec<u16>) {
        let weights = self.weights.as_chunks::<TAPS>().0;
        out.extend(self.firsts.iter().zip(weights).map(|(&first, weights)| {
            let samples = &row[first as usize..][..TAPS];
            sample((0..TAPS).map(|tap| part(samples[tap], weights[tap])).sum())
        }));
    }
}

fn mix2([a, b]: [&[u16]; 2], [of_a, of_b]: [i16; 2], out: &mut Vec<u16>) {
    out.clear();
    out.extend(a.iter().zip(b).map(|(&a, &b)| sample(part(a, of_a) + part(b, of_b))));
}

fn mix4([a, b, c, d]: [&[u16]; 4], weights: [i16; 4], out: &mut Vec<u16>) {
    let [of_a, of_b, of_c, of_d] = weights;
    out.clear();
    out.extend(a.iter().zip(b).zip(c).zip(d).map(|(((&a, &b), &c), &d)| {
        sample(part(a, of_a) + part(b, of_b) + part(c, of_c) + part(d, of_d))
    }));
}

/// Samples have at most 12 bits, so that they are numbers with a sign, which processors multiply several at a time.
#[inline(always)]
fn part(sample: u16, weight: i16) -> i32 {
    i32::from(sample.cast_signed()) * i32::from(weight)
}

#[inline(always)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "weights add up to one"
)]
fn sample(sum: i32) -> u16 {
    ((sum + ONE / 2) >> ONE_LOG2) as u16
}

#[expect(clippy::cast_possible_truncation, reason = "a share is between 0 and 1")]
fn weight(share: f64) -> i16 {
    (share * f64::from(ONE)).round() as i16
}

#[expect(clippy::cast_possible_truncation, reason = "a place is in a picture, or near it")]
fn floor(place: f64) -> i64 {
    place.floor() as i64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a radius is small")]
fn ceil(radius: f64) -> usize {
    radius.ceil() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretched(row: &[u16], count: usize) -> Vec<u16> {
        let step = row.len() as f64 / count as f64;
        let mut out = Vec::new();
        Axis::new(row.len(), count, step / 2.0 - 0.5, step).stretch(row, &mut out);
        out
    }

    #[test]
    fn even_rows_stay_even_at_every_size() {
        for len in [1, 2, 3, 5, 100, 1024] {
            for count in [1, 2, 7, 99, 100, 101, 960, 3000] {
                let row = vec![4095; len];
                assert!(stretched(&row, count).iter().all(|&it| it == 4095), "{len} to {count}");
            }
        }
    }

    #[test]
    fn ramp_stays_a_ramp_and_the_middle_stays_in_the_middle() {
        let ramp: Vec<u16> = (0..1000).map(|x| 4 * x).collect();
        for count in [250, 400, 600, 960, 1000, 1500] {
            let found = stretched(&ramp, count);
            let step = 1000.0 / count as f64;
            for (nth, &found) in found.iter().enumerate().skip(3).take(count - 6) {
                let expected = 4.0 * ((nth as f64 + 0.5) * step - 0.5);
                assert!((f64::from(found) - expected).abs() < 1.5, "{nth} of {count}: {found}");
            }
        }
        assert_eq!(stretched(&ramp, 1000), ramp);
    }

    #[test]
    fn rows_are_mixed_as_columns_are_stretched() {
        let column: Vec<u16> = (0..90).map(|x| x * 37 % 1000).collect();
        let rows: Vec<[u16; 3]> = column.iter().map(|&level| [level; 3]).collect();
        for count in [7, 40, 50, 80, 90, 200] {
            let step = 90.0 / count as f64;
            let axis = Axis::new(90, count, step / 2.0 - 0.5, step);
            let mut across = Vec::new();
            axis.stretch(&column, &mut across);
            let mut down = Vec::new();
            for (nth, &across) in across.iter().enumerate() {
                axis.mix(nth, |row| &rows[row], &mut down);
                assert_eq!(down, [across; 3], "{nth} of {count}");
            }
        }
    }
}
