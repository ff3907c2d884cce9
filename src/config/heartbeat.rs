//! `[heartbeat]`: how the office hears that the daemon lives: a page that is called every minute, and one line
//! a day.

use jiff::civil::{Time, Weekday};
use secrecy::SecretString;

use super::{
    secret::SecretRef,
    sheet::{Spot, Table},
    week::WEEK,
};

/// The `[heartbeat]` table.
#[derive(Debug, Clone)]
pub struct HeartbeatSettings {
    /// Called by GET every minute while all is well; `None`: nobody is called.
    pub url: Option<SecretString>,
    /// Whether it may be a private or loopback address.
    pub allow_private: bool,
    /// When the line about the day before goes out, in the office's zone; `None`: never.
    pub daily_at: Option<Time>,
    /// Contacts that it goes to.
    pub daily_to: Vec<Spot<String>>,
    /// When each week the ways to all contacts are knocked at, in the office's zone; `None`: never.
    pub contacts_at: Option<(Weekday, Time)>,
}

/// Monday, when whoever mends it is at work the whole week.
const CONTACTS_AT: (Weekday, Time) = (Weekday::Monday, Time::constant(10, 0, 0, 0));

impl Default for HeartbeatSettings {
    fn default() -> Self {
        Self {
            url: None,
            allow_private: false,
            daily_at: None,
            daily_to: Vec::new(),
            contacts_at: Some(CONTACTS_AT),
        }
    }
}

/// Reads `[heartbeat]`; faults go to the table's sheet.
pub(super) fn read(table: &Table<'_>) -> HeartbeatSettings {
    let url = table.text("url").filter(|text| !text.get_ref().is_empty());
    let at = table.time("daily_at");
    let daily_to = table.texts("daily_to");
    let allow_private = table.flag("allow_private", false);
    let contacts_at = table.text("contacts_at");
    table.finish();
    let url = url.and_then(|text| address(table, &text));
    if table.has("daily_at") == daily_to.is_empty() {
        let hint = "写成 daily_at = \"08:30\" 和 daily_to = [\"系统管理员\"]";
        table.sheet().fault(table.span(), "daily_at 和 daily_to 要写在一起", hint);
    }
    let contacts_at = match contacts_at {
        Some(text) => moment(table, &text),
        None => Some(CONTACTS_AT),
    };
    HeartbeatSettings { url, allow_private, daily_at: at, daily_to, contacts_at }
}

/// An address in plain words or, since it may be as good as a password, by reference.
fn address(table: &Table<'_>, text: &Spot<String>) -> Option<SecretString> {
    let written = text.get_ref();
    let is_web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
    if is_web(written) {
        return Some(SecretString::from(written.clone()));
    }
    let hint = "写成 \"https://…\"，或引用 \"credential:heartbeat-url\"";
    match SecretRef::parse(written).and_then(|reference| reference.resolve()) {
        Ok(secret) => Some(secret),
        Err(error) => {
            table.sheet().fault(text.span(), format!("url: {error}"), hint);
            None
        }
    }
}

/// A day of the week and a time; nothing is meant by 不测.
fn moment(table: &Table<'_>, text: &Spot<String>) -> Option<(Weekday, Time)> {
    let written = text.get_ref().trim();
    if written == "不测" {
        return None;
    }
    let parsed = written.split_once(' ').and_then(|(day, time)| {
        let (_, _, day) = WEEK.into_iter().find(|(id, name, _)| [*id, *name].contains(&day))?;
        Some((day, Time::strptime("%H:%M", time.trim()).ok()?))
    });
    if parsed.is_none() {
        let message = format!("contacts_at: \"{written}\" 不是星期几和时刻");
        table.sheet().fault(text.span(), message, "写成 contacts_at = \"周一 10:00\"；不要预检就写 \"不测\"");
    }
    parsed
}
