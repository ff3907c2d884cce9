//! Holidays that are missing: from December on those of the next year, and those of the present one. The
//! administrators are told once, and then left alone until the year begins, since only then anything counts wrongly;
//! from that day on it is a fault like any other, told every day until the year is added.

use jiff::{Timestamp, civil::date};
use tracing::warn;

use crate::{
    config::{Office, holidays},
    desk::{Input, Operations},
    model::Act,
    store::{Inbox, SharedStore, StoreError},
};

/// The year that was told to be missing; empty when none is.
const TOLD: &str = "holidays/told";
/// What the administrators see it called.
const SUBJECT: &str = "holidays.toml";

/// Tells at `now` what is missing or was added since; what was told is kept, so that a restart tells nothing twice.
pub(super) async fn tell(
    office: &Office,
    store: &SharedStore,
    inbox: &Inbox,
    now: Timestamp,
) -> Result<(), StoreError> {
    let zone = &office.settings.time_zone;
    let missing = holidays::missing_year(&office.workdays, now.to_zoned(zone.clone()).date());
    let told = store.value(TOLD).await?.unwrap_or_default();
    let due = missing.map(|year| year.to_string()).unwrap_or_default();
    if told == due {
        return Ok(());
    }
    let locale = office.settings.locale;
    let text = match missing {
        Some(year) => {
            let (words, mend) = (holidays::missing_words(year, locale), holidays::missing_mend(year, locale));
            format!("{words}{}{mend}", locale.pick("。", ". "))
        }
        None => locale.pick("holidays.toml 的年份已补上", "holidays.toml has its years again").to_owned(),
    };
    let mut inputs =
        vec![Input::Operations(Operations { subject: SUBJECT.to_owned(), broken: missing.is_some(), text })];
    let begins = missing.and_then(|year| date(year, 1, 1).to_zoned(zone.clone()).ok());
    if let Some(begins) = begins.map(|begins| begins.timestamp()).filter(|begins| *begins > now) {
        inputs.push(Input::Act(Act::Mute {
            subject: SUBJECT.to_owned(),
            by: "yuqing".to_owned(),
            reason: locale
                .pick("到这一年开始为止不再重复", "not told again until the year begins")
                .to_owned(),
            until: Some(begins),
        }));
    }
    for input in inputs {
        if let Err(error) = inbox.put(input).await {
            warn!(%error, "the desk does not take that holidays are missing");
            return Ok(());
        }
    }
    store.set_value(TOLD, due).await
}
