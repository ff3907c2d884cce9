//! `/plan/trial` (演练推算): if a post reached so many views at that hour, who would be told when? The very desk is run in
//! virtual time ([`Rehearsal`]) with the office's plans, contacts, rota and holidays in force, or with a plan's text as it
//! is edited; nothing is sent and nothing stored. Every message counts as accepted at once, and nobody confirms.

use std::sync::Arc;

use axum::{
    extract::RawForm,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use minijinja::context;
use serde::Serialize;

use super::{
    super::{
        course::local_time,
        editing::{self, Findings, MOST_TEXT},
        fault::Fault,
        fields::{Fields, typed},
        files,
        pages::shown,
        view::{When, clean, words},
        visit::Visit,
    },
    Refusal, Said, frame, office,
    story::Supposed,
    timeline::{Line, Timeline, tiers},
};
use crate::{
    config::{
        Office,
        edit::{self, FileKind, OfficeFile, text},
    },
    desk::{Change, Input, Rehearsal, Setup},
    locale::Locale,
    model::{Kind, Upward},
};

/// Characters of a field.
const FIELD: usize = 100;
/// Sites at most: each is a post that the desk compares.
const MOST_SITES: u64 = 50;
/// Figures at most.
const MOST_FIGURE: u64 = 10_000_000_000;
/// Hours that are played through at most.
const MOST_HOURS: i64 = 168;
/// Due instants that are played through at most: a chain that repeats every ten seconds would never end.
const MOST_STEPS: usize = 5_000;
/// How far from now a rehearsal may lie, in days.
const FURTHEST: i64 = 3_660;

/// The fields as they were typed.
#[derive(Debug, Clone, Default, Serialize)]
struct Typed {
    unit: String,
    at: String,
    views: String,
    reposts: String,
    comments: String,
    sites: String,
    kind: String,
    tier: String,
    hours: String,
}

impl Typed {
    fn of(fields: &Fields) -> Self {
        let field = |name| fields.short(name, FIELD);
        Self {
            unit: field("unit"),
            at: field("at"),
            views: field("views"),
            reposts: field("reposts"),
            comments: field("comments"),
            sites: field("sites"),
            kind: field("kind"),
            tier: field("tier"),
            hours: field("hours"),
        }
    }

    /// The question of the very first: 12,000 views at three in the night from Saturday to Sunday.
    fn usual(when: &When, units: &[String]) -> Self {
        let today = when.now.to_zoned(when.zone.clone()).date();
        let sunday = today.series(1.day()).find(|day| day.weekday() == jiff::civil::Weekday::Sunday);
        Self {
            unit: units.first().cloned().unwrap_or_default(),
            at: format!("{}T03:00", sunday.unwrap_or(today)),
            views: "12000".to_owned(),
            reposts: "0".to_owned(),
            comments: "0".to_owned(),
            sites: "1".to_owned(),
            kind: String::new(),
            tier: String::new(),
            hours: "24".to_owned(),
        }
    }
}

/// A plan's text that is edited and not saved.
struct Draft {
    file: OfficeFile,
    text: String,
    base: String,
    note: String,
}

/// What came of it.
#[derive(Debug, Serialize)]
struct Played {
    lines: Vec<Line>,
    /// Whether there is more than is shown, or it would go on for too long.
    more: bool,
}

pub(in super::super) async fn page(room: Visit) -> Response {
    let page = async {
        let settings = room.settings();
        let typed = Typed::usual(&When::new(room.now(), &settings), &room.units());
        show(&room, settings.office.as_ref(), &typed, None, None, Ok(None))
    };
    page.await.unwrap_or_else(|fault: Fault| fault.page(&room))
}

pub(in super::super) async fn act(room: Visit, RawForm(form): RawForm) -> Response {
    play(&room, &form).await.unwrap_or_else(|fault| fault.page(&room))
}

async fn play(room: &Visit, form: &[u8]) -> Result<Response, Fault> {
    let fields = Fields::of(form);
    let when = When::new(room.now(), &room.settings());
    let mut office = office(room)?;
    let draft = draft(room, form, &fields).await?;
    let mut wrong = None;
    if let Some(draft) = &draft {
        let (of, name, text) = (Arc::clone(&office), draft.file.name.clone(), draft.text.clone());
        let locale = when.locale;
        let read = files::blocking(move || edited(&of, &name, &text, locale)).await?;
        match read {
            Ok(edited) => office = Arc::new(edited),
            Err(findings) => wrong = Some(findings),
        }
    }
    // From the editor there comes a text without a question yet.
    let asks = fields.get("do") == "play";
    let typed =
        if asks { Typed::of(&fields) } else { Typed::usual(&when, &units(room, &office, draft.as_ref())) };
    if let Some(findings) = wrong {
        let words =
            when.locale.pick("这份预案还有错误，改好才能试算", "this plan has faults; mend them first");
        return show(room, Some(&office), &typed, draft.as_ref(), Some(&findings), Err(Refusal::of(words)));
    }
    if !asks {
        return show(room, Some(&office), &typed, draft.as_ref(), None, Ok(None));
    }
    let outcome = match supposed(&typed, &office, &units(room, &office, draft.as_ref()), &when) {
        Err(refusal) => Err(refusal),
        Ok((supposed, until)) => {
            let (office, when) = (Arc::clone(&office), when.clone());
            // One at a time: a rehearsal is a second of a processor.
            let _turn = room.rehearsing.lock().await;
            Ok(Some(files::blocking(move || played(&office, &supposed, until, &when)).await?))
        }
    };
    show(room, Some(&office), &typed, draft.as_ref(), None, outcome)
}

/// The text that came with the form, when one did.
async fn draft(room: &Visit, form: &[u8], fields: &Fields) -> Result<Option<Draft>, Fault> {
    let id = fields.get("file");
    if id.is_empty() {
        return Ok(None);
    }
    let open = editing::open(room, id).await?;
    let text = typed(form, "text");
    if open.file.kind != FileKind::Plan || text.len() > MOST_TEXT {
        return Err(Fault::Nowhere);
    }
    let (base, note) = (fields.short("base", 64), fields.short("note", editing::NOTE));
    Ok(Some(Draft { file: open.file, text: text::plain(&text), base, note }))
}

/// The office as it would be with a plan's text; what is wrong with the text.
fn edited(office: &Office, name: &str, text: &str, locale: Locale) -> Result<Office, Findings> {
    let (edited, checked) = edit::with(office, name, text.as_bytes());
    match checked.faults.is_empty() {
        true => Ok(edited),
        false => Err(Findings::of(&checked, name, locale)),
    }
}

/// The units that may be asked about: those that this person sees, and that run under the edited plan if there is one.
fn units(room: &Visit, office: &Office, draft: Option<&Draft>) -> Vec<String> {
    let under = |unit: &str| {
        let plan = office.units.iter().find(|one| one.name == unit).map(|one| edit::plan_file(&one.plan));
        draft.is_none_or(|draft| plan.as_deref() == Some(draft.file.name.as_str()))
    };
    room.units().into_iter().filter(|unit| under(unit)).collect()
}

/// The question, or which field is wrong.
fn supposed(
    typed: &Typed,
    office: &Office,
    units: &[String],
    when: &When,
) -> Result<(Supposed, Timestamp), Refusal> {
    let locale = when.locale;
    let wrong = |zh: &str, en: &str| Refusal::of(locale.pick(zh, en).to_owned());
    let unit = units.iter().find(|unit| **unit == typed.unit);
    let unit = unit.ok_or_else(|| wrong("单位：没有选。改法：从列表里选一个", "choose a unit"))?.clone();
    let plan = office.plan_of(&unit);
    let plan = plan.ok_or_else(|| wrong("单位：没有预案", "the unit has no plan"))?;
    let at = local_time(&typed.at, &when.zone, locale).ok().flatten();
    let at = at.filter(|at| at.duration_since(when.now).abs() < SignedDuration::from_hours(FURTHEST * 24));
    let at = at.ok_or_else(|| {
        wrong(
            "时间：看不懂，或离现在太远。改法：写成 2026-11-22 03:00",
            "the time cannot be read; write 2026-11-22 03:00",
        )
    })?;
    let figure = |zh: &str, text: &str, most: u64| -> Result<Option<u64>, Refusal> {
        let plain = text.replace([',', '，', ' '], "");
        if plain.is_empty() {
            return Ok(None);
        }
        let number = plain.parse::<u64>().ok().filter(|number| *number <= most);
        number.map(Some).ok_or_else(|| match locale {
            Locale::ZhCn => {
                Refusal::of(format!("{zh}：“{text}”不是 0 到 {most} 之间的整数。改法：写成 12000"))
            }
            Locale::En => Refusal::of(format!("“{text}” is no whole number from 0 to {most}; write 12000")),
        })
    };
    let (views, reposts) =
        (figure("浏览", &typed.views, MOST_FIGURE)?, figure("转发", &typed.reposts, MOST_FIGURE)?);
    let comments = figure("评论", &typed.comments, MOST_FIGURE)?;
    let sites = figure("站点数", &typed.sites, MOST_SITES)?.unwrap_or(1);
    let kind = Kind::of_id(&typed.kind);
    let at_least = plan.tier_named(&typed.tier).map(|tier| tier.id.clone());
    let most = u64::try_from(MOST_HOURS).unwrap_or_default();
    let hours = figure("推算多久", &typed.hours, most)?.filter(|hours| *hours > 0);
    let hours = hours.and_then(|hours| i64::try_from(hours).ok()).unwrap_or(24);
    let until = at.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MAX);
    Ok((Supposed { unit, at, views, reposts, comments, sites, kind, at_least }, until))
}

/// Runs the desk on it.
fn played(office: &Office, supposed: &Supposed, until: Timestamp, when: &When) -> Played {
    let setup = office.setup();
    let only = |unit: &String| *unit == supposed.unit;
    let upward = setup.upward.iter().filter(|(unit, _)| only(unit));
    let upward = upward.map(|(unit, upward): (&String, &Upward)| (unit.clone(), upward.clone())).collect();
    let units = setup.units.iter().filter(|(unit, _)| only(&unit.name)).cloned().collect();
    let setup = Setup { units, upward, ..setup };
    let mut rehearsal = Rehearsal::new(setup, supposed.at);
    let when = When { now: supposed.at, ..when.clone() };
    let mut timeline = Timeline::new(&when);
    let mut seen = |changes: &[Change], now: Timestamp| timeline.take(changes, now);
    let decision = supposed.decision(when.locale).map(Input::Act);
    for input in supposed.mentions(when.locale).into_iter().chain(decision) {
        // A kind of an incident that no figure opened concerns nobody.
        let _ = rehearsal.take(&input, supposed.at, &mut seen);
    }
    let whole = rehearsal.run_until(until, MOST_STEPS, &mut seen).unwrap_or_default();
    Played { more: timeline.more || !whole, lines: timeline.lines }
}

fn show(
    room: &Visit,
    office: Option<&Arc<Office>>,
    typed: &Typed,
    draft: Option<&Draft>,
    findings: Option<&Findings>,
    outcome: Result<Option<Played>, Refusal>,
) -> Result<Response, Fault> {
    let locale = room.settings().locale;
    let (played, said) = match outcome {
        Ok(played) => (played, Said::default()),
        Err(refusal) => (None, refusal.into()),
    };
    let status = said.refusal.as_ref().map_or(StatusCode::OK, |refusal| refusal.status);
    let units = office.map(|office| units(room, office, draft)).unwrap_or_default();
    let plans: Vec<_> =
        units.iter().filter_map(|unit| Some((clean(unit), tiers(office?.plan_of(unit)?)))).collect();
    let kinds = Kind::ALL.map(|kind| (kind.id(), words::kind(kind, locale)));
    let given = context! {
        has_office => office.is_some(),
        typed => shown(typed),
        units => shown(&units),
        plans => shown(&plans),
        kinds => shown(&kinds),
        played => shown(&played),
        findings => shown(&findings),
        draft => draft.map(|draft| context! {
            id => draft.file.id.clone(),
            name => clean(&draft.file.name),
            address => editing::address(&draft.file),
            text => draft.text.clone(),
            base => draft.base.clone(),
            note => draft.note.clone(),
        }),
        ..frame(room, "trial", &said, None)
    };
    Ok((status, room.pages.render(room, "trial.html", given)?).into_response())
}
