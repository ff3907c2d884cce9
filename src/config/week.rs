//! The days of the week as the office's files name them.

use jiff::civil::Weekday;

use super::sheet::Word;

/// From Monday on.
pub(super) const WEEK: [Word<Weekday>; 7] = [
    ("mon", "周一", Weekday::Monday),
    ("tue", "周二", Weekday::Tuesday),
    ("wed", "周三", Weekday::Wednesday),
    ("thu", "周四", Weekday::Thursday),
    ("fri", "周五", Weekday::Friday),
    ("sat", "周六", Weekday::Saturday),
    ("sun", "周日", Weekday::Sunday),
];
