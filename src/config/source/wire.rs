//! The shape of a file of `sources.d/` and the checks of meaning over it.

use std::{collections::BTreeMap, ops::Range, path::Path};

use jiff::SignedDuration;
use serde::Deserialize;
use toml::Spanned;

use super::{Format, Proxy, Source, SourceKind, fill, own::Watched};
use crate::{
    config::{
        calendar::Attention,
        place::{self, Fault},
        preset::{Preset, Presets, Reader, parse_span},
        secret::SecretRef,
        settings::MOST_ROUNDS,
    },
    model::SiteKind,
};

/// Longest run of a command unless the source says otherwise.
const COMMAND_LIMIT: SignedDuration = SignedDuration::from_secs(120);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    feed: Vec<Spanned<Fetched>>,
    #[serde(default)]
    page: Vec<Spanned<Fetched>>,
    #[serde(default)]
    api: Vec<Spanned<Fetched>>,
    #[serde(default)]
    push: Vec<Spanned<Pushed>>,
    #[serde(default)]
    command: Vec<Spanned<Commanded>>,
    #[serde(default)]
    watch: Vec<Spanned<Watched>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fetched {
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pushed {
    name: Spanned<String>,
    format: Option<Spanned<String>>,
    site: Option<String>,
    site_kind: Option<SiteKind>,
    #[serde(default)]
    units: Vec<String>,
    expected_every: Option<Spanned<String>>,
    #[serde(default = "yes")]
    enabled: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Commanded {
    name: Spanned<String>,
    format: Option<Spanned<String>>,
    command: Spanned<Vec<String>>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    interval: Option<Spanned<String>>,
    time_limit: Option<Spanned<String>>,
    site: Option<String>,
    site_kind: Option<SiteKind>,
    #[serde(default)]
    units: Vec<String>,
    expected_every: Option<Spanned<String>>,
    rounds_a_day: Option<Spanned<u32>>,
    #[serde(default = "yes")]
    enabled: bool,
    max_bytes: Option<usize>,
}

pub(super) const fn yes() -> bool {
    true
}

pub(super) fn parse(
    file: &Path,
    text: &str,
    presets: &Presets,
    earlier: &[Source],
) -> Result<Vec<Source>, Vec<Fault>> {
    let wire: File = place::parse(file, text).map_err(|fault| vec![fault])?;
    let mut check = Check { file, text, presets, faults: Vec::new() };
    let mut found: Vec<(Range<usize>, Source)> = Vec::new();
    for (kind, tables) in [("feed", wire.feed), ("page", wire.page), ("api", wire.api)] {
        for table in tables {
            let span = table.span();
            found.extend(check.fetched(kind, span, table.into_inner()));
        }
    }
    found.extend(wire.push.into_iter().map(|table| check.pushed(table.into_inner())));
    for table in wire.command {
        found.extend(check.commanded(table.into_inner()));
    }
    for table in wire.watch {
        let span = table.span();
        found.push(check.watched(span, table.into_inner()));
    }
    found.sort_by_key(|(span, _)| span.start);
    for (nth, (span, source)) in found.iter().enumerate() {
        let taken = earlier.iter().chain(found.iter().take(nth).map(|(_, source)| source));
        if source.name.trim().is_empty() {
            check.fault(span.clone(), "来源没有名称".into(), "写上名称，如 name = \"某论坛 城市版块\"");
        } else if taken.into_iter().any(|other| other.name == source.name) {
            let message = format!("已经有名为“{}”的来源", source.name);
            check.fault(span.clone(), message, "每个来源取不同的名称");
        }
    }
    if check.faults.is_empty() {
        Ok(found.into_iter().map(|(_, source)| source).collect())
    } else {
        check.faults.sort_by_key(|fault| (fault.line, fault.column));
        Err(check.faults)
    }
}

pub(super) struct Check<'a> {
    file: &'a Path,
    text: &'a str,
    presets: &'a Presets,
    faults: Vec<Fault>,
}

impl Check<'_> {
    pub(super) fn fault(&mut self, span: Range<usize>, message: String, hint: &str) {
        self.faults.push(Fault::at(self.file, self.text, span, message, Some(hint.to_owned())));
    }

    pub(super) fn span(
        &mut self,
        written: Option<Spanned<String>>,
        default: SignedDuration,
    ) -> SignedDuration {
        let Some(written) = written else { return default };
        parse_span(written.get_ref()).unwrap_or_else(|| {
            let message = format!("看不懂的时长 {}", written.get_ref());
            self.fault(written.span(), message, "写成 \"5min\"、\"90s\"、\"2h\" 或 \"5分钟\"");
            default
        })
    }

    pub(super) fn optional_span(&mut self, written: Option<Spanned<String>>) -> Option<SignedDuration> {
        written.map(|written| self.span(Some(written), SignedDuration::from_hours(1)))
    }

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

    fn fetched(&mut self, kind: &str, table: Range<usize>, wire: Fetched) -> Option<(Range<usize>, Source)> {
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

    /// The format in which another program hands its posts over.
    fn format(&mut self, written: Option<&Spanned<String>>) -> Format {
        let Some(written) = written else { return Format::Guessed };
        Format::of(written.get_ref()).unwrap_or_else(|| {
            let names: Vec<&str> = Format::ALL.iter().map(|format| format.id()).collect();
            let hint = format!("可以写 {}；不写则按字段名识别", names.join("、"));
            self.fault(written.span(), format!("没有格式 {}", written.get_ref()), &hint);
            Format::Guessed
        })
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

    fn attention(&mut self, written: Option<Spanned<u32>>) -> Attention {
        let most = u32::try_from(MOST_ROUNDS).unwrap_or(u32::MAX);
        if let Some(written) = written.as_ref().filter(|written| !(1..=most).contains(written.get_ref())) {
            let hint = format!("写 1 到 {most} 之间的整数，如 rounds_a_day = 3");
            self.fault(written.span(), format!("每天不能是 {} 轮", written.get_ref()), &hint);
        }
        Attention { rounds_a_day: written.map(Spanned::into_inner), ..Attention::default() }
    }

    fn pushed(&mut self, wire: Pushed) -> (Range<usize>, Source) {
        let expected_every = self.optional_span(wire.expected_every);
        let source = Source {
            name: wire.name.get_ref().clone(),
            kind: SourceKind::Push,
            interval: SignedDuration::from_mins(1),
            site: wire.site,
            site_kind: wire.site_kind,
            allow_private: false,
            credential: None,
            contract: None,
            proxy: None,
            headers: BTreeMap::new(),
            units: wire.units,
            expected_every,
            canary: None,
            enabled: wire.enabled,
            pace: None,
            max_bytes: None,
            timeout: None,
            reason: None,
            format: self.format(wire.format.as_ref()),
            attention: Attention::default(),
        };
        (wire.name.span(), source)
    }

    fn commanded(&mut self, wire: Commanded) -> Option<(Range<usize>, Source)> {
        if wire.command.get_ref().first().is_none_or(|program| !program.starts_with('/')) {
            self.fault(
                wire.command.span(),
                "command 要写程序的完整路径".into(),
                "如 command = [\"/usr/local/bin/crawler\", \"--json\"]；不经过 shell",
            );
            return None;
        }
        let time_limit = self.span(wire.time_limit, COMMAND_LIMIT);
        let source = Source {
            interval: self.span(wire.interval, SignedDuration::from_mins(5)),
            kind: SourceKind::Command {
                command: wire.command.into_inner(),
                environment: wire.environment,
                time_limit,
            },
            site: wire.site,
            site_kind: wire.site_kind,
            allow_private: false,
            credential: None,
            contract: None,
            proxy: None,
            headers: BTreeMap::new(),
            units: wire.units,
            expected_every: self.optional_span(wire.expected_every),
            canary: None,
            enabled: wire.enabled,
            pace: None,
            max_bytes: wire.max_bytes,
            timeout: None,
            reason: None,
            format: self.format(wire.format.as_ref()),
            attention: self.attention(wire.rounds_a_day),
            name: wire.name.get_ref().clone(),
        };
        Some((wire.name.span(), source))
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

pub(super) fn is_web(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| ["http", "https"].contains(&url.scheme()) && url.has_host())
}

fn origin(text: &str) -> String {
    url::Url::parse(text).ok().map_or_else(String::new, |url| url.origin().ascii_serialization())
}
