//! Short messages: a text message in a gateway's registered template, and the words of a call.

use jiff::tz::TimeZone;

use super::{cut, kind, one_line};
use crate::{
    locale::{Locale, reason_line},
    model::{Detail, Notice, NoticeKind},
};

/// Longest variable of a registered template (SEMANTICS 24), in characters.
const VARIABLE: usize = 35;

/// What it is about, short enough for a registered template; the number only for a brief contact.
#[must_use]
pub fn short_gist(notice: &Notice, detail: Detail, locale: Locale) -> String {
    let facts = &notice.facts;
    let words = match detail {
        _ if notice.kind == NoticeKind::Daily => facts.note.clone(),
        Detail::Brief => kind::number(notice, locale),
        Detail::Full if facts.gist.is_empty() => kind::lead(notice, locale),
        Detail::Full => facts.gist.clone(),
    };
    cut(&words, VARIABLE)
}

/// The whole text message: the mark of a drill, tier, unit, gist, code.
#[must_use]
pub fn sms_text(notice: &Notice, detail: Detail, code: Option<&str>, locale: Locale) -> String {
    let facts = &notice.facts;
    let mark = facts.mark.as_deref().map_or_else(String::new, |mark| match locale {
        Locale::ZhCn => format!("【{}】", one_line(mark)),
        Locale::En => format!("[{}] ", one_line(mark)),
    });
    let tier = cut(&kind::tag_words(notice, locale), VARIABLE);
    let unit = cut(&facts.unit, VARIABLE);
    let gist = short_gist(notice, detail, locale);
    match locale {
        Locale::ZhCn => {
            let reply = code.map_or_else(String::new, |code| format!("，回复 {code} 签收"));
            format!("{mark}【{tier}】{unit}：{gist}{reply}")
        }
        Locale::En => {
            let reply = code.map_or_else(String::new, |code| format!("; reply {code} to confirm"));
            format!("{mark}[{tier}] {unit}: {gist}{reply}")
        }
    }
}

/// What a machine says on the phone: who calls, the tier, what it is about, where to confirm.
#[must_use]
pub fn speech_text(notice: &Notice, detail: Detail, code: Option<&str>, locale: Locale) -> String {
    let facts = &notice.facts;
    let (unit, tag) = (one_line(&facts.unit), kind::tag_words(notice, locale));
    let gist = short_gist(notice, detail, locale);
    let mark = facts.mark.as_deref().map(one_line);
    // Digit by digit, or the machine reads a number.
    let code = code.map(|code| code.chars().map(String::from).collect::<Vec<_>>().join(" "));
    match locale {
        Locale::ZhCn => {
            let mark = mark.map_or_else(String::new, |mark| format!("这是{mark}，不是真实舆情。"));
            let code = code.map_or_else(String::new, |code| format!("签收码 {code}。"));
            format!("这里是{unit}舆情值班。{mark}{tag}舆情：{gist}。{code}请尽快查看并签收。")
        }
        Locale::En => {
            let mark = mark.map_or_else(String::new, |mark| format!("This is a drill ({mark}). "));
            let code = code.map_or_else(String::new, |code| format!(" Code {code}."));
            format!("This is the duty desk of {unit}. {mark}{tag}: {gist}.{code} Please look and confirm.")
        }
    }
}

/// What the duty officer reads aloud, in sentences that can be spoken.
#[must_use]
pub fn phone_text(notice: &Notice, detail: Detail, locale: Locale, zone: &TimeZone) -> String {
    let facts = &notice.facts;
    let (unit, tier) = (one_line(&facts.unit), one_line(&facts.tier_name));
    let reason = match (&facts.reason, detail) {
        (Some(reason), Detail::Full) => reason_line(reason, locale, zone),
        _ => String::new(),
    };
    let gist = short_gist(notice, detail, locale);
    let lead = kind::lead(notice, locale);
    let mark = facts.mark.as_deref().map(one_line);
    match locale {
        Locale::ZhCn => {
            let mark = mark.map_or_else(String::new, |mark| format!("这是{mark}，不是真实舆情。"));
            let reason = if reason.is_empty() { reason } else { format!("定级依据，{reason}。") };
            let who = one_line(&notice.contact);
            format!(
                "{who}您好，这里是{unit}舆情值班。{mark}现向您电话报告一起「{tier}」舆情：{gist}。{lead}{reason}请问您是否收到？请告知姓名，我记录签收。"
            )
        }
        Locale::En => {
            let mark = mark.map_or_else(String::new, |mark| format!("This is a drill ({mark}). "));
            let reason = if reason.is_empty() { reason } else { format!(" The reason: {reason}.") };
            format!(
                "This is the duty desk of {unit}. {mark}I report an incident of tier {tier}: {gist}. {lead}{reason} Do you confirm? Please give your name; I record it."
            )
        }
    }
}
