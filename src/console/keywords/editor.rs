//! The editor of one keyword file: its text with what is wrong in it, a box in which it is tried before it is saved,
//! and what its rules caught. It works without script; the script checks while somebody types.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Path, Query, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use minijinja::context;
use serde::{Deserialize, Serialize};

use super::{
    ListLine,
    check::Findings,
    tried::{MOST_CHARS, Tried, tried},
};
use crate::{
    config::edit::{self, FileKind, difference::difference, text},
    console::{
        asked,
        fault::Fault,
        files::{self, Content, Open, Saved, Wanted},
        keywords::history::Changes,
        pages::shown,
        view::{When, clean},
        visit::Visit,
    },
    keyword::{List, Matcher, usage},
    locale::Locale,
    model::Caught,
};

/// Longest text that is edited on a page, in bytes.
pub(super) const MOST_TEXT: usize = 1_024 * 1_024;
/// Characters of a name and of a note.
pub(super) const NAME: usize = 40;
pub(super) const NOTE: usize = 200;
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

/// What was done before this page is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct After {
    done: String,
}

/// Opens a keyword file; no other file has these pages.
///
/// # Errors
/// That there is none of this id, or that it cannot be read.
pub(super) async fn open(room: &Visit, id: &str) -> Result<Open, Fault> {
    let open = files::open(room, id, Some(FileKind::Keywords)).await?;
    let settings = room.settings();
    let mut lists = settings.keywords.files.iter().filter(|list| list.file == open.file.name).peekable();
    // A file that no unit names yet is everybody's whose units are all.
    let sees = match lists.peek() {
        Some(_) => lists.any(|list| room.person.sees(&list.unit)),
        None => room.within().is_empty(),
    };
    if sees { Ok(open) } else { Err(Fault::Nowhere) }
}

pub(in super::super) async fn page(
    room: Visit,
    Path(id): Path<String>,
    Query(after): Query<After>,
) -> Response {
    let page = async {
        let open = open(&room, &id).await?;
        let said = after_words(&after.done, room.settings().locale).map(|words| ("done", words.to_owned()));
        Editor::of(open).with(|editor| editor.said = said).show(&room, StatusCode::OK).await
    };
    page.await.unwrap_or_else(|fault: Fault| fault.page(&room))
}

fn after_words(done: &str, locale: Locale) -> Option<&'static str> {
    let (zh, en) = match done {
        "saved" => ("已保存，几秒内生效。", "Saved; in force within seconds."),
        "merged" => (
            "已保存，并与他人同时做的修改合并，几秒内生效。",
            "Saved together with what somebody else had changed; in force within seconds.",
        ),
        "same" => ("与现有内容相同，没有改动。", "The file says so already; nothing was changed."),
        "undone" => {
            ("已恢复为所选的版本，几秒内生效。", "The version was put back; in force within seconds.")
        }
        _ => return None,
    };
    Some(locale.pick(zh, en))
}

pub(in super::super) async fn act(
    room: Visit,
    Path(id): Path<String>,
    form: Result<Form<Fields>, FormRejection>,
) -> Response {
    let done = async {
        let Form(mut fields) = form.map_err(|_| too_large(room.settings().locale))?;
        fields.by = room.signs(&fields.by);
        if fields.text.len() > MOST_TEXT {
            return Err(too_large(room.settings().locale));
        }
        let open = open(&room, &id).await?;
        match fields.wish.as_str() {
            "save" => save(&room, open, &fields).await,
            "try" => try_text(&room, open, &fields).await,
            _ => {
                let editor = Editor::of(open).with(|editor| editor.take(&fields));
                editor.show(&room, StatusCode::OK).await
            }
        }
    };
    done.await.unwrap_or_else(|fault| fault.page(&room))
}

fn too_large(locale: Locale) -> Fault {
    let zh = "文字超过 1 MB，网页上改不了；请用记事本改这个文件，或分成几个文件";
    Fault::Form(locale.pick(zh, "the text is larger than 1 MB; edit the file itself, or make several of it"))
}

async fn save(room: &Visit, open: Open, fields: &Fields) -> Result<Response, Fault> {
    let locale = room.settings().locale;
    let mut editor = Editor::of(open).with(|editor| editor.take(fields));
    if editor.by.is_empty() {
        // What was typed must not be lost over a name.
        editor.said =
            Some(("bad", locale.pick("没有保存：请写姓名。", "Not saved: say who you are.").to_owned()));
        return editor.show(room, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let wanted = Wanted {
        base: editor.base.clone(),
        content: Content::Text(editor.text.clone()),
        by: editor.by.clone(),
        note: editor.note.clone(),
    };
    let address = |done: &str| format!("/keywords/file/{}?done={done}", editor.open.file.id);
    let saved = match files::save(room, &editor.open.file.id, &wanted).await {
        Ok(saved) => saved,
        Err(fault) => {
            editor.said = Some(("bad", not_saved(&fault.to_string(), locale)));
            return editor.show(room, StatusCode::SERVICE_UNAVAILABLE).await;
        }
    };
    match saved {
        Saved::Same => Ok(Redirect::to(&address("same")).into_response()),
        Saved::Done { merged } => {
            Ok(Redirect::to(&address(if merged { "merged" } else { "saved" })).into_response())
        }
        Saved::Wrong { checked, text, base, merged } => {
            editor.findings = Some(Findings::of(&checked, &editor.open.file.name, locale));
            editor.text = text.unwrap_or(editor.text);
            editor.base = base;
            let zh = if merged {
                "没有保存：与他人的修改合并以后，下面几处不对。"
            } else {
                "没有保存：下面几处不对。"
            };
            editor.said = Some(("bad", locale.pick(zh, "Not saved: see what is wrong below.").to_owned()));
            editor.show(room, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Saved::Conflict { theirs } => {
            editor.conflict(*theirs, locale);
            editor.show(room, StatusCode::CONFLICT).await
        }
        Saved::NotWritten(why) => {
            editor.said = Some(("bad", not_saved(&why, locale)));
            editor.show(room, StatusCode::SERVICE_UNAVAILABLE).await
        }
    }
}

fn not_saved(why: &str, locale: Locale) -> String {
    let (zh, en) =
        ("没有写进文件，你写的内容还在下面", "The file was not written; what you wrote stands below");
    format!("{}（{}）", locale.pick(zh, en), clean(why))
}

/// What the rules say of a sentence: those that are edited, and those in force.
async fn try_text(room: &Visit, open: Open, fields: &Fields) -> Result<Response, Fault> {
    let settings = room.settings();
    let mut editor = Editor::of(open).with(|editor| editor.take(fields));
    let office = Arc::clone(&editor.open.office);
    let name = editor.open.file.name.clone();
    let units = files::units_of(&office, &name);
    let content = text::written(&editor.text, editor.open.form);
    let lists = files::blocking(move || -> Vec<Arc<List>> {
        let read = units.iter().filter_map(|unit| edit::check_list(&office, unit, &name, &content).ok());
        read.map(|(list, _)| Arc::new(list)).collect()
    })
    .await?;
    if !lists.is_empty() {
        let matcher = Arc::new(Matcher::new(lists));
        editor.tried = Some(tried(matcher, &editor.sample, None, settings.locale).await?);
    }
    let in_force = Arc::clone(&settings.keywords.matcher);
    editor.in_force = Some(tried(in_force, &editor.sample, None, settings.locale).await?);
    editor.show(room, StatusCode::OK).await
}

/// What the page shows.
pub(super) struct Editor {
    pub(super) open: Open,
    pub(super) text: String,
    pub(super) base: String,
    pub(super) by: String,
    pub(super) note: String,
    sample: String,
    /// What became of the last act: class and words.
    pub(super) said: Option<(&'static str, String)>,
    /// What the check said; `None` when the page is to look itself.
    findings: Option<Findings>,
    tried: Option<Tried>,
    in_force: Option<Tried>,
    /// What somebody else wrote meanwhile.
    theirs: Option<String>,
    /// What would change, and between what.
    pub(super) changes: Option<Changes>,
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
    pub(super) fn of(open: Open) -> Self {
        Self {
            text: open.text.clone(),
            base: open.version.clone(),
            open,
            by: String::new(),
            note: String::new(),
            sample: String::new(),
            said: None,
            findings: None,
            tried: None,
            in_force: None,
            theirs: None,
            changes: None,
        }
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// What a check said already.
    pub(super) fn found(&mut self, findings: Findings) {
        self.findings = Some(findings);
    }

    fn take(&mut self, fields: &Fields) {
        let short = |text: &str, most: usize| clean(text).chars().take(most).collect::<String>();
        self.text = text::plain(&fields.text);
        self.base = fields.base.chars().filter(char::is_ascii_hexdigit).take(64).collect();
        self.by = short(&fields.by, NAME);
        self.note = short(&fields.note, NOTE);
        self.sample = fields.sample.chars().take(MOST_CHARS).collect();
    }

    /// Both versions beside each other; the next save is on top of theirs, which the person has then seen.
    fn conflict(&mut self, theirs: Open, locale: Locale) {
        let zh = "没有保存：你编辑的时候，别人改了同样的地方。你写的还在左边，别人写的在右边；改好再保存，会以左边的为准。";
        let en = "Not saved: somebody else changed the same lines. What you wrote stands left, theirs right; save again and yours stays.";
        self.said = Some(("bad", locale.pick(zh, en).to_owned()));
        self.changes = Some(Changes::of(&difference(&theirs.text, &self.text)));
        self.base.clone_from(&theirs.version);
        self.theirs = Some(theirs.text.clone());
        self.open = theirs;
    }

    pub(super) async fn show(mut self, room: &Visit, status: StatusCode) -> Result<Response, Fault> {
        let settings = room.settings();
        let when = When::new(room.now(), &settings);
        let editable = !self.open.is_workbook() && self.text.len() <= MOST_TEXT;
        if self.findings.is_none() {
            let (open, text) = (self.open.clone(), self.text.clone());
            let checked = files::blocking(move || {
                let content = match open.is_workbook() {
                    true => open.bytes.clone().unwrap_or_default(),
                    false => text::written(&text, open.form),
                };
                files::quick_check(&open.office, &open.file, &content)
            })
            .await?;
            self.findings = Some(Findings::of(&checked, &self.open.file.name, settings.locale));
        }
        let (lists, caught) = self.used(room, &when).await?;
        let file = &self.open.file;
        let given = context! {
            id => file.id.clone(),
            name => clean(&file.name),
            units => files::units_of(&self.open.office, &file.name).join("、"),
            encoding => self.open.form.encoding(),
            is_workbook => self.open.is_workbook(),
            is_new => self.open.bytes.is_none(),
            editable,
            text => if editable { self.text.as_str() } else { "" },
            base => self.base.clone(),
            by => self.by.clone(),
            note => self.note.clone(),
            sample => self.sample.clone(),
            said => shown(&self.said),
            findings => shown(&self.findings),
            tried => shown(&self.tried),
            in_force => shown(&self.in_force),
            theirs => self.theirs.clone(),
            changes => shown(&self.changes),
            lists => shown(&lists),
            caught => shown(&caught),
            most_chars => MOST_CHARS,
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
        for file in settings.keywords.files.iter().filter(|file| file.file == self.open.file.name) {
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
