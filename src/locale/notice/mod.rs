//! What a notice says: the facts that the desk decided, put into words for one recipient.
//!
//! A mail is written for a leader who reads one message on a phone: tier and unit first, then why, what
//! is said, where, what is not known, which limits run, and one button to confirm. The templates hold
//! the layout only; every word comes from here, so both languages share them. Texts of posts are
//! escaped by the engine, and only http links of theirs become links.

mod figures;
mod kind;
mod short;
mod view;

use jiff::tz::TimeZone;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, value::Serde};

use self::view::View;
use super::Locale;
use crate::model::{Detail, Notice};

pub use figures::length;
pub use short::{phone_text, short_gist, sms_text};

/// What goes into a message beside the notice's own facts.
#[derive(Debug, Clone)]
pub struct Wording<'a> {
    /// Language.
    pub locale: Locale,
    /// Zone in which times are shown.
    pub zone: &'a TimeZone,
    /// How much this recipient may read (SEMANTICS 32).
    pub detail: Detail,
    /// Signed link to the confirm page, when one is asked for and `public_url` is known.
    pub confirm_url: Option<&'a str>,
    /// Short code for a reply, when a confirmation is asked for.
    pub code: Option<&'a str>,
    /// The incident's page in the console, when `public_url` is known.
    pub console_url: Option<&'a str>,
}

/// A mail's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailText {
    /// Subject; one line, the mark of a drill first, then the tier.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part: one column, styles inline.
    pub html: String,
}

/// A template of this program failed: a fault of the program, not of the notice.
#[derive(Debug, thiserror::Error)]
#[error("the mail template failed: {0}")]
pub struct TemplateError(#[from] minijinja::Error);

/// Puts a notice into the words of a mail.
///
/// # Errors
/// [`TemplateError`] is a fault of the shipped templates.
pub fn mail_text(notice: &Notice, wording: &Wording<'_>) -> Result<MailText, TemplateError> {
    let view = View::of(notice, wording);
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|name| {
        if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None }
    });
    environment.add_template("mail.txt", include_str!("../templates/mail.txt"))?;
    environment.add_template("mail.html", include_str!("../templates/mail.html"))?;
    let values = minijinja::Value::from(Serde(&view));
    let text = environment.get_template("mail.txt")?.render(values.clone())?;
    let html = environment.get_template("mail.html")?.render(values)?;
    Ok(MailText { subject: view.subject, text, html })
}

/// The subject line alone.
#[must_use]
pub fn subject(notice: &Notice, detail: Detail, locale: Locale) -> String {
    kind::subject(notice, detail, locale)
}

/// Text from outside as one line: control characters and line ends become blanks, runs of them one.
fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most `limit` characters, the last of which is `…` when something was cut.
fn cut(text: &str, limit: usize) -> String {
    let line = one_line(text);
    if line.chars().count() <= limit {
        return line;
    }
    let kept: String = line.chars().take(limit.saturating_sub(1)).collect();
    format!("{kept}…")
}
