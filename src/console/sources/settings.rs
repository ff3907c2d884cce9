//! What the files say of a source, as its page shows it: never a secret, neither one that stands in an address nor what a
//! reference leads to.

use serde::Serialize;

use crate::{
    collect::fetch::access::is_key,
    config::{
        FetchSettings,
        preset::Yields,
        source::{Proxy, Source, SourceKind},
    },
    console::view::{When, clean},
    locale::Locale,
};

/// Addresses that are shown.
const MOST: usize = 20;

/// A setting: what it is called, and its value.
#[derive(Debug, Serialize)]
pub(super) struct Setting {
    label: &'static str,
    value: String,
}

/// The settings of a source, those that say nothing left out.
pub(super) fn of(source: &Source, fetch: &FetchSettings, when: &When) -> Vec<Setting> {
    let locale = when.locale;
    let mut settings = Vec::new();
    let mut add = |zh: &'static str, en: &'static str, value: Option<String>| {
        let value = value.map(|value| clean(&value)).filter(|value| !value.is_empty());
        settings.extend(value.map(|value| Setting { label: locale.pick(zh, en), value }));
    };
    let yes = |is: bool| is.then(|| locale.pick("是", "yes").to_owned());
    add("类型", "Kind", Some(kind(source, locale).to_owned()));
    let preset = source.preset();
    add(
        "预设",
        "Preset",
        preset.map(|preset| format!("{} · {} · {}", preset.name, preset.title, preset.proof.human(locale))),
    );
    for address in source.addresses().iter().take(MOST) {
        add("地址", "Address", Some(veiled(address)));
    }
    let more = source.addresses().len().saturating_sub(MOST);
    add("更多地址", "More addresses", (more > 0).then(|| more.to_string()));
    add("间隔", "Interval", Some(when.span(source.interval)));
    let fetched = !source.addresses().is_empty();
    add(
        "同一网站两次访问至少隔",
        "Least pause at the host",
        fetched.then(|| when.span(source.pace_in(fetch))),
    );
    add("给出的数", "Counters", preset.map(|preset| counters(preset.yields, locale)));
    add(
        "正文另取",
        "Text behind the list",
        preset.and_then(|preset| Some(preset.detail.as_ref()?.preset.clone())),
    );
    add(
        "跟踪时复看",
        "Looked at again by",
        preset.and_then(|preset| Some(preset.observe.as_ref()?.preset.clone())),
    );
    add("站点", "Site", source.site.clone());
    add("只用于单位", "Only for", Some(source.units.join("、")));
    add("多久应有内容", "Expected every", source.expected_every.map(|every| when.span(every)));
    add("哨兵词", "Canary", source.canary.clone());
    add("每日轮次", "Rounds a day", source.attention.rounds_a_day.map(|rounds| rounds.to_string()));
    let held = || locale.pick("已设置，不在此显示", "set, not shown here").to_owned();
    add("凭据", "Credential", source.credential.as_ref().map(|_| held()));
    let names: Vec<&str> = source.headers.keys().map(String::as_str).collect();
    add("请求头", "Headers", Some(names.join("、")));
    add("合同", "Contract", source.contract.clone());
    add(
        "代理",
        "Proxy",
        source.proxy.as_ref().map(|proxy| match proxy {
            Proxy::Direct => locale.pick("直连", "direct").to_owned(),
            Proxy::Through(address) => veiled(address),
        }),
    );
    add("允许内网地址", "Private addresses", yes(source.allow_private));
    add("关注理由", "Reason", source.reason.clone());
    add("停用", "Switched off", yes(!source.enabled));
    settings
}

/// What kind of source it is.
pub(super) fn kind(source: &Source, locale: Locale) -> &'static str {
    match (&source.kind, source.kind_id()) {
        (SourceKind::Fetched { .. }, "feed") => locale.pick("订阅（feed）", "feed"),
        (SourceKind::Fetched { .. }, "api") => locale.pick("接口（api）", "api"),
        (SourceKind::Fetched { .. }, _) => locale.pick("网页（page）", "page"),
        (SourceKind::Push, _) => locale.pick("别的程序送来（push）", "pushed by another program"),
        (SourceKind::Command { .. }, _) => {
            locale.pick("别的程序打印（command）", "printed by another program")
        }
        (SourceKind::Watch { .. }, _) => locale.pick("本单位网页（watch）", "own pages"),
    }
}

fn counters(yields: Yields, locale: Locale) -> String {
    let names = [
        (yields.views, "浏览", "views"),
        (yields.reposts, "转发", "reposts"),
        (yields.comments, "评论", "comments"),
        (yields.likes, "点赞", "likes"),
    ];
    let given = names.into_iter().filter(|(given, ..)| *given).map(|(_, zh, en)| locale.pick(zh, en));
    let given = given.collect::<Vec<_>>().join("、");
    if given.is_empty() { locale.pick("没有", "none").to_owned() } else { given }
}

/// An address without what grants access: neither user name and password nor values that the log of accesses hides. It may
/// be a template, so it is no [`url::Url`] yet.
pub(super) fn veiled(address: &str) -> String {
    let (before, fragment) = address.split_once('#').map_or((address, ""), |(before, _)| (before, "#…"));
    let (path, query) = before.split_once('?').map_or((before, None), |(path, query)| (path, Some(query)));
    let path = match path.split_once("://") {
        Some((scheme, rest)) => {
            let (host, tail) = rest.split_once('/').map_or((rest, None), |(host, tail)| (host, Some(tail)));
            let host = host.rsplit_once('@').map_or_else(|| host.to_owned(), |(_, host)| format!("…@{host}"));
            tail.map_or_else(|| format!("{scheme}://{host}"), |tail| format!("{scheme}://{host}/{tail}"))
        }
        None => path.to_owned(),
    };
    let Some(query) = query else { return format!("{path}{fragment}") };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) if !value.starts_with('{') && is_key(name) => format!("{name}=…"),
        _ => pair.to_owned(),
    });
    format!("{path}?{}{fragment}", pairs.collect::<Vec<_>>().join("&"))
}
