//! `/plan/holidays`: the days off of each year and the weekends that are worked for them, one by one.

use axum::{
    extract::{Query, RawForm},
    response::Response,
};
use jiff::civil::Date;
use minijinja::context;
use serde::Serialize;

use super::{
    super::{
        editing::{self, form::Change, page::After},
        fault::Fault,
        fields::Fields,
        pages::shown,
        view::{When, clean},
        visit::Visit,
    },
    Refusal, Said, changed, duty, has_folder, open, rendered, without_folder,
};
use crate::{
    config::edit::{
        FileKind,
        fields::{
            FieldError,
            holidays::{self, Days, YearFields, add_day, remove_day},
        },
    },
    locale::Locale,
};

/// Characters of a field.
const FIELD: usize = 60;

struct DayChange {
    year: i64,
    which: Days,
    line: String,
    adds: bool,
}

impl Change for DayChange {
    fn touched(&self, _text: &str) -> String {
        // Days stand beside each other; the same one is told by the file.
        String::new()
    }

    fn made(&self, text: &str) -> Result<String, FieldError> {
        match self.adds {
            true => add_day(text, self.year, self.which, &self.line),
            false => remove_day(text, self.year, self.which, &self.line),
        }
    }

    fn called(&self, key: &str) -> Option<&'static str> {
        Some(match key {
            "off" => "放假",
            "work" => "调休上班",
            "year" => "年份",
            _ => return None,
        })
    }

    fn of_unit(&self) -> Option<String> {
        None
    }
}

#[derive(Debug, Serialize)]
struct YearRow {
    year: i64,
    own: bool,
    off: Vec<String>,
    work: Vec<String>,
}

#[derive(Debug, Default, Serialize)]
struct Typed {
    which: String,
    from: String,
    to: String,
    name: String,
}

pub(in super::super) async fn page(room: Visit, Query(after): Query<After>) -> Response {
    show(&room, &after.into(), &Typed::default()).await.unwrap_or_else(|fault| fault.page(&room))
}

async fn show(room: &Visit, said: &Said, typed: &Typed) -> Result<Response, Fault> {
    if !has_folder(room) {
        return without_folder(room, "holidays", "holidays.html");
    }
    let when = When::new(room.now(), &room.settings());
    let open = open(room, FileKind::Holidays).await?;
    let read = holidays::all(&open.text);
    let broken = read.is_err();
    let years = read.unwrap_or_default().into_iter().map(|YearFields { year, off, work, own }| YearRow {
        year,
        own,
        off: off.iter().map(|line| clean(line)).collect(),
        work: work.iter().map(|line| clean(line)).collect(),
    });
    let given = context! {
        broken,
        today => duty::today(&open.office, &when),
        years => shown(&years.collect::<Vec<_>>()),
        typed => shown(typed),
        open => editing::may_change(room, &open) && !broken,
    };
    rendered(room, "holidays", "holidays.html", &open, said, given)
}

/// The change that a form asks for.
fn asked_for(fields: &Fields, typed: &Typed, locale: Locale) -> Result<DayChange, Refusal> {
    let which = if typed.which == "work" { Days::Work } else { Days::Off };
    if fields.get("do") == "remove" {
        let year = fields.get("year").parse().map_err(|_| {
            let zh = "年份：看不懂，没有删。改法：刷新这一页，再按那一天旁边的“删去”";
            Refusal::of(
                locale.pick(zh, "the year cannot be read; reload the page and press the button again"),
            )
        })?;
        return Ok(DayChange { year, which, line: fields.short("line", 200), adds: false });
    }
    let day = |field: &str, text: &str| -> Result<Date, Refusal> {
        let wrong = match locale {
            Locale::ZhCn => format!("{field}：“{text}”不是日期。改法：写成 2026-10-01"),
            Locale::En => format!("“{text}” is no date; write 2026-10-01"),
        };
        text.parse().map_err(|_| Refusal::of(wrong))
    };
    let from = day("从哪天", &typed.from)?;
    let line = match which {
        Days::Work => from.to_string(),
        Days::Off if typed.name.is_empty() => {
            return Err(Refusal::of(
                locale.pick("名称：没有写。改法：写上节日的名称，如 国庆节", "say what the days are called"),
            ));
        }
        Days::Off if typed.to.is_empty() || typed.to == typed.from => format!("{from} {}", typed.name),
        Days::Off => format!("{from} ~ {} {}", day("到哪天", &typed.to)?, typed.name),
    };
    Ok(DayChange { year: i64::from(from.year()), which, line, adds: true })
}

pub(in super::super) async fn act(room: Visit, RawForm(form): RawForm) -> Response {
    let done = async {
        let fields = Fields::of(&form);
        let locale = room.settings().locale;
        let open = open(&room, FileKind::Holidays).await?;
        let field = |name| fields.short(name, FIELD);
        let typed =
            Typed { which: field("which"), from: field("from"), to: field("to"), name: field("name") };
        let formed = match asked_for(&fields, &typed, locale) {
            Err(refusal) => Err(refusal),
            Ok(change) => {
                let (zh, en) = if change.adds { ("添加", "added") } else { ("删去", "removed") };
                let note = format!("{} {}", locale.pick(zh, en), change.line);
                changed(&room, &open, &fields, note, &change, "/plan/holidays").await?
            }
        };
        match formed {
            Ok(done) => Ok(done),
            Err(refusal) => show(&room, &refusal.into(), &typed).await,
        }
    };
    done.await.unwrap_or_else(|fault| fault.page(&room))
}
