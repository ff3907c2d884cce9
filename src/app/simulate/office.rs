//! A random office: units, plans (shipped ones, as they are and varied), contacts, a duty rota.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, civil::Time, tz::TimeZone};

use super::dice::Dice;
use crate::{
    config::{Folder, plan_named},
    desk::Setup,
    locale::Locale,
    model::{
        Base, ChannelKind, Clauses, Contact, Detail, Duty, DutyKind, Limit, Plan, Reckoning, Roster, Rota,
        Swap, Telling, TierRule, Unit, Upward,
    },
};

/// Names of the units; the first is always there.
pub const UNITS: [&str; 4] = ["青川县人民医院", "青川县教育局", "青川县第一小学", "青川县档案局"];
/// The plan whose limits are seconds, made for a quarter of an hour.
const DEMO: &str = "demo";
/// Whom keyword rules may ask to tell.
pub const DESK: &str = "总值班室";

/// Draws an office.
///
/// # Errors
/// No plan ships.
pub fn draw(dice: &mut Dice) -> Result<Setup, String> {
    let units = match dice.below(10) {
        0..=4 => 1,
        5..=7 => 2,
        8 => 3,
        _ => UNITS.len(),
    };
    let mut setup = Setup { locale: Locale::ZhCn, ..Setup::default() };
    for name in UNITS.into_iter().take(units) {
        let unit = Unit { name: name.to_owned(), aliases: Vec::new(), plan: String::new(), emergency: false };
        setup.units.push((unit, Arc::new(plan(dice)?)));
    }
    for name in UNITS.into_iter().take(units).skip(1) {
        if dice.percent(50) {
            let tell = vec!["上级总值班室".to_owned()];
            let upward = Upward { unit: UNITS[0].to_owned(), from_rank: 2, tell };
            setup.upward.insert(name.to_owned(), upward);
        }
    }
    setup.contacts = contacts(&setup, dice);
    if dice.percent(40) {
        setup.roster = Arc::new(roster(dice));
    }
    Ok(setup)
}

/// The same office after somebody has edited its files: other numbers, another mailbox.
///
/// # Errors
/// No plan ships.
pub fn edited(setup: &Setup, dice: &mut Dice) -> Result<Setup, String> {
    let mut next = setup.clone();
    for (_, known) in &mut next.units {
        if dice.percent(60) {
            *known = Arc::new(plan(dice)?);
        }
    }
    let fresh = contacts(&next, dice);
    for (name, contact) in fresh {
        next.contacts.entry(name).or_insert(contact);
    }
    if dice.percent(50) {
        let names: Vec<String> = next.contacts.keys().cloned().collect();
        if let Some(contact) = dice.pick(&names).and_then(|name| next.contacts.get_mut(name)) {
            contact.email = Some(format!("neu{}@office.example", dice.below(1_000)));
        }
    }
    Ok(next)
}

/// One of all that ship.
fn plan(dice: &mut Dice) -> Result<Plan, String> {
    let files = Folder::Shipped.list("plans", ".toml");
    let names = files.iter().filter_map(|file| file.strip_prefix("plans/")?.strip_suffix(".toml"));
    let names: Vec<&str> = names.filter(|name| *name != DEMO).collect();
    let name = dice.pick(&names).ok_or("no plan ships")?;
    let mut plan = plan_named(&Folder::Shipped, name).map_err(|faults| format!("{name}: {faults:?}"))?;
    if dice.percent(75) {
        vary(&mut plan, dice);
    }
    Ok(plan)
}

fn minutes(dice: &mut Dice, least: i64, most: i64) -> SignedDuration {
    SignedDuration::from_mins(dice.between(least, most))
}

fn vary(plan: &mut Plan, dice: &mut Dice) {
    let scale = dice.between(2, 20).unsigned_abs();
    plan.min_sites = if dice.percent(30) { 2 } else { 1 };
    plan.count_shares = dice.percent(30);
    plan.statement_window = SignedDuration::from_hours(dice.between(5, 30) * 24);
    if dice.percent(50) {
        plan.warn_at = vec![50, 80];
    }
    if dice.percent(30) {
        plan.same_day_cutoff = Some(Time::constant(17, 0, 0, 0));
    }
    if dice.percent(15)
        && let Some(above) = plan.tiers.get(1).cloned()
        && let Some(lowest) = plan.tiers.first_mut()
    {
        // Some offices are told of everything.
        lowest.telling = Telling::Promptly;
        (lowest.report, lowest.acknowledge) = (above.report, above.acknowledge);
        (lowest.lines, lowest.channels) = (above.lines, above.channels);
    }
    for tier in &mut plan.tiers {
        let clauses = &mut tier.clauses;
        clauses.views_over = clauses.views_over.map(|views| views * scale / 10);
        clauses.reposts_over = clauses.reposts_over.map(|reposts| reposts * scale / 10);
        if tier.telling.alerts() {
            vary_tier(tier, dice);
        }
    }
}

fn vary_tier(tier: &mut TierRule, dice: &mut Dice) {
    if dice.percent(30) {
        tier.clauses.comments_over = Some(dice.below(200) + 20 * tier.rank as u64);
    }
    if dice.percent(20) {
        tier.clauses.growth_over = Some((dice.below(2_000) + 200) * tier.rank as u64);
    }
    if dice.percent(20) {
        let both = Clauses { sites_at_least: Some(3), views_over: Some(500), ..Clauses::default() };
        tier.together.push(both);
    }
    if dice.percent(50) {
        tier.acknowledge = Some(minutes(dice, 5, 120));
    }
    if dice.percent(40) {
        tier.remind = Some(minutes(dice, 30, 600));
    }
    for line in &mut tier.lines {
        if dice.percent(30) {
            line.waits = vec![Some(minutes(dice, 3, 90)), None, Some(minutes(dice, 3, 90))];
        }
        if dice.percent(20) && line.steps.len() > 1 {
            line.always = vec![1];
        }
    }
    if tier.telling == Telling::Promptly && dice.percent(60) {
        tier.report = Some(minutes(dice, 61, 600));
        tier.quiet = Some((Time::constant(22, 0, 0, 0), Time::constant(7, 0, 0, 0)));
    }
    let bases = [Base::Published, Base::Detected, Base::Graded, Base::Told, Base::Acknowledged];
    let ways = [Reckoning::Calendar, Reckoning::Calendar, Reckoning::Working, Reckoning::SameDay];
    let limit = |dice: &mut Dice| Limit {
        within: minutes(dice, 30, 3_000),
        from: dice.pick(&bases).copied().unwrap_or(Base::Graded),
        reckoning: dice.pick(&ways).copied().unwrap_or_default(),
    };
    if dice.percent(50) {
        tier.response = Some(limit(dice));
    }
    let duty = |id: &str, kind, limit, every| Duty {
        id: id.to_owned(),
        name: id.to_owned(),
        kind,
        limit,
        every,
        tell: Vec::new(),
        kinds: Vec::new(),
        circular: None,
        parties: Vec::new(),
        unassigned: Vec::new(),
        met_by: None,
    };
    if dice.percent(30) {
        // Called otherwise than what plans ship with: two of one name would look like one told twice.
        let every = Some(minutes(dice, 120, 1_440));
        let limit = limit(dice);
        tier.duties.push(duty("定期续报", DutyKind::FollowUp, limit, every));
    }
    if dice.percent(30) {
        let limit = limit(dice);
        tier.duties.push(duty("反馈表", DutyKind::Feedback, limit, None));
    }
}

/// Every name that a plan may tell.
pub fn names(plan: &Plan) -> Vec<String> {
    let lines = plan.tiers.iter().flat_map(|tier| &tier.lines).flat_map(|line| &line.steps).flatten();
    let copies = plan.tiers.iter().flat_map(|tier| &tier.copies);
    let traced = plan.tiers.iter().flat_map(|tier| &tier.overdue_to);
    let duties = || plan.tiers.iter().flat_map(|tier| &tier.duties);
    let told = duties().flat_map(|duty| duty.tell.iter().chain(&duty.unassigned));
    let named = duties().filter_map(|duty| duty.circular.as_ref()).flat_map(|circular| &circular.to);
    let monthly = plan.monthly.iter().flat_map(|monthly| &monthly.to);
    let all = lines.chain(copies).chain(traced).chain(told).chain(named).chain(monthly);
    all.chain(&plan.administrators).cloned().collect()
}

fn contacts(setup: &Setup, dice: &mut Dice) -> BTreeMap<String, Contact> {
    let mut all: Vec<String> = setup.units.iter().flat_map(|(_, plan)| names(plan)).collect();
    all.extend(["张三", "李四", "王五", DESK, "上级总值班室"].map(str::to_owned));
    all.sort();
    all.dedup();
    let mut contacts = BTreeMap::new();
    for (number, name) in all.into_iter().enumerate() {
        // Some share a mailbox.
        let box_of = if dice.percent(10) { 0 } else { number };
        let mut channels = vec![ChannelKind::Email, ChannelKind::Sms];
        if dice.percent(20) {
            channels.push(ChannelKind::Phone);
        }
        if dice.percent(15) {
            channels.remove(1);
        }
        let contact = Contact {
            ways: BTreeMap::new(),
            person: String::new(),
            email: Some(format!("p{box_of}@office.example")),
            phone: Some(format!("+86139{number:08}")),
            channels,
            detail: if dice.percent(20) { Detail::Brief } else { Detail::Full },
            name: name.clone(),
        };
        contacts.insert(name, contact);
    }
    contacts
}

fn roster(dice: &mut Dice) -> Roster {
    let who = |name: &str| Some(name.to_owned());
    let from = jiff::civil::date(2026, 11, 2 + i8::try_from(dice.below(20)).unwrap_or(0));
    let to = from.checked_add(jiff::Span::new().days(2)).unwrap_or(from);
    let rota = Rota {
        handover: Time::constant(8, 0, 0, 0),
        week: [who("张三"), who("李四"), None, who("张三"), who("李四"), None, who("王五")],
        swaps: vec![Swap { from, to, who: "王五".to_owned() }],
        deputy: who("王五").filter(|_| dice.percent(70)),
    };
    let zone = TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC);
    Roster { rotas: BTreeMap::from([("值班员".to_owned(), rota)]), zone, ..Roster::default() }
}
