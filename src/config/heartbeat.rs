//! `[heartbeat]`: how the office hears that the daemon lives: a page that is called every minute, and one line
//! a day.

use jiff::civil::Time;
use secrecy::SecretString;

use super::{
    secret::SecretRef,
    sheet::{Spot, Table},
};

/// The `[heartbeat]` table.
#[derive(Debug, Clone, Default)]
pub struct HeartbeatSettings {
    /// Called by GET every minute while all is well; `None`: nobody is called.
    pub url: Option<SecretString>,
    /// Whether it may be a private or loopback address.
    pub allow_private: bool,
    /// When the line about the day before goes out, in the office's zone; `None`: never.
    pub daily_at: Option<Time>,
    /// Contacts that it goes to.
    pub daily_to: Vec<Spot<String>>,
}

/// Reads `[heartbeat]`; faults go to the table's sheet.
pub(super) fn read(table: &Table<'_>) -> HeartbeatSettings {
    let url = table.text("url").filter(|text| !text.get_ref().is_empty());
    let at = table.time("daily_at");
    let daily_to = table.texts("daily_to");
    let allow_private = table.flag("allow_private", false);
    table.finish();
    let url = url.and_then(|text| address(table, &text));
    if table.has("daily_at") == daily_to.is_empty() {
        let hint = "写成 daily_at = \"08:30\" 和 daily_to = [\"系统管理员\"]";
        table.sheet().fault(table.span(), "daily_at 和 daily_to 要写在一起", hint);
    }
    HeartbeatSettings { url, allow_private, daily_at: at, daily_to }
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
