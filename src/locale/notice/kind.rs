//! What sets one kind of notice apart: the words in the subject and the sentence that opens the text.

use super::{cut, one_line};
use crate::{
    locale::Locale,
    model::{Detail, Facts, Notice, NoticeKind},
};

/// Characters of the gist in a subject; a phone shows about so many.
const SUBJECT_GIST: usize = 40;

/// The subject: mark, tier with what happened, unit, gist.
pub(super) fn subject(notice: &Notice, detail: Detail, locale: Locale) -> String {
    let facts = &notice.facts;
    let mark = facts.mark.as_deref().map_or_else(String::new, |mark| bracket(&one_line(mark), locale));
    let tag = bracket(&tag_words(notice, locale), locale);
    let unit = one_line(&facts.unit);
    let about = match detail {
        // Counts of the day before give nothing away.
        Detail::Brief if notice.kind == NoticeKind::Daily => cut(&notice.facts.note, SUBJECT_GIST),
        Detail::Brief => number(notice, locale),
        Detail::Full => cut(&about(notice, locale), SUBJECT_GIST),
    };
    let joint = if unit.is_empty() || about.is_empty() { "" } else { ": " };
    format!("{mark}{tag}{unit}{joint}{about}").trim().to_owned()
}

/// The line above everything else: tier with what happened, and the unit.
pub(super) fn headline(notice: &Notice, locale: Locale) -> String {
    let unit = one_line(&notice.facts.unit);
    let tag = tag_words(notice, locale);
    if unit.is_empty() { tag } else { format!("{tag} {unit}") }
}

/// `舆情第 12 号`, or nothing for a notice that concerns no incident.
pub(super) fn number(notice: &Notice, locale: Locale) -> String {
    notice.incident.map_or_else(String::new, |id| match locale {
        Locale::ZhCn => format!("舆情第 {id} 号"),
        Locale::En => format!("incident {id}"),
    })
}

fn bracket(words: &str, locale: Locale) -> String {
    match locale {
        Locale::ZhCn => format!("【{words}】"),
        Locale::En => format!("[{words}] "),
    }
}

/// What is said under the opening sentence: the notice's own words, or of a long digest what is not listed.
pub(super) fn note(notice: &Notice, locale: Locale) -> String {
    let facts = &notice.facts;
    if !notice.kind.is_digest() {
        return one_line(&facts.note);
    }
    let (all, listed) = (facts.in_digest(), facts.digest.len());
    if all <= listed {
        return String::new();
    }
    let others = all - listed;
    match locale {
        Locale::ZhCn => format!("以下列出影响最大的 {listed} 件，其余 {others} 件见值班台的事件列表。"),
        Locale::En => format!(
            "Listed are the {listed} of most weight; the other {others} stand in the console's list of incidents."
        ),
    }
}

fn about(notice: &Notice, locale: Locale) -> String {
    let facts = &notice.facts;
    match notice.kind {
        NoticeKind::Digest | NoticeKind::BacklogDigest => match locale {
            Locale::ZhCn => format!("{} 件", facts.in_digest()),
            Locale::En => format!("{} incidents", facts.in_digest()),
        },
        NoticeKind::Operations | NoticeKind::Test | NoticeKind::Daily => facts.note.clone(),
        NoticeKind::Alert
        | NoticeKind::Rise
        | NoticeKind::Reopened
        | NoticeKind::Escalation
        | NoticeKind::Failover
        | NoticeKind::Direct
        | NoticeKind::Copy
        | NoticeKind::Warning
        | NoticeKind::Overdue
        | NoticeKind::Worsened
        | NoticeKind::Subsided
        | NoticeKind::Assigned
        | NoticeKind::Urged
        | NoticeKind::Vanished
        | NoticeKind::Correction => {
            if facts.gist.is_empty() {
                facts.note.clone()
            } else {
                facts.gist.clone()
            }
        }
    }
}

/// The tier, and what happened when it is not a first alert.
pub(super) fn tag_words(notice: &Notice, locale: Locale) -> String {
    let happened = match notice.kind {
        NoticeKind::Alert | NoticeKind::Failover => "",
        NoticeKind::Rise => locale.pick("升级", "raised"),
        NoticeKind::Reopened => locale.pick("反弹", "flared up again"),
        NoticeKind::Escalation => locale.pick("逐级报告", "escalated"),
        NoticeKind::Direct => locale.pick("关键词通知", "keyword"),
        NoticeKind::Copy => locale.pick("抄送", "copy"),
        NoticeKind::Warning => locale.pick("时限将到", "limit near"),
        NoticeKind::Overdue => locale.pick("逾期", "overdue"),
        NoticeKind::Correction => locale.pick("更正", "correction"),
        NoticeKind::Vanished => locale.pick("原帖不在了", "post is gone"),
        NoticeKind::Digest => locale.pick("舆情动态", "digest"),
        NoticeKind::BacklogDigest => locale.pick("存量汇总", "backlog"),
        NoticeKind::Worsened => locale.pick("恶化", "worse again"),
        NoticeKind::Subsided => locale.pick("建议平息", "subsiding"),
        NoticeKind::Assigned => locale.pick("批办", "assigned"),
        NoticeKind::Urged => locale.pick("催办", "urged"),
        NoticeKind::Operations => locale.pick("系统提示", "operations"),
        NoticeKind::Test => locale.pick("测试", "test"),
        NoticeKind::Daily => locale.pick("平安报", "daily report"),
    };
    let tier = one_line(&notice.facts.tier_name);
    let of_a_tier = !matches!(
        notice.kind,
        NoticeKind::Digest
            | NoticeKind::BacklogDigest
            | NoticeKind::Operations
            | NoticeKind::Test
            | NoticeKind::Daily
    );
    match (of_a_tier && !tier.is_empty(), happened.is_empty()) {
        (true, true) => tier,
        (true, false) => format!("{tier}·{happened}"),
        (false, false) => happened.to_owned(),
        (false, true) => locale.pick("舆情", "public opinion").to_owned(),
    }
}

/// The sentence that says why this message comes now.
pub(super) fn lead(notice: &Notice, locale: Locale) -> String {
    let facts = &notice.facts;
    let tier = &facts.tier_name;
    match notice.kind {
        NoticeKind::Alert => match locale {
            Locale::ZhCn => format!("新发现的舆情，等级为「{tier}」。"),
            Locale::En => format!("A new incident of tier {tier}."),
        },
        NoticeKind::Rise => rise(facts, locale),
        NoticeKind::Reopened => match locale {
            Locale::ZhCn => format!("已办结的舆情出现反弹，等级为「{tier}」。"),
            Locale::En => format!("A closed incident flared up again, tier {tier}."),
        },
        NoticeKind::Escalation => escalation(facts, locale),
        NoticeKind::Failover => locale
            .pick(
                "另一方式未能按时送达，改用本方式再次通知。",
                "Another channel did not deliver in time; told again by this one.",
            )
            .to_owned(),
        NoticeKind::Direct => locale
            .pick("命中指定通知您的关键词。", "A keyword that names you as its contact was met.")
            .to_owned(),
        NoticeKind::Copy => {
            locale.pick("抄送您知悉，无须签收。", "For your information; no confirmation needed.").to_owned()
        }
        NoticeKind::Warning => locale.pick("有时限即将到期。", "A limit is near.").to_owned(),
        NoticeKind::Overdue => {
            locale.pick("有时限已过而未办结。", "A limit has passed without being met.").to_owned()
        }
        NoticeKind::Correction => locale
            .pick(
                "此前通知的内容有变，以本次为准。",
                "What was told before no longer holds; this replaces it.",
            )
            .to_owned(),
        NoticeKind::Vanished => locale
            .pick(
                "所涉帖子在原处已看不到（被删除或隐藏），证据已留存。",
                "A post of this incident is not shown any more where it stood; its evidence is kept.",
            )
            .to_owned(),
        NoticeKind::Digest => match locale {
            Locale::ZhCn => format!("上次汇总以来的一般舆情，共 {} 件。", facts.in_digest()),
            Locale::En => format!("{} general incidents since the last digest.", facts.in_digest()),
        },
        NoticeKind::BacklogDigest => match locale {
            Locale::ZhCn => {
                format!("新增来源或关键词首次采集到的旧有内容，共 {} 件，未按新舆情报警。", facts.in_digest())
            }
            Locale::En => format!(
                "{} older incidents found by a new source or keyword; not alarmed.",
                facts.in_digest()
            ),
        },
        NoticeKind::Worsened => match locale {
            Locale::ZhCn => format!("已趋平息的舆情再次恶化，等级为「{tier}」。"),
            Locale::En => format!("What was subsiding has worsened again, tier {tier}."),
        },
        NoticeKind::Subsided => locale
            .pick(
                "热度已持续回落，建议办结；请核实后关闭事件。",
                "It has subsided; please check and close it.",
            )
            .to_owned(),
        NoticeKind::Assigned => locale
            .pick(
                "此事已批办，请按下面的分工办理。",
                "This has been assigned: please do your part as said below.",
            )
            .to_owned(),
        NoticeKind::Urged => locale.pick("请抓紧办理此事。", "Please see to this now.").to_owned(),
        NoticeKind::Operations => {
            locale.pick("监测系统需要处理。", "The monitoring needs attention.").to_owned()
        }
        NoticeKind::Daily => String::new(),
        NoticeKind::Test => locale
            .pick(
                "这是一条测试消息，收到即说明通道可用。",
                "This is a test; receiving it shows that the channel works.",
            )
            .to_owned(),
    }
}

fn rise(facts: &Facts, locale: Locale) -> String {
    let tier = &facts.tier_name;
    match (&facts.from_tier_name, locale) {
        (Some(from), Locale::ZhCn) => format!("等级由「{from}」升为「{tier}」。"),
        (Some(from), Locale::En) => format!("The tier rose from {from} to {tier}."),
        (None, Locale::ZhCn) => format!("等级升为「{tier}」。"),
        (None, Locale::En) => format!("The tier rose to {tier}."),
    }
}

fn escalation(facts: &Facts, locale: Locale) -> String {
    let line = facts.line.as_deref().unwrap_or_default();
    match (facts.step, locale) {
        (Some(step), Locale::ZhCn) => {
            format!("前一级未在时限内签收，现向您报告（{line}第 {step} 级）。")
        }
        (None, Locale::ZhCn) => "前一级未在时限内签收，现向您报告。".to_owned(),
        (Some(step), Locale::En) => {
            format!("The step before did not confirm in time; reported to you ({line}, step {step}).")
        }
        (None, Locale::En) => "The step before did not confirm in time; reported to you.".to_owned(),
    }
}
