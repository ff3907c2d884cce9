//! 信箱: the mails and messages of the demo. Without a demo there is no such page.

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse as _, Response},
};
use minijinja::context;
use serde::Serialize;

use super::{
    Letter,
    exports::offered,
    fault::Fault,
    pages::shown,
    view::{When, beginning, clean},
    visit::Visit,
};

const MOST: usize = 500;

#[derive(Serialize)]
struct Line {
    number: usize,
    kind: &'static str,
    at: String,
    to: String,
    subject: String,
}

pub(super) async fn list(room: Visit) -> Response {
    let Some(post_room) = &room.console.post_room else { return Fault::Nowhere.page(&room) };
    let when = When::new(room.now(), &room.settings());
    let letters: Vec<_> = post_room.letters().iter().take(MOST).map(|letter| line(letter, &when)).collect();
    match room.pages.render(&room, "mailbox.html", context! { letters => shown(&letters) }) {
        Ok(page) => page.into_response(),
        Err(fault) => fault.page(&room),
    }
}

pub(super) async fn show(room: Visit, Path((kind, number)): Path<(String, usize)>) -> Response {
    let Some(post_room) = &room.console.post_room else { return Fault::Nowhere.page(&room) };
    let letters = post_room.letters();
    let Some(letter) = letters.iter().find(|letter| letter.kind == kind && letter.number == number) else {
        return Fault::Nowhere.page(&room);
    };
    let when = When::new(room.now(), &room.settings());
    let paragraphs: Vec<_> = letter.text.lines().map(pieces).collect();
    let files: Vec<String> = letter.files.iter().map(|name| clean(name)).collect();
    let given = context! {
        letter => shown(&line(letter, &when)),
        paragraphs => shown(&paragraphs),
        files => shown(&files),
    };
    match room.pages.render(&room, "letter.html", given) {
        Ok(page) => page.into_response(),
        Err(fault) => fault.page(&room),
    }
}

/// A file that came with a mail, to take.
pub(super) async fn file(room: Visit, Path((number, nth)): Path<(usize, usize)>) -> Response {
    let found = room.console.post_room.as_ref().and_then(|post_room| post_room.file(number, nth));
    let Some((name, bytes)) = found else { return Fault::Nowhere.page(&room) };
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, offered(&clean(&name), "attachment")),
    ];
    (headers, bytes).into_response()
}

fn line(letter: &Letter, when: &When) -> Line {
    let subject = if letter.subject.is_empty() { &letter.text } else { &letter.subject };
    Line {
        number: letter.number,
        kind: letter.kind,
        at: when.time(letter.at),
        to: clean(&letter.to),
        subject: beginning(subject, 90),
    }
}

/// A line cut into (text, address): addresses of http and https become links.
fn pieces(line: &str) -> Vec<(String, Option<String>)> {
    let line = clean(line);
    let Some(start) = line.find("http://").or_else(|| line.find("https://")) else {
        return vec![(line, None)];
    };
    let (before, rest) = line.split_at(start);
    let ends = |c: char| !c.is_ascii_graphic() || "\"'<>)".contains(c);
    let (address, after) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
    let link = super::view::link(address);
    vec![(before.to_owned(), None), (address.to_owned(), link), (after.to_owned(), None)]
}
