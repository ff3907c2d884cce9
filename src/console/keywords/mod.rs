//! Keywords (关键词): every list with its state, how often its rules hit, what is probably wrong with them, and
//! a box in which a sentence is tried. Each file has the editor of all files ([`editing`](super::editing)) with what is a
//! list's own around it ([`editor`]), ways out ([`export`]) and a way in ([`import`]); all changes go through
//! [`files`](super::files).

pub(super) mod editor;
pub(super) mod export;
pub(super) mod import;
mod tried;

use std::sync::Arc;

use axum::{
    Form,
    response::{IntoResponse as _, Response},
};
use jiff::Timestamp;
use minijinja::context;
use serde::{Deserialize, Serialize};

use self::tried::{MOST_CHARS, tried};
use super::{
    asked,
    fault::Fault,
    pages::shown,
    view::{When, clean},
    visit::Visit,
};
use crate::{
    config::{self, Office, edit},
    keyword::{
        List, Matcher, Topic, TopicState,
        usage::{self, ListReport},
    },
};

/// Most rules of one list that are shown; the command shows all.
const MOST_RULES: usize = 500;

/// A keyword file that the settings name.
#[derive(Debug, Clone)]
pub struct KeywordFile {
    /// The unit whose it is.
    pub unit: String,
    /// The file as named.
    pub file: String,
    /// The topic watch that it belongs to.
    pub topic: Option<Arc<Topic>>,
    /// The list that was read last without fault; `None` when there never was one.
    pub list: Option<Arc<List>>,
    /// What is wrong with the file as it is now.
    pub faults: Vec<config::Fault>,
}

/// The keyword lists as the console knows them.
#[derive(Debug, Clone, Default)]
pub struct Keywords {
    /// Every file that is named, those of units first.
    pub files: Arc<Vec<KeywordFile>>,
    /// The rules in force.
    pub matcher: Arc<Matcher>,
}

impl Keywords {
    /// What the office's files say; `faults` are those of files whose last good state stays in force.
    #[must_use]
    pub fn of(office: &Office, matcher: Arc<Matcher>, faults: &[config::Fault]) -> Self {
        let of_units = office.keyword_files.iter().map(|(unit, file)| (unit, file, None));
        let of_topics = office.topics.iter().flat_map(|watch| {
            watch.files.iter().map(move |file| (&watch.unit, file, Some(Arc::clone(&watch.topic))))
        });
        let files = of_units.chain(of_topics).map(|(unit, file, topic)| {
            let same = |list: &&Arc<List>| {
                let of_topic = list.topic.as_ref().map(|topic| &topic.name);
                list.unit == *unit
                    && list.file == *file
                    && of_topic == topic.as_ref().map(|topic| &topic.name)
            };
            let path = office.folder.path(file);
            KeywordFile {
                unit: unit.clone(),
                file: file.clone(),
                list: office.lists.iter().find(same).cloned(),
                faults: faults.iter().filter(|fault| fault.file == path).cloned().collect(),
                topic,
            }
        });
        Self { files: Arc::new(files.collect()), matcher }
    }
}

/// What the box was asked.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    text: String,
    unit: String,
}

pub(super) async fn page(room: Visit) -> Response {
    show(&room, None).await.unwrap_or_else(|fault| fault.page(&room))
}

/// 试一句话: the page again, with what the rules say of a text. Nothing is kept.
pub(super) async fn try_text(room: Visit, Form(fields): Form<Fields>) -> Response {
    show(&room, Some(fields)).await.unwrap_or_else(|fault| fault.page(&room))
}

#[derive(Serialize)]
struct ListLine {
    /// Id of the file.
    id: String,
    unit: String,
    file: String,
    topic: Option<String>,
    note: String,
    state: String,
    class: &'static str,
    looked: u64,
    rules: Vec<RuleLine>,
    /// Rules that are not shown.
    more: usize,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct RuleLine {
    line: u32,
    group: String,
    rule: String,
    day: u64,
    month: u64,
    last: Option<String>,
    odd: bool,
}

async fn show(room: &Visit, asked_for: Option<Fields>) -> Result<Response, Fault> {
    let settings = room.settings();
    let when = When::new(room.now(), &settings);
    let from = usage::first_day(when.now, &settings.zone);
    let counted = asked(room.store().usage(when.now, from)).await?;
    let files = &settings.keywords.files;
    let lists: Vec<ListLine> = files
        .iter()
        .filter(|file| room.person.sees(&file.unit))
        .map(|file| {
            let lists: Vec<Arc<List>> = file.list.iter().cloned().collect();
            let report = usage::report(&lists, &counted, when.now).into_iter().next();
            ListLine::of(file, report.as_ref(), &when)
        })
        .collect();
    let tried = match asked_for {
        Some(fields) => {
            let unit = room.held_to(Some(fields.unit).filter(|unit| settings.units.contains(unit)))?;
            let matcher = Arc::clone(&settings.keywords.matcher);
            Some(tried(matcher, &fields.text, unit, settings.locale).await?)
        }
        None => None,
    };
    let given = context! {
        lists => shown(&lists),
        editable => settings.office.as_ref().is_some_and(|office| office.folder.disk().is_some()),
        units => shown(&room.units()),
        tried => shown(&tried),
        most_chars => MOST_CHARS,
    };
    Ok(room.pages.render(room, "keywords.html", given)?.into_response())
}

impl ListLine {
    fn of(file: &KeywordFile, report: Option<&ListReport<'_>>, when: &When) -> Self {
        let (state, class) = state_of(file, when);
        let all = report.map_or(&[][..], |report| report.rules.as_slice());
        // What is odd is shown wherever it stands in the file.
        let mut order: Vec<_> = all.iter().collect();
        order.sort_by_key(|rule| rule.odd.is_empty());
        order.truncate(MOST_RULES);
        order.sort_by_key(|rule| rule.line);
        let odd = order
            .iter()
            .flat_map(|rule| rule.odd.iter().map(|odd| clean(&odd.human(rule.line, rule.rule, when.locale))));
        Self {
            id: edit::id_of(&file.file),
            unit: clean(&file.unit),
            file: clean(&file.file),
            topic: file.topic.as_ref().map(|topic| clean(&topic.label())),
            note: file.topic.as_ref().map_or_else(String::new, |topic| clean(&topic.note)),
            state,
            class,
            looked: report.map_or(0, |report| report.looked_30d),
            warnings: odd.collect(),
            more: all.len().saturating_sub(order.len()),
            rules: order
                .into_iter()
                .map(|rule| RuleLine {
                    line: rule.line,
                    group: clean(rule.group),
                    rule: clean(rule.rule),
                    day: rule.last_24h,
                    month: rule.last_30d,
                    last: rule.last_hit_at.map(|at| when.time(at)),
                    odd: !rule.odd.is_empty(),
                })
                .collect(),
        }
    }
}

/// The state of a list in words: in force, its last good state because of which line, a topic's times.
fn state_of(file: &KeywordFile, when: &When) -> (String, &'static str) {
    let pick = |zh: &'static str, en: &'static str| when.locale.pick(zh, en);
    if let Some(fault) = file.faults.first() {
        let state = match file.list {
            Some(_) => pick("沿用上一份正确的内容", "its last good state is in force"),
            None => pick("没有生效", "not in force"),
        };
        let place = match fault.line {
            0 => String::new(),
            line => format!("{} {line} {}", pick("第", "line"), pick("行", "")).trim().to_owned() + " ",
        };
        let why = format!("{place}{}", fault.message);
        return (clean(&format!("{state}{}{why}", pick("：", ": "))), "bad");
    }
    let span = |at: Option<Timestamp>| at.map(|at| when.time(at)).unwrap_or_default();
    match file.topic.as_ref().map(|topic| (topic.state(when.now), topic)) {
        Some((TopicState::Waiting, topic)) => {
            (format!("{} {}", pick("未开始，开始于", "not begun, begins"), span(topic.from)), "off")
        }
        Some((TopicState::Ended, topic)) => {
            (format!("{} {}", pick("已结束于", "ended"), span(topic.until)), "off")
        }
        Some((TopicState::InForce, topic)) if topic.until.is_some() => {
            (format!("{} {}", pick("生效，到", "in force until"), span(topic.until)), "good")
        }
        _ => (pick("生效", "in force").to_owned(), "good"),
    }
}
