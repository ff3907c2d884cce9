//! A change of one of the office's files by a form, which knows nothing of lines: a contact, a swap, a limit. It is made
//! on the file as it is now, whatever else others changed in it since the form was shown, and refused when they changed
//! the very thing; then it goes the way of every save, with check, audit and history.

use super::{NOTE, check};
use crate::{
    config::edit::{OfficeFile, difference::difference, fields::FieldError, text},
    console::{
        asked,
        editing::Changes,
        fault::Fault,
        files::{self, Content, Open, Saved, Wanted},
        view::{clean, short},
        visit::Visit,
    },
    locale::Locale,
};

/// How often a change is made anew when others save at the same moment.
const TRIES: usize = 3;

/// A change of a text.
pub(in super::super) trait Change: Sync {
    /// What the change is about as a text writes it: when two texts differ in it, somebody else changed it.
    fn touched(&self, text: &str) -> String;
    /// The text with the change.
    ///
    /// # Errors
    /// Why it cannot be made.
    fn made(&self, text: &str) -> Result<String, FieldError>;
    /// How the form calls a key of the file.
    fn called(&self, key: &str) -> Option<&'static str>;
    /// The one unit that it concerns, when it is that unit's own; `None`: the whole file's.
    fn of_unit(&self) -> Option<String>;
}

/// Who sends a form, and what they began from.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Sent {
    /// The version of the file that the form showed.
    pub base: String,
    /// Who.
    pub by: String,
    /// What and why; never empty, for a form says it itself.
    pub note: String,
}

/// What came of it.
pub(in super::super) enum Formed {
    /// It stands in the file, or stood there before; the word for the address of the page to come.
    Done(&'static str),
    /// Nothing was written: what is wrong, and what others wrote meanwhile when that is it.
    Not { words: Vec<String>, changes: Option<Box<Changes>>, conflict: bool },
}

impl Formed {
    fn not(words: impl Into<String>) -> Self {
        Self::Not { words: vec![words.into()], changes: None, conflict: false }
    }
}

/// Makes a change and saves it.
///
/// # Errors
/// That the file cannot be read, or that this person may not change it.
pub(in super::super) async fn save(
    room: &Visit,
    file: &OfficeFile,
    sent: &Sent,
    change: &impl Change,
) -> Result<Formed, Fault> {
    let locale = room.settings().locale;
    let by = match room.signed(&sent.by) {
        Ok(by) => by,
        Err(words) => return Ok(Formed::not(words)),
    };
    let note = short(&sent.note, NOTE);
    for _ in 0..TRIES {
        let open = files::open(room, &file.id, Some(file.kind)).await?;
        if let Some(conflict) = conflict(room, &open, sent, change).await? {
            return Ok(conflict);
        }
        let text = match change.made(&open.text) {
            Ok(text) => text,
            Err(error) => return Ok(Formed::not(clean(&error.to_string()))),
        };
        let wanted = Wanted {
            base: open.version.clone(),
            content: Content::Text(text),
            by: by.clone(),
            note: note.clone(),
            of_unit: change.of_unit(),
        };
        match files::save(room, &file.id, &wanted).await? {
            Saved::Same => return Ok(Formed::Done("same")),
            Saved::Done { merged } => return Ok(Formed::Done(if merged { "merged" } else { "saved" })),
            Saved::Wrong { checked, .. } => {
                let name = &open.file.name;
                let called = |key: &str| change.called(key);
                let faults = checked.faults.iter().take(20);
                let words = faults.map(|fault| check::sentence(fault, name, called, locale)).collect();
                return Ok(Formed::Not { words, changes: None, conflict: false });
            }
            Saved::NotWritten(why) => {
                let words = locale.pick("没有写进文件：", "The file was not written: ");
                return Ok(Formed::not(format!("{words}{}", clean(&why))));
            }
            // Somebody saved between the look and the save; the change is made on what they left.
            Saved::Conflict { .. } => {}
        }
    }
    Ok(Formed::not(busy(locale)))
}

fn busy(locale: Locale) -> &'static str {
    locale.pick("别人正在反复保存这个文件，请稍后再试", "others keep saving this file; try again in a while")
}

/// Whether somebody changed what this is about since the form was shown.
async fn conflict(
    room: &Visit,
    open: &Open,
    sent: &Sent,
    change: &impl Change,
) -> Result<Option<Formed>, Fault> {
    if sent.base == open.version {
        return Ok(None);
    }
    let base = asked(room.store().file_version(&open.file.name, &sent.base)).await?;
    let base = base.map_or_else(String::new, |bytes| text::read(&bytes).0);
    let (before, now) = (change.touched(&base), change.touched(&open.text));
    if before == now {
        return Ok(None);
    }
    let zh = "没有保存：你填写的时候，别人改了同一处。下面是别人改的；你填的还在，核对以后再保存，会以你填的为准。";
    let en = "Not saved: somebody else changed the same thing meanwhile, as shown below. What you typed is still there; save again and yours stays.";
    Ok(Some(Formed::Not {
        words: vec![room.settings().locale.pick(zh, en).to_owned()],
        changes: Some(Box::new(Changes::of(&difference(&before, &now)))),
        conflict: true,
    }))
}
