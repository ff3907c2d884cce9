//! Sums of fractions, exact to the last part.
//!
//! A straight line between two looks gives fractions of views. They are summed without rounding and
//! floored once (SEMANTICS 1), so that splitting an interval changes nothing and 1,000 never becomes
//! 1,001. Most sums are settled by 64 binary digits with a known error; only when the true sum lies
//! within that error of a whole number are big integers called in.

use num_bigint::BigInt;
use num_rational::BigRational;

/// `whole + part/of`, with `part < of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exact {
    /// The whole part.
    pub whole: u64,
    /// Numerator of the rest.
    pub part: u64,
    /// Denominator of the rest, never 0.
    pub of: u64,
}

impl Exact {
    /// A whole number.
    #[must_use]
    pub const fn whole(whole: u64) -> Self {
        Self { whole, part: 0, of: 1 }
    }
}

/// A sum of whole numbers less a sum of exact ones, floored once.
#[derive(Debug, Clone, Default)]
pub struct Difference {
    plus: u128,
    minus_whole: u128,
    minus_parts: Vec<(u64, u64)>,
    plus_parts: Vec<(u64, u64)>,
}

impl Difference {
    /// Adds a value.
    pub fn add(&mut self, value: Exact) {
        self.plus += u128::from(value.whole);
        if value.part > 0 {
            self.plus_parts.push((value.part, value.of));
        }
    }

    /// Subtracts a value.
    pub fn subtract(&mut self, value: Exact) {
        self.minus_whole += u128::from(value.whole);
        if value.part > 0 {
            self.minus_parts.push((value.part, value.of));
        }
    }

    /// The difference, floored; never below 0 (V never falls, so it could only be by misuse).
    #[must_use]
    pub fn floor(&self) -> u64 {
        let (low, high) = self.parts_between();
        let parts = if low >> 64 == high >> 64 { low >> 64 } else { self.parts_exactly() };
        let plus = i128::try_from(self.plus).unwrap_or(i128::MAX);
        let minus = i128::try_from(self.minus_whole).unwrap_or(i128::MAX);
        u64::try_from(plus.saturating_sub(minus).saturating_add(parts).max(0)).unwrap_or(u64::MAX)
    }

    /// Bounds of the sum of the parts, in units of 2^-64.
    fn parts_between(&self) -> (i128, i128) {
        let scaled = |parts: &[(u64, u64)]| -> (i128, i128) {
            let sum: i128 = parts
                .iter()
                .map(|&(part, of)| {
                    i128::try_from((u128::from(part) << 64) / u128::from(of.max(1))).unwrap_or(i128::MAX)
                })
                .sum();
            (sum, sum + i128::try_from(parts.len()).unwrap_or(i128::MAX))
        };
        let (plus_low, plus_high) = scaled(&self.plus_parts);
        let (minus_low, minus_high) = scaled(&self.minus_parts);
        (plus_low - minus_high, plus_high - minus_low)
    }

    fn parts_exactly(&self) -> i128 {
        let sum = |parts: &[(u64, u64)]| -> BigRational {
            parts
                .iter()
                .map(|&(part, of)| BigRational::new(BigInt::from(part), BigInt::from(of.max(1))))
                .sum()
        };
        let total = sum(&self.plus_parts) - sum(&self.minus_parts);
        i128::try_from(total.floor().to_integer()).unwrap_or(i128::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirds_add_up_to_one() {
        let mut sum = Difference::default();
        sum.add(Exact::whole(10));
        for _ in 0..3 {
            sum.subtract(Exact { whole: 0, part: 1, of: 3 });
        }
        assert_eq!(sum.floor(), 9);
        sum.add(Exact { whole: 0, part: 1, of: 1_000_000_007 });
        assert_eq!(sum.floor(), 9);
        sum.subtract(Exact { whole: 0, part: 2, of: 1_000_000_007 });
        assert_eq!(sum.floor(), 8);
    }
}
