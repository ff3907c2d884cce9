//! What a notice says: the facts that the desk decided, put into words for one recipient.
//!
//! A mail is written for a leader who reads one message on a phone: tier and unit first, then why, what
//! is said, where, what is not known, which limits run, and one button to confirm. The templates hold
//! the layout only; every word comes from here, so both languages share them. Texts of posts are
//! escaped by the engine, and only http links of theirs become links.

mod escape;
mod figures;
mod kind;
mod samples;
mod short;
mod templates;
mod view;

use jiff::tz::TimeZone;

use self::view::View;
use super::Locale;
use crate::model::{Detail, Notice};

pub use escape::in_robot;
pub use figures::{count, length};
pub use short::{phone_text, short_gist, sms_text};
pub use templates::{SHIPPED, TemplateFault, Templates};

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
    /// The incident's page in the console, or the list of incidents, when `public_url` is known.
    pub console_url: Option<&'a str>,
    /// The layout.
    pub templates: &'a Templates,
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

/// A template failed on a notice, although it was tried when it was read.
#[derive(Debug, thiserror::Error)]
#[error("a message template failed: {0}")]
pub struct TemplateError(#[from] minijinja::Error);

/// Puts a notice into the words of a mail.
///
/// # Errors
/// [`TemplateError`]: the office's template fails on this notice.
pub fn mail_text(notice: &Notice, wording: &Wording<'_>) -> Result<MailText, TemplateError> {
    let views = [View::of(notice, wording)];
    let text = wording.templates.render("mail.txt", &views)?;
    let html = wording.templates.render("mail.html", &views)?;
    Ok(MailText { subject: subject_of(&views, wording)?, text, html })
}

fn subject_of(views: &[View], wording: &Wording<'_>) -> Result<String, TemplateError> {
    // One line whatever the template does: nothing of it may become a header of its own.
    Ok(cut(&wording.templates.render("subject.txt", views)?, SUBJECT))
}

/// The subject line, in the office's layout.
///
/// # Errors
/// [`TemplateError`]: the office's template fails on this notice.
pub fn title_text(notice: &Notice, wording: &Wording<'_>) -> Result<String, TemplateError> {
    subject_of(&[View::of(notice, wording)], wording)
}

/// Longest subject, in characters.
const SUBJECT: usize = 120;

/// A text message, what a call says, or the body of a push message: `sms.txt`, `voice.txt`, `ntfy.txt`.
/// Line ends are kept only in the last.
///
/// # Errors
/// [`TemplateError`]: the office's template fails on this notice.
pub fn short_text(name: &str, notice: &Notice, wording: &Wording<'_>) -> Result<String, TemplateError> {
    let text = wording.templates.render(name, &[View::of(notice, wording)])?;
    Ok(if name == "ntfy.txt" { text.trim().to_owned() } else { one_line(&text) })
}

/// The markdown of a robot's message; several notices make one message of a line each.
///
/// # Errors
/// [`TemplateError`]: the office's template fails on a notice.
pub fn robot_text(notices: &[(&Notice, Wording<'_>)]) -> Result<String, TemplateError> {
    let Some((_, first)) = notices.first() else { return Ok(String::new()) };
    let views: Vec<View> = notices.iter().map(|(notice, wording)| View::of(notice, wording)).collect();
    Ok(first.templates.render("robot.txt", &views)?.trim().to_owned())
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
