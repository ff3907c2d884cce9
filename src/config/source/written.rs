//! Sources as their files write them: a new one as the lines that are added, and which file says what of a known one.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::config::{Folder, Office};

/// The file to which the console adds sources.
pub const ADDED: &str = "sources.d/added.toml";

/// A source that is to be added: fetched, by a preset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewSource {
    /// `feed`, `page` or `api`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// By which preset it is read.
    pub preset: String,
    /// Its address; `None` takes the preset's own, with base and parameters.
    pub url: Option<String>,
    /// Scheme and host, where the preset needs them.
    pub base: Option<String>,
    /// The preset's parameters.
    pub parameters: BTreeMap<String, String>,
    /// Span between two rounds, as people write it; `None` takes the preset's.
    pub interval: Option<String>,
    /// Whether it stands in the office's own network.
    pub allow_private: bool,
    /// Only rules of these units are tried; empty is all.
    pub units: Vec<String>,
}

impl NewSource {
    /// The lines that are added to a file of sources, with a line end.
    #[must_use]
    pub fn lines(&self) -> String {
        let text = |text: &str| Value::String(text.to_owned()).to_string();
        let mut lines = vec![format!("[[{}]]", self.kind), format!("name = {}", text(&self.name))];
        // A feed reads itself.
        if self.preset != "rss" {
            lines.push(format!("preset = {}", text(&self.preset)));
        }
        let given = [("url", &self.url), ("base", &self.base), ("interval", &self.interval)];
        let given = given.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?)));
        lines.extend(given.map(|(key, value)| format!("{key} = {}", text(value))));
        if !self.parameters.is_empty() {
            let pairs = self.parameters.iter().map(|(key, value)| format!("{key} = {}", text(value)));
            lines.push(format!("parameters = {{ {} }}", pairs.collect::<Vec<_>>().join(", ")));
        }
        if self.allow_private {
            lines.push("allow_private = true".to_owned());
        }
        if !self.units.is_empty() {
            let names: Vec<String> = self.units.iter().map(|unit| text(unit)).collect();
            lines.push(format!("units = [{}]", names.join(", ")));
        }
        lines.push(String::new());
        lines.join("\n")
    }

    /// A file's text with the lines at its end.
    #[must_use]
    pub fn appended(&self, text: &str) -> String {
        let before = text.trim_end_matches(['\n', '\r', ' ']);
        if before.is_empty() { self.lines() } else { format!("{before}\n\n{}", self.lines()) }
    }
}

/// The file that holds a source of this name, as the office names it. `None` when there is none on disk.
#[must_use]
pub fn file_of(office: &Office, source: &str) -> Option<String> {
    let folder: &Folder = &office.folder;
    folder.disk()?;
    let holds = |name: &String| {
        let Ok(Some(text)) = folder.text(name) else { return false };
        let Ok(table) = text.parse::<Table>() else { return false };
        let arrays = table.values().filter_map(Value::as_array).flatten();
        arrays.filter_map(|one| one.get("name")?.as_str()).any(|name| name == source)
    };
    folder.list("sources.d", ".toml").into_iter().find(holds)
}
