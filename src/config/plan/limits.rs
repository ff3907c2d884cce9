//! Time limits of a tier: the public answer, and what the plan wants done besides (续报, 反馈, its own).

use jiff::SignedDuration;

use crate::{
    config::{
        duration,
        sheet::{Spot, Table, Word},
    },
    model::{Base, Circular, Duty, DutyKind, Limit, MetBy, Party, Reckoning, warn_at as usual_warnings},
};

use super::{BASES, DUTIES, Written, kinds};

/// Reminders closer than this are a slip of the finger: nobody reads mail every few seconds.
const CLOSEST_REMINDER: SignedDuration = SignedDuration::from_secs(10);

const RECKONINGS: [Word<Reckoning>; 2] =
    [("calendar", "自然时间", Reckoning::Calendar), ("working", "工作时间", Reckoning::Working)];

const ACTS: [Word<MetBy>; 4] = [
    ("consulted", "会商", MetBy::Consulted),
    ("assigned", "批办", MetBy::Assigned),
    ("approved", "审定", MetBy::Approved),
    ("responded", "回应", MetBy::Responded),
];

/// What `to` calls those whom 批办 names.
const PARTIES: [Word<Party>; 2] = [("lead", "主办", Party::Lead), ("helping", "协办", Party::Helping)];

/// `response = { within = "5h", from = "发现" }`.
pub(super) fn response(table: &Table<'_>) -> Option<Limit> {
    let limit = table.table("response")?;
    let read = read(&limit, "response = { within = \"5h\", from = \"发现\" }");
    limit.finish();
    let (read, from) = read?;
    if matches!(read.from, Base::Responded | Base::Closed) {
        let example = "写成 response = { within = \"5h\", from = \"发现\" }";
        limit.sheet().fault(from.span(), "回应的时限不能从回应或办结算起", example);
        return None;
    }
    Some(read)
}

/// `within`, `from` and `hours` of a limit; says what is missing.
fn read(limit: &Table<'_>, example: &str) -> Option<(Limit, Spot<Base>)> {
    let same_day = limit.text_is("within", &["当日", "same_day"]);
    let within = if same_day { None } else { limit.duration("within").map(Spot::into_inner) };
    let from = limit.word("from", &BASES);
    let hours = limit.word("hours", &RECKONINGS);
    if !limit.has("within") || !limit.has("from") {
        let message = "时限要写明多久（within，或 \"当日\"）和从何时算起（from）";
        limit.sheet().fault(limit.span(), message, format!("写成 {example}"));
    }
    if let (true, Some(hours)) = (same_day, &hours) {
        let message = "within = \"当日\" 时不写 hours";
        limit.sheet().fault(hours.span(), message, "删去 hours；当日到 24:00 为止，same_day_cutoff 可改");
    }
    let (within, reckoning) = match (same_day, within) {
        (true, _) => (SignedDuration::ZERO, Reckoning::SameDay),
        (false, within) => (within?, hours.map_or(Reckoning::Calendar, Spot::into_inner)),
    };
    let from = from?;
    Some((Limit { within, from: *from.get_ref(), reckoning }, from))
}

/// `[[tier.limit]]`: everything else that must be done in time.
pub(super) fn duties(table: &Table<'_>, names: &mut Vec<Spot<String>>) -> Vec<Duty> {
    let mut duties: Vec<Duty> = Vec::new();
    for limit in table.tables("limit") {
        let duty = duty(&limit, names);
        limit.finish();
        let Some(duty) = duty else { continue };
        if duties.iter().any(|other| other.id == duty.id) {
            let message = format!("时限 {} 写了两次", duty.id);
            limit.sheet().fault(limit.span(), message, "给它们各写一个 id");
        } else {
            duties.push(duty);
        }
    }
    duties
}

/// `[[limit]]` at the top of a plan: what is owed at several tiers, `tiers = ["特别重大", "重大"]`, or at every one.
/// Answers with the contacts that these limits name.
pub(super) fn of_several(top: &Table<'_>, tiers: &mut [Written<'_>]) -> Vec<Spot<String>> {
    let mut names = Vec::new();
    for limit in top.tables("limit") {
        let wanted = limit.texts("tiers");
        let duty = duty(&limit, &mut names);
        limit.finish();
        let is = |tier: &Written<'_>, name: &str| tier.rule.id == name || tier.rule.name == name;
        for name in wanted.iter().filter(|name| !tiers.iter().any(|tier| is(tier, name.get_ref()))) {
            let known: Vec<&str> = tiers.iter().map(|tier| tier.rule.name.as_str()).collect();
            let message = format!("没有“{}”这个等级", name.get_ref());
            limit.sheet().fault(name.span(), message, format!("写本预案的等级: {}", known.join("、")));
        }
        let Some(duty) = duty else { continue };
        for tier in tiers.iter_mut() {
            if !wanted.is_empty() && !wanted.iter().any(|name| is(tier, name.get_ref())) {
                continue;
            }
            if tier.rule.duties.iter().any(|other| other.id == duty.id) {
                let message = format!("{}的时限 {} 写了两次", tier.rule.name, duty.id);
                limit.sheet().fault(limit.span(), message, "给它们各写一个 id");
            } else {
                tier.rule.duties.push(duty.clone());
            }
        }
    }
    names
}

fn duty(limit: &Table<'_>, names: &mut Vec<Spot<String>>) -> Option<Duty> {
    let example = "{ kind = \"反馈\", name = \"处置意见表\", within = \"2h\", from = \"定级\" }";
    let kind = limit.word("kind", &DUTIES).map_or(DutyKind::Own, Spot::into_inner);
    let name = limit.need_text("name", "处置意见表");
    let usual = DUTIES.iter().find(|word| word.2 == kind).map_or("own", |word| word.0);
    let id = match limit.text("id") {
        None => usual.to_owned(),
        Some(id) if is_id(id.get_ref()) => id.into_inner(),
        Some(id) => {
            limit.sheet().fault(
                id.span(),
                "id 只能用英文字母、数字、- 和 _",
                "写成 id = \"registration-form\"",
            );
            return None;
        }
    };
    let every = limit.duration("every").map(Spot::into_inner);
    let (tell, parties) = whom(limit);
    let unassigned = unassigned(limit, &parties);
    names.extend(tell.iter().chain(&unassigned).cloned());
    let kinds = kinds(limit);
    let circular = circular(limit, names);
    let (read, from) = read(limit, example)?;
    if let (Base::Closed, Some(_)) = (read.from, every) {
        limit.sheet().fault(from.span(), "办结以后的事项不能重复", "删去 every");
    }
    let met_by = met_by(limit, read.from);
    let plain = |names: Vec<Spot<String>>| names.into_iter().map(Spot::into_inner).collect();
    Some(Duty {
        circular,
        met_by,
        parties,
        unassigned: plain(unassigned),
        id,
        name: name?.into_inner(),
        kind,
        limit: read,
        every,
        tell: plain(tell),
        kinds,
    })
}

/// `to = ["主办", "协办", "责任部门"]`: contacts, and those whom 批办 will have named.
fn whom(limit: &Table<'_>) -> (Vec<Spot<String>>, Vec<Party>) {
    let (mut tell, mut parties) = (Vec::new(), Vec::new());
    for name in limit.texts("to") {
        let party = PARTIES.iter().find(|word| name.get_ref() == word.0 || name.get_ref() == word.1);
        match party.map(|word| word.2) {
            Some(party) if !parties.contains(&party) => parties.push(party),
            Some(_) => limit.sheet().fault(name.span(), "同一个人写了两次", "删去一个"),
            None => tell.push(name),
        }
    }
    (tell, parties)
}

/// `unassigned = ["责任部门"]`: whom it concerns while nobody is named.
fn unassigned(limit: &Table<'_>, parties: &[Party]) -> Vec<Spot<String>> {
    let names = limit.texts("unassigned");
    if !names.is_empty() && parties.is_empty() {
        let message = "unassigned 只在 to 里写了“主办”或“协办”时起作用";
        let hint = "写成 to = [\"主办\"] 和 unassigned = [\"责任部门\"]，或把名字写在 to 里，删去 unassigned";
        limit.sheet().fault(limit.place_of("unassigned"), message, hint);
    }
    names
}

/// `met_by = "批办"`: done by that act, without being registered.
fn met_by(limit: &Table<'_>, from: Base) -> Option<MetBy> {
    let act = limit.word("met_by", &ACTS)?;
    let never = match (from, act.get_ref()) {
        (Base::Closed, _) => "办结以后不再有批办、审定，只能登记完成",
        (Base::Responded, MetBy::Responded) => "从回应算起的事项，不能由回应来完成",
        _ => return Some(act.into_inner()),
    };
    limit.sheet().fault(act.span(), never, "删去 met_by，完成后用“登记完成”");
    None
}

/// `circular = { after = "1d", to = ["各部门"] }`.
fn circular(limit: &Table<'_>, names: &mut Vec<Spot<String>>) -> Option<Circular> {
    let table = limit.table("circular")?;
    let (after, to) = (table.duration("after"), table.texts("to"));
    if !table.has("after") || to.is_empty() {
        let hint = "写成 circular = { after = \"1d\", to = [\"各部门\"] }";
        table.sheet().fault(table.span(), "通报要写明逾期多久之后（after）和发给谁（to）", hint);
    }
    table.finish();
    names.extend(to.iter().cloned());
    Some(Circular { after: after?.into_inner(), to: to.into_iter().map(Spot::into_inner).collect() })
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// `remind = "1h"`: so often an overdue limit is told again.
pub(super) fn remind(table: &Table<'_>) -> Option<SignedDuration> {
    let written = table.duration("remind")?;
    if *written.get_ref() < CLOSEST_REMINDER {
        let hint = format!("写成不短于 \"{}\"", duration::written(CLOSEST_REMINDER));
        table.sheet().fault(written.span(), "remind 太密", hint);
        return None;
    }
    Some(written.into_inner())
}

/// `warn_at = [50, 80]`: percent of a limit at which it is warned of.
pub(super) fn warn_at(top: &Table<'_>) -> Vec<u8> {
    if !top.has("warn_at") {
        return usual_warnings();
    }
    let written = top.wholes("warn_at", 1..=99);
    let percents: Vec<u8> =
        written.iter().filter_map(|percent| u8::try_from(*percent.get_ref()).ok()).collect();
    if !percents.is_sorted() {
        let hint = "写成 warn_at = [50, 80]，表示用去一半和八成时间时提醒";
        top.sheet().fault(top.place_of("warn_at"), "warn_at 要从小到大写", hint);
    }
    percents
}
