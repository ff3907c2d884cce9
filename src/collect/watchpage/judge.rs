//! What a look means for its page: tampered, restored, changed, as it was. Pure: the record goes in and
//! comes out changed, and what must be told is answered.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{
    accept::Acceptance,
    compare::{Findings, compare},
    look::{Look, Pointer},
    record::{PageChange, PageRecord, PageState},
    sign::{Kind, Sign},
};
use crate::{
    config::source::{AfterChange, OwnPages},
    desk::Operations,
    locale::Locale,
    model::PostKey,
};

/// How long something that is told once stands before it may be told again.
const STANDS: SignedDuration = SignedDuration::from_hours(24);

/// What a visit saw.
#[derive(Debug)]
pub(super) enum Seen {
    /// The page.
    Page(Box<Look>),
    /// A redirect to another site.
    Away(Pointer),
}

/// What must be told of a page.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// All signs of this look that no person let stand.
    pub signs: Vec<Sign>,
    /// Those that were not told yet.
    pub new: Vec<Sign>,
    /// The tampering that has ended, by its first post, and how.
    pub ended: Option<(PostKey, String)>,
    /// To the administrators.
    pub operations: Vec<Operations>,
}

/// The circumstances of a judgement.
pub(super) struct Judge<'a> {
    pub source: &'a str,
    pub pages: &'a OwnPages,
    pub now: Timestamp,
    pub locale: Locale,
    /// Whether the host has lately moved.
    pub moved: bool,
}

impl Judge<'_> {
    /// Takes a look into the record of its page.
    pub fn take(&self, record: &mut PageRecord, seen: &Seen) -> Judged {
        let mut judged = Judged::default();
        self.reached(record, &mut judged);
        record.looked_at = Some(self.now);
        // What was told of a moved host holds until the page is as it was, however long ago the move is.
        let moved = self.moved || record.told.contains(&Sign::new(Kind::Moved, "", "").id());
        let mut findings = match seen {
            Seen::Page(look) => compare(look, record.baseline.as_ref(), moved),
            Seen::Away(pointer) => {
                let sign = Sign::new(Kind::Leads, &pointer.domain, &pointer.url);
                // At first sight it may be how the office set up its sites.
                let (signs, concerns) =
                    if record.baseline.is_some() { (vec![sign], vec![]) } else { (vec![], vec![sign]) };
                Findings { signs, concerns, changed: false }
            }
        };
        record.sign_ids = findings.signs.iter().map(Sign::id).collect();
        record.accepted.retain(|id| record.sign_ids.contains(id));
        findings.signs.retain(|sign| !record.accepted.contains(&sign.id()));
        record.signs = findings.signs.iter().map(|sign| sign.human(self.locale)).collect();
        if findings.signs.is_empty() {
            self.untouched(record, seen, &findings, &mut judged);
        } else {
            self.tampered(record, seen, findings.signs, &mut judged);
        }
        self.settle(record, &mut judged);
        judged
    }

    fn tampered(&self, record: &mut PageRecord, seen: &Seen, signs: Vec<Sign>, judged: &mut Judged) {
        let snapshot = match seen {
            Seen::Page(look) => Some(look.snapshot.clone()),
            Seen::Away(_) => None,
        };
        judged.new = signs.iter().filter(|sign| !record.told.contains(&sign.id())).cloned().collect();
        if !judged.new.is_empty() {
            let mut change =
                PageChange::between(self.now, "tampered", record.baseline.as_ref(), snapshot.as_ref());
            change.note = record.signs.join("\n");
            record.note(change);
        }
        record.told.extend(judged.new.iter().map(Sign::id));
        record.state = PageState::Tampered;
        record.latest = snapshot;
        judged.signs = signs;
    }

    /// A look without a sign: a tampering has ended, the page changed as pages do, or nothing happened.
    fn untouched(&self, record: &mut PageRecord, seen: &Seen, findings: &Findings, judged: &mut Judged) {
        if !record.told.is_empty() {
            let words = self.locale.pick("网页已恢复，不再有被篡改的迹象", "the page is restored");
            self.end(record, judged, words.to_owned());
            let mut change = PageChange::between(self.now, "restored", None, None);
            words.clone_into(&mut change.note);
            record.note(change);
        }
        for kind in findings.concerns.iter().map(|concern| concern.kind).collect::<BTreeSet<_>>() {
            let of_kind: Vec<&Sign> = findings.concerns.iter().filter(|one| one.kind == kind).collect();
            self.concern(record, &of_kind, judged);
        }
        let Seen::Page(look) = seen else {
            record.state = PageState::New;
            return;
        };
        let before = record.baseline.clone();
        let holds = |kind: Kind| findings.concerns.iter().any(|concern| concern.kind == kind);
        match before {
            None => {
                record.note(PageChange::between(self.now, "first", None, Some(&look.snapshot)));
                (record.baseline, record.latest) = (Some(look.snapshot.clone()), None);
                record.state = PageState::Same;
            }
            // What a page without text or name shows is nothing to go by.
            Some(_) if holds(Kind::Emptied) || holds(Kind::ExpectedGone) => {
                record.latest = Some(look.snapshot.clone());
                record.state = PageState::Same;
            }
            Some(before) if findings.changed => self.changed(record, look, &before, judged),
            Some(_) => {
                (record.baseline, record.latest) = (Some(look.snapshot.clone()), None);
                record.state = PageState::Same;
                if self.pages.after_change == AfterChange::Approve {
                    self.mend(record, "changed", judged);
                }
            }
        }
    }

    fn changed(
        &self,
        record: &mut PageRecord,
        look: &Look,
        before: &super::snapshot::Snapshot,
        judged: &mut Judged,
    ) {
        let known = record.latest.as_ref().is_some_and(|seen| seen.fingerprint == look.snapshot.fingerprint);
        let change = PageChange::between(self.now, "changed", Some(before), Some(&look.snapshot));
        let lines = |sign: &str, lines: &[String]| -> String {
            lines.iter().take(5).map(|line| format!("\n{sign} {line}")).collect()
        };
        let difference = format!("{}{}", lines("-", &change.removed), lines("+", &change.added));
        if !known {
            record.note(change);
        }
        record.state = PageState::Same;
        if self.pages.after_change == AfterChange::Approve {
            record.latest = Some(look.snapshot.clone());
            record.state = PageState::Waiting;
        } else {
            (record.baseline, record.latest) = (Some(look.snapshot.clone()), None);
        }
        let name = self.source;
        let text = match (self.pages.after_change, self.locale) {
            (AfterChange::Learn, _) => return,
            (AfterChange::Tell, Locale::ZhCn) => {
                format!(
                    "网页有改动（没有篡改迹象），已记为新的样子。一天内再改只记入 yuqing watch{difference}"
                )
            }
            (AfterChange::Tell, Locale::En) => {
                format!("the page changed, without a sign of tampering{difference}")
            }
            (AfterChange::Approve, Locale::ZhCn) => format!(
                "网页有改动，等待确认。若是本单位改的，请运行 yuqing watch accept {name} --by 姓名 --reason 原因{difference}"
            ),
            (AfterChange::Approve, Locale::En) => {
                format!("the page changed and waits for `yuqing watch accept {name}`{difference}")
            }
        };
        let until = (self.pages.after_change == AfterChange::Tell).then(|| self.later());
        self.tell(record, "changed", until, &text, judged);
    }

    fn concern(&self, record: &mut PageRecord, signs: &[&Sign], judged: &mut Judged) {
        let Some(first) = signs.first() else { return };
        let about = first.id().split('/').next().unwrap_or_default().to_owned();
        let words: Vec<String> = signs.iter().take(10).map(|sign| sign.human(self.locale)).collect();
        let hint = match (first.kind, self.locale) {
            (Kind::ExpectedGone, Locale::ZhCn) => "请看一下网页；若是改了名称，请改来源里的 expect",
            (Kind::HiddenLink | Kind::Frame | Kind::Script | Kind::Leads, Locale::ZhCn) => {
                "请看一下是不是本单位放的；是的话把域名写进来源的 foreign_links_ok"
            }
            (_, Locale::ZhCn) => "请看一下是不是本单位改的",
            (_, Locale::En) => "please look whether this is the office's own doing",
        };
        let text = format!("{}。{hint}", words.join("；"));
        self.tell(record, &about, Some(self.later()), &text, judged);
    }

    /// A failure of this page alone, while others of its source can be had.
    pub fn failed(&self, record: &mut PageRecord, why: &str, patience: u32) -> Judged {
        let mut judged = Judged::default();
        record.failures = record.failures.saturating_add(1);
        why.clone_into(&mut record.why);
        if record.failures >= patience {
            if record.state != PageState::Tampered {
                record.state = PageState::Unreachable;
            }
            self.tell(record, "unreachable", None, why, &mut judged);
        }
        judged
    }

    fn reached(&self, record: &mut PageRecord, judged: &mut Judged) {
        record.failures = 0;
        record.why.clear();
        self.mend(record, "unreachable", judged);
    }

    /// A person says that the page is as it should be. Only what the person saw is accepted.
    pub fn accept(&self, record: &mut PageRecord, acceptance: &Acceptance) -> Judged {
        let (by, reason) = (&acceptance.by, &acceptance.reason);
        let seen = record.latest.as_ref().filter(|latest| latest.fingerprint == acceptance.fingerprint);
        if seen.is_none() {
            let mut change = PageChange::between(self.now, "refused", None, None);
            change.note = match self.locale {
                Locale::ZhCn => format!("{by}（{reason}）的确认没有采纳：网页此后又变了，请重新看过"),
                Locale::En => format!("not accepted for {by} ({reason}): the page has changed since"),
            };
            record.note(change);
            return Judged::default();
        }
        let words = match self.locale {
            Locale::ZhCn => format!("{by} 确认网页现在的样子是对的：{reason}"),
            Locale::En => format!("{by} accepted the page as it is: {reason}"),
        };
        self.let_stand(record, words)
    }

    /// The page as it was last seen is the baseline from now on.
    pub fn let_stand(&self, record: &mut PageRecord, words: String) -> Judged {
        let mut judged = Judged::default();
        let mut change =
            PageChange::between(self.now, "accepted", record.baseline.as_ref(), record.latest.as_ref());
        change.note.clone_from(&words);
        record.note(change);
        record.accepted.extend(record.sign_ids.iter().cloned());
        if let Some(latest) = record.latest.take() {
            record.baseline = Some(latest);
        }
        record.state = PageState::Same;
        record.signs.clear();
        self.end(record, &mut judged, words);
        self.mend(record, "changed", &mut judged);
        judged
    }

    fn end(&self, record: &mut PageRecord, judged: &mut Judged, words: String) {
        if !record.told.is_empty() {
            record.episode += 1;
        }
        record.told.clear();
        record.posts = 0;
        judged.ended = record.post.take().map(|post| (post, words));
    }

    fn later(&self) -> Timestamp {
        self.now.saturating_add(STANDS).unwrap_or(Timestamp::MAX)
    }

    fn tell(
        &self,
        record: &mut PageRecord,
        about: &str,
        until: Option<Timestamp>,
        text: &str,
        judged: &mut Judged,
    ) {
        let first = record.open.insert(about.to_owned(), until).is_none();
        if first {
            judged.operations.push(self.operations(&record.url, about, true, text));
        }
    }

    fn mend(&self, record: &mut PageRecord, about: &str, judged: &mut Judged) {
        if record.open.remove(about).is_some() {
            let text = match about {
                "unreachable" => self.locale.pick("网页又能打开了", "the page can be had again"),
                "changed" => self.locale.pick("网页的改动已了结", "the change is settled"),
                _ => self.locale.pick("此前所报的情况没有再出现", "what was told did not appear again"),
            };
            judged.operations.push(self.operations(&record.url, about, false, text));
        }
    }

    /// Ends what has stood for its time.
    fn settle(&self, record: &mut PageRecord, judged: &mut Judged) {
        let over: Vec<String> = record
            .open
            .iter()
            .filter(|(_, until)| until.is_some_and(|until| until <= self.now))
            .map(|(about, _)| about.clone())
            .collect();
        for about in over {
            self.mend(record, &about, judged);
        }
    }

    /// A notice to the administrators about one page or host.
    pub fn operations(&self, of: &str, about: &str, broken: bool, text: &str) -> Operations {
        let text = match self.locale {
            Locale::ZhCn => format!("“{}”的网页 {of}：{text}", self.source),
            Locale::En => format!("page {of} of “{}”: {text}", self.source),
        };
        Operations { subject: format!("watch/{}/{of}/{about}", self.source), broken, text }
    }
}
