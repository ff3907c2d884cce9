//! Numbers as they are read at a glance.

use super::{Locale, grouped};

/// A count in few characters: `9,999`, `1.2万`, `12万`, `3.4亿`; in English `9,999`, `12.3k`, `1.2M`. Cut, never
/// rounded up, so that it does not seem to have passed a threshold which it has not.
#[must_use]
pub fn short_number(number: u64, locale: Locale) -> String {
    let units: &[(u64, &str)] = match locale {
        Locale::ZhCn => &[(100_000_000, "亿"), (10_000, "万")],
        Locale::En => &[(1_000_000_000, "B"), (1_000_000, "M"), (10_000, "k")],
    };
    let Some((least, unit)) = units.iter().find(|(least, _)| number >= *least) else {
        return grouped(number);
    };
    let one = if *unit == "k" { 1_000 } else { *least };
    let (whole, tenth) = (number / one, number % one / (one / 10));
    // Beyond three digits a tenth tells nothing.
    if tenth == 0 || whole >= 100 {
        format!("{}{unit}", grouped(whole))
    } else {
        format!("{whole}.{tenth}{unit}")
    }
}

/// A number of bytes, cut and never rounded up: `35 B`, `812 KB`, `12.3 MB`, `4.1 GB`.
#[must_use]
pub fn bytes(number: u64) -> String {
    let (least, unit) = match number {
        ..1_024 => return format!("{number} B"),
        1_024..1_048_576 => return format!("{} KB", number / 1_024),
        1_048_576..1_073_741_824 => (1_048_576, "MB"),
        _ => (1_073_741_824, "GB"),
    };
    format!("{}.{} {unit}", number / least, number % least * 10 / least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_cut_to_what_a_glance_takes() {
        let zh = |number| short_number(number, Locale::ZhCn);
        let want = [
            (0, "0"),
            (9_999, "9,999"),
            (10_000, "1万"),
            (12_345, "1.2万"),
            (49_999, "4.9万"),
            (99_999, "9.9万"),
            (123_456, "12.3万"),
            (1_239_999, "123万"),
            (99_999_999, "9,999万"),
            (340_000_000, "3.4亿"),
            (u64::MAX, "184,467,440,737亿"),
        ];
        for (number, short) in want {
            assert_eq!(zh(number), short);
        }
        let en = |number| short_number(number, Locale::En);
        assert_eq!(
            [en(9_999), en(12_345), en(1_250_000), en(2_000_000_000)],
            ["9,999", "12.3k", "1.2M", "2B"]
        );
    }
}
