//! One editor for every text file of the office: the text with what is wrong in it ([`sheet`]), the check while somebody
//! types ([`mod@check`]), the history with the way back ([`history`]), and changes by form ([`form`]). Keyword lists have pages
//! of their own around it ([`super::keywords`]); all other files are edited on [`page`]. All changes go through
//! [`super::files`].
//!
//! Who sees a file, and who may change it, is decided here: by the kind of the file, and by the units that it concerns.

mod changes;
mod check;
pub(super) mod form;
pub(super) mod history;
pub(super) mod page;
mod sheet;

pub(super) use changes::{Changes, as_text};
pub(super) use check::{Findings, check};
pub(super) use sheet::{Ended, Sheet, Typed, after_words, too_large};

use axum::{
    http::{StatusCode, Uri},
    response::{IntoResponse as _, Redirect, Response},
};

use super::{
    access::{Need, need_of_file},
    fault::Fault,
    files::{self, Open},
    keywords,
    visit::Visit,
};
use crate::config::{
    Office,
    edit::{self, FileKind, OfficeFile},
};

/// Longest text that is edited on a page, in bytes.
pub(super) const MOST_TEXT: usize = 1_024 * 1_024;
/// Characters of a note.
pub(super) const NOTE: usize = 200;

/// The path of a file's pages.
pub(super) fn address(file: &OfficeFile) -> String {
    match file.kind {
        FileKind::Keywords => format!("/keywords/file/{}", file.id),
        _ => format!("/files/{}", file.id),
    }
}

/// The way on to a page, with the word for what was done ([`after_words`]).
pub(super) fn done(address: &str, word: &str) -> Response {
    let mark = if address.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{address}{mark}done={word}")).into_response()
}

/// Opens a file that this person sees.
///
/// # Errors
/// That there is none of this id among theirs, or that it cannot be read.
pub(super) async fn open(room: &Visit, id: &str) -> Result<Open, Fault> {
    let open = files::open(room, id, None).await?;
    if sees(room, &open.office, &open.file, &open.text) { Ok(open) } else { Err(Fault::Nowhere) }
}

/// The same for a path below the file's own pages: a keyword list is no other file, and the other way round.
///
/// # Errors
/// Also that these are not its pages.
async fn open_at(room: &Visit, id: &str, at: &Uri) -> Result<Open, Fault> {
    let open = open(room, id).await?;
    if at.path().starts_with(&address(&open.file)) { Ok(open) } else { Err(Fault::Nowhere) }
}

/// The page on which a file is edited, with what somebody typed.
pub(super) async fn show(room: &Visit, sheet: Sheet, status: StatusCode) -> Result<Response, Fault> {
    match sheet.open.file.kind {
        FileKind::Keywords => keywords::editor::Editor::of(sheet).show(room, status).await,
        _ => page::show(room, sheet, status).await,
    }
}

/// Whose a file is.
enum Whose {
    /// The whole office's; everybody sees it.
    Offices,
    /// That of these units: whoever sees one of them sees it.
    Units(Vec<String>),
    /// The whole office's, with parts that are these units' own: whoever sees all of them sees it.
    Holds(Vec<String>),
    /// Only administrators see it.
    Administrators,
}

fn whose(office: &Office, file: &OfficeFile, text: &str) -> Whose {
    match file.kind {
        FileKind::Settings => Whose::Administrators,
        FileKind::Holidays | FileKind::SensitiveDates => Whose::Offices,
        FileKind::Keywords => Whose::Units(files::units_of(office, &file.name)),
        FileKind::Plan => {
            let of_plan = office.units.iter().filter(|unit| edit::plan_file(&unit.plan) == file.name);
            Whose::Units(of_plan.map(|unit| unit.name.clone()).collect())
        }
        FileKind::Sources => match edit::units_of_sources(text) {
            Some(units) => Whose::Units(units.into_iter().collect()),
            None => Whose::Offices,
        },
        FileKind::Contacts => Whose::Holds(office.contacts.own.keys().cloned().collect()),
        FileKind::Rota => Whose::Holds(office.roster.own.keys().cloned().collect()),
    }
}

/// Whether somebody sees a file that stands in their office.
pub(super) fn sees(room: &Visit, office: &Office, file: &OfficeFile, text: &str) -> bool {
    match whose(office, file, text) {
        Whose::Offices => true,
        // A file that no unit names is seen by who sees every unit.
        Whose::Units(units) if units.is_empty() => room.sees_every_unit(),
        Whose::Units(units) => units.iter().any(|unit| room.person.sees(unit)),
        Whose::Holds(units) => units.iter().all(|unit| room.person.sees(unit)),
        Whose::Administrators => room.person.may(Need::Administer),
    }
}

/// Whether somebody may change a file: by its kind, and when they see every unit that it concerns.
pub(super) fn may_change(room: &Visit, open: &Open) -> bool {
    may_change_text(room, &open.office, &open.file, &open.text)
}

/// The same of a file whose text was read already.
pub(super) fn may_change_text(room: &Visit, office: &Office, file: &OfficeFile, text: &str) -> bool {
    let concerns = match whose(office, file, text) {
        Whose::Units(units) if !units.is_empty() => units.iter().all(|unit| room.person.sees(unit)),
        _ => room.sees_every_unit(),
    };
    concerns && room.person.may(need_of_file(file.kind))
}
