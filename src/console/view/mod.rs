//! Rows of the store as the templates show them: words chosen, times local, links checked.

mod card;
mod choice;
mod time;

pub(super) use card::*;
pub(super) use choice::{Choice, choices};
pub(super) use time::*;

pub(super) use crate::{
    locale::{When, bytes, weekday, words},
    report::{
        chart::tier_class,
        marked::{Excerpt, Piece},
    },
    text::{beginning, clean},
};

use url::form_urlencoded::Serializer;

use crate::{
    locale::{Locale, grouped},
    model::{Count, Exactness, Plan},
};

/// Text from outside on one line, cut after so many characters: what a field takes.
pub(super) fn short(text: &str, most: usize) -> String {
    clean(text).chars().take(most).collect()
}

/// The query of an address that asks for these fields; those that are empty are left out.
pub(super) fn query<'f>(fields: impl IntoIterator<Item = (&'f str, &'f str)>) -> String {
    let asked = fields.into_iter().filter(|(_, value)| !value.is_empty());
    Serializer::new(String::new()).extend_pairs(asked).finish()
}

/// An address that may become a link: http and https only.
pub(super) fn link(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.to_string())
}

/// A counter as it is read out; unknown is not zero.
pub(super) fn count(count: Option<Count>, locale: Locale) -> String {
    let Some(count) = count else { return locale.pick("未知", "unknown").to_owned() };
    let number = grouped(count.value);
    match count.exactness {
        Exactness::Exact => number,
        Exactness::About => format!("{}{number}", locale.pick("约 ", "about ")),
        Exactness::AtLeast => format!("{number}+"),
    }
}

/// How far a tier is from the highest: what incidents of different plans are ordered by.
pub(super) fn from_the_top(plan: &Plan, rank: usize) -> usize {
    plan.from_the_top(rank)
}
