//! What every message needs beside the notice: language, zone, links, and how much a contact may read.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{ConfirmKey, Enclosure, Enclosures};
use crate::{
    config::Office,
    locale::{
        Locale,
        notice::{
            MailText, TemplateError, Templates, Wording, mail_text, robot_text, short_gist, short_text,
            sms_text, title_text,
        },
    },
    model::{ChannelKind, Contact, Detail, Notice},
    store::SharedStore,
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
    /// How much a contact may read on a channel; [`Detail::Full`] for those not named. One that is a unit's own is
    /// named `单位/名字`.
    pub details: HashMap<(String, ChannelKind), Detail>,
    /// The layout of each message.
    pub templates: Templates,
    /// Papers that go with mails; `None`: none do.
    pub enclosures: Option<Enclosures>,
}

impl Texts {
    /// After the office's files; `public_url` is how links begin when these name no address (the demo).
    #[must_use]
    pub fn of(office: &Office, confirm: &ConfirmKey, public_url: Option<&str>) -> Self {
        let settings = &office.settings;
        Self {
            locale: settings.locale,
            zone: settings.time_zone.clone(),
            public_url: settings.console.public_url.clone().or_else(|| public_url.map(str::to_owned)),
            confirm: confirm.clone(),
            replies: settings.sms.as_ref().is_some_and(|sms| sms.reply_secret.is_some()),
            details: Self::details_of(&office.readers()),
            templates: office.templates.clone(),
            enclosures: None,
        }
    }

    /// The same, with papers beside those mails that the plan wants one with.
    #[must_use]
    pub fn with_papers(self, office: &Office, store: SharedStore) -> Self {
        let wanted = office.settings.email.as_ref().is_some_and(|email| email.papers);
        Self { enclosures: wanted.then(|| Enclosures::of(office, store)), ..self }
    }

    /// The paper that goes with a notice, when one does and is ready in time.
    pub async fn enclosure(&self, notice: &Notice, now: Timestamp) -> Option<Enclosure> {
        self.enclosures.as_ref()?.enclosure(notice, self.detail(notice), now).await
    }

    /// How much each contact may read on each channel.
    #[must_use]
    pub fn details_of(contacts: &[Contact]) -> HashMap<(String, ChannelKind), Detail> {
        let each = |contact: &Contact| {
            let name = contact.name.clone();
            let details = ChannelKind::ALL.map(|kind| (kind, contact.detail_on(kind)));
            details.into_iter().map(move |(kind, detail)| ((name.clone(), kind), detail))
        };
        contacts.iter().flat_map(each).collect()
    }

    /// Calls `say` with all that goes into a message beside the notice. `linked`: whether the confirm link
    /// and the code may stand in it.
    fn worded<T>(&self, notice: &Notice, linked: bool, say: impl FnOnce(Wording<'_>) -> T) -> T {
        let confirm_url = self.confirm_url(notice).filter(|_| linked);
        let code = self.code(notice).filter(|_| linked);
        let console_url = self.console_url(notice);
        say(Wording {
            locale: self.locale,
            zone: &self.zone,
            detail: self.detail(notice),
            confirm_url: confirm_url.as_deref(),
            code: code.as_deref(),
            console_url: console_url.as_deref(),
            templates: &self.templates,
        })
    }

    /// The mail.
    ///
    /// # Errors
    /// [`TemplateError`]: the office's template fails on this notice.
    pub fn mail(&self, notice: &Notice) -> Result<MailText, TemplateError> {
        self.worded(notice, true, |wording| mail_text(notice, &wording))
    }

    /// The subject line.
    ///
    /// # Errors
    /// [`TemplateError`]: the office's template fails on this notice.
    pub fn title(&self, notice: &Notice) -> Result<String, TemplateError> {
        self.worded(notice, true, |wording| title_text(notice, &wording))
    }

    /// The whole text message.
    #[must_use]
    pub fn sms(&self, notice: &Notice) -> String {
        let words = self.worded(notice, true, |wording| short_text("sms.txt", notice, &wording));
        // The shipped wording beats none, and an empty message.
        words.ok().filter(|words| !words.is_empty()).unwrap_or_else(|| {
            sms_text(notice, self.detail(notice), self.code(notice).as_deref(), self.locale)
        })
    }

    /// What a call says.
    ///
    /// # Errors
    /// [`TemplateError`]: the office's template fails on this notice.
    pub fn speech(&self, notice: &Notice) -> Result<String, TemplateError> {
        self.worded(notice, true, |wording| short_text("voice.txt", notice, &wording))
    }

    /// The body of a push message.
    ///
    /// # Errors
    /// [`TemplateError`]: the office's template fails on this notice.
    pub fn push(&self, notice: &Notice) -> Result<String, TemplateError> {
        self.worded(notice, true, |wording| short_text("ntfy.txt", notice, &wording))
    }

    /// A robot's markdown. `linked`: whether the confirm link may stand in it, which everybody in the group
    /// can press.
    ///
    /// # Errors
    /// [`TemplateError`]: the office's template fails on a notice.
    pub fn robot(&self, notices: &[&Notice], linked: bool) -> Result<String, TemplateError> {
        let urls: Vec<_> = notices
            .iter()
            .map(|one| {
                let linked = linked && notices.len() == 1;
                let confirm = self.confirm_url(one).filter(|_| linked);
                (confirm, self.code(one).filter(|_| linked), self.console_url(one))
            })
            .collect();
        let worded: Vec<_> = notices
            .iter()
            .zip(&urls)
            .map(|(one, (confirm, code, console))| {
                let wording = Wording {
                    locale: self.locale,
                    zone: &self.zone,
                    detail: self.detail(one),
                    confirm_url: confirm.as_deref(),
                    code: code.as_deref(),
                    console_url: console.as_deref(),
                    templates: &self.templates,
                };
                (*one, wording)
            })
            .collect();
        robot_text(&worded)
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
        let named = |name: String| self.details.get(&(name, notice.channel)).copied();
        let own = format!("{}/{}", notice.facts.unit, notice.contact);
        named(own).or_else(|| named(notice.contact.clone())).unwrap_or_default()
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

    /// The incident's page in the console, of a digest the list of incidents, when there is a public address.
    #[must_use]
    pub fn console_url(&self, notice: &Notice) -> Option<String> {
        let public = self.public_url.as_deref()?.trim_end_matches('/');
        match notice.incident {
            Some(incident) => Some(format!("{public}/incidents/{incident}")),
            None => notice.kind.is_digest().then(|| format!("{public}/incidents")),
        }
    }
}

/// Counted from the decision, so that a second attempt carries the same link.
fn link_expires_at(notice: &Notice) -> Timestamp {
    notice.created_at.saturating_add(LINK_HOLDS).unwrap_or(Timestamp::MAX)
}
