//! The keyword lists of all units, each checked against its unit's plan and the contacts.

use std::{path::Path, sync::Arc};

use crate::{
    config::{Fault, Folder, Warning},
    keyword::{self, Group, List},
};

use super::{Findings, tables::Tables};

/// Names that are not known after which the rest is not told.
const MOST_FAULTS: usize = 200;

/// Reads every list. Of a list that is wrong, the one of `last_good` with the same unit and file is kept.
pub(super) fn read(
    folder: &Folder,
    tables: &Tables,
    last_good: &[Arc<List>],
    findings: &mut Findings,
) -> Vec<Arc<List>> {
    let mut lists = Vec::new();
    for (unit, file) in &tables.keyword_files {
        let kept = || last_good.iter().find(|list| list.unit == *unit && list.file == *file).cloned();
        match read_one(folder, tables, unit, file, findings) {
            Ok(list) => lists.push(Arc::new(list)),
            Err(faults) => {
                findings.faults.extend(faults);
                lists.extend(kept());
            }
        }
    }
    lists
}

pub(super) fn read_one(
    folder: &Folder,
    tables: &Tables,
    unit: &str,
    file: &str,
    findings: &mut Findings,
) -> Result<List, Vec<Fault>> {
    let path = folder.path(file);
    let Some(bytes) = folder.bytes(file).map_err(|fault| vec![fault])? else {
        let hint = "检查 yuqing.toml 里 keywords 的文件名，或新建这个文件，第一行写单位名称";
        return Err(vec![Fault::of_file(&path, "没有这个关键词文件", Some(hint.to_owned()))]);
    };
    let list = keyword::parse(unit, file, &bytes)
        .map_err(|faults| faults.into_iter().map(|fault| Fault::of_list(&path, fault)).collect::<Vec<_>>())?;
    let mut faults: Vec<Fault> = list
        .groups
        .iter()
        .flat_map(|group| unknown_names(tables, unit, group, &path))
        .take(MOST_FAULTS)
        .collect();
    // Groups that one row of a table holds for name it each.
    faults.dedup();
    findings.warnings.extend(list.warnings.iter().map(|warning| Warning::of_list(&path, warning)));
    if faults.is_empty() { Ok(list) } else { Err(faults) }
}

/// `至少:` must name a tier of the unit's plan, `通知:` a contact.
fn unknown_names(tables: &Tables, unit: &str, group: &Group, path: &Path) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |name: &str, message: String, hint: String| {
        let at = group.named_at.iter().find(|at| at.name == name);
        let (line, cell) = at.map_or((group.line, None), |at| (at.line, at.cell.clone()));
        let text = at.map_or("", |at| at.text.as_str());
        faults.push(Fault::in_list(path, line, cell, text, message, Some(hint)));
    };
    let plan =
        tables.units.iter().find(|known| known.name == unit).and_then(|unit| tables.plans.get(&unit.plan));
    if let (Some(plan), Some(tier)) = (plan, &group.at_least)
        && plan.tier_named(tier).is_none()
    {
        let names: Vec<&str> = plan.tiers.iter().rev().map(|tier| tier.name.as_str()).collect();
        let message = format!("词组“{}”: 预案里没有等级 {tier}", group.name);
        fault(tier, message, format!("“至少”写 {}", names.join("、")));
    }
    let names: Vec<&str> = tables.contacts.of_unit(unit).map(|contact| contact.name.as_str()).collect();
    let unknown = |name: &&String| !names.is_empty() && !names.contains(&name.as_str());
    for name in group.notify.iter().filter(unknown) {
        let message = format!("词组“{}”: contacts.toml 里没有联系人 {name}", group.name);
        fault(name, message, format!("“通知”写 {}", names.join("、")));
    }
    faults
}
