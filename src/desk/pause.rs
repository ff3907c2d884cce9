//! Paused sources (暂停): a person decides, with a reason, that a source is not looked at for a while. A pause is a hole
//! in the watch, so it stands like a fault: the administrators hear of it, hear of it again every day, and hear that it is
//! over. It may end by itself. What a pause does to the rounds is collect's affair; it learns of it by the [`super::LiveSet`].

use jiff::Timestamp;

use super::{Desk, Operations, Pause, Refused, case::Work};
use crate::locale::{Locale, clock_time};

/// The subject under which a pause stands.
#[must_use]
pub fn pause_subject(source: &str) -> String {
    format!("paused/{source}")
}

impl Desk {
    /// Pauses a source, or gives its pause another reason and end.
    pub(super) fn pause_source(
        &mut self,
        source: &str,
        by: &str,
        reason: &str,
        until: Option<Timestamp>,
        work: &mut Work<'_>,
    ) -> Result<(), Refused> {
        if source.is_empty() {
            return Err(Refused(work.locale.pick("请写明是哪个信源", "say which source").into()));
        }
        if until.is_some_and(|until| until <= work.now) {
            let why = work.locale.pick("暂停的截止时间已过", "the pause would end in the past");
            return Err(Refused(why.into()));
        }
        let at = self.state.paused.get(source).map_or(work.now, |pause| pause.at);
        let pause = Pause { by: by.to_owned(), reason: reason.to_owned(), at, until };
        let (subject, text) = (pause_subject(source), self.pause_words(source, &pause, work));
        self.state.paused.insert(source.to_owned(), pause);
        work.note(None, "paused", Some(by), text.clone());
        let told = Operations { subject, broken: true, text };
        if self.state.broken.contains_key(&told.subject) {
            self.restate(&told);
            return Ok(());
        }
        self.state.broken.insert(told.subject.clone(), work.now);
        if self.begin_standing(&told, work) {
            self.tell_of_pause(&told, work.now, work);
        }
        Ok(())
    }

    /// A person has a source looked at again.
    pub(super) fn resume_source(
        &mut self,
        source: &str,
        by: &str,
        work: &mut Work<'_>,
    ) -> Result<(), Refused> {
        if !self.state.paused.contains_key(source) {
            let why = work.locale.pick("该信源没有暂停", "the source is not paused");
            return Err(Refused(format!("{why}: {source}")));
        }
        self.end_pause(source, Some(by), work);
        Ok(())
    }

    /// When the next pause ends by itself. UTC.
    pub(super) fn pause_due(&self) -> Option<Timestamp> {
        self.state.paused.values().filter_map(|pause| pause.until).min()
    }

    /// Ends pauses whose time has come.
    pub(super) fn end_pauses(&mut self, work: &mut Work<'_>) {
        let over = self.state.paused.iter().filter(|(_, pause)| !pause.holds(work.now));
        let over: Vec<String> = over.map(|(source, _)| source.clone()).collect();
        for source in over {
            self.end_pause(&source, None, work);
        }
    }

    fn end_pause(&mut self, source: &str, by: Option<&str>, work: &mut Work<'_>) {
        self.state.paused.remove(source);
        let who = by.unwrap_or_else(|| work.locale.pick("到期", "its end has come"));
        let text = match work.locale {
            Locale::ZhCn => format!("信源“{source}”恢复查看（{who}）"),
            Locale::En => format!("source “{source}” is looked at again ({who})"),
        };
        work.note(None, "resumed", by, text.clone());
        let subject = pause_subject(source);
        let since = self.state.broken.remove(&subject);
        if let (Some(since), true) = (since, self.end_standing(&subject)) {
            self.tell_of_pause(&Operations { subject, broken: false, text }, since, work);
        }
    }

    fn tell_of_pause(&mut self, told: &Operations, since: Timestamp, work: &mut Work<'_>) {
        let word = if told.broken { "broken" } else { "mended" };
        let stem = format!("operations/{}/{}/{word}", told.subject, since.as_millisecond());
        self.tell_administrators(told, &stem, work);
    }

    fn pause_words(&self, source: &str, pause: &Pause, work: &Work<'_>) -> String {
        let zone = self.units.values().next().map_or("", |desk| desk.plan.zone.as_str());
        let until = pause.until.map(|until| clock_time(until, work.now, &super::case::zone_of(zone)));
        let Pause { by, reason, .. } = pause;
        match (work.locale, until) {
            (Locale::ZhCn, Some(until)) => {
                format!("信源“{source}”暂停查看至 {until}，期间没有监测：{reason}（{by}）")
            }
            (Locale::ZhCn, None) => format!("信源“{source}”暂停查看，没有监测：{reason}（{by}）"),
            (Locale::En, Some(until)) => {
                format!("source “{source}” is paused until {until} and not watched: {reason} ({by})")
            }
            (Locale::En, None) => format!("source “{source}” is paused and not watched: {reason} ({by})"),
        }
    }
}
