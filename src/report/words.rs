//! Words for what timeliness finds: stages, causes, how a limit ended.

use super::timeliness::{Cause, Limit, Stage, Verdict};
use crate::{
    locale::{Locale, When, words},
    text::clean,
};

/// A stage by its two ends.
#[must_use]
pub fn stage(stage: Stage, locale: Locale) -> &'static str {
    match stage {
        Stage::Seen => locale.pick("发布到发现", "published to seen"),
        Stage::Told => locale.pick("发现到报告", "seen to told"),
        Stage::Confirmed => locale.pick("报告到签收", "told to confirmed"),
        Stage::Answered => locale.pick("发现到回应", "seen to answered"),
        Stage::Closed => locale.pick("发现到办结", "seen to closed"),
    }
}

/// Through what a limit was missed.
#[must_use]
pub fn cause(cause: Cause, locale: Locale) -> &'static str {
    match cause {
        Cause::Origin => locale.pick("溯源提前", "an earlier origin was found"),
        Cause::Source => locale.pick("信源给得晚", "the source was slow"),
        Cause::Channel => locale.pick("通道受理晚或拒收", "the channel was slow or refused"),
        Cause::Machine => locale.pick("程序当时没有运行", "the daemon was away"),
        Cause::Person => locale.pick("责任人", "whoever owed it"),
    }
}

/// How a limit ended, by how much it was missed and through what: `迟 5 分钟（责任人）`.
#[must_use]
pub fn verdict(limit: &Limit<'_>, when: &When) -> String {
    let pick = |zh, en| when.locale.pick(zh, en);
    let how = match limit.verdict {
        Verdict::InTime => pick("按时", "in time").to_owned(),
        Verdict::Running => pick("进行中", "running").to_owned(),
        Verdict::Ended => pick("已由后续时限取代或终止", "ended").to_owned(),
        Verdict::Corrected => {
            pick("当时已超时（后补记）", "passed at the time (written down later)").to_owned()
        }
        Verdict::Late(by) => format!("{} {}", pick("迟", "late by"), when.span(by)),
        Verdict::Missed(Some(by)) => {
            format!("{} {}", pick("未完成，已超", "not done, over by"), when.span(by))
        }
        Verdict::Missed(None) => pick("未完成", "not done").to_owned(),
    };
    limit.cause.map_or_else(|| how.clone(), |why| format!("{how}（{}）", cause(why, when.locale)))
}

/// Those of the limits that were not met in time, each with by how much and through what.
#[must_use]
pub fn late(limits: &[Limit<'_>], when: &When) -> Vec<String> {
    let bad = limits.iter().filter(|limit| limit.verdict.is_bad());
    let line = |limit: &Limit<'_>| {
        let what = words::deadline(limit.deadline, when.locale);
        clean(&format!("{what} {}", verdict(limit, when)))
    };
    bad.map(line).collect()
}
