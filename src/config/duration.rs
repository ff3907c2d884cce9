//! Lengths of time as the office writes them: `90s`, `5min`, `2h`, `1d`, or several in a row
//! (`1h30min`). Chinese units (秒、分钟、小时、天) mean the same.

use jiff::SignedDuration;

/// Why a text is not a length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Nothing is written.
    #[error("时长是空的")]
    Empty,
    /// A number without its unit.
    #[error("\"{0}\" 没有写单位")]
    NoUnit(String),
    /// A unit that is not known.
    #[error("\"{0}\" 不是时间单位")]
    UnknownUnit(String),
    /// Not a number before the unit.
    #[error("\"{0}\" 不是时长")]
    NotANumber(String),
    /// Zero, or longer than ten years.
    #[error("时长 {0} 必须大于零，且不超过十年")]
    OutOfRange(String),
}

impl DurationError {
    /// What to write instead.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NoUnit(number) => format!("加上单位，例如 \"{number}min\"（分钟）、\"{number}s\"（秒）"),
            _ => "写成 \"90s\"（秒）、\"5min\"（分钟）、\"2h\"（小时）或 \"1d\"（天）".to_owned(),
        }
    }
}

const TEN_YEARS_SECS: u64 = 10 * 366 * 86_400;

/// Reads a length of time, above zero and at most ten years.
///
/// # Errors
/// What is wrong with it, in the office's words.
pub fn parse(text: &str) -> Result<SignedDuration, DurationError> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(DurationError::Empty);
    }
    let mut total_secs: u64 = 0;
    while !rest.is_empty() {
        let (number, after) = split_where(rest, |c| !c.is_ascii_digit());
        let (unit, next) = split_where(after.trim_start(), |c| c.is_ascii_digit());
        let number_value: u64 = number.parse().map_err(|_| DurationError::NotANumber(text.to_owned()))?;
        let unit_secs = match unit.trim() {
            "" => return Err(DurationError::NoUnit(text.to_owned())),
            "s" | "秒" => 1,
            "min" | "m" | "分" | "分钟" => 60,
            "h" | "时" | "小时" => 3_600,
            "d" | "天" | "日" => 86_400,
            other => return Err(DurationError::UnknownUnit(other.to_owned())),
        };
        total_secs = number_value
            .checked_mul(unit_secs)
            .and_then(|secs| total_secs.checked_add(secs))
            .ok_or_else(|| DurationError::OutOfRange(text.to_owned()))?;
        rest = next.trim_start();
    }
    if total_secs == 0 || total_secs > TEN_YEARS_SECS {
        return Err(DurationError::OutOfRange(text.to_owned()));
    }
    i64::try_from(total_secs)
        .map(SignedDuration::from_secs)
        .map_err(|_| DurationError::OutOfRange(text.to_owned()))
}

/// A length as the files write it, in the largest units that come out whole: `1h30min`.
#[must_use]
pub fn written(length: SignedDuration) -> String {
    let mut left = length.as_secs().unsigned_abs();
    let mut out = String::new();
    for (secs, unit) in [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")] {
        if left >= secs {
            out.push_str(&format!("{}{unit}", left / secs));
            left %= secs;
        }
    }
    if out.is_empty() { "0s".to_owned() } else { out }
}

fn split_where(text: &str, ends: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}
