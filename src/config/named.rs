//! One plan by its name, without the rest of the office: what replays and drills run under.

use std::path::Path;

use super::{Fault, Folder, plan, sheet::Sheet};
use crate::model::Plan;

/// Reads the plan called `name` (a file's stem in the office's `plans/`, else a shipped one) or the plan
/// file at the path `name`. Names of contacts are not looked up.
///
/// # Errors
/// The faults of its file, or that there is none.
pub fn plan_named(folder: &Folder, name: &str) -> Result<Plan, Vec<Fault>> {
    let as_path = Path::new(name);
    let (path, text) = if name.ends_with(".toml") {
        let text = std::fs::read_to_string(as_path);
        let text = text.map_err(|error| vec![Fault::of_file(as_path, error.to_string(), None)])?;
        (as_path.to_owned(), text)
    } else {
        let file = format!("plans/{name}.toml");
        let found = folder.text(&file).map_err(|fault| vec![fault])?;
        let shipped = || Folder::Shipped.text(&file).ok().flatten();
        let hint = "plans/ 文件夹里的文件名（不带 .toml），或一个 .toml 文件的路径";
        let missing = || vec![Fault::of_file(as_path, "没有这个预案", Some(hint.to_owned()))];
        (folder.path(&file), found.or_else(shipped).ok_or_else(missing)?)
    };
    let id = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let sheet = Sheet::new(&path, &text);
    let read = plan::read(&sheet, &id, None);
    let (faults, _) = sheet.into_findings();
    match read {
        Some(plan) if faults.is_empty() => Ok(plan),
        _ => Err(faults),
    }
}
