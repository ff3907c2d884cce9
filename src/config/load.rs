//! All files of an office, read in one go: settings, contacts, plans, keyword lists, sources.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::model::{Contact, Plan, Unit};

use super::{
    Fault, Folder, Settings, Warning, contacts,
    contacts::Doors,
    plan,
    settings::{self, WrittenUnit},
    sheet::Sheet,
    shipped,
};

/// Everything that the office's files say, checked.
#[derive(Debug, Clone)]
pub struct Office {
    /// Where the files are.
    pub folder: Folder,
    /// `yuqing.toml` without its units.
    pub settings: Settings,
    /// Plans by id (file stem).
    pub plans: BTreeMap<String, Arc<Plan>>,
    /// `contacts.toml`, in its order.
    pub contacts: Vec<Contact>,
    /// The units, in their order.
    pub units: Vec<Unit>,
}

impl Office {
    /// The plan of a unit.
    #[must_use]
    pub fn plan_of(&self, unit: &str) -> Option<&Arc<Plan>> {
        let unit = self.units.iter().find(|known| known.name == unit)?;
        self.plans.get(&unit.plan)
    }

    /// Whether every contact is in exercise mode: nothing has been sent to anybody yet.
    #[must_use]
    pub fn exercises_only(&self) -> bool {
        self.contacts.iter().flat_map(|contact| &contact.channels).all(|channel| !channel.counts_as_told())
    }
}

/// What was found beside the office itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Findings {
    pub(super) faults: Vec<Fault>,
    pub(super) warnings: Vec<Warning>,
}

impl Findings {
    fn take(&mut self, sheet: Sheet<'_>) {
        let (faults, warnings) = sheet.into_findings();
        self.faults.extend(faults);
        self.warnings.extend(warnings);
    }
}

/// A text file of the office, with the path that its faults name.
struct Document {
    path: PathBuf,
    text: String,
}

impl Document {
    fn open(folder: &Folder, name: &str, findings: &mut Findings) -> Option<Self> {
        let path = folder.path(name);
        match folder.text(name) {
            Ok(Some(text)) => return Some(Self { path, text }),
            Ok(None) => {
                let hint = "用 yuqing init --unit 名称 建立本单位的文件夹，或用 --office 指明它在哪里";
                findings.faults.push(Fault::of_file(&path, "没有这个文件", Some(hint.to_owned())));
            }
            Err(fault) => findings.faults.push(fault),
        }
        None
    }

    fn sheet(&self) -> Sheet<'_> {
        Sheet::new(&self.path, &self.text)
    }
}

/// Reads all files of an office.
///
/// # Errors
/// Every fault of every file, by file and line.
pub fn load(folder: &Folder) -> Result<(Office, Vec<Warning>), Vec<Fault>> {
    let mut findings = Findings::default();
    let office = read(folder, &mut findings);
    match office {
        Some(office) if findings.faults.is_empty() => Ok((office, findings.warnings)),
        _ => Err(findings.faults),
    }
}

fn read(folder: &Folder, findings: &mut Findings) -> Option<Office> {
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
    Some(Office {
        folder: folder.clone(),
        settings,
        plans,
        contacts: contacts.unwrap_or_default(),
        units: units.into_iter().map(|written| written.unit).collect(),
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
