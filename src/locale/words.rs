//! Named kinds in the office's words, as the console and the demo's summary show them.

use super::Locale;
use crate::model::{
    AckHow, ChannelKind, ContentKind, Deadline, DeadlineKind, IncidentState, Kind, Kinds, NoticeKind,
    NoticeState, ReportKind, Role,
};

/// A way to reach somebody.
#[must_use]
pub fn channel(kind: ChannelKind, locale: Locale) -> &'static str {
    match kind {
        ChannelKind::Email => locale.pick("邮件", "email"),
        ChannelKind::Sms => locale.pick("短信", "SMS"),
        ChannelKind::Phone => locale.pick("电话", "phone"),
        ChannelKind::Exercise => locale.pick("练习", "exercise"),
        ChannelKind::Robot => locale.pick("群机器人", "robot"),
        ChannelKind::Webhook => locale.pick("网络回调", "webhook"),
        ChannelKind::Ntfy => "ntfy",
        ChannelKind::Voice => locale.pick("语音", "call"),
    }
}

/// Why a notice went out.
#[must_use]
pub fn notice(kind: NoticeKind, locale: Locale) -> &'static str {
    let (zh, en) = match kind {
        NoticeKind::Alert => ("首次报告", "alert"),
        NoticeKind::Rise => ("升级", "rise"),
        NoticeKind::Reopened => ("反弹", "flared up"),
        NoticeKind::Escalation => ("逐级上报", "escalation"),
        NoticeKind::Failover => ("改用其他通道", "other channel"),
        NoticeKind::Direct => ("关键词直报", "keyword"),
        NoticeKind::Copy => ("抄送", "copy"),
        NoticeKind::Warning => ("时限将到", "limit near"),
        NoticeKind::Overdue => ("已超时限", "overdue"),
        NoticeKind::Correction => ("更正", "correction"),
        NoticeKind::Vanished => ("原帖不在了", "post is gone"),
        NoticeKind::Digest => ("舆情动态", "digest"),
        NoticeKind::BacklogDigest => ("历史内容汇总", "backlog"),
        NoticeKind::Worsened => ("恶化", "worsened"),
        NoticeKind::Subsided => ("平息建议", "subsiding"),
        NoticeKind::Assigned => ("批办", "assigned"),
        NoticeKind::Urged => ("催办", "urged"),
        NoticeKind::Operations => ("系统运行", "operations"),
        NoticeKind::Test => ("测试", "test"),
        NoticeKind::Daily => ("平安报", "daily report"),
    };
    locale.pick(zh, en)
}

/// The word and the class of a notice's state.
#[must_use]
pub fn state(state: &NoticeState, locale: Locale) -> (&'static str, &'static str) {
    let class = match state {
        NoticeState::Pending => "waits",
        NoticeState::Accepted { .. } => "good",
        NoticeState::Refused { .. } => "bad",
        NoticeState::Cancelled { .. } | NoticeState::Shown => "off",
    };
    let word = match state {
        NoticeState::Accepted { arrived_at: Some(_), .. } => {
            locale.pick("已受理、已送达", "accepted, delivered")
        }
        other => standing(other.id(), locale),
    };
    (word, class)
}

/// Why a notice was taken back, from the word that is kept; an unknown word as it is.
#[must_use]
pub fn cancelled(why: &str, locale: Locale) -> &str {
    match why {
        "closed" => locale.pick("事件已关闭", "closed"),
        "undone" => locale.pick("操作已撤销", "taken back"),
        "superseded" => locale.pick("已有更新的通知", "a newer one went out"),
        other => other,
    }
}

/// Where a notice stands, by the id that tables have for it; empty for an unknown one.
#[must_use]
pub fn standing(id: &str, locale: Locale) -> &'static str {
    match id {
        "pending" => locale.pick("待发", "waiting"),
        "accepted" => locale.pick("已受理", "accepted"),
        "refused" => locale.pick("被拒", "refused"),
        "cancelled" => locale.pick("已取消", "cancelled"),
        "shown" => locale.pick("仅显示", "shown only"),
        _ => "",
    }
}

/// What a limit is for, with its line and step.
#[must_use]
pub fn deadline(deadline: &Deadline, locale: Locale) -> String {
    let what = deadline_kind(deadline.kind, locale);
    let what = deadline.name.as_deref().unwrap_or(what);
    match &deadline.line {
        Some(line) => match locale {
            Locale::ZhCn => format!("{what}（{line}第 {} 级）", deadline.step + 1),
            Locale::En => format!("{what} ({line}, step {})", deadline.step + 1),
        },
        None => what.to_owned(),
    }
}

/// A kind of limit.
#[must_use]
pub fn deadline_kind(kind: DeadlineKind, locale: Locale) -> &'static str {
    match kind {
        DeadlineKind::Report => locale.pick("报告", "report"),
        DeadlineKind::Acknowledge => locale.pick("签收", "confirm"),
        DeadlineKind::Response => locale.pick("公开回应", "public answer"),
        DeadlineKind::Step => locale.pick("待通知", "to be told"),
        DeadlineKind::FollowUp => locale.pick("续报", "follow-up report"),
        DeadlineKind::Feedback => locale.pick("反馈", "written account"),
        DeadlineKind::Own => locale.pick("事项", "task"),
    }
}

/// Why a deadline ended without being met.
#[must_use]
pub fn ended(why: &str, locale: Locale) -> &'static str {
    match why {
        "superseded" => locale.pick("由上级时限取代", "replaced by a higher tier's"),
        "closed" => locale.pick("事件已关闭", "closed"),
        "merged" => locale.pick("已并案", "merged"),
        "undone" => locale.pick("已撤销", "taken back"),
        "lowered" => locale.pick("等级降低，不再要求", "not asked for by the lower tier"),
        "replanned" => locale.pick("现行预案不再要求", "not asked for by the present plan"),
        "corrected" => locale.pick("等级已更正", "the tier was corrected"),
        "completed" => locale.pick("事项已完成", "done"),
        "next_step" => locale.pick("已转下一级", "next step"),
        _ => locale.pick("已结束", "ended"),
    }
}

/// By what way somebody confirmed.
#[must_use]
pub fn how(how: AckHow, locale: Locale) -> &'static str {
    match how {
        AckHow::Link => locale.pick("链接", "link"),
        AckHow::Reply => locale.pick("短信回复", "reply"),
        AckHow::Phone => locale.pick("电话签收", "by phone"),
        AckHow::Console => locale.pick("值班台", "console"),
        AckHow::Replay => locale.pick("重放", "replay"),
    }
}

/// What a post is to its statement.
#[must_use]
pub fn role(role: Role, locale: Locale) -> &'static str {
    match role {
        Role::Root => locale.pick("原发", "original"),
        Role::Repost => locale.pick("转发", "repost"),
        Role::Reaction => locale.pick("回应", "reaction"),
    }
}

/// Why a post belongs to its statement, from the word that is kept; an unknown one as it is.
#[must_use]
pub fn joined(why: &str, locale: Locale) -> String {
    if locale == Locale::En {
        return why.to_owned();
    }
    let known = match why {
        "first" => "最早发现的一篇",
        "repost" => "转发了其中一篇",
        "original of a repost" => "是其中一篇的原文",
        "same link" => "链接相同",
        "same original" => "转发同一篇原文",
        "link" => "文中有其中一篇的链接",
        "linked by a member" => "其中一篇链接到它",
        "same linked page" => "链接到同一篇文章",
        "same full text" => "全文相同",
        "same passage" => "同一段话",
        "equal text" => "文字相同",
        "split" => "由人工拆分",
        "near-duplicate" => "文字相近",
        other => {
            let after = |word: &str| other.strip_prefix(word);
            return match (after("near-duplicate "), after("quoted text ")) {
                (Some(likeness), _) => format!("文字相近（{likeness}）"),
                (_, Some(likeness)) => format!("所引文字相近（{likeness}）"),
                _ => other.to_owned(),
            };
        }
    };
    known.to_owned()
}

/// What an incident is.
#[must_use]
pub fn kind(kind: Kind, locale: Locale) -> &'static str {
    match kind {
        Kind::Inquiry => content(ContentKind::Inquiry, locale),
        Kind::Demand => content(ContentKind::Demand, locale),
        Kind::Suggestion => content(ContentKind::Suggestion, locale),
        Kind::Fabrication => locale.pick("虚假信息", "fabrication"),
        Kind::Hostile => locale.pick("恶意攻击", "hostile"),
    }
}

/// The kind of an incident, and whose word it is: `诉求（系统建议）`, `虚假信息（张三认定）`. Empty when nobody
/// said anything.
#[must_use]
pub fn kind_line(kinds: &Kinds, locale: Locale) -> String {
    let Some(found) = kinds.kind() else { return String::new() };
    let word = kind(found, locale);
    match (&kinds.decided, locale) {
        (Some(decided), Locale::ZhCn) => format!("{word}（{}认定）", decided.by),
        (Some(decided), Locale::En) => format!("{word} (set by {})", decided.by),
        (None, Locale::ZhCn) => format!("{word}（系统建议）"),
        (None, Locale::En) => format!("{word} (proposed)"),
    }
}

/// What a post is proposed to be.
#[must_use]
pub fn content(kind: ContentKind, locale: Locale) -> &'static str {
    match kind {
        ContentKind::Inquiry => locale.pick("咨询", "inquiry"),
        ContentKind::Demand => locale.pick("诉求", "demand"),
        ContentKind::Suggestion => locale.pick("建议", "suggestion"),
    }
}

/// A site as it is shown: its id, which is mostly a domain, and words for the unit's own pages.
#[must_use]
pub fn site(id: &str, locale: Locale) -> &str {
    match id {
        "own" => locale.pick("本单位网页", "own pages"),
        crate::model::HandEntry::SITE => locale.pick("人工录入", "entered by hand"),
        other => other,
    }
}

/// Where an incident stands.
#[must_use]
pub fn incident_state(state: IncidentState, locale: Locale) -> &'static str {
    match state {
        IncidentState::Dormant => locale.pick("历史", "dormant"),
        IncidentState::Open => locale.pick("进行中", "open"),
        IncidentState::Closed => locale.pick("已关闭", "closed"),
        IncidentState::Merged => locale.pick("已并案", "merged"),
        IncidentState::Archived => locale.pick("已归档", "archived"),
    }
}

/// A kind of the timeline; an unknown one as it is.
#[must_use]
pub fn entry(kind: &str, locale: Locale) -> &str {
    let (zh, en) = match kind {
        "opened" => ("立案", "opened"),
        "tier" => ("定级", "tier"),
        "joined" => ("并入", "joined"),
        "told" => ("报告", "told"),
        "accepted" => ("受理", "accepted"),
        "arrived" => ("送达", "delivered"),
        "returned" => ("退回", "came back"),
        "untold" => ("重新报告", "report owed again"),
        "refused" => ("被拒", "refused"),
        "escalated" => ("上报", "escalated"),
        "repeated" => ("重报", "told again"),
        "unconfirmed" => ("无人签收", "unconfirmed"),
        "unreachable" => ("无法送达", "unreachable"),
        "phone_done" => ("电话", "phoned"),
        "muted" => ("静音", "muted"),
        "maintenance" => ("维护中", "maintenance"),
        "unmuted" => ("取消静音", "unmuted"),
        "paused" => ("信源暂停", "source paused"),
        "resumed" => ("信源恢复", "source resumed"),
        "file_edited" => ("修改文件", "file edited"),
        "contact_tested" => ("测试联系人", "contact tested"),
        "folder_exported" => ("导出案卷", "case folder exported"),
        "acknowledged" => ("签收", "confirmed"),
        "overdue" => ("超时", "overdue"),
        "completed" => ("登记完成", "completed"),
        "circular" => ("通报", "circular"),
        "silence" => ("静默", "silence"),
        "silenced" => ("静默中", "silenced"),
        "silence_ended" => ("静默结束", "silence ended"),
        "monthly" => ("月报", "monthly report"),
        "monthly_filed" => ("月报已报送", "monthly report filed"),
        "responded" => ("回应", "answered"),
        "kind" => ("类别认定", "kind set"),
        "overridden" => ("人工定级", "set by a person"),
        "merged" => ("并案", "merged"),
        "split" => ("拆分", "split"),
        "reaction" => ("辟谣关联", "reaction"),
        "archived" => ("归档", "archived"),
        "vanished" => ("原帖不在了", "post is gone"),
        "forgotten" => ("遗忘", "forgotten"),
        "closed" => ("关闭", "closed"),
        "reopened" => ("反弹", "flared up"),
        "corrected" => ("更正", "corrected"),
        "digest" => ("动态", "digest"),
        "forecast" => ("预计", "forecast"),
        "emergency" => ("应急", "emergency"),
        "failover" => ("改通道", "failover"),
        "state" => ("状态", "state"),
        "assigned" => ("批办", "assigned"),
        "handed_over" => ("移交", "handed over"),
        "urged" => ("催办", "urged"),
        "submitted" => ("送审", "submitted"),
        "approved" => ("审定", "approved"),
        "rejected" => ("退回", "sent back"),
        "noted" => ("记事", "note"),
        "attached" => ("附件", "file"),
        "replanned" => ("改按现行预案", "present plan taken"),
        "undone" => ("撤销", "taken back"),
        "subsiding" => ("平息建议", "subsiding"),
        "worsened" => ("恶化", "worsened"),
        "entered" => ("人工录入", "entered by hand"),
        "missed" => ("漏报", "missed"),
        "act" => ("操作", "act"),
        other => (other, other),
    };
    match locale {
        Locale::ZhCn => zh,
        Locale::En => en,
    }
}

/// An act by its tag; an unknown one as it is.
#[must_use]
pub fn act(tag: &str, locale: Locale) -> &str {
    let (zh, en) = match tag {
        "acknowledge" => ("签收", "confirm"),
        "phone_done" => ("电话已打", "phoned"),
        "respond" => ("登记回应", "register an answer"),
        "complete" => ("登记完成", "register as done"),
        "override" => ("人工定级", "set a tier"),
        "set_kind" => ("认定类别", "set the kind"),
        "merge" => ("并案", "merge"),
        "split" => ("拆分", "split"),
        "emergency" => ("应急值守", "emergency mode"),
        "close" => ("关闭", "close"),
        "reopen" => ("重新打开", "open again"),
        "silence" => ("静默", "silence"),
        "end_silence" => ("结束静默", "end a silence"),
        "file_monthly" => ("月报报送", "file a monthly report"),
        "forget" => ("遗忘", "forget"),
        "mute" => ("静音", "mute"),
        "unmute" => ("取消静音", "unmute"),
        "pause_source" => ("暂停信源", "pause a source"),
        "resume_source" => ("恢复信源", "resume a source"),
        "poll_source" => ("立即查看信源", "look at a source now"),
        "access" => ("账号与登录", "accounts and logins"),
        "paper" => ("材料", "papers"),
        "edit_file" => ("修改文件", "edit a file"),
        "set_state" => ("办理阶段", "set the stage"),
        "assign" => ("批办", "assign"),
        "hand_over" => ("移交", "hand over"),
        "urge" => ("催办", "urge"),
        "submit_text" => ("送审", "submit a text"),
        "approve_text" => ("审定", "approve a text"),
        "reject_text" => ("退回文稿", "send a text back"),
        "note" => ("记事", "note"),
        "attach" => ("附件", "attach a file"),
        "export_folder" => ("导出案卷", "export the case folder"),
        "take_plan" => ("改按现行预案", "take the present plan"),
        "undo" => ("撤销", "take back"),
        "enter" => ("人工录入", "enter by hand"),
        other => (other, other),
    };
    match locale {
        Locale::ZhCn => zh,
        Locale::En => en,
    }
}

/// The word and the class of a source's health.
#[must_use]
pub fn health(health: &str, locale: Locale) -> (&str, &'static str) {
    match health {
        "ok" => (locale.pick("正常", "ok"), "good"),
        "quiet" => (locale.pick("较少", "quiet"), "good"),
        "stale" => (locale.pick("停更", "stale"), "bad"),
        "backing_off" => (locale.pick("稍后再试", "backing off"), "waits"),
        "broken" => (locale.pick("故障", "broken"), "bad"),
        "blocked" => (locale.pick("被拦截", "blocked"), "bad"),
        "refused" => (locale.pick("robots 拒绝", "refused by robots.txt"), "bad"),
        "disabled" => (locale.pick("停用", "disabled"), "off"),
        "paused" => (locale.pick("已暂停", "paused"), "waits"),
        "" => (locale.pick("尚未查看", "not looked at yet"), "waits"),
        other => (other, "waits"),
    }
}

/// That faults are expected in a maintenance window, until `end`, a time as it is shown.
#[must_use]
pub fn maintenance(title: &str, end: &str, locale: Locale) -> String {
    match locale {
        Locale::ZhCn => format!("维护中（{title}），至 {end} 有故障也不通知"),
        Locale::En => format!("under maintenance ({title}); faults are not told until {end}"),
    }
}

/// All units of an office together.
#[must_use]
pub fn all_units(locale: Locale) -> &'static str {
    locale.pick("全部单位", "All units")
}

/// The paper of a tier.
#[must_use]
pub fn paper(kind: ReportKind, locale: Locale) -> &'static str {
    match kind {
        ReportKind::Special => locale.pick("专报", "special report"),
        ReportKind::Brief => locale.pick("简报", "brief"),
        ReportKind::Digest => locale.pick("动态", "digest"),
    }
}

/// What the plan asks for at a tier: which paper, and who leads. Empty when it says neither.
#[must_use]
pub fn handling(paper_kind: Option<ReportKind>, led_by: Option<&str>, locale: Locale) -> String {
    let paper = paper_kind.map(|kind| format!("{} {}", locale.pick("材料", "Paper"), paper(kind, locale)));
    let led = led_by.map(|name| format!("{} {name}", locale.pick("牵头", "Led by")));
    paper.into_iter().chain(led).collect::<Vec<_>>().join(locale.pick("，", ", "))
}
