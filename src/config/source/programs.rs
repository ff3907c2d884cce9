//! Sources whose posts another program hands over: `[[push]]` and `[[command]]`.

use std::{collections::BTreeMap, ops::Range};

use jiff::SignedDuration;
use serde::Deserialize;
use toml::Spanned;

use super::{
    Format, Source, SourceKind,
    wire::{Check, yes},
};
use crate::{config::calendar::Attention, model::SiteKind};

/// Longest run of a command unless the source says otherwise.
const COMMAND_LIMIT: SignedDuration = SignedDuration::from_secs(120);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pushed {
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
pub(super) struct Commanded {
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

impl Check<'_> {
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

    pub(super) fn pushed(&mut self, wire: Pushed) -> (Range<usize>, Source) {
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

    pub(super) fn commanded(&mut self, wire: Commanded) -> Option<(Range<usize>, Source)> {
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
