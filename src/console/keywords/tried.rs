//! 试一试: what rules say of a text, those in force or those of a text that is being edited. Nothing is kept.

use std::sync::Arc;

use serde::Serialize;

use crate::{
    console::{
        fault::Fault,
        files,
        view::{Excerpt, Piece, clean, words},
    },
    keyword::{Answer, Matcher},
    locale::Locale,
    model::{Certainty, HitPart, Kind, Mark},
};

/// Longest text that the box takes, in characters.
pub(super) const MOST_CHARS: usize = 5_000;

#[derive(Serialize)]
pub(super) struct Tried {
    text: String,
    unit: String,
    pieces: Vec<Piece>,
    hits: Vec<TriedHit>,
    why_not: Vec<String>,
    kind: Option<&'static str>,
}

#[derive(Serialize)]
struct TriedHit {
    unit: Option<String>,
    group: String,
    rule: String,
    line: u32,
    surface: String,
    sure: &'static str,
}

/// Tries a text; `unit` leaves one unit's rules only.
pub(super) async fn tried(
    matcher: Arc<Matcher>,
    text: &str,
    unit: Option<String>,
    locale: Locale,
) -> Result<Tried, Fault> {
    let text: String = text.chars().take(MOST_CHARS).collect();
    if text.trim().is_empty() {
        return Err(Fault::Form(locale.pick("请写一句话", "write a sentence")));
    }
    let wanted = unit.clone();
    let answer = files::blocking(move || Answer::of(&matcher, &text, wanted.as_deref())).await?;
    let marks: Vec<Mark> = answer
        .hits
        .iter()
        .map(|hit| Mark { part: HitPart::Own, start: hit.start, end: hit.end, certainty: hit.certainty })
        .collect();
    let excerpt = Excerpt { text: &answer.text, part: HitPart::Own, at: 0, most: MOST_CHARS };
    let sure = |certainty| match certainty {
        Certainty::Exact => "",
        Certainty::Gap => locale.pick("词中夹有符号", "with marks between"),
        Certainty::Homophone => locale.pick("谐音", "by sound only"),
    };
    Ok(Tried {
        pieces: excerpt.marked(&marks),
        unit: unit.unwrap_or_default(),
        kind: answer.kind.map(|kind| words::kind(Kind::from(kind), locale)),
        why_not: answer.why_not.iter().map(|why| clean(&why.reason)).collect(),
        hits: answer
            .hits
            .iter()
            .map(|hit| TriedHit {
                unit: hit.unit.as_deref().map(clean),
                group: clean(&hit.group),
                rule: clean(&hit.rule),
                line: hit.line,
                surface: clean(&hit.surface),
                sure: sure(hit.certainty),
            })
            .collect(),
        text: answer.text,
    })
}
