//! What every message needs beside the notice: language, zone, links, and how much a contact may read.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::ConfirmKey;
use crate::{
    locale::{
        Locale,
        notice::{MailText, TemplateError, Wording, mail_text, short_gist, sms_text},
    },
    model::{Detail, Notice},
};

/// How long a confirm link holds. Past that the person logs in; the clocks have long run out by then.
pub const LINK_HOLDS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Everything that puts a notice into words.
#[derive(Debug, Clone)]
pub struct Texts {
    /// Language.
    pub locale: Locale,
    /// Zone in which times are shown.
    pub zone: TimeZone,
    /// Where people reach the console, without a slash at the end; `None`: no links.
    pub public_url: Option<String>,
    /// Signs links and makes codes.
    pub confirm: ConfirmKey,
    /// Whether the gateway's reply webhook is on. Without it no message promises that a code can be
    /// answered; link, console and 电话签收 remain.
    pub replies: bool,
    /// How much a contact may read, by name; [`Detail::Full`] for those not named.
    pub details: HashMap<String, Detail>,
}

impl Texts {
    /// The mail.
    ///
    /// # Errors
    /// [`TemplateError`] is a fault of the shipped templates.
    pub fn mail(&self, notice: &Notice) -> Result<MailText, TemplateError> {
        let confirm_url = self.confirm_url(notice);
        let (code, console_url) = (self.code(notice), self.console_url(notice));
        let wording = Wording {
            locale: self.locale,
            zone: &self.zone,
            detail: self.detail(notice),
            confirm_url: confirm_url.as_deref(),
            code: code.as_deref(),
            console_url: console_url.as_deref(),
        };
        mail_text(notice, &wording)
    }

    /// The whole text message in the shipped wording.
    #[must_use]
    pub fn sms(&self, notice: &Notice) -> String {
        sms_text(notice, self.detail(notice), self.code(notice).as_deref(), self.locale)
    }

    /// The names that an office's own message template may use, each at most 35 characters long but
    /// for the link.
    #[must_use]
    pub fn short_names(&self, notice: &Notice) -> BTreeMap<&'static str, String> {
        let short = |text: &str| text.chars().filter(|c| !c.is_control()).take(35).collect::<String>();
        BTreeMap::from([
            ("mark", notice.facts.mark.as_deref().map_or_else(String::new, short)),
            ("tier", short(&notice.facts.tier_name)),
            ("unit", short(&notice.facts.unit)),
            ("gist", short_gist(notice, self.detail(notice), self.locale)),
            ("contact", short(&notice.contact)),
            ("number", notice.incident.map_or_else(String::new, |id| id.to_string())),
            ("code", self.code(notice).unwrap_or_default()),
            ("link", self.confirm_url(notice).unwrap_or_default()),
        ])
    }

    /// How much the recipient may read.
    #[must_use]
    pub fn detail(&self, notice: &Notice) -> Detail {
        self.details.get(&notice.contact).copied().unwrap_or_default()
    }

    /// The code by which the recipient confirms, when one is asked to and an answer would reach us.
    #[must_use]
    pub fn code(&self, notice: &Notice) -> Option<String> {
        let incident = notice.incident.filter(|_| notice.facts.confirm && self.replies)?;
        Some(self.confirm.code(incident, notice.rank, &notice.contact))
    }

    /// The link by which the recipient confirms, when one is asked to and there is a public address.
    #[must_use]
    pub fn confirm_url(&self, notice: &Notice) -> Option<String> {
        let public = self.public_url.as_deref().filter(|_| notice.facts.confirm)?;
        self.confirm.link(public, notice, link_expires_at(notice))
    }

    fn console_url(&self, notice: &Notice) -> Option<String> {
        let public = self.public_url.as_deref()?.trim_end_matches('/');
        Some(format!("{public}/incidents/{}", notice.incident?))
    }
}

/// Counted from the decision, so that a second attempt carries the same link.
fn link_expires_at(notice: &Notice) -> Timestamp {
    notice.created_at.saturating_add(LINK_HOLDS).unwrap_or(Timestamp::MAX)
}
