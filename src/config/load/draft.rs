//! The office as it would be with one file's content in the place of what stands on disk, read as the daemon reads it.

use super::{Findings, lists::read_one, load_after};
use crate::{
    config::{Fault, Office, Reloaded, Warning},
    keyword::List,
};

/// What reading says of a content.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// Faults of the file, and those that it would bring into others.
    pub faults: Vec<Fault>,
    /// What is probably not meant in the file.
    pub warnings: Vec<Warning>,
}

/// Reads the whole office with `content` as that of the file `name`. What was wrong in other files before holds nobody
/// up.
#[must_use]
pub fn check(office: &Office, name: &str, content: &[u8]) -> Checked {
    let path = office.folder.path(name);
    let before = load_after(&office.folder, office).faults;
    let Reloaded { mut faults, mut warnings, .. } = load_after(&office.folder.with(name, content), office);
    faults.retain(|fault| fault.file == path || !before.contains(fault));
    warnings.retain(|warning| warning.0.file == path);
    // A list that several units share is read for each.
    faults.dedup();
    warnings.dedup();
    Checked { faults, warnings }
}

/// The office as it would be with `content` as that of the file `name`, and what is wrong with it; with faults in the
/// tables they are those in force.
#[must_use]
pub fn with(office: &Office, name: &str, content: &[u8]) -> (Office, Checked) {
    let checked = check(office, name, content);
    let Reloaded { office, .. } = load_after(&office.folder.with(name, content), office);
    (office, checked)
}

/// Reads one keyword list of a unit with `content` as that of the file `name`, against the plans and contacts in force:
/// quick enough for every pause of somebody who types.
///
/// # Errors
/// All faults of the list.
pub fn check_list(
    office: &Office,
    unit: &str,
    name: &str,
    content: &[u8],
) -> Result<(List, Vec<Warning>), Vec<Fault>> {
    let mut findings = Findings::default();
    let folder = office.folder.with(name, content);
    let list = read_one(&folder, &office.tables(), unit, name, &mut findings)?;
    Ok((list, findings.warnings))
}
