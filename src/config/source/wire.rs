//! The shape of a file of `sources.d/` and the checks of meaning over it.

use std::{ops::Range, path::Path};

use jiff::SignedDuration;
use serde::Deserialize;
use toml::Spanned;

use super::{
    Source,
    fetched::Fetched,
    own::Watched,
    programs::{Commanded, Pushed},
};
use crate::config::{
    calendar::Attention,
    place::{self, Fault},
    preset::{Presets, parse_span},
    settings::MOST_ROUNDS,
};

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
    pub(super) presets: &'a Presets,
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

    pub(super) fn attention(&mut self, written: Option<Spanned<u32>>) -> Attention {
        let most = u32::try_from(MOST_ROUNDS).unwrap_or(u32::MAX);
        if let Some(written) = written.as_ref().filter(|written| !(1..=most).contains(written.get_ref())) {
            let hint = format!("写 1 到 {most} 之间的整数，如 rounds_a_day = 3");
            self.fault(written.span(), format!("每天不能是 {} 轮", written.get_ref()), &hint);
        }
        Attention { rounds_a_day: written.map(Spanned::into_inner), ..Attention::default() }
    }
}

pub(super) fn is_web(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| ["http", "https"].contains(&url.scheme()) && url.has_host())
}
