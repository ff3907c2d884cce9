//! Sources that are fetched: `[[feed]]`, `[[page]]`, `[[api]]`, each by a preset, at addresses of its own or the preset's.

use std::{collections::BTreeMap, ops::Range};

use serde::Deserialize;
use toml::Spanned;

use super::{
    Format, Proxy, Source, SourceKind, fill,
    wire::{Check, is_web, yes},
};
use crate::{
    config::{
        preset::{Preset, Reader},
        secret::SecretRef,
    },
    model::SiteKind,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fetched {
    name: Spanned<String>,
    preset: Option<Spanned<String>>,
    url: Option<Spanned<String>>,
    #[serde(default)]
    urls: Vec<Spanned<String>>,
    base: Option<Spanned<String>>,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    interval: Option<Spanned<String>>,
    site: Option<String>,
    site_kind: Option<SiteKind>,
    #[serde(default)]
    allow_private: bool,
    credential: Option<Spanned<String>>,
    contract: Option<Spanned<String>>,
    proxy: Option<Spanned<String>>,
    #[serde(default)]
    headers: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    units: Vec<String>,
    rounds_a_day: Option<Spanned<u32>>,
    #[serde(default = "yes")]
    enabled: bool,
    expected_every: Option<Spanned<String>>,
    canary: Option<Spanned<String>>,
    pace: Option<Spanned<String>>,
    max_bytes: Option<usize>,
    timeout: Option<Spanned<String>>,
    reason: Option<Spanned<String>>,
}

impl Check<'_> {
    fn preset(
        &mut self,
        kind: &str,
        table: Range<usize>,
        written: Option<Spanned<String>>,
    ) -> Option<std::sync::Arc<Preset>> {
        let Some(written) = written else {
            // A feed reads itself; a page or an answer needs to be told how.
            if kind == "feed" {
                return self.presets.get("rss");
            }
            self.fault(table, "没有写 preset".into(), "写上预设的名称，如 preset = \"discuz-list\"");
            return None;
        };
        let names = |wanted: &str| {
            self.presets
                .iter()
                .filter(|preset| preset.reader.kind() == wanted)
                .map(|preset| preset.name.clone())
                .collect::<Vec<_>>()
                .join("、")
        };
        match self.presets.get(written.get_ref()) {
            None => {
                let hint = format!("[[{kind}]] 可用的预设: {}", names(kind));
                self.fault(written.span(), format!("没有预设 {}", written.get_ref()), &hint);
                None
            }
            Some(preset) if preset.reader.kind() != kind => {
                let own = preset.reader.kind();
                let message = format!("预设 {} 是 {own} 类的", written.get_ref());
                self.fault(written.span(), message, &format!("把 [[{kind}]] 改成 [[{own}]]，或换一个预设"));
                None
            }
            some => some,
        }
    }

    pub(super) fn fetched(
        &mut self,
        kind: &str,
        table: Range<usize>,
        wire: Fetched,
    ) -> Option<(Range<usize>, Source)> {
        let preset = self.preset(kind, table.clone(), wire.preset)?;
        let base = wire.base.as_ref().map(|base| base.get_ref().trim_end_matches('/').to_owned());
        if let Some(written) = &wire.base
            && !is_web(written.get_ref())
        {
            self.fault(written.span(), "base 不是网址".into(), "写成 \"https://bbs.example.cn\"");
        }
        let own: Vec<Spanned<String>> = wire.url.into_iter().chain(wire.urls).collect();
        let from_preset = own.is_empty();
        let templates: Vec<(Range<usize>, String)> = if from_preset {
            preset.urls.iter().map(|url| (table.clone(), url.clone())).collect()
        } else {
            own.into_iter().map(|url| (url.span(), url.into_inner())).collect()
        };
        if templates.is_empty() {
            self.fault(table, "没有写 url".into(), "写上要看的网址，如 url = \"https://…\"");
        }
        let base = base.or_else(|| preset.base.clone());
        let mut urls = Vec::new();
        for (span, template) in templates {
            urls.extend(self.address(span, &template, base.as_deref(), &wire.parameters));
        }
        let base = base.unwrap_or_else(|| urls.first().map(|url| origin(url)).unwrap_or_default());
        let own =
            |preset: &std::sync::Arc<Preset>| localised(preset, wire.site.as_deref(), wire.site_kind, &base);
        let named =
            |name: Option<&String>| name.and_then(|name| self.presets.get(name)).map(|preset| own(&preset));
        let detail_preset = named(preset.detail.as_ref().map(|detail| &detail.preset));
        let observe_preset = named(preset.observe.as_ref().map(|observe| &observe.preset));
        let preset = own(&preset);
        self.headers(&wire.headers, wire.credential.as_ref());
        self.promises(&preset, &wire.name, wire.reason.as_ref(), wire.credential.is_some());
        let contract = self.contract(wire.contract, wire.credential.is_some());
        let proxy = wire.proxy.and_then(|written| self.proxy(&written));
        let source = Source {
            interval: self.span(wire.interval, preset.interval),
            kind: SourceKind::Fetched { preset, detail_preset, observe_preset, urls, base },
            site: wire.site,
            site_kind: wire.site_kind,
            allow_private: wire.allow_private,
            credential: wire.credential.map(Spanned::into_inner),
            contract,
            proxy,
            headers: wire.headers.into_iter().map(|(name, value)| (name, value.into_inner())).collect(),
            units: wire.units,
            expected_every: self.optional_span(wire.expected_every),
            canary: self.canary(wire.canary),
            enabled: wire.enabled,
            pace: self.optional_span(wire.pace),
            max_bytes: wire.max_bytes,
            timeout: self.optional_span(wire.timeout),
            reason: wire.reason.map(Spanned::into_inner),
            format: Format::Guessed,
            attention: self.attention(wire.rounds_a_day),
            name: wire.name.get_ref().clone(),
        };
        Some((wire.name.span(), source))
    }

    fn canary(&mut self, written: Option<Spanned<String>>) -> Option<String> {
        let written = written?;
        let word = written.get_ref().trim().to_owned();
        if word.is_empty() {
            self.fault(
                written.span(),
                "canary 是空的".into(),
                "写一个总能找到的词，如 canary = \"天气\"，或删去这一行",
            );
            return None;
        }
        Some(word)
    }

    /// Fills base and parameters; what is left must be a web address.
    fn address(
        &mut self,
        span: Range<usize>,
        template: &str,
        base: Option<&str>,
        parameters: &BTreeMap<String, String>,
    ) -> Option<String> {
        if template.contains("{base}") && base.is_none() {
            self.fault(
                span,
                "没有写 base".into(),
                "这个预设需要站点的地址，如 base = \"https://bbs.example.cn\"",
            );
            return None;
        }
        let values = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let url = fill(template, values.chain(base.map(|base| ("base", base))));
        let open = ["keyword", "page", "id"]
            .iter()
            .fold(url.clone(), |u, name| u.replace(&format!("{{{name}}}"), "0"));
        if let Some(name) =
            open.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(name, _)| name)
        {
            let hint = format!("在 parameters 里写上 {name}，如 parameters = {{ {name} = \"2\" }}");
            self.fault(span, format!("参数 {name} 没有值"), &hint);
            return None;
        }
        if !is_web(&open) {
            self.fault(span, format!("不是网址: {url}"), "以 https:// 或 http:// 开头");
            return None;
        }
        Some(url)
    }

    /// What a preset demands of its source beyond addresses.
    fn promises(
        &mut self,
        preset: &Preset,
        name: &Spanned<String>,
        reason: Option<&Spanned<String>>,
        has_credential: bool,
    ) {
        match reason {
            None if preset.timeline => self.fault(
                name.span(),
                format!("预设 {} 跟踪一个账号的全部发言，却没有写 reason", preset.name),
                "只可跟踪机构和媒体的账号，并写明理由，如 reason = \"县融媒体中心官方账号\"",
            ),
            Some(reason) if reason.get_ref().trim().is_empty() => {
                self.fault(reason.span(), "reason 是空的".into(), "写明是哪个机构或媒体、为什么要看");
            }
            _ => {}
        }
        if preset.needs_credential && !has_credential {
            let what = preset.credential.as_deref().unwrap_or("凭据");
            let hint = "加上 credential = \"credential:名称\" 和 headers = { Authorization = \"… {credential}\" }，写法见预设开头的例子";
            self.fault(name.span(), format!("预设 {} 需要{what}", preset.name), hint);
        }
    }

    /// A contract is the office's own key with the platform: without the key there is none.
    fn contract(&mut self, written: Option<Spanned<String>>, has_credential: bool) -> Option<String> {
        let written = written?;
        let hint =
            "写上协议的名称或编号，并写 credential（本单位自己的密钥），如 contract = \"微博开放平台协议\"";
        if written.get_ref().trim().is_empty() {
            self.fault(written.span(), "contract 是空的".into(), hint);
        } else if !has_credential {
            self.fault(written.span(), "写了 contract 却没有写 credential".into(), hint);
        }
        Some(written.into_inner().trim().to_owned())
    }

    fn proxy(&mut self, written: &Spanned<String>) -> Option<Proxy> {
        let proxy = Proxy::parse(written.get_ref());
        if proxy.is_none() {
            let message = format!("不是代理的地址: {}", written.get_ref());
            let hint =
                "写成 \"http://10.0.0.2:3128\"、\"socks5h://10.0.0.2:1080\" 或 \"direct\"（直连）；不写密码";
            self.fault(written.span(), message, hint);
        }
        proxy
    }

    fn headers(&mut self, headers: &BTreeMap<String, Spanned<String>>, credential: Option<&Spanned<String>>) {
        let uses = headers.values().any(|value| value.get_ref().contains("{credential}"));
        if let Some(written) = credential {
            if let Err(error) = SecretRef::parse(written.get_ref()) {
                self.fault(written.span(), error.to_string(), &error.hint("credential"));
            } else if !uses {
                self.fault(
                    written.span(),
                    "写了 credential 却没有用它".into(),
                    "在 headers 里用它，如 headers = { Authorization = \"Bearer {credential}\" }",
                );
            }
        }
        for (name, value) in headers {
            let lower = name.to_ascii_lowercase();
            // An account that the office itself holds may be used, by reference only.
            let own_account = lower == "cookie" && value.get_ref().contains("{credential}");
            if ["cookie", "user-agent", "host"].contains(&lower.as_str()) && !own_account {
                let message = format!("不能设置请求头 {name}");
                let hint = "本程序不冒充浏览器；本单位自有账号的 Cookie 只能引用：Cookie = \"{credential}\"，另写 credential = \"file:/路径\"";
                self.fault(value.span(), message, hint);
            } else if value.get_ref().contains("{credential}") && credential.is_none() {
                let hint = "加上 credential = \"env:变量名\"";
                self.fault(value.span(), "用了 {credential} 却没有写 credential".into(), hint);
            }
        }
    }
}

/// The preset as this source sees it: the source's own site, kind and base win.
fn localised(
    preset: &std::sync::Arc<Preset>,
    site: Option<&str>,
    site_kind: Option<SiteKind>,
    base: &str,
) -> std::sync::Arc<Preset> {
    // Only rules of elements and fields ask for the base. A preset of its own for each of ten thousand feeds
    // would be most of what they take.
    let base = if matches!(preset.reader, Reader::Feed) { "" } else { base };
    let nothing_own = site.is_none_or(|site| preset.site.as_deref() == Some(site))
        && site_kind.is_none_or(|kind| preset.site_kind == kind)
        && (base.is_empty() || preset.base.as_deref() == Some(base));
    if nothing_own {
        return std::sync::Arc::clone(preset);
    }
    let mut own = Preset::clone(preset);
    own.site = site.map(str::to_owned).or(own.site);
    own.site_kind = site_kind.unwrap_or(own.site_kind);
    own.base = (!base.is_empty()).then(|| base.to_owned()).or(own.base);
    std::sync::Arc::new(own)
}

fn origin(text: &str) -> String {
    url::Url::parse(text).ok().map_or_else(String::new, |url| url.origin().ascii_serialization())
}
