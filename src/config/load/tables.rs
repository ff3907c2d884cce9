//! The TOML files: settings, contacts, plans, presets, sources, each checked against the others.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    config::{
        Folder, Settings, contacts,
        contacts::Doors,
        plan,
        settings::{self, WrittenUnit},
        sheet::Sheet,
        shipped,
    },
    model::{Contact, Plan, Unit},
};

use super::{Document, Findings};

/// What the TOML files say.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    pub(super) settings: Settings,
    pub(super) plans: BTreeMap<String, Arc<Plan>>,
    pub(super) contacts: Vec<Contact>,
    pub(super) units: Vec<Unit>,
    /// Keyword files by unit, in their order.
    pub(super) keyword_files: Vec<(String, String)>,
}

/// Reads them. `None` when `yuqing.toml` cannot be read at all; otherwise the value holds only when no
/// fault was found.
pub(super) fn read(folder: &Folder, findings: &mut Findings) -> Option<Tables> {
    let document = Document::open(folder, "yuqing.toml", findings);
    let sheet = document.as_ref().map(Document::sheet);
    let written = sheet.as_ref().and_then(settings::read);
    let doors = written.as_ref().map(|(settings, _)| doors(settings));
    let contacts = read_contacts(folder, doors.as_ref(), findings);
    let units = written.as_ref().map_or(&[][..], |(_, units)| units);
    let plans = read_plans(folder, units, contacts.as_deref(), findings);
    if let Some(sheet) = sheet {
        check_units(&sheet, units, &plans);
        findings.take(sheet);
    }
    let (settings, units) = written?;
    let plans = plans.into_iter().filter_map(|(id, plan)| Some((id, Arc::new(plan?)))).collect();
    let keyword_files = units
        .iter()
        .flat_map(|written| {
            written.keywords.iter().map(|file| (written.unit.name.clone(), file.get_ref().clone()))
        })
        .collect();
    Some(Tables {
        settings,
        plans,
        contacts: contacts.unwrap_or_default(),
        units: units.into_iter().map(|written| written.unit).collect(),
        keyword_files,
    })
}

fn doors(settings: &Settings) -> Doors {
    let from = settings.email.as_ref().and_then(|email| email.from.parse::<lettre::message::Mailbox>().ok());
    Doors {
        email: settings.email.is_some(),
        sms: settings.sms.is_some(),
        mail_domain: from.map(|from| from.email.domain().to_owned()),
    }
}

/// The contacts; `None` when their file is wrong, so that plans do not repeat its faults.
fn read_contacts(folder: &Folder, doors: Option<&Doors>, findings: &mut Findings) -> Option<Vec<Contact>> {
    let document = Document::open(folder, "contacts.toml", findings)?;
    let sheet = document.sheet();
    let contacts = contacts::read(&sheet, doors);
    let before = findings.faults.len();
    findings.take(sheet);
    (findings.faults.len() == before).then_some(contacts)
}

/// Every plan of the folder, and the shipped ones that a unit names and the folder does not hold. `None`
/// stands for a plan that is there and wrong.
fn read_plans(
    folder: &Folder,
    units: &[WrittenUnit],
    contacts: Option<&[Contact]>,
    findings: &mut Findings,
) -> BTreeMap<String, Option<Plan>> {
    let contacts: Option<BTreeMap<String, Contact>> = contacts
        .map(|contacts| contacts.iter().map(|contact| (contact.name.clone(), contact.clone())).collect());
    let mut plans = BTreeMap::new();
    for name in folder.list("plans", ".toml") {
        let id = stem(&name);
        let plan = Document::open(folder, &name, findings)
            .and_then(|document| read_plan(&document, &id, contacts.as_ref(), findings));
        plans.insert(id, plan);
    }
    for id in units.iter().map(|unit| &unit.unit.plan) {
        let name = format!("plans/{id}.toml");
        if let Some(text) = shipped::file(&name)
            && !plans.contains_key(id)
        {
            let document = Document { path: PathBuf::from(name), text: text.to_owned() };
            plans.insert(id.clone(), read_plan(&document, id, contacts.as_ref(), findings));
        }
    }
    plans
}

fn read_plan(
    document: &Document,
    id: &str,
    contacts: Option<&BTreeMap<String, Contact>>,
    findings: &mut Findings,
) -> Option<Plan> {
    let sheet = document.sheet();
    let plan = plan::read(&sheet, id, contacts);
    let before = findings.faults.len();
    findings.take(sheet);
    plan.filter(|_| findings.faults.len() == before)
}

fn stem(name: &str) -> String {
    Path::new(name).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

fn check_units(sheet: &Sheet<'_>, units: &[WrittenUnit], plans: &BTreeMap<String, Option<Plan>>) {
    for unit in units.iter().filter(|unit| !plans.contains_key(unit.plan.get_ref())) {
        let known: Vec<&str> = plans.keys().map(String::as_str).collect();
        let message = format!("没有预案 {}", unit.plan.get_ref());
        let hint = format!("写 plans/ 里有的（{}），不带 .toml", known.join("、"));
        sheet.fault(unit.plan.span(), message, hint);
    }
}
