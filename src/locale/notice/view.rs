//! Everything that the mail templates show, in words.

use std::sync::Arc;

use serde::Serialize;

use super::{
    Wording, cut, figures, kind, one_line,
    short::{sms_text, speech_text},
};
use crate::{
    locale::{Locale, forecast_line, reason_line, words},
    model::{Detail, Notice, NoticeKind},
};

/// A longer address is not shown, for cut it would lead elsewhere; in characters.
const ADDRESS: usize = 2_000;
/// Longest title shown in a list.
const TITLE: usize = 60;

#[derive(Debug, Serialize)]
pub(super) struct View {
    pub subject: String,
    mark: Option<String>,
    headline: String,
    colour: &'static str,
    gist: String,
    lead: String,
    note: String,
    reason: String,
    forecast: String,
    matched: String,
    kind: String,
    handling: String,
    excerpt: String,
    posts: Vec<Item>,
    digest: Vec<Item>,
    unknown: String,
    limits: Vec<String>,
    confirm_url: Option<String>,
    code: Option<String>,
    console_url: Option<String>,
    footer: String,
    /// The tier's name alone.
    tier: String,
    /// The unit's name alone.
    unit: String,
    /// Number of the incident; empty without one.
    number: String,
    /// To whom.
    contact: String,
    /// The id of the notice's kind.
    notice: &'static str,
    /// The whole text message in the shipped wording.
    short: String,
    /// What a call says, in the shipped wording.
    speech: String,
    words: Words,
}

/// A post, or an incident of a digest.
#[derive(Debug, Default, Serialize)]
struct Item {
    site: String,
    tier: String,
    title: String,
    gist: String,
    figures: String,
    /// Keyword groups and kind, of an incident in a digest.
    matched: String,
    /// Only http and https: a post's own link may be anything.
    url: Option<String>,
}

#[derive(Debug, Serialize)]
struct Words {
    lang: &'static str,
    mark_note: &'static str,
    reason: &'static str,
    matched: &'static str,
    kind: &'static str,
    excerpt: &'static str,
    posts: &'static str,
    unknown: &'static str,
    limits: &'static str,
    confirm: &'static str,
    confirm_button: &'static str,
    code: &'static str,
    console: &'static str,
    console_link: &'static str,
}

impl View {
    /// The line above a message that joins several.
    pub(super) fn many(&self, count: usize) -> String {
        if self.words.lang == "en" { format!("{count} notices") } else { format!("{count} 条通知") }
    }

    /// All of it, or for a brief contact tier, unit, number and links only.
    pub(super) fn of(notice: &Notice, wording: &Wording<'_>) -> Self {
        let notice = &bounded(notice);
        let mut view = Self::brief(notice, wording);
        if wording.detail == Detail::Full {
            view.fill(notice, wording);
        }
        view
    }

    fn brief(notice: &Notice, wording: &Wording<'_>) -> Self {
        let (facts, locale) = (&notice.facts, wording.locale);
        let number = kind::number(notice, locale);
        Self {
            subject: kind::subject(notice, wording.detail, locale),
            mark: facts.mark.as_deref().map(one_line),
            headline: kind::headline(notice, locale),
            colour: colour(&facts.tier_name),
            gist: if wording.detail == Detail::Brief { number.clone() } else { String::new() },
            lead: String::new(),
            // Counts of the day before give nothing away.
            note: if notice.kind == NoticeKind::Daily { one_line(&facts.note) } else { String::new() },
            reason: String::new(),
            forecast: String::new(),
            matched: String::new(),
            kind: String::new(),
            handling: String::new(),
            excerpt: String::new(),
            posts: Vec::new(),
            digest: Vec::new(),
            unknown: String::new(),
            limits: Vec::new(),
            confirm_url: wording.confirm_url.map(ToOwned::to_owned),
            code: wording.code.map(ToOwned::to_owned),
            console_url: wording.console_url.map(ToOwned::to_owned),
            footer: footer(&number, "", locale),
            tier: one_line(&facts.tier_name),
            unit: one_line(&facts.unit),
            number: notice.incident.map_or_else(String::new, |id| id.to_string()),
            contact: one_line(&notice.contact),
            notice: notice.kind.id(),
            short: sms_text(notice, wording.detail, wording.code, locale),
            speech: speech_text(notice, wording.detail, wording.code, locale),
            words: Words::of(locale),
        }
    }

    fn fill(&mut self, notice: &Notice, wording: &Wording<'_>) {
        let (facts, locale, zone, now) = (&notice.facts, wording.locale, wording.zone, notice.created_at);
        self.lead = kind::lead(notice, locale);
        self.footer = footer(&kind::number(notice, locale), &facts.plan_title, locale);
        self.gist = cut(&facts.gist, TITLE * 2);
        self.note = kind::note(notice, locale);
        self.reason = facts.reason.as_ref().map_or_else(String::new, |one| reason_line(one, locale, zone));
        self.forecast = forecast_line(&facts.forecasts, now, locale);
        self.matched = figures::groups(&facts.groups, locale);
        self.kind = one_line(&words::kind_line(&facts.kinds, locale));
        self.handling = one_line(&words::handling(facts.paper, facts.led_by.as_deref(), locale));
        self.excerpt = one_line(&facts.excerpt);
        self.posts = facts
            .posts
            .iter()
            .map(|post| Item {
                site: one_line(words::site(&post.site, locale)),
                title: cut(&post.title, TITLE),
                figures: figures::of_post(post, now, locale, zone),
                ..Item::linked(&post.url)
            })
            .collect();
        self.digest = facts
            .digest
            .iter()
            .map(|line| Item {
                tier: one_line(&line.tier_name),
                gist: cut(&line.gist, TITLE),
                figures: figures::of_digest(line, now, locale, zone),
                matched: figures::matched(line, locale),
                ..Item::linked(&line.url)
            })
            .collect();
        self.unknown = figures::unknown(facts, locale);
        // Two reporting lines may owe the same at the same minute: it is said once.
        for limit in &facts.deadlines {
            let said = figures::of_limit(limit, now, locale, zone);
            if !self.limits.contains(&said) {
                self.limits.push(said);
            }
        }
    }
}

/// The notice with every text of a length that a message can hold, whatever was put into it.
fn bounded(notice: &Notice) -> Notice {
    let mut notice = notice.clone();
    let facts = Arc::make_mut(&mut notice.facts);
    for (text, most) in [
        (&mut facts.unit, 60),
        (&mut facts.tier_name, 35),
        (&mut facts.plan_title, 80),
        (&mut facts.gist, 300),
        (&mut facts.excerpt, 600),
        (&mut facts.note, 4_000),
        (&mut notice.contact, 60),
    ] {
        if text.chars().count() > most {
            *text = cut(text, most);
        }
    }
    for post in &mut facts.posts {
        if post.url.chars().count() > ADDRESS {
            post.url.clear();
        }
    }
    notice
}

impl Item {
    fn linked(url: &str) -> Self {
        let url = one_line(url);
        let lower = url.to_ascii_lowercase();
        let is_web = lower.starts_with("https://") || lower.starts_with("http://");
        Self { url: is_web.then_some(url), ..Self::default() }
    }
}

/// Colour of the tier (red, orange, yellow, blue by the warning levels), dark enough for white text.
fn colour(tier_name: &str) -> &'static str {
    match tier_name {
        "特别重大" => "#b71c1c",
        "重大" => "#bf5000",
        "较大" => "#8a6d00",
        "一般" => "#1456a0",
        _ => "#4e5969",
    }
}

fn footer(number: &str, plan: &str, locale: Locale) -> String {
    let sent = locale.pick(
        "本消息由 yuqing 自动发出，请勿直接回复。",
        "Sent automatically by yuqing; please do not answer.",
    );
    let joint = locale.pick("，", ", ");
    let of: Vec<_> = [number, plan].into_iter().filter(|part| !part.is_empty()).collect();
    if of.is_empty() {
        sent.to_owned()
    } else {
        format!("{}{}{sent}", of.join(joint), locale.pick("。", ". "))
    }
}

impl Words {
    fn of(locale: Locale) -> Self {
        Self {
            lang: locale.pick("zh-CN", "en"),
            mark_note: locale.pick("以下内容不是真实舆情。", "What follows is not real."),
            reason: locale.pick("依据 ", "Because "),
            matched: locale.pick("命中 ", "Matched by "),
            kind: locale.pick("类别 ", "Kind "),
            excerpt: locale.pick("说了什么", "What is said"),
            posts: locale.pick("出现在哪里", "Where"),
            unknown: locale.pick("尚不清楚: ", "Not known: "),
            limits: locale.pick("时限", "Limits"),
            confirm: locale.pick(
                "请打开下面的链接，再按页面上的按钮签收:",
                "Open this link, then press the button to confirm:",
            ),
            confirm_button: locale.pick("去签收", "Confirm"),
            code: locale.pick("短信回复签收码 ", "Code for a reply by text message "),
            console: locale.pick("详情:", "Details:"),
            console_link: locale.pick("打开详情", "Open the details"),
        }
    }
}
