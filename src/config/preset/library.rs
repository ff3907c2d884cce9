//! All presets of an office together: the shipped ones with its own over them, each checked against the others.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Preset, parse, shipped::SHIPPED};
use crate::{config::place::Fault, text::Twins};

/// All presets by name.
#[derive(Debug, Clone)]
pub struct Presets(BTreeMap<String, Arc<Preset>>);

impl Presets {
    /// The shipped presets and, over them, those of `<office>/presets/*.toml`.
    ///
    /// # Errors
    /// Every fault of every file, with its place.
    pub fn load(office: Option<&Path>) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut presets = BTreeMap::new();
        let mut take = |file: &Path, name: &str, text: &str| match parse(file, name, text) {
            Ok(preset) => {
                presets.insert(name.to_owned(), Arc::new(preset));
            }
            Err(found) => faults.extend(found),
        };
        for &(name, text) in SHIPPED {
            take(Path::new(&format!("presets/{name}.toml")), name, text);
        }
        let mut unreadable = Vec::new();
        if let Some(office) = office {
            for file in toml_files(&office.join("presets"), &mut unreadable) {
                let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                match std::fs::read_to_string(&file) {
                    Ok(text) => take(&file, &name, &text),
                    Err(error) => unreadable.push(unreadable_file(&file, &error)),
                }
            }
        }
        faults.append(&mut unreadable);
        check_references(&presets, &mut faults);
        share_sites(&mut presets);
        share_twins(&mut presets);
        if faults.is_empty() { Ok(Self(presets)) } else { Err(faults) }
    }

    /// One by name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Arc<Preset>> {
        self.0.get(name).cloned()
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Preset>> {
        self.0.values()
    }
}

/// The `*.toml` files of a folder by name; a folder that is not there has none. Half-written and backup
/// files of editors are passed over.
pub(in crate::config) fn toml_files(folder: &Path, faults: &mut Vec<Fault>) -> Vec<PathBuf> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            faults.push(unreadable_file(folder, &error));
            return Vec::new();
        }
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ext| ext == "toml"))
        .filter(|path| !path.file_name().unwrap_or_default().to_string_lossy().starts_with(['~', '.']))
        .collect();
    files.sort();
    files
}

pub(in crate::config) fn unreadable_file(file: &Path, error: &std::io::Error) -> Fault {
    Fault::of_file(
        file,
        format!("读不了: {error}"),
        Some("检查权限；文件要存成 UTF-8（记事本“另存为”时在“编码”里选 UTF-8）".to_owned()),
    )
}

/// Lets every preset know which domain is whose site, so that a post found through a hot list or a feed
/// counts as the site on which it stands, under the same id (SEMANTICS 10).
fn share_sites(presets: &mut BTreeMap<String, Arc<Preset>>) {
    let owned = |preset: &Arc<Preset>| {
        let site = preset.site.clone().unwrap_or_default();
        let domains = preset.domains.iter().filter(|_| preset.site.is_some());
        domains.map(|domain| (domain.clone(), site.clone())).collect::<Vec<_>>()
    };
    let sites: Arc<BTreeMap<_, _>> = Arc::new(presets.values().flat_map(owned).collect());
    for preset in presets.values_mut() {
        Arc::make_mut(preset).sites = Arc::clone(&sites);
    }
}

/// Every preset knows the twins of all: a microblog links to a forum's mobile host.
fn share_twins(presets: &mut BTreeMap<String, Arc<Preset>>) {
    let mut all = Twins::default();
    for (from, to) in presets.values().flat_map(|preset| preset.twins.pairs()) {
        all.add(from, to);
    }
    if all.is_empty() {
        return;
    }
    let all = Arc::new(all);
    for preset in presets.values_mut() {
        Arc::make_mut(preset).twins = Arc::clone(&all);
    }
}

/// A preset named by another must be there.
fn check_references(presets: &BTreeMap<String, Arc<Preset>>, faults: &mut Vec<Fault>) {
    for preset in presets.values() {
        let named = [
            preset.detail.as_ref().map(|detail| &detail.preset),
            preset.observe.as_ref().map(|observe| &observe.preset),
        ];
        for name in named.into_iter().flatten().filter(|name| !presets.contains_key(*name)) {
            faults.push(Fault::of_file(
                Path::new(&format!("presets/{}.toml", preset.name)),
                format!("引用了没有的预设 {name}"),
                Some(format!("现有预设: {}", presets.keys().cloned().collect::<Vec<_>>().join("、"))),
            ));
        }
    }
}
