//! Silences: alerts of a unit or of one of its keyword groups wait until a set end (SEMANTICS 21 leaves the right
//! to delay only to tiers below the gravest). What was held back and still stands is told when the silence ends;
//! a rise above the silenced tier is told at once. Nothing is lost, and nobody can silence the highest tier.

use jiff::{SignedDuration, Timestamp};

use super::{
    Desk, Refused,
    case::{Case, Work},
    deadline::{meet_report, open_quietly, open_tier},
};
use crate::{
    locale::{Locale, clock_time},
    model::{Incident, IncidentState, NoticeKind, Silence},
};

/// A silence ends after this at the latest: one that is forgotten must not hide a year.
const LONGEST: SignedDuration = SignedDuration::from_hours(31 * 24);

/// What a person asks for.
pub(super) struct Wanted<'a> {
    pub unit: &'a str,
    pub group: Option<&'a str>,
    pub up_to: &'a str,
    pub from: Option<Timestamp>,
    pub until: Timestamp,
    pub by: &'a str,
    pub comment: &'a str,
}

/// The silence that holds an incident's present tier back.
pub(super) fn over<'w>(row: &Incident, work: &'w Work<'_>) -> Option<&'w Silence> {
    let concerns = |silence: &&Silence| {
        let group = silence.group.as_ref();
        silence.unit == row.unit
            && silence.holds_at(work.now)
            && row.rank <= silence.up_to_rank
            && group.is_none_or(|group| !row.groups.is_empty() && row.groups.iter().all(|one| one == group))
    };
    work.silences.iter().find(concerns)
}

/// Holds the alert of a case back; its other limits run.
pub(super) fn hold(case: &mut Case, work: &mut Work<'_>, kind: NoticeKind, silence: &Silence) {
    let until = clock_time(silence.until, work.now, &case.zone());
    let text = match work.locale {
        Locale::ZhCn => format!("静默至 {until}，暂不通知：{}（{}）", silence.comment, silence.by),
        Locale::En => format!("silenced until {until}: {} ({})", silence.comment, silence.by),
    };
    work.note(Some(case.row.id), "silenced", Some(&silence.by), text);
    case.row.held = Some(kind);
    open_quietly(case, work);
}

/// Tells what was held back once nothing silences it any more.
fn release(case: &mut Case, work: &mut Work<'_>) {
    let Some(kind) = case.row.held else { return };
    if case.row.state != IncidentState::Open {
        case.row.held = None;
        return;
    }
    if over(&case.row, work).is_none() {
        case.row.held = None;
        let text = work.locale.pick("静默结束，现通知", "the silence has ended; told now");
        work.note(Some(case.row.id), "silence_ended", None, text.to_owned());
        open_tier(case, work, kind);
        meet_report(case, work);
    }
}

impl Desk {
    /// A person asks for silence.
    pub(super) fn silence(&mut self, wanted: &Wanted<'_>, work: &mut Work<'_>) -> Result<(), Refused> {
        let refuse = |zh: &str, en: &str| Err(Refused(work.locale.pick(zh, en).to_owned()));
        let Some(desk) = self.units.get(wanted.unit) else {
            return refuse("没有这个单位", "no such unit");
        };
        let Some(tier) = desk.plan.tier_named(wanted.up_to) else {
            return refuse("没有这个等级", "no such tier");
        };
        if tier.rank + 1 == desk.plan.tiers.len() {
            return refuse("最高一级不能静默", "the highest tier cannot be silenced");
        }
        let from = wanted.from.unwrap_or(work.now).max(work.now);
        if wanted.until <= from {
            return refuse("静默的截止时间早于开始时间", "the silence would end before it begins");
        }
        if wanted.until.duration_since(from) > LONGEST {
            return refuse("静默最长 31 天", "a silence lasts 31 days at most");
        }
        let silence = Silence {
            id: self.state.silences.last().map_or(1, |last| last.id + 1),
            unit: wanted.unit.to_owned(),
            group: wanted.group.map(str::to_owned),
            up_to_rank: tier.rank,
            up_to: tier.name.clone(),
            from,
            until: wanted.until,
            by: wanted.by.to_owned(),
            comment: wanted.comment.to_owned(),
        };
        let group = silence.group.as_deref().map_or_else(String::new, |group| format!("·{group}"));
        let text = format!("{}{group} ≤{}: {}", silence.unit, silence.up_to, silence.comment);
        work.note(None, "silence", Some(wanted.by), text);
        self.state.silences.push(silence);
        Ok(())
    }

    /// A person ends one before its time.
    pub(super) fn end_silence(&mut self, id: u64, by: &str, work: &mut Work<'_>) -> Result<(), Refused> {
        let Some(silence) = self.state.silences.iter_mut().find(|one| one.id == id && one.until > work.now)
        else {
            let why = work.locale.pick("没有这个静默，或已结束", "no such silence, or it has ended");
            return Err(Refused(format!("{why}: {id}")));
        };
        silence.until = work.now;
        work.note(None, "silence_ended", Some(by), id.to_string());
        self.end_silences(work);
        Ok(())
    }

    /// When a silence ends next.
    pub(super) fn silence_due(&self) -> Option<Timestamp> {
        self.state.silences.iter().map(|silence| silence.until).min()
    }

    /// Forgets silences that are over and tells what they held back, gravest first (SEMANTICS 25).
    pub(super) fn end_silences(&mut self, work: &mut Work<'_>) {
        let before = self.state.silences.len();
        let now = work.now;
        self.state.silences.retain(|silence| silence.until > now);
        if self.state.silences.len() == before {
            return;
        }
        work.silences.clone_from(&self.state.silences);
        let mut held: Vec<_> = self
            .units
            .values()
            .flat_map(|desk| desk.cases.values())
            .filter(|case| case.row.held.is_some())
            .map(|case| (std::cmp::Reverse(case.row.rank), case.row.id))
            .collect();
        held.sort();
        for (_, id) in held {
            let _ = self.with_case(id, work, |case, work| {
                release(case, work);
                Ok(())
            });
        }
    }
}
