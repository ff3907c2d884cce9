//! The keyword lists of all units, each checked against its unit's plan and the contacts.

use std::sync::Arc;

use crate::{
    config::{Fault, Folder, Warning},
    keyword::{self, Group, List},
    model::Contact,
};

use super::{Findings, tables::Tables};

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
    let on_line = |line: u32, text: &str, message: &str, hint: Option<String>| Fault {
        file: path.clone(),
        line: usize::try_from(line).unwrap_or(usize::MAX),
        column: 1,
        source: text.to_owned(),
        width: text.chars().count().max(1),
        message: message.to_owned(),
        hint,
    };
    let list = keyword::parse(unit, file, &bytes).map_err(|faults| {
        faults
            .into_iter()
            .map(|fault| on_line(fault.line, &fault.text, &fault.message, Some(fault.hint)))
            .collect::<Vec<_>>()
    })?;
    let faults: Vec<Fault> = list
        .groups
        .iter()
        .flat_map(|group| unknown_names(tables, unit, group))
        .map(|(line, message, hint)| on_line(line, "", &message, Some(hint)))
        .collect();
    for warning in &list.warnings {
        findings.warnings.push(Warning(on_line(warning.line, &warning.text, &warning.message, None)));
    }
    if faults.is_empty() { Ok(list) } else { Err(faults) }
}

/// `至少:` must name a tier of the unit's plan, `通知:` a contact.
fn unknown_names(tables: &Tables, unit: &str, group: &Group) -> Vec<(u32, String, String)> {
    let mut faults = Vec::new();
    let plan =
        tables.units.iter().find(|known| known.name == unit).and_then(|unit| tables.plans.get(&unit.plan));
    if let (Some(plan), Some(tier)) = (plan, &group.at_least)
        && plan.tier_named(tier).is_none()
    {
        let names: Vec<&str> = plan.tiers.iter().rev().map(|tier| tier.name.as_str()).collect();
        let message = format!("词组“{}”: 预案里没有等级 {tier}", group.name);
        faults.push((group.line, message, format!("至少: 后面写 {}", names.join("、"))));
    }
    let known = |name: &String| tables.contacts.iter().any(|contact: &Contact| contact.name == *name);
    for name in group.notify.iter().filter(|name| !tables.contacts.is_empty() && !known(name)) {
        let message = format!("词组“{}”: contacts.toml 里没有联系人 {name}", group.name);
        let names: Vec<&str> = tables.contacts.iter().map(|contact| contact.name.as_str()).collect();
        faults.push((group.line, message, format!("通知: 后面写 {}", names.join("、"))));
    }
    faults
}
