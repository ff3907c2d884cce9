//! The editor of one keyword file: its text with what is wrong in it, a box in which it is tried before it is saved,
//! and what its rules caught. It works without script; the script checks while somebody types.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Path, Query, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use minijinja::context;
use serde::{Deserialize, Serialize};

use super::{
    ListLine,
    tried::{MOST_CHARS, Tried, tried},
};
use crate::{
    config::edit::{self, FileKind, text},
    console::{
        asked,
        editing::{self, Ended, Sheet, Typed, page::After},
        fault::Fault,
        files::{self, Open},
        pages::shown,
        view::{When, clean},
        visit::Visit,
    },
    keyword::{List, Matcher, usage},
    model::Caught,
};

/// Incidents that are named of one group, and groups.
const MOST_CAUGHT: usize = 5;
const MOST_GROUPS: usize = 100;

/// The fields of the editor.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Fields {
    text: String,
    base: String,
    by: String,
    note: String,
    sample: String,
    #[serde(rename = "do")]
    wish: String,
}

/// Opens a keyword file; no other file has these pages.
///
/// # Errors
/// That there is none of this id, or that it cannot be read.
pub(super) async fn open(room: &Visit, id: &str) -> Result<Open, Fault> {
    let open = editing::open(room, id).await?;
    if open.file.kind == FileKind::Keywords { Ok(open) } else { Err(Fault::Nowhere) }
}

/// The same for whoever is going to change it.
///
/// # Errors
/// Also that this person may not.
pub(super) async fn open_to_change(room: &Visit, id: &str) -> Result<Open, Fault> {
    let open = open(room, id).await?;
    if editing::may_change(room, &open) { Ok(open) } else { Err(Fault::Forbidden) }
}

pub(in super::super) async fn page(
    room: Visit,
    Path(id): Path<String>,
    Query(after): Query<After>,
) -> Response {
    let page = async {
        let locale = room.settings().locale;
        let sheet = Sheet::of(open(&room, &id).await?).with(|sheet| sheet.after(&after.done, locale));
        Editor::of(sheet).show(&room, StatusCode::OK).await
    };
    page.await.unwrap_or_else(|fault: Fault| fault.page(&room))
}

pub(in super::super) async fn act(
    room: Visit,
    Path(id): Path<String>,
    form: Result<Form<Fields>, FormRejection>,
) -> Response {
    let done = async {
        let locale = room.settings().locale;
        let Form(fields) = form.map_err(|_| editing::too_large(locale))?;
        let mut sheet = Sheet::of(open_to_change(&room, &id).await?);
        let Fields { text, base, by, note, .. } = &fields;
        sheet.take(Typed { text, base, by: &room.signs(by), note }, locale)?;
        let mut editor = Editor::of(sheet);
        editor.sample = fields.sample.chars().take(MOST_CHARS).collect();
        match fields.wish.as_str() {
            "save" => match editor.sheet.save(&room).await? {
                Ended::Done(word) => Ok(editing::done(&editing::address(&editor.sheet.open.file), word)),
                Ended::Stays(status) => editor.show(&room, status).await,
            },
            "try" => editor.try_text(&room).await,
            _ => editor.show(&room, StatusCode::OK).await,
        }
    };
    done.await.unwrap_or_else(|fault| fault.page(&room))
}

/// What the page shows beside the file itself.
pub(in super::super) struct Editor {
    sheet: Sheet,
    sample: String,
    tried: Option<Tried>,
    in_force: Option<Tried>,
}

#[derive(Serialize)]
struct CaughtGroup {
    group: String,
    hits: Vec<CaughtLine>,
    /// How many more there are.
    more: usize,
}

#[derive(Serialize)]
struct CaughtLine {
    incident: u64,
    at: String,
    words: String,
}

impl Editor {
    pub(in super::super) fn of(sheet: Sheet) -> Self {
        Self { sheet, sample: String::new(), tried: None, in_force: None }
    }

    /// What the rules say of a sentence: those that are edited, and those in force.
    async fn try_text(mut self, room: &Visit) -> Result<Response, Fault> {
        let settings = room.settings();
        let open = &self.sheet.open;
        let (office, name) = (Arc::clone(&open.office), open.file.name.clone());
        let units = files::units_of(&office, &name);
        let content = text::written(&self.sheet.text, open.form);
        let lists = files::blocking(move || -> Vec<Arc<List>> {
            let read = units.iter().filter_map(|unit| edit::check_list(&office, unit, &name, &content).ok());
            read.map(|(list, _)| Arc::new(list)).collect()
        })
        .await?;
        if !lists.is_empty() {
            let matcher = Arc::new(Matcher::new(lists));
            self.tried = Some(tried(matcher, &self.sample, None, settings.locale).await?);
        }
        let in_force = Arc::clone(&settings.keywords.matcher);
        self.in_force = Some(tried(in_force, &self.sample, None, settings.locale).await?);
        self.show(room, StatusCode::OK).await
    }

    pub(in super::super) async fn show(
        mut self,
        room: &Visit,
        status: StatusCode,
    ) -> Result<Response, Fault> {
        let when = When::new(room.now(), &room.settings());
        let of_file = self.sheet.given(room).await?;
        let (lists, caught) = self.used(room, &when).await?;
        let open = &self.sheet.open;
        let given = context! {
            units => files::units_of(&open.office, &open.file.name).join("、"),
            sample => self.sample.clone(),
            tried => shown(&self.tried),
            in_force => shown(&self.in_force),
            lists => shown(&lists),
            caught => shown(&caught),
            most_chars => MOST_CHARS,
            ..of_file
        };
        Ok((status, room.pages.render(room, "editor.html", given)?).into_response())
    }

    /// How often the rules in force hit, and the incidents that their groups met lately.
    async fn used(&self, room: &Visit, when: &When) -> Result<(Vec<ListLine>, Vec<CaughtGroup>), Fault> {
        let settings = room.settings();
        let from = usage::first_day(when.now, &settings.zone);
        let counted = asked(room.store().usage(when.now, from)).await?;
        let since = from.to_zoned(settings.zone.clone()).map_or(when.now, |day| day.timestamp());
        let (mut lines, mut groups) = (Vec::new(), Vec::new());
        for file in settings.keywords.files.iter().filter(|file| file.file == self.sheet.open.file.name) {
            let lists: Vec<Arc<List>> = file.list.iter().cloned().collect();
            let report = usage::report(&lists, &counted, when.now).into_iter().next();
            lines.push(ListLine::of(file, report.as_ref(), when));
            let caught = asked(room.store().caught(&file.unit, since)).await?;
            let names = lists.iter().flat_map(|list| &list.groups).map(|group| group.name.as_str());
            groups.extend(names.filter_map(|name| caught_by(name, &caught, when)).take(MOST_GROUPS));
        }
        groups.dedup_by(|one, other| one.group == other.group);
        Ok((lines, groups))
    }
}

fn caught_by(group: &str, caught: &[Caught], when: &When) -> Option<CaughtGroup> {
    let mut hits: Vec<CaughtLine> = Vec::new();
    let mut more = 0;
    for one in caught.iter().filter(|one| one.groups.iter().any(|name| name == group)) {
        if hits.iter().any(|known| known.incident == one.incident.0) {
            continue;
        }
        if hits.len() >= MOST_CAUGHT {
            more += 1;
            continue;
        }
        let words = one.surfaces.iter().map(|words| clean(words)).collect::<Vec<_>>().join("、");
        hits.push(CaughtLine { incident: one.incident.0, at: when.time(one.seen_at), words });
    }
    (!hits.is_empty()).then(|| CaughtGroup { group: clean(group), hits, more })
}
