//! Faults that stand: told again every day until they are mended or a person mutes them with a reason.
//!
//! What is due on the same day goes out as one notice, however many faults there are. A mute names who
//! decided and why; one without an end lasts until the fault is mended, so that it cannot hide the next
//! fault; when a mute ends while the fault stands, it is told again at once.
//!
//! In a maintenance window nothing is told of the faults that it covers: what begins there, and what is to be told
//! again there, waits for the window's end, and is told then if it still stands.

use jiff::{SignedDuration, Timestamp};

use super::{Desk, Mute, Operations, Refused, Standing, case::Work};
use crate::locale::{Locale, clock_time};

/// A fault that stands is told again after this.
const REPEAT: SignedDuration = SignedDuration::from_hours(24);
/// What will be due within this goes out with what is due now: faults that began on one day share one
/// notice from the second day on.
const TOGETHER: SignedDuration = SignedDuration::from_hours(6);
/// Faults that one notice names; the others are counted.
const MOST_NAMED: usize = 20;

impl Desk {
    /// A fault begins; whether it is to be told.
    pub(super) fn begin_standing(&mut self, operations: &Operations, work: &mut Work<'_>) -> bool {
        let (subject, now) = (&operations.subject, work.now);
        let expected = self.note_maintenance(subject, work);
        let told = !expected && !self.is_muted(subject, now);
        let standing = Standing { text: operations.text.clone(), told_at: now, times: u32::from(told) };
        self.state.standing.insert(subject.clone(), standing);
        told
    }

    /// Whether a maintenance window covers the fault now; writes down that nobody is told of it yet.
    fn note_maintenance(&self, subject: &str, work: &mut Work<'_>) -> bool {
        let maintenance = &self.people.maintenance;
        let Some((window, end)) = maintenance.over(subject, work.now) else { return false };
        let (title, end) = (&window.title, clock_time(end, work.now, &maintenance.zone));
        let text = match work.locale {
            Locale::ZhCn => format!("{subject}: 维护中（{title}），至 {end} 暂不通知"),
            Locale::En => format!("{subject}: under maintenance ({title}), not told until {end}"),
        };
        work.note(None, "maintenance", None, text);
        true
    }

    /// A fault is mended; whether that is to be told: only to somebody who heard of the fault.
    pub(super) fn end_standing(&mut self, subject: &str) -> bool {
        if self.state.mutes.get(subject).is_some_and(|mute| mute.until.is_none()) {
            self.state.mutes.remove(subject);
        }
        // A fault of an older version's record was told.
        self.state.standing.remove(subject).is_none_or(|standing| standing.times > 0)
    }

    /// The same fault in newer words: they are what is told next time.
    pub(super) fn restate(&mut self, operations: &Operations) {
        if let Some(standing) = self.state.standing.get_mut(&operations.subject)
            && standing.text != operations.text
        {
            standing.text.clone_from(&operations.text);
        }
    }

    fn is_muted(&self, subject: &str, now: Timestamp) -> bool {
        let mute = self.state.mutes.get(subject);
        mute.is_some_and(|mute| mute.until.is_none_or(|until| until > now))
    }

    /// When a fault must be told again, or a mute ends.
    pub(super) fn next_repeat(&self) -> Option<Timestamp> {
        let heard = self.state.broken.iter().filter(|(subject, _)| !self.state.mutes.contains_key(*subject));
        let repeats = heard.map(|(subject, since)| {
            let due = self.due_again(subject, *since, REPEAT);
            // A window may hold now that did not when it fell due: the desk did not look then.
            self.people.maintenance.free_from(subject, due.max(self.now))
        });
        repeats.chain(self.state.mutes.values().filter_map(|mute| mute.until)).min()
    }

    fn last_told(&self, subject: &str, since: Timestamp) -> Timestamp {
        self.state.standing.get(subject).map_or(since, |standing| standing.told_at)
    }

    /// When a fault that nobody muted is to be told; one of which nobody heard, at once.
    fn due_again(&self, subject: &str, since: Timestamp, span: SignedDuration) -> Timestamp {
        let unheard = self.state.standing.get(subject).is_some_and(|standing| standing.times == 0);
        if unheard { since } else { after(self.last_told(subject, since), span) }
    }

    /// Whether a fault that is neither muted nor under maintenance was last told so long ago.
    fn waits(&self, subject: &str, since: Timestamp, span: SignedDuration, now: Timestamp) -> bool {
        !self.state.mutes.contains_key(subject)
            && self.due_again(subject, since, span) <= now
            && self.people.maintenance.over(subject, now).is_none()
    }

    /// Ends mutes whose time has come and tells again what is due.
    pub(super) fn repeat(&mut self, work: &mut Work<'_>) {
        self.end_mutes(work);
        let due_after = |desk: &Self, span: SignedDuration| -> Vec<(String, Timestamp)> {
            let due = desk
                .state
                .broken
                .iter()
                .filter(|(subject, since)| desk.waits(subject, **since, span, work.now));
            due.map(|(subject, since)| (subject.clone(), *since)).collect()
        };
        if !due_after(self, REPEAT).is_empty() {
            let told = due_after(self, REPEAT.saturating_sub(TOGETHER));
            self.tell_again(&told, work);
        }
    }

    /// Ends mutes whose time has come; what stands of them is to be told now.
    fn end_mutes(&mut self, work: &mut Work<'_>) {
        let over = |mute: &Mute| mute.until.is_some_and(|until| until <= work.now);
        let ended = self.state.mutes.iter().filter(|(_, mute)| over(mute));
        let ended: Vec<String> = ended.map(|(subject, _)| subject.clone()).collect();
        for subject in ended {
            self.state.mutes.remove(&subject);
            if let Some(since) = self.state.broken.get(&subject) {
                let standing = self.state.standing.entry(subject.clone()).or_insert_with(|| Standing {
                    text: subject.clone(),
                    told_at: *since,
                    times: 1,
                });
                standing.told_at = work.now.checked_sub(REPEAT).unwrap_or(standing.told_at);
            }
            work.note(None, "unmuted", None, subject);
        }
    }

    fn tell_again(&mut self, told: &[(String, Timestamp)], work: &mut Work<'_>) {
        let mut lines = Vec::new();
        let mut nth = 0;
        for (subject, since) in told {
            let standing = self.state.standing.entry(subject.clone()).or_insert_with(|| Standing {
                text: subject.clone(),
                told_at: *since,
                times: 1,
            });
            standing.told_at = work.now;
            standing.times = standing.times.saturating_add(1);
            nth = standing.times;
            lines.push(line(&standing.text, work.now.duration_since(*since), work.locale));
        }
        let (subject, stem) = match told {
            [(subject, since)] => {
                (subject.clone(), format!("operations/{subject}/{}/again/{nth}", since.as_millisecond()))
            }
            _ => ("standing".to_owned(), format!("operations/standing/{}", work.now.as_millisecond())),
        };
        let text = whole(&lines, work.locale);
        work.note(None, "repeated", None, format!("{subject}: {text}"));
        self.tell_administrators(&Operations { subject, broken: true, text }, &stem, work);
    }

    /// A person wants to hear nothing more of a subject.
    pub(super) fn mute(
        &mut self,
        subject: &str,
        by: &str,
        reason: &str,
        until: Option<Timestamp>,
        work: &mut Work<'_>,
    ) -> Result<(), Refused> {
        if until.is_some_and(|until| until <= work.now) {
            let why = work.locale.pick("静音的截止时间已过", "the mute would end in the past");
            return Err(Refused(why.into()));
        }
        if until.is_none() && !self.state.broken.contains_key(subject) {
            let zh = "目前没有这个故障；提前静音要写明期限";
            let why = work.locale.pick(zh, "there is no such fault; a mute ahead of one needs an end");
            return Err(Refused(why.into()));
        }
        let mute = Mute { by: by.to_owned(), reason: reason.to_owned(), at: work.now, until };
        self.state.mutes.insert(subject.to_owned(), mute);
        work.note(None, "muted", Some(by), format!("{subject}: {reason}"));
        Ok(())
    }

    /// A person wants to hear of a subject again: from the next daily repeat on.
    pub(super) fn unmute(&mut self, subject: &str, by: &str, work: &mut Work<'_>) -> Result<(), Refused> {
        if self.state.mutes.remove(subject).is_none() {
            let why = work.locale.pick("没有静音", "it is not muted");
            return Err(Refused(format!("{why}: {subject}")));
        }
        work.note(None, "unmuted", Some(by), subject.to_owned());
        Ok(())
    }
}

fn after(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}

fn line(text: &str, since: SignedDuration, locale: Locale) -> String {
    let (days, hours) = (since.as_hours() / 24, since.as_hours());
    match locale {
        Locale::ZhCn if days > 0 => format!("{text}（已 {days} 天）"),
        Locale::ZhCn => format!("{text}（已 {hours} 小时）"),
        Locale::En if days > 0 => format!("{text} ({days} days by now)"),
        Locale::En => format!("{text} ({hours} hours by now)"),
    }
}

fn whole(lines: &[String], locale: Locale) -> String {
    let head = match (lines, locale) {
        ([_], Locale::ZhCn) => "仍未恢复：".to_owned(),
        ([_], Locale::En) => "Still not mended: ".to_owned(),
        (_, Locale::ZhCn) => format!("仍有 {} 项未恢复：", lines.len()),
        (_, Locale::En) => format!("{} faults are still not mended: ", lines.len()),
    };
    let named = lines.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>();
    let more = lines.len().saturating_sub(MOST_NAMED);
    let rest = match (more, locale) {
        (0, _) => String::new(),
        (more, Locale::ZhCn) => format!("；另有 {more} 项，见“信源”页"),
        (more, Locale::En) => format!("; and {more} more, see the sources page"),
    };
    format!("{head}{}{rest}", named.join(locale.pick("；", "; ")))
}
