//! The one message catalogue: what the office reads, in Chinese by default and in English by
//! `locale = "en"`.

mod forecast;
pub mod notice;
mod number;
mod reason;
mod when;
pub mod words;

pub use forecast::forecast_line;
pub use number::{bytes, short_number};
pub use reason::*;
pub use when::{When, weekday};

use serde::{Deserialize, Serialize};

/// The language of what the office sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Locale {
    /// 简体中文.
    #[default]
    #[serde(rename = "zh-CN")]
    ZhCn,
    /// English.
    #[serde(rename = "en")]
    En,
}

impl Locale {
    /// Takes the words of this language.
    #[must_use]
    pub const fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::ZhCn => zh,
            Self::En => en,
        }
    }
}
