//! What the administrators read of ill sources and outages.

use super::{neighbours::Sites, ward::Patient};
use crate::locale::Locale;

pub(super) fn alone_words(patient: &Patient, locale: Locale) -> String {
    let (name, why) = (&patient.name, &patient.why);
    match (locale, patient.health.as_str()) {
        (Locale::ZhCn, "stale") => format!("来源“{name}”可能已停更：{why}"),
        (Locale::ZhCn, _) => format!("来源“{name}”目前看不到内容：{why}"),
        (Locale::En, "stale") => format!("source “{name}” has fallen silent: {why}"),
        (Locale::En, _) => format!("source “{name}” gives nothing: {why}"),
    }
}

pub(super) fn site_words(site: &str, sick: usize, total: usize, patient: &Patient, locale: Locale) -> String {
    let why = &patient.why;
    match locale {
        Locale::ZhCn => format!("网站 {site} 的 {total} 个来源中有 {sick} 个同时看不到内容：{why}"),
        Locale::En => format!("{sick} of the {total} sources on {site} give nothing: {why}"),
    }
}

pub(super) fn network_words(sites: &Sites, locale: Locale) -> String {
    let (n_sites, sources) = (sites.failing, sites.sources);
    match locale {
        Locale::ZhCn => format!(
            "{n_sites} 个网站的 {sources} 个来源同时连不上：多半是本机的网络、域名解析或代理不通，请先检查本机"
        ),
        Locale::En => format!(
            "{sources} sources on {n_sites} sites cannot be reached at once: check this machine's network, DNS and proxy"
        ),
    }
}

pub(super) fn mended_words(subject: &str, members: &[&Patient], well: usize, locale: Locale) -> String {
    let left = members.len().saturating_sub(well);
    let gone = members.iter().all(|patient| patient.gone);
    if let (Some(name), [_]) = (subject.strip_prefix("source/"), members) {
        return match (locale, gone) {
            (Locale::ZhCn, true) => format!("来源“{name}”已停用或移除，不再提醒"),
            (Locale::ZhCn, false) => format!("来源“{name}”已恢复"),
            (Locale::En, true) => format!("source “{name}” is not watched any more"),
            (Locale::En, false) => format!("source “{name}” works again"),
        };
    }
    let what = match (subject.strip_prefix("site/"), locale) {
        (Some(site), Locale::ZhCn) => format!("网站 {site}"),
        (Some(site), Locale::En) => format!("site {site}"),
        (None, locale) => locale.pick("网络", "the network").to_owned(),
    };
    match (locale, left) {
        (Locale::ZhCn, 0) => format!("{what}已恢复，{well} 个来源恢复正常"),
        (Locale::ZhCn, _) => format!("{what}已恢复，{well} 个来源恢复正常，{left} 个仍未恢复"),
        (Locale::En, 0) => format!("{what} works again: {well} sources are well"),
        (Locale::En, _) => format!("{what} works again: {well} sources are well, {left} are not yet"),
    }
}
