//! From numbers to places on an axis, and the numbers that are beside it.

use crate::number::fixed;

/// An axis: a domain of numbers onto a range of places.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    domain: (f64, f64),
    range: (f64, f64),
    logarithmic: bool,
}

impl Scale {
    /// Makes a scale over the numbers, with a twentieth of their span around them; a span of zero gets a width.
    pub fn linear(numbers: impl Iterator<Item = f64>, range: (f64, f64)) -> Self {
        let (low, high) = extent(numbers);
        let room = match high - low {
            span if span > 0.0 => span / 20.0,
            _ => (low.abs() / 20.0).max(f64::MIN_POSITIVE.sqrt()),
        };
        Scale { domain: (low - room, high + room), range, logarithmic: false }
    }

    /// Makes a scale over exactly this domain.
    pub fn exact(domain: (f64, f64), range: (f64, f64)) -> Self {
        Scale { domain, range, logarithmic: false }
    }

    /// Makes a logarithmic scale over this domain of positive numbers.
    pub fn logarithmic(domain: (f64, f64), range: (f64, f64)) -> Self {
        Scale { domain: (domain.0, domain.1.max(domain.0 * 1.000_001)), range, logarithmic: true }
    }

    /// Returns the place of a number.
    pub fn place(&self, value: f64) -> f64 {
        let (low, high) = self.domain;
        let share = if self.logarithmic {
            (value.max(low).ln() - low.ln()) / (high.ln() - low.ln())
        } else {
            (value - low) / (high - low)
        };
        self.range.0 + share * (self.range.1 - self.range.0)
    }

    /// Returns round numbers of the domain with their texts, some `count` of them: 1, 2 or 5 times a power of ten apart, or the powers
    /// themselves.
    pub fn ticks(&self, count: usize) -> Vec<(f64, String)> {
        let (low, high) = self.domain;
        if self.logarithmic {
            let powers = low.log10().ceil() as i32..=high.log10().floor() as i32;
            return powers
                .map(|power| (10f64.powi(power), fixed(10f64.powi(power), (-power).max(0) as usize)))
                .collect();
        }
        let rough = (high - low) / count.max(1) as f64;
        if !rough.is_finite() || rough <= 0.0 {
            return Vec::new();
        }
        let power = rough.log10().floor();
        let step =
            [1.0, 2.0, 5.0, 10.0].map(|times| times * 10f64.powf(power)).into_iter().find(|&s| s >= 0.75 * rough);
        let step = step.unwrap_or(rough);
        let digits = (-(step.log10() + 1e-9).floor()).clamp(0.0, 12.0) as usize;
        let (first, last) = ((low / step).ceil(), (high / step).floor());
        // Far from zero a step can be smaller than what a number resolves.
        if last - first > 100.0 {
            return Vec::new();
        }
        (0..=(last - first).max(0.0) as usize)
            .map(|k| (first + k as f64) * step)
            .filter(|value| (low..=high).contains(value))
            .map(|value| (value, fixed(value, digits)))
            .collect()
    }
}

fn extent(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = numbers
        .filter(|number| number.abs() < 1e100)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), number| (low.min(number), high.max(number)));
    if low <= high { (low, high) } else { (0.0, 1.0) }
}

/// Places moved apart so that no two are nearer than `gap`, in their order, within `low..high`, and each as near as that allows to where
/// it was.
pub fn apart(places: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|&a, &b| places[a].total_cmp(&places[b]).then(a.cmp(&b)));
    let mut moved = places.to_vec();
    // A few rounds of pushing neighbours apart by halves, then from the edges inwards.
    for _ in 0..50 {
        for pair in order.windows(2) {
            let short = gap - (moved[pair[1]] - moved[pair[0]]);
            if short > 0.0 {
                moved[pair[0]] -= short / 2.0;
                moved[pair[1]] += short / 2.0;
            }
        }
    }
    let mut floor = low;
    for &k in &order {
        moved[k] = moved[k].max(floor);
        floor = moved[k] + gap;
    }
    let mut ceiling = high;
    for &k in order.iter().rev() {
        moved[k] = moved[k].min(ceiling);
        ceiling = moved[k] - gap;
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(domain: (f64, f64), count: usize) -> Vec<String> {
        Scale::exact(domain, (0.0, 1.0)).ticks(count).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(texts((0.0, 1.0), 5), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(texts((0.083, 0.104), 4), ["0.085", "0.090", "0.095", "0.100"]);
        assert_eq!(texts((1.0, 40.0), 4), ["10", "20", "30", "40"]);
        assert_eq!(texts((-0.0021, 0.0011), 3), ["−0.002", "−0.001", "0.000", "0.001"]);
    }

    #[test]
    fn hopeless_domains_end() {
        for domain in [(1.0, 1.0), (0.0, f64::INFINITY), (1e300, 1e300 + 1.0), (5.0, 4.0)] {
            assert!(Scale::exact(domain, (0.0, 1.0)).ticks(5).len() < 102, "{domain:?}");
        }
        let scale = Scale::linear([3.0, 3.0].into_iter(), (0.0, 10.0));
        assert_eq!(scale.place(3.0), 5.0);
        assert_eq!(Scale::linear([].into_iter(), (0.0, 1.0)).place(0.5), 0.5);
    }

    #[test]
    fn a_logarithmic_scale_has_powers() {
        let scale = Scale::logarithmic((1e-3, 1.0), (30.0, 0.0));
        let texts: Vec<String> = scale.ticks(4).into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["0.001", "0.01", "0.1", "1"]);
        assert!((scale.place(0.1) - 10.0).abs() < 1e-12);
        assert_eq!(scale.place(0.0), 30.0, "what is below stands at the edge");
    }

    #[test]
    fn labels_keep_their_distance_and_order() {
        let moved = apart(&[10.0, 11.0, 12.0, 90.0], 12.0, 0.0, 100.0);
        assert!(moved.windows(2).all(|pair| pair[1] - pair[0] >= 12.0 - 1e-9), "{moved:?}");
        assert!(moved.iter().all(|&place| (0.0..=100.0).contains(&place)), "{moved:?}");
        assert_eq!(moved[3], 90.0);
        assert_eq!(apart(&[5.0], 12.0, 0.0, 100.0), [5.0]);
    }
}
