//! The templates: embedded, escaping, strict about names that nobody gave, in two languages.

use std::sync::Arc;

use axum::response::Html;
use minijinja::{Environment, UndefinedBehavior, Value, context};
use sha2::{Digest as _, Sha256};

use super::{
    Room, Settings,
    access::{How, Person},
    fault::Fault,
    view::{When, clean},
    visit::Visit,
};
use crate::{config::Login, locale::Locale, report::paper::file::HAS_PDF};

const TEMPLATES: [(&str, &str); 46] = [
    ("accounts.html", include_str!("templates/accounts.html")),
    ("audit.html", include_str!("templates/audit.html")),
    ("base.html", include_str!("templates/base.html")),
    ("bulk.html", include_str!("templates/bulk.html")),
    ("cards.html", include_str!("templates/cards.html")),
    ("confirm.html", include_str!("templates/confirm.html")),
    ("contacts.html", include_str!("templates/contacts.html")),
    ("course.html", include_str!("templates/course.html")),
    ("difference.html", include_str!("templates/difference.html")),
    ("editor.html", include_str!("templates/editor.html")),
    ("fault.html", include_str!("templates/fault.html")),
    ("file.html", include_str!("templates/file.html")),
    ("history.html", include_str!("templates/history.html")),
    ("holidays.html", include_str!("templates/holidays.html")),
    ("home.html", include_str!("templates/home.html")),
    ("import.html", include_str!("templates/import.html")),
    ("incident.html", include_str!("templates/incident.html")),
    ("incidents.html", include_str!("templates/incidents.html")),
    ("keywords.html", include_str!("templates/keywords.html")),
    ("letter.html", include_str!("templates/letter.html")),
    ("limits.html", include_str!("templates/limits.html")),
    ("live.html", include_str!("templates/live.html")),
    ("login.html", include_str!("templates/login.html")),
    ("mailbox.html", include_str!("templates/mailbox.html")),
    ("me.html", include_str!("templates/me.html")),
    ("notices.html", include_str!("templates/notices.html")),
    ("papers.html", include_str!("templates/papers.html")),
    ("parts.html", include_str!("templates/parts.html")),
    ("plan.html", include_str!("templates/plan.html")),
    ("plan_top.html", include_str!("templates/plan_top.html")),
    ("post.html", include_str!("templates/post.html")),
    ("print.html", include_str!("templates/print.html")),
    ("reports.html", include_str!("templates/reports.html")),
    ("rota.html", include_str!("templates/rota.html")),
    ("rounds.html", include_str!("templates/rounds.html")),
    ("source.html", include_str!("templates/source.html")),
    ("source_new.html", include_str!("templates/source_new.html")),
    ("source_parts.html", include_str!("templates/source_parts.html")),
    ("source_trial.html", include_str!("templates/source_trial.html")),
    ("sources.html", include_str!("templates/sources.html")),
    ("system.html", include_str!("templates/system.html")),
    ("trial.html", include_str!("templates/trial.html")),
    ("version.html", include_str!("templates/version.html")),
    ("wall.html", include_str!("templates/wall.html")),
    ("wall_live.html", include_str!("templates/wall_live.html")),
    ("welcome.html", include_str!("templates/welcome.html")),
];

/// The pages of both languages. A template holds its words in both, side by side: `{{ t("值班台", "Duty
/// desk") }}`.
pub(super) struct Pages {
    zh: Environment<'static>,
    en: Environment<'static>,
    build: String,
}

impl Pages {
    pub fn new() -> Self {
        Self { zh: environment(Locale::ZhCn), en: environment(Locale::En), build: build() }
    }

    /// Names this build's pages: a page of another build loads itself anew.
    pub fn build(&self) -> &str {
        &self.build
    }

    /// Renders a page. Beside what is given it gets what every page shows: language, mark, exercise, time.
    pub fn render(&self, reader: &impl Reader, name: &str, given: Value) -> Result<Html<String>, Fault> {
        let (room, settings) = (reader.room(), reader.settings());
        let environment = match settings.locale {
            Locale::ZhCn => &self.zh,
            Locale::En => &self.en,
        };
        let when = When::new(room.now(), &settings);
        let every = context! {
            lang => settings.locale.pick("zh-CN", "en"),
            other_lang => settings.locale.pick("en", "zh-CN"),
            mark => settings.mark.clone(),
            exercise => settings.exercise,
            has_accounts => settings.login == Login::Accounts,
            me => shown(&reader.person().map(Me::of)),
            may => reader.person().map(rights).unwrap_or_default(),
            has_mailbox => room.console.post_room.is_some(),
            now_ms => when.now.as_millisecond(),
            has_pdf => HAS_PDF,
            build => self.build(),
            now_text => when.today_line(),
            zone => settings.zone.iana_name().unwrap_or("Asia/Shanghai"),
        };
        Ok(Html(environment.get_template(name)?.render(context! { ..given, ..every })?))
    }
}

/// Whoever a page is rendered for: somebody who came in, or nobody known.
pub(super) trait Reader {
    /// The console.
    fn room(&self) -> &Room;
    /// Who reads.
    fn person(&self) -> Option<&Person>;
    /// What the page goes by.
    fn settings(&self) -> Arc<Settings>;
}

impl Reader for Visit {
    fn room(&self) -> &Room {
        self
    }

    fn person(&self) -> Option<&Person> {
        Some(&self.person)
    }

    fn settings(&self) -> Arc<Settings> {
        Self::settings(self)
    }
}

/// What the reader may do, for the templates: what they may not is not offered.
fn rights(person: &Person) -> Vec<&'static str> {
    person.rights.iter().map(|need| need.id()).collect()
}

/// The reader as the templates know them.
#[derive(serde::Serialize)]
struct Me {
    name: String,
    contact: Option<String>,
    /// Whether there is a session that can be ended.
    leaves: bool,
}

impl Me {
    fn of(person: &Person) -> Self {
        Self {
            name: clean(&person.name),
            contact: person.contact.as_deref().map(clean),
            leaves: matches!(person.how, How::Session(_)),
        }
    }
}

/// A value of ours as the templates read it.
pub(super) fn shown(value: &impl serde::Serialize) -> Value {
    Value::from(minijinja::value::Serde(value))
}

/// A hash of all that a page is made of here.
fn build() -> String {
    let mut hash = Sha256::new();
    for (name, text) in TEMPLATES.iter().chain(&super::assets::TEXTS) {
        hash.update(name.as_bytes());
        hash.update(text.as_bytes());
    }
    hash.update(env!("CARGO_PKG_VERSION").as_bytes());
    hex::encode(hash.finalize()).chars().take(12).collect()
}

fn environment(locale: Locale) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_function("t", move |zh: &str, en: &str| locale.pick(zh, en).to_owned());
    for (name, source) in TEMPLATES {
        if let Err(error) = environment.add_template(name, source) {
            // A test renders every template; a broken one shows as a failing page, not as a dead daemon.
            tracing::error!(error = %format!("{error:#}"), name, "an embedded template is broken");
        }
    }
    environment
}
