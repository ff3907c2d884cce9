//! What stands in a cell, as text, and what the office's program may have done to it.

use super::super::Reader;
use super::super::line::{Complaint, Spot, trimmed};
use crate::text::inert;

/// A cell that is not empty.
#[derive(Debug, Clone)]
pub(super) struct Value {
    /// Its text, without outer blanks, its lines ending in `\n`.
    pub(super) text: String,
    trouble: Trouble,
}

#[derive(Debug, Clone, Copy)]
enum Trouble {
    None,
    Fraction,
    LongNumber,
    Date,
    Formula,
    TooLong,
}

/// From here on a number in a cell has lost its last digits.
const EXACT_BELOW: f64 = 1e15;
/// Longest cell, in characters: Excel's own bound.
pub(super) const LONGEST: usize = 32_767;

impl Value {
    /// A text; `None` when nothing readable is in it.
    pub(super) fn text(text: &str) -> Option<Self> {
        if text.len() > LONGEST && text.chars().nth(LONGEST).is_some() {
            // Kept only as far as it is shown.
            return Some(Self { text: text.chars().take(200).collect(), trouble: Trouble::TooLong });
        }
        let text = text.replace("_x000D_", "").replace("\r\n", "\n").replace('\r', "\n");
        let text = trimmed(&text);
        (!text.is_empty()).then(|| Self { text: text.to_owned(), trouble: Trouble::None })
    }

    /// A text of a .csv: as Excel and people write what should stay text.
    pub(super) fn of_csv(text: &str) -> Option<Self> {
        let mut value = Self::text(text)?;
        let bare = value.text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
        let bare = bare.or_else(|| {
            value.text.strip_prefix('\'').filter(|rest| !rest.contains('\'') || inert(rest) != *rest)
        });
        if let Some(bare) = bare {
            return Self::text(bare);
        }
        if matches!(value.trouble, Trouble::TooLong) {
            return Some(value);
        }
        if is_scientific(&value.text) {
            value.trouble = Trouble::LongNumber;
        } else if is_error(&value.text) {
            value.trouble = Trouble::Formula;
        }
        Some(value)
    }

    /// A number: 120 is "120".
    pub(super) fn number(number: f64) -> Self {
        let trouble = if number.abs() >= EXACT_BELOW || !number.is_finite() {
            Trouble::LongNumber
        } else if number.fract() != 0.0 {
            Trouble::Fraction
        } else {
            Trouble::None
        };
        Self { text: number.to_string(), trouble }
    }

    /// What Excel takes for a date or a time.
    pub(super) fn date(shown: String) -> Self {
        Self { text: shown, trouble: Trouble::Date }
    }

    /// An error value such as `#NAME?`.
    pub(super) fn error(shown: String) -> Self {
        Self { text: shown, trouble: Trouble::Formula }
    }

    /// Whether nothing is the matter with it.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.trouble, Trouble::None)
    }

    /// Whether it can be used as words or settings; says why not, or what to look at.
    pub(super) fn check(&self, reader: &mut Reader, spot: &Spot) -> bool {
        const AS_TEXT: &str = "把这一格的格式改成“文本”，再重新输入";
        let (message, hint) = match self.trouble {
            Trouble::None => return true,
            Trouble::Fraction => {
                let message = format!(
                    "这一格是数字，按“{}”找；要找的若是百分数或别的写法，把格式改成“文本”再输入",
                    self.text
                );
                reader.warn(spot, &self.text, message);
                return true;
            }
            Trouble::LongNumber => ("这个数字太长，Excel 已丢了末几位", AS_TEXT),
            Trouble::Date => ("这一格被 Excel 当成了日期或时间", AS_TEXT),
            Trouble::TooLong => ("这一格的字太多", "每格写几个词，其余的另起一行"),
            Trouble::Formula => (
                "这一格是公式的错误值",
                "Excel 把 = + - @ 开头的内容当作公式；先打一个英文单引号，如 '+投诉，或把这一格的格式改成“文本”",
            ),
        };
        reader.complain(spot, &self.text, Complaint::new(message, hint));
        false
    }
}

fn is_scientific(text: &str) -> bool {
    let Some((mantissa, power)) = text.split_once("E+") else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    digits(mantissa) && digits(power)
}

fn is_error(text: &str) -> bool {
    matches!(text, "#NAME?" | "#REF!" | "#VALUE!" | "#N/A" | "#DIV/0!" | "#NULL!" | "#NUM!")
}
