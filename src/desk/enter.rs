//! Entry by hand: what came by telephone or on paper becomes a post of the site `hand`, so that tier, limits,
//! chain and statement are those of any other. When no source of ours had it, it is recorded as missed (漏报);
//! a post that says the same later joins it.

use std::{collections::BTreeMap, sync::Arc};

use jiff::SignedDuration;

use super::{
    Change, Desk, Refused,
    case::{Case, Work},
    grading::open_by_hand,
    next_due,
    undo::{Stood, keep_entry},
    unit::UnitDesk,
};
use crate::{
    locale::Locale,
    model::{
        Certainty, Count, Counters, Entered, HandEntry, Hit, HitPart, IncidentId, IncidentState, Mention,
        Plan, Post, Precision, Published, SiteKind,
    },
};

/// Characters of the text at most.
const TEXT: usize = 20_000;

impl Desk {
    /// Takes an entry by hand. The same one twice changes nothing.
    pub(super) fn enter(&mut self, entry: &HandEntry, work: &mut Work<'_>) -> Result<(), Refused> {
        let locale = work.locale;
        let refuse = |zh: &str, en: &str| Err(Refused(locale.pick(zh, en).to_owned()));
        let Some(desk) = self.units.get_mut(&entry.unit) else {
            return refuse("没有这个单位", "no such unit");
        };
        if entry.by.trim().is_empty() || entry.gist.trim().is_empty() || entry.id.trim().is_empty() {
            return refuse("请写明概要和录入人", "say what it is about and who enters it");
        }
        if entry.text.chars().count() > TEXT {
            return refuse("内容太长", "the text is too long");
        }
        if entry.happened_at.is_some_and(|at| at > work.now) {
            return refuse("发生时间晚于现在", "it cannot have happened in the future");
        }
        if let Some(tier) = &entry.tier
            && desk.plan.tier_named(tier).is_none()
        {
            let names: Vec<_> = desk.plan.tiers.iter().map(|tier| tier.name.as_str()).collect();
            let why = work.locale.pick("没有这个等级", "no such tier");
            return Err(Refused(format!("{why}: {tier} ({})", names.join("、"))));
        }
        let key = entry.key();
        if desk.incident_of(&key).is_some() || desk.withdrawn_with(&key).next().is_some() {
            return Ok(());
        }
        let stood: BTreeMap<IncidentId, Stood> =
            desk.cases.iter().map(|(id, case)| (*id, Stood::of(&case.row))).collect();
        let first_new = IncidentId(self.state.next_id);
        let mention = mention(entry, work);
        let touched = if entry.drill {
            let marked = Arc::new(Plan {
                exercise_mark: Some(work.locale.pick("演练", "DRILL").to_owned()),
                ..(*desk.plan).clone()
            });
            let own = std::mem::replace(&mut desk.plan, marked);
            let touched = desk.take(&mention, work, &mut self.state.next_id);
            desk.plan = own;
            touched
        } else {
            desk.take(&mention, work, &mut self.state.next_id)
        };
        let Some(id) = desk.incident_of(&key) else {
            return refuse("未能录入", "it could not be entered");
        };
        let stood = stood.get(&id).filter(|_| id < first_new);
        entered(desk, work, id, stood, entry);
        let due: Vec<_> =
            touched.into_iter().map(|id| (id, desk.cases.get(&id).and_then(next_due))).collect();
        for (id, due) in due {
            self.set_timer(id, due);
        }
        Ok(())
    }
}

/// The entry as a post that was seen just now.
fn mention(entry: &HandEntry, work: &Work<'_>) -> Mention {
    let group = match work.locale {
        Locale::ZhCn => format!("人工录入（{}）", entry.by),
        Locale::En => format!("entered by hand ({})", entry.by),
    };
    // Reposts are graded on microblogs; where only they are known, it stands on one.
    let site_kind = if entry.reposts.is_some() { SiteKind::Microblog } else { SiteKind::Forum };
    let happened = entry.happened_at.map(|at| Published { at, precision: Precision::Minute });
    let post = Post {
        key: entry.key(),
        site_kind,
        url: entry.url.clone().unwrap_or_default(),
        title: entry.gist.clone(),
        text: entry.text.clone(),
        quoted: String::new(),
        published: happened,
        repost_of: None,
        links: Vec::new(),
    };
    let hit = Hit {
        unit: entry.unit.clone(),
        group,
        rule: String::new(),
        file: String::new(),
        line: 0,
        start: 0,
        end: u32::try_from(entry.gist.chars().count()).unwrap_or(0),
        surface: entry.gist.clone(),
        certainty: Certainty::Exact,
        part: HitPart::Own,
        at_least: entry.tier.clone(),
        notify: Vec::new(),
        kind: None,
    };
    Mention {
        source: entry.source.clone(),
        post,
        seen_at: work.now,
        counters: Counters {
            views: entry.views.map(Count::exact),
            reposts: entry.reposts.map(Count::exact),
            comments: entry.comments.map(Count::exact),
            likes: None,
        },
        own_fetch: false,
        first_round: false,
        hits: vec![hit],
    }
}

/// Says how it came, and that it was missed when nobody had it.
fn entered(
    desk: &mut UnitDesk,
    work: &mut Work<'_>,
    id: IncidentId,
    stood: Option<&Stood>,
    entry: &HandEntry,
) {
    let is_new = stood.is_none();
    let Some(case) = desk.cases.get_mut(&id) else { return };
    work.note(Some(id), "entered", Some(&entry.by), format!("{}：{}", entry.source, entry.gist));
    if is_new && !entry.drill {
        let unknown = work.locale.pick("原因待查", "cause to be found");
        let cause = if entry.missed.trim().is_empty() { unknown } else { &entry.missed };
        work.note(Some(id), "missed", Some(&entry.by), cause.to_owned());
    }
    if is_new {
        case.row.course.entered = Some(Entered {
            source: entry.source.clone(),
            by: entry.by.clone(),
            at: work.now,
            happened_at: entry.happened_at,
            missed: entry.missed.clone(),
            found_at: None,
            drill: entry.drill,
            withdrawn_at: None,
        });
    }
    if case.row.state == IncidentState::Dormant {
        // Old news that somebody enters is today's business.
        open_by_hand(case, work);
    }
    super::course::follow(case, work);
    keep_entry(case, work, stood, entry);
    work.changes.push(Change::Incident(Box::new(case.row.clone())));
}

/// A source of ours shows what had been entered by hand.
pub(super) fn found_later(case: &mut Case, work: &mut Work<'_>) {
    let waits = |entered: &Entered| entered.found_at.is_none();
    if !case.row.course.entered.as_ref().is_some_and(waits) {
        return;
    }
    let others = case.members.values().filter(|member| member.key().site != HandEntry::SITE);
    let Some(first) = others.map(|member| (member.row.first_seen_at, member.row.source.clone())).min() else {
        return;
    };
    let Some(entered) = &mut case.row.course.entered else { return };
    entered.found_at = Some(first.0);
    let late: SignedDuration = first.0.duration_since(entered.at);
    let text = match work.locale {
        Locale::ZhCn => format!("信源“{}”在录入 {} 分钟后也发现", first.1, late.as_mins()),
        Locale::En => format!("the source {} had it {} minutes after the entry", first.1, late.as_mins()),
    };
    work.note(Some(case.row.id), "missed", None, text);
}
