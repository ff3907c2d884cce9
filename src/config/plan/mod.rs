//! `plans/*.toml`: the office's response plans (预案), one plain table that a clerk can read.
//!
//! Tiers are written as the documents write them, from the gravest down. [`read`] turns a file into a
//! [`Plan`]; [`check`] holds what one value alone cannot show: an order, a contact that is not there, a
//! step that would never be told.

mod check;
mod course;
mod hours;
mod limits;
mod lines;

use std::collections::BTreeMap;

use jiff::{SignedDuration, civil, tz::TimeZone};

use crate::model::{
    Base, ChannelKind, Clauses, Contact, DigestTimes, DutyKind, Kind, Monthly, Plan, ReportKind, Telling,
    TierRule, statement_window,
};

use super::{
    contacts::{CHANNELS, check_known},
    sheet::{Sheet, Spot, Table, Word},
};

const TELLINGS: [Word<Telling>; 4] = [
    ("at_once", "立即", Telling::AtOnce),
    ("promptly", "及时", Telling::Promptly),
    ("digest", "动态", Telling::Digest),
    ("weekly", "每周", Telling::Weekly),
];

const PAPERS: [Word<ReportKind>; 3] = [
    ("special", "专报", ReportKind::Special),
    ("brief", "简报", ReportKind::Brief),
    ("digest", "动态", ReportKind::Digest),
];

const BASES: [Word<Base>; 7] = [
    ("published", "发布", Base::Published),
    ("detected", "发现", Base::Detected),
    ("graded", "定级", Base::Graded),
    ("told", "报告", Base::Told),
    ("acknowledged", "签收", Base::Acknowledged),
    ("responded", "回应", Base::Responded),
    ("closed", "办结", Base::Closed),
];

const KINDS: [Word<Kind>; 5] = [
    ("inquiry", "咨询", Kind::Inquiry),
    ("demand", "诉求", Kind::Demand),
    ("suggestion", "建议", Kind::Suggestion),
    ("fabrication", "虚假信息", Kind::Fabrication),
    ("hostile", "恶意攻击", Kind::Hostile),
];

const DUTIES: [Word<DutyKind>; 3] = [
    ("follow_up", "续报", DutyKind::FollowUp),
    ("feedback", "反馈", DutyKind::Feedback),
    ("own", "事项", DutyKind::Own),
];

/// Thresholds beyond this are surely a slip of the finger.
const LARGEST_THRESHOLD: u64 = 10_000_000_000;

/// Members are followed for two days after the last growth.
const SHORTEST_WINDOW: SignedDuration = SignedDuration::from_hours(72);

/// A tier as written, with the places that checks need.
#[derive(Debug)]
struct Written<'s> {
    table: Table<'s>,
    rule: TierRule,
    names: Vec<Spot<String>>,
    /// Whether `telling` could be read; without it the checks that follow from it would only repeat that.
    tells: bool,
}

/// Reads one plan; `id` is the file's stem. Faults go to the sheet, and the plan is to be used only when
/// there are none. `contacts` is `None` when the contacts file itself is wrong: then names are not
/// looked up, so that one fault is not told as twenty.
#[must_use]
pub fn read(sheet: &Sheet<'_>, id: &str, contacts: Option<&BTreeMap<String, Contact>>) -> Option<Plan> {
    sheet.read(|top| read_plan(top, id, contacts)).flatten()
}

fn read_plan(top: &Table<'_>, id: &str, contacts: Option<&BTreeMap<String, Contact>>) -> Option<Plan> {
    let title = top.need_text("title", "某某单位舆情应急处置预案");
    let zone = zone(top, "zone").unwrap_or_else(|| "Asia/Shanghai".to_owned());
    let min_sites = top.whole("min_sites", 1..=100).map_or(1, Spot::into_inner);
    let count_shares = top.flag("count_shares", false);
    let statement_window = window(top);
    let mut tellers: Vec<Spot<String>> = Vec::new();
    let office_hours = hours::office(top);
    let same_day_cutoff = top.time("same_day_cutoff");
    let warn_at = limits::warn_at(top);
    let monthly = monthly(top, &mut tellers);
    let (states, state_names) = course::states(top);
    let subsides = course::subsides(top);
    let mark = top.text("mark").map(Spot::into_inner).filter(|mark| !mark.is_empty());
    let administrators = top.texts("administrators");
    if administrators.is_empty() {
        let hint = "加一行 administrators = [\"系统管理员\"]：信源中断、无人签收时通知他";
        top.sheet().fault(top.place_of("administrators"), "没有管理员", hint);
    }
    let digest = digest(top);
    let mut tiers: Vec<Written<'_>> = top.tables("tier").into_iter().filter_map(read_tier).collect();
    let named_by_limits = limits::of_several(top, &mut tiers);
    tellers.extend(administrators.iter().cloned());
    check::plan(top, &mut tiers, &tellers, contacts);
    if let Some(contacts) = contacts {
        check_known(top.sheet(), &named_by_limits, contacts.values());
    }
    // Written from the gravest down; ranks ascend with gravity.
    let tiers = tiers
        .into_iter()
        .rev()
        .enumerate()
        .map(|(rank, written)| TierRule { rank, ..written.rule })
        .collect();
    Some(Plan {
        id: id.to_owned(),
        title: title?.into_inner(),
        zone,
        tiers,
        min_sites: u32::try_from(min_sites).unwrap_or(1),
        count_shares,
        digest: digest?,
        administrators: administrators.into_iter().map(Spot::into_inner).collect(),
        exercise_mark: mark,
        statement_window,
        office_hours,
        same_day_cutoff,
        warn_at,
        monthly,
        states,
        state_names,
        subsides,
    })
}

/// How long a statement that nobody speaks of is still compared with what comes.
fn window(top: &Table<'_>) -> SignedDuration {
    let Some(written) = top.duration("statement_window") else { return statement_window() };
    if *written.get_ref() < SHORTEST_WINDOW {
        let message = "statement_window 不能短于 3d：跟踪还没有结束，同一言论就认不出了";
        top.sheet().fault(written.span(), message, "写成 statement_window = \"30d\"");
    }
    written.into_inner()
}

/// An IANA zone by its name.
pub(super) fn zone(table: &Table<'_>, key: &'static str) -> Option<String> {
    let zone = table.text(key)?;
    if TimeZone::get(zone.get_ref()).is_err() {
        let message = format!("没有 \"{}\" 这个时区", zone.get_ref());
        table.sheet().fault(zone.span(), message, "写成 \"Asia/Shanghai\"");
        return None;
    }
    Some(zone.into_inner())
}

fn digest(top: &Table<'_>) -> Option<DigestTimes> {
    let Some(table) = top.table("digest") else {
        if !top.has("digest") {
            let hint = "加两行: [digest] 和 at = [\"08:30\", \"17:00\"]";
            top.sheet().fault(top.span(), "没有写动态什么时候发送", hint);
        }
        return None;
    };
    let at = table.texts("at");
    let every = table.duration("every");
    table.finish();
    if at.is_empty() == every.is_none() {
        let message = "at（每天几点）与 every（每隔多久）应当只写一个";
        table.sheet().fault(table.span(), message, "写成 at = [\"08:30\", \"17:00\"]");
        return None;
    }
    if let Some(every) = every {
        return Some(DigestTimes::Every(every.into_inner()));
    }
    let mut times: Vec<civil::Time> = Vec::new();
    for written in &at {
        let Some(time) = table.sheet().time_of_day(written.get_ref(), written.span()) else { continue };
        if times.contains(&time) {
            table.sheet().fault(written.span(), "同一个时刻写了两次", "删去一个");
        } else {
            times.push(time);
        }
    }
    times.sort();
    Some(DigestTimes::Daily(times))
}

/// `monthly = { name = "舆情月报", day = 3, to = ["领导小组办公室主任"] }`.
fn monthly(top: &Table<'_>, names: &mut Vec<Spot<String>>) -> Option<Monthly> {
    let table = top.table("monthly")?;
    let name = table.text("name").map_or_else(|| "舆情月报".to_owned(), Spot::into_inner);
    let day = table.whole("day", 1..=28);
    let to = table.texts("to");
    table.finish();
    if !table.has("day") || to.is_empty() {
        let message = "monthly 要写明次月几日以前（day）和由谁报送（to）";
        let hint = "写成 monthly = { name = \"舆情月报\", day = 3, to = [\"领导小组办公室主任\"] }";
        table.sheet().fault(table.span(), message, hint);
        return None;
    }
    names.extend(to.iter().cloned());
    let day = i8::try_from(day?.into_inner()).ok()?;
    Some(Monthly { name, day, to: to.into_iter().map(Spot::into_inner).collect() })
}

fn read_tier(table: Table<'_>) -> Option<Written<'_>> {
    let id = table.need_text("id", "major");
    let name = table.need_text("name", "重大");
    let telling = table.word("telling", &TELLINGS);
    if !table.has("telling") {
        table.sheet().fault(
            table.span(),
            "[tier] 缺少 telling",
            "加一行 telling = \"立即\"、\"及时\"、\"动态\" 或 \"每周\"",
        );
    }
    let tells = telling.is_some();
    let telling = telling.map_or(Telling::Digest, Spot::into_inner);
    let paper = table.word("paper", &PAPERS).map_or(paper_of(telling), Spot::into_inner);
    let mut names = Vec::new();
    let lines = lines::read(&table, &mut names);
    let copies = table.texts("copies");
    names.extend(copies.iter().cloned());
    let led_by = table.text("led_by");
    names.extend(led_by.iter().cloned());
    let overdue_to = table.texts("overdue_to");
    names.extend(overdue_to.iter().cloned());
    let rule = TierRule {
        id: id.map(Spot::into_inner).unwrap_or_default(),
        name: name.map(Spot::into_inner).unwrap_or_default(),
        rank: 0,
        clauses: clauses(&table),
        together: together(&table),
        telling,
        lines,
        copies: copies.into_iter().map(Spot::into_inner).collect(),
        channels: channels(&table),
        report: table.duration("report").map(Spot::into_inner),
        acknowledge: table.duration("acknowledge").map(Spot::into_inner),
        response: limits::response(&table),
        duties: limits::duties(&table, &mut names),
        remind: limits::remind(&table),
        quiet: hours::quiet(&table),
        paper,
        led_by: led_by.map(Spot::into_inner),
        overdue_to: overdue_to.into_iter().map(Spot::into_inner).collect(),
        emergency: table.duration("emergency").map(Spot::into_inner),
    };
    table.finish();
    Some(Written { table, rule, names, tells })
}

const fn paper_of(telling: Telling) -> ReportKind {
    match telling {
        Telling::AtOnce => ReportKind::Special,
        Telling::Promptly => ReportKind::Brief,
        Telling::Digest | Telling::Weekly => ReportKind::Digest,
    }
}

fn clauses(table: &Table<'_>) -> Clauses {
    let number = |key| table.whole(key, 0..=LARGEST_THRESHOLD).map(Spot::into_inner);
    Clauses {
        growth_over: number("growth_over"),
        kinds: kinds(table),
        views_over: number("views_over"),
        reposts_over: number("reposts_over"),
        comments_over: number("comments_over"),
        sites_at_least: table
            .whole("sites_at_least", 2..=1_000)
            .and_then(|sites| u32::try_from(sites.into_inner()).ok()),
    }
}

/// `kinds = ["诉求"]`.
fn kinds(table: &Table<'_>) -> Vec<Kind> {
    table.words("kinds", &KINDS).into_iter().map(Spot::into_inner).collect()
}

/// `[[tier.when]]`: conditions that must all hold.
fn together(table: &Table<'_>) -> Vec<Clauses> {
    let mut groups = Vec::new();
    for group in table.tables("when") {
        let read = clauses(&group);
        group.finish();
        if read == Clauses::default() {
            let hint = "写上条件，如 when = [{ views_over = 500, comments_over = 200 }]，要同时成立";
            group.sheet().fault(group.span(), "when 里没有条件", hint);
        } else {
            groups.push(read);
        }
    }
    groups
}

fn channels(table: &Table<'_>) -> Vec<ChannelKind> {
    let mut kinds = Vec::new();
    for channel in table.words("channels", &CHANNELS) {
        if *channel.get_ref() == ChannelKind::Exercise {
            let hint = "这里写 [\"邮件\", \"短信\"]；谁在练习由 contacts.toml 决定";
            table.sheet().fault(channel.span(), "练习不是等级的通道", hint);
        } else if kinds.contains(channel.get_ref()) {
            table.sheet().fault(channel.span(), "同一个通道写了两次", "删去一个");
        } else {
            kinds.push(*channel.get_ref());
        }
    }
    if table.is_empty_list("channels") {
        let hint = "写成 channels = [\"邮件\", \"短信\"]：每一样都受理了，才算报告到";
        table.sheet().fault(table.place_of("channels"), "channels 里没有通道", hint);
    }
    kinds
}
