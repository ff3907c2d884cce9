//! What keeps two texts apart although they look alike, as a value that callers print.

use crate::locale::Locale;

/// What stands in one text and differs in the same place of the other. `ours` belongs to the first text that was
/// compared, `theirs` to the second; either may be empty when the place is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Another number, time of day, share or document number.
    Numbers {
        /// As it stands in the first text.
        ours: String,
        /// As it stands in the second.
        theirs: String,
    },
    /// Another date, day of the week or relative day.
    Dates {
        /// As it stands in the first text.
        ours: String,
        /// As it stands in the second.
        theirs: String,
    },
    /// Another place or institution.
    Places {
        /// As it stands in the first text.
        ours: String,
        /// As it stands in the second.
        theirs: String,
    },
    /// Another person.
    Names {
        /// As it stands in the first text.
        ours: String,
        /// As it stands in the second.
        theirs: String,
    },
    /// One denies what the other says, or says its opposite.
    Negation {
        /// As it stands in the first text.
        ours: String,
        /// As it stands in the second.
        theirs: String,
    },
    /// A frame that is the same with other matter in it: a form letter, a notice with another subject.
    Wording {
        /// As it stands in the first text.
        ours: String,
        /// As it stands in the second.
        theirs: String,
    },
    /// The second text refutes what the first one claims: its own statement, not the first one's.
    Refuted {
        /// The word by which it does so.
        word: String,
    },
}

impl Difference {
    /// What kind of difference it is, for people.
    #[must_use]
    pub const fn kind(&self, locale: Locale) -> &'static str {
        match self {
            Self::Numbers { .. } => locale.pick("数字不同", "different numbers"),
            Self::Dates { .. } => locale.pick("日期不同", "different dates"),
            Self::Places { .. } => locale.pick("地点或单位不同", "different places"),
            Self::Names { .. } => locale.pick("人名不同", "different names"),
            Self::Negation { .. } => locale.pick("说法相反", "the opposite is said"),
            Self::Wording { .. } => locale.pick("套话相同，内容不同", "same frame, different matter"),
            Self::Refuted { .. } => locale.pick("对方是辟谣", "the other is a refutation"),
        }
    }

    /// The difference as a sentence: its kind and the two wordings.
    #[must_use]
    pub fn sentence(&self, locale: Locale) -> String {
        let kind = self.kind(locale);
        let empty = locale.pick("（无）", "(nothing)");
        let shown = |text: &str| if text.is_empty() { empty.to_owned() } else { quoted(text, locale) };
        match self {
            Self::Numbers { ours, theirs }
            | Self::Dates { ours, theirs }
            | Self::Places { ours, theirs }
            | Self::Names { ours, theirs }
            | Self::Negation { ours, theirs }
            | Self::Wording { ours, theirs } => {
                let (colon, between) = (locale.pick("：", ": "), locale.pick(" 与 ", " and "));
                format!("{kind}{colon}{}{between}{}", shown(ours), shown(theirs))
            }
            Self::Refuted { word } => {
                format!("{kind}{}{}", locale.pick("：", ": "), quoted(word, locale))
            }
        }
    }
}

fn quoted(text: &str, locale: Locale) -> String {
    format!("{}{text}{}", locale.pick("“", "\""), locale.pick("”", "\""))
}
