//! A file on the desk of somebody who edits it: the text as it was typed, what the check says, what others wrote
//! meanwhile. It is saved by the one way of all saves; whatever comes of it, what was typed is still there.

use axum::http::StatusCode;
use minijinja::{Value, context};

use super::{Changes, Findings, MOST_TEXT, NOTE};
use crate::{
    config::{
        edit::{difference::difference, text},
        secret,
    },
    console::{
        fault::Fault,
        files::{self, Content, Open, Saved, Wanted},
        pages::shown,
        view::{clean, short},
        visit::{NAME, Visit},
    },
    locale::Locale,
};

/// Lines that are shown to whoever may only read.
const MOST_LINES: usize = 5_000;

/// The text of a form with what belongs to it.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Typed<'t> {
    pub text: &'t str,
    pub base: &'t str,
    pub by: &'t str,
    pub note: &'t str,
}

/// What came of a save.
pub(in super::super) enum Ended {
    /// It is done; the word for the address of the page to come.
    Done(&'static str),
    /// The page is shown again, with why.
    Stays(StatusCode),
}

/// The file and what somebody makes of it.
pub(in super::super) struct Sheet {
    pub open: Open,
    pub text: String,
    pub base: String,
    pub by: String,
    pub note: String,
    /// What became of the last act: class and words.
    pub said: Option<(&'static str, String)>,
    /// What the check said; `None` when the page is to look itself.
    pub findings: Option<Findings>,
    /// What somebody else wrote meanwhile.
    pub theirs: Option<String>,
    /// What would change, and between what.
    pub changes: Option<Changes>,
}

impl Sheet {
    pub fn of(open: Open) -> Self {
        Self {
            text: open.text.clone(),
            base: open.version.clone(),
            open,
            by: String::new(),
            note: String::new(),
            said: None,
            findings: None,
            theirs: None,
            changes: None,
        }
    }

    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Says what was done before the page is shown, by the word of its address.
    pub fn after(&mut self, done: &str, locale: Locale) {
        self.said = after_words(done, locale).map(|words| ("done", words.to_owned()));
    }

    /// Takes what a form brought.
    ///
    /// # Errors
    /// That it is too much for a page.
    pub fn take(&mut self, typed: Typed<'_>, locale: Locale) -> Result<(), Fault> {
        if typed.text.len() > MOST_TEXT {
            return Err(too_large(locale));
        }
        self.text = text::plain(typed.text);
        self.base = typed.base.chars().filter(char::is_ascii_hexdigit).take(64).collect();
        self.by = short(typed.by, NAME);
        self.note = short(typed.note, NOTE);
        Ok(())
    }

    /// Saves it.
    pub async fn save(&mut self, room: &Visit) -> Result<Ended, Fault> {
        let locale = room.settings().locale;
        if self.by.is_empty() {
            // What was typed must not be lost over a name.
            let words = locale.pick("没有保存：请写姓名。", "Not saved: say who you are.");
            return Ok(self.stays(StatusCode::UNPROCESSABLE_ENTITY, words.to_owned()));
        }
        let wanted = Wanted {
            base: self.base.clone(),
            content: Content::Text(self.text.clone()),
            by: self.by.clone(),
            note: self.note.clone(),
            of_unit: None,
        };
        let saved = match files::save(room, &self.open.file.id, &wanted).await {
            Ok(saved) => saved,
            Err(fault @ Fault::Forbidden) => return Err(fault),
            Err(fault) => {
                let words = not_saved(&fault.to_string(), locale);
                return Ok(self.stays(StatusCode::SERVICE_UNAVAILABLE, words));
            }
        };
        Ok(self.after_save(saved, locale))
    }

    fn after_save(&mut self, saved: Saved, locale: Locale) -> Ended {
        match saved {
            Saved::Same => Ended::Done("same"),
            Saved::Done { merged: true } => Ended::Done("merged"),
            Saved::Done { merged: false } => Ended::Done("saved"),
            Saved::Wrong { checked, text, base, merged } => {
                self.findings = Some(Findings::of(&checked, &self.open.file.name, locale));
                if let Some(text) = text {
                    self.text = text;
                }
                self.base = base;
                let zh = if merged {
                    "没有保存：与他人的修改合并以后，下面几处不对。"
                } else {
                    "没有保存：下面几处不对。"
                };
                let words = locale.pick(zh, "Not saved: see what is wrong below.").to_owned();
                self.stays(StatusCode::UNPROCESSABLE_ENTITY, words)
            }
            Saved::Conflict { theirs } => {
                self.conflict(*theirs);
                let zh = "没有保存：你编辑的时候，别人改了同样的地方。你写的还在左边，别人写的在右边；改好再保存，会以左边的为准。";
                let en = "Not saved: somebody else changed the same lines. What you wrote stands left, theirs right; save again and yours stays.";
                self.stays(StatusCode::CONFLICT, locale.pick(zh, en).to_owned())
            }
            Saved::NotWritten(why) => self.stays(StatusCode::SERVICE_UNAVAILABLE, not_saved(&why, locale)),
        }
    }

    fn stays(&mut self, status: StatusCode, words: String) -> Ended {
        self.said = Some(("bad", words));
        Ended::Stays(status)
    }

    /// Both versions beside each other; the next save is on top of theirs, which the person has then seen.
    fn conflict(&mut self, theirs: Open) {
        self.changes = Some(Changes::of(&difference(&theirs.text, &self.text)));
        self.base.clone_from(&theirs.version);
        self.theirs = Some(theirs.text.clone());
        self.open = theirs;
    }

    /// What the pages of every file show.
    pub async fn given(&mut self, room: &Visit) -> Result<Value, Fault> {
        let locale = room.settings().locale;
        let may_change = super::may_change(room, &self.open);
        let editable = !self.open.is_workbook() && self.text.len() <= MOST_TEXT;
        if self.findings.is_none() && (may_change || self.open.is_workbook()) {
            self.findings = Some(self.look(locale).await?);
        }
        let file = &self.open.file;
        let lines: Option<Vec<String>> = (!may_change && editable).then(|| {
            let text = if self.open.is_toml() { secret::hidden(&self.text) } else { self.text.clone() };
            text.lines().take(MOST_LINES).map(str::to_owned).collect()
        });
        Ok(context! {
            id => file.id.clone(),
            address => super::address(file),
            here => super::page::here(file.kind),
            name => clean(&file.name),
            encoding => self.open.form.encoding(),
            is_workbook => self.open.is_workbook(),
            is_new => self.open.bytes.is_none(),
            editable,
            may_change,
            lines => shown(&lines),
            text => if editable && may_change { self.text.as_str() } else { "" },
            base => self.base.clone(),
            by => self.by.clone(),
            note => self.note.clone(),
            said => shown(&self.said),
            findings => shown(&self.findings),
            theirs => self.theirs.clone(),
            changes => shown(&self.changes),
        })
    }

    async fn look(&self, locale: Locale) -> Result<Findings, Fault> {
        let (open, text) = (self.open.clone(), self.text.clone());
        let checked = files::blocking(move || {
            let content = match open.is_workbook() {
                true => open.bytes.clone().unwrap_or_default(),
                false => text::written(&text, open.form),
            };
            files::quick_check(&open.office, &open.file, &content)
        })
        .await?;
        Ok(Findings::of(&checked, &self.open.file.name, locale))
    }
}

/// What is said after a redirect.
pub(in super::super) fn after_words(done: &str, locale: Locale) -> Option<&'static str> {
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

pub(in super::super) fn too_large(locale: Locale) -> Fault {
    let zh = "文字超过 1 MB，网页上改不了；请用记事本改这个文件，或分成几个文件";
    Fault::Form(locale.pick(zh, "the text is larger than 1 MB; edit the file itself, or make several of it"))
}

fn not_saved(why: &str, locale: Locale) -> String {
    let (zh, en) =
        ("没有写进文件，你写的内容还在下面", "The file was not written; what you wrote stands below");
    format!("{}（{}）", locale.pick(zh, en), clean(why))
}
