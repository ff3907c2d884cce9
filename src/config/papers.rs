//! `papers/`: an office's own texts of papers, over the shipped ones. They are only read here; what is wrong in one is found
//! by whoever writes papers, and stops nothing: the shipped text stands in its place.

use std::{collections::BTreeMap, path::Path};

use super::{Folder, Warning};

/// Texts by name, such as `special`. What cannot be read is a warning.
#[must_use]
pub fn read(folder: &Folder, warnings: &mut Vec<Warning>) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for file in folder.list("papers", ".txt") {
        match folder.text(&file) {
            Ok(Some(text)) => {
                let name = Path::new(&file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
                texts.insert(name, text);
            }
            Ok(None) => {}
            Err(fault) => warnings.push(Warning(fault)),
        }
    }
    texts
}
