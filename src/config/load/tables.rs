//! The TOML files: settings, contacts, plans, presets, sources, each checked against the others.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::tz::TimeZone;

use crate::{
    config::{
        Fault, Folder, Settings, Warning, contacts,
        contacts::{Contacts, Doors},
        holidays, maintenance, papers, plan,
        preset::Presets,
        retention, rota,
        secret::SecretRef,
        settings::{self, WrittenUnit},
        sheet::Sheet,
        shipped,
        source::{self, Source, SourceKind},
        templates,
        topics::{self, TopicWatch},
    },
    locale::notice::Templates,
    model::{ChannelKind, Contact, Plan, Roster, Unit, Upward, Workdays},
};

use super::{Document, Findings};

/// What the TOML files say.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    pub(super) settings: Settings,
    pub(super) plans: BTreeMap<String, Arc<Plan>>,
    pub(super) contacts: Contacts,
    pub(super) units: Vec<Unit>,
    /// Keyword files by unit, in their order.
    pub(super) keyword_files: Vec<(String, String)>,
    pub(super) topics: Vec<TopicWatch>,
    pub(super) presets: Presets,
    pub(super) sources: Arc<Vec<Source>>,
    /// Days off and working weekends.
    pub(super) workdays: Arc<Workdays>,
    /// The duty rota.
    pub(super) roster: Arc<Roster>,
    /// What units report to those above them.
    pub(super) upward: BTreeMap<String, Upward>,
    pub(super) templates: Templates,
    pub(super) papers: Arc<BTreeMap<String, String>>,
}

/// Reads them. `None` when `yuqing.toml` cannot be read at all; otherwise the value holds only when no
/// fault was found.
pub(super) fn read(folder: &Folder, findings: &mut Findings) -> Option<Tables> {
    let document = Document::open(folder, "yuqing.toml", findings);
    let sheet = document.as_ref().map(Document::sheet);
    let written = sheet.as_ref().and_then(settings::read);
    let doors = written.as_ref().map(|(settings, ..)| doors(settings));
    let names: Option<Vec<String>> =
        written.as_ref().map(|(_, units, _)| units.iter().map(|written| written.unit.name.clone()).collect());
    let contacts = read_contacts(folder, doors.as_ref(), names.as_deref(), findings);
    let units = written.as_ref().map_or(&[][..], |(_, units, _)| units);
    let plans = read_plans(folder, units, contacts.as_ref(), findings);
    let before = findings.faults.len();
    let (presets, mut sources) = read_sources(folder, units, &plans, findings);
    let sources_read = findings.faults.len() == before;
    owe_rounds(&mut sources, units);
    let (mut topics, mut tiers) = (Vec::new(), BTreeMap::new());
    if let Some(sheet) = sheet {
        check_units(&sheet, units, &plans, contacts.as_ref());
        if let (Some((settings, ..)), Some(contacts)) = (&written, &contacts) {
            contacts::check_known(&sheet, &settings.heartbeat.daily_to, contacts.shared.iter());
        }
        let under: Option<Vec<&Plan>> =
            units.iter().map(|unit| plans.get(&unit.unit.plan).and_then(Option::as_ref)).collect();
        if let (Some((settings, ..)), Some(plans)) = (&written, under) {
            tiers = retention::tiers(&sheet, &settings.kept_tiers, &plans);
        }
        if let Some((settings, ..)) = written.as_ref().filter(|_| sources_read) {
            maintenance::check(&sheet, &settings.maintenance, &sources);
        }
        let written = written.as_ref().map(|(.., topics)| topics.clone()).unwrap_or_default();
        topics = topics::check(&sheet, written, &zones(units, &plans));
        findings.take(sheet);
    }
    let workdays = Arc::new(read_workdays(folder, findings));
    let roster = Arc::new(read_roster(folder, contacts.as_ref(), written.as_ref(), findings));
    let upward = upward(units, &plans);
    let templates = templates::read(folder, &mut findings.faults);
    let papers = Arc::new(papers::read(folder, &mut findings.warnings));
    let (mut settings, units, _) = written?;
    settings.retention.tiers = tiers;
    maintenance::cover_sites(&mut settings.maintenance, &sources);
    let by_hand = settings.voice.is_none();
    let plans =
        plans.into_iter().filter_map(|(id, plan)| Some((id, Arc::new(called(plan?, by_hand))))).collect();
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
        topics,
        presets: presets?,
        sources: Arc::new(sources),
        workdays,
        roster,
        upward,
        templates,
        papers,
    })
}

/// Without a voice gateway the calls that a plan asks for are made by the duty desk.
fn called(mut plan: Plan, by_hand: bool) -> Plan {
    for tier in plan.tiers.iter_mut().filter(|_| by_hand) {
        let wants = tier.channels.contains(&ChannelKind::Voice);
        let has = tier.channels.contains(&ChannelKind::Phone);
        tier.channels.retain(|kind| *kind != ChannelKind::Voice);
        if wants && !has {
            tier.channels.push(ChannelKind::Phone);
        }
    }
    plan
}

/// The zone of each unit whose plan can be read.
fn zones(units: &[WrittenUnit], plans: &BTreeMap<String, Option<Plan>>) -> BTreeMap<String, TimeZone> {
    let zone = |unit: &WrittenUnit| TimeZone::get(&plans.get(&unit.unit.plan)?.as_ref()?.zone).ok();
    units.iter().filter_map(|unit| Some((unit.unit.name.clone(), zone(unit)?))).collect()
}

/// A source owes what its own file says, else the most of what its units ask for.
fn owe_rounds(sources: &mut [Source], units: &[WrittenUnit]) {
    for source in sources.iter_mut().filter(|source| !matches!(source.kind, SourceKind::Push)) {
        let of_units = units
            .iter()
            .filter(|written| source.units.is_empty() || source.units.contains(&written.unit.name))
            .filter_map(|written| written.rounds_a_day)
            .max();
        source.attention.rounds_a_day = source.attention.rounds_a_day.or(of_units);
    }
}

/// The duty rota, when the office keeps one.
fn read_roster(
    folder: &Folder,
    contacts: Option<&Contacts>,
    written: Option<&(Settings, Vec<WrittenUnit>, Vec<topics::WrittenTopic>)>,
    findings: &mut Findings,
) -> Roster {
    let Some((settings, units, _)) = written else { return Roster::default() };
    let text = match folder.text(rota::FILE) {
        Ok(Some(text)) => text,
        Ok(None) => return Roster::default(),
        Err(fault) => {
            findings.faults.push(fault);
            return Roster::default();
        }
    };
    let document = Document { path: folder.path(rota::FILE), text };
    let sheet = document.sheet();
    let units: Vec<String> = units.iter().map(|written| written.unit.name.clone()).collect();
    let roster = rota::read(&sheet, contacts, &units, &settings.time_zone);
    findings.take(sheet);
    roster
}

/// What each unit reports upward, by the ranks of its own plan.
fn upward(units: &[WrittenUnit], plans: &BTreeMap<String, Option<Plan>>) -> BTreeMap<String, Upward> {
    let of = |written: &WrittenUnit| {
        let parent = written.parent.as_ref()?;
        let plan = plans.get(&written.unit.plan)?.as_ref()?;
        Some(Upward {
            unit: parent.unit.clone(),
            from_rank: plan.tier_named(parent.from.get_ref())?.rank,
            tell: parent.tell.iter().map(|name| name.get_ref().clone()).collect(),
        })
    };
    units.iter().filter_map(|written| Some((written.unit.name.clone(), of(written)?))).collect()
}

/// Holidays; an office without the file takes the shipped one.
fn read_workdays(folder: &Folder, findings: &mut Findings) -> Workdays {
    match holidays::of(folder) {
        Ok((workdays, warnings)) => {
            findings.warnings.extend(warnings);
            workdays
        }
        Err(faults) => {
            findings.faults.extend(faults);
            Workdays::default()
        }
    }
}

fn doors(settings: &Settings) -> Doors {
    let from = settings.email.as_ref().and_then(|email| email.from.parse::<lettre::message::Mailbox>().ok());
    Doors {
        email: settings.email.is_some(),
        sms: settings.sms.is_some(),
        robots: settings.robots.iter().map(|robot| (robot.name.clone(), robot.detail)).collect(),
        webhooks: settings.webhooks.iter().map(|hook| hook.name.clone()).collect(),
        ntfy: settings.ntfy.as_ref().map(|ntfy| ntfy.detail),
        voice: settings.voice.is_some(),
        mail_domain: from.map(|from| from.email.domain().to_owned()),
    }
}

/// The contacts; `None` when their file is wrong, so that plans do not repeat its faults.
fn read_contacts(
    folder: &Folder,
    doors: Option<&Doors>,
    units: Option<&[String]>,
    findings: &mut Findings,
) -> Option<Contacts> {
    let document = Document::open(folder, "contacts.toml", findings)?;
    let sheet = document.sheet();
    let contacts = contacts::read(&sheet, doors, units);
    let before = findings.faults.len();
    findings.take(sheet);
    (findings.faults.len() == before).then_some(contacts)
}

/// Every plan of the folder, and the shipped ones that a unit names and the folder does not hold. `None`
/// stands for a plan that is there and wrong.
fn read_plans(
    folder: &Folder,
    units: &[WrittenUnit],
    contacts: Option<&Contacts>,
    findings: &mut Findings,
) -> BTreeMap<String, Option<Plan>> {
    let mut plans = BTreeMap::new();
    for name in folder.list("plans", ".toml") {
        let id = stem(&name);
        let plan = Document::open(folder, &name, findings)
            .and_then(|document| read_plan(&document, &id, &views(&id, units, contacts), findings));
        plans.insert(id, plan);
    }
    for id in units.iter().map(|unit| &unit.unit.plan) {
        let name = format!("plans/{id}.toml");
        if let Some(text) = shipped::file(&name)
            && !plans.contains_key(id)
        {
            let document = Document { path: PathBuf::from(name), text: text.to_owned() };
            plans.insert(id.clone(), read_plan(&document, id, &views(id, units, contacts), findings));
        }
    }
    plans
}

/// Whom a plan's names mean to a unit under it; `unit` is empty where that is the same to all.
struct View {
    unit: String,
    contacts: Option<BTreeMap<String, Contact>>,
}

/// One view for all units without contacts of their own, and one for each that has some. A plan that no unit runs under
/// may name anybody.
fn views(plan: &str, units: &[WrittenUnit], contacts: Option<&Contacts>) -> Vec<View> {
    let by_name = |contact: &Contact| (contact.name.clone(), contact.clone());
    let Some(contacts) = contacts else { return vec![View { unit: String::new(), contacts: None }] };
    let under: Vec<&str> =
        units.iter().filter(|unit| unit.unit.plan == plan).map(|unit| unit.unit.name.as_str()).collect();
    let mut views: Vec<View> = under
        .iter()
        .filter(|unit| contacts.own.contains_key(**unit))
        .map(|unit| View {
            unit: (*unit).to_owned(),
            contacts: Some(contacts.of_unit(unit).map(by_name).collect()),
        })
        .collect();
    if under.is_empty() {
        let own = contacts.own.values().flat_map(BTreeMap::values);
        let all = own.chain(&contacts.shared).map(by_name).collect();
        views.push(View { unit: String::new(), contacts: Some(all) });
    } else if views.len() < under.len() {
        // One stands for all of them; where it sees what others see, too, none is named.
        let some = under.iter().find(|unit| !contacts.own.contains_key(**unit)).filter(|_| !views.is_empty());
        let unit = some.map(|unit| (*unit).to_owned()).unwrap_or_default();
        views.insert(0, View { unit, contacts: Some(contacts.shared.iter().map(by_name).collect()) });
    }
    views
}

/// Reads a plan as each of the views sees it; what is wrong to one unit alone says to which.
fn read_plan(document: &Document, id: &str, views: &[View], findings: &mut Findings) -> Option<Plan> {
    let mut read = None;
    let mut found: Vec<(Vec<Fault>, Vec<Warning>)> = Vec::new();
    for view in views {
        let sheet = document.sheet();
        read = read.or(plan::read(&sheet, id, view.contacts.as_ref()));
        found.push(sheet.into_findings());
    }
    let to_all = |fault: &Fault| found.iter().all(|(faults, _)| faults.contains(fault));
    let mut faults: Vec<Fault> = Vec::new();
    for (view, (of_view, _)) in views.iter().zip(&found) {
        for fault in of_view {
            let mut fault = fault.clone();
            if !view.unit.is_empty() && !to_all(&fault) {
                fault.message = format!("{}（单位 {}）", fault.message, view.unit);
            }
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
    }
    let is_right = faults.is_empty();
    findings.faults.extend(faults);
    for warning in found.into_iter().flat_map(|(_, warnings)| warnings) {
        if !findings.warnings.contains(&warning) {
            findings.warnings.push(warning);
        }
    }
    read.filter(|_| is_right)
}

fn stem(name: &str) -> String {
    Path::new(name).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

fn check_units(
    sheet: &Sheet<'_>,
    units: &[WrittenUnit],
    plans: &BTreeMap<String, Option<Plan>>,
    contacts: Option<&Contacts>,
) {
    for unit in units {
        let Some(parent) = &unit.parent else { continue };
        let plan = plans.get(&unit.unit.plan).and_then(Option::as_ref);
        if let Some(plan) = plan.filter(|plan| plan.tier_named(parent.from.get_ref()).is_none()) {
            let names: Vec<&str> = plan.tiers.iter().map(|tier| tier.name.as_str()).collect();
            let message = format!("预案 {} 里没有等级 {}", plan.title, parent.from.get_ref());
            sheet.fault(parent.from.span(), message, format!("写其中之一: {}", names.join("、")));
        }
        if let Some(contacts) = contacts {
            contacts::check_known(sheet, &parent.tell, contacts.of_unit(&parent.unit));
            check_whose(sheet, &unit.unit.name, parent, contacts);
        }
    }
    for unit in units.iter().filter(|unit| !plans.contains_key(unit.plan.get_ref())) {
        let known: Vec<&str> = plans.keys().map(String::as_str).collect();
        let message = format!("没有预案 {}", unit.plan.get_ref());
        let hint = format!("写 plans/ 里有的（{}），不带 .toml", known.join("、"));
        sheet.fault(unit.plan.span(), message, hint);
    }
}

/// Whom a unit reports to above it is named beside its own people, so a name must not mean both.
fn check_whose(sheet: &Sheet<'_>, unit: &str, parent: &settings::WrittenParent, contacts: &Contacts) {
    let shared = |name: &str| contacts.shared.iter().any(|contact| contact.name == name);
    for name in &parent.tell {
        let above = contacts.is_own(&parent.unit, name.get_ref());
        if contacts.is_own(unit, name.get_ref()) || (above && shared(name.get_ref())) {
            let message =
                format!("抄送上级单位 {} 的 {}，却另有一位同名的联系人", parent.unit, name.get_ref());
            let hint = "给上级单位的这位起一个别处没有的名字，如 \"局值班室\"";
            sheet.fault(name.span(), message, hint);
        }
    }
}

/// Presets and sources; without presets no source can be read.
fn read_sources(
    folder: &Folder,
    units: &[WrittenUnit],
    plans: &BTreeMap<String, Option<Plan>>,
    findings: &mut Findings,
) -> (Option<Presets>, Vec<Source>) {
    let mut sources: Vec<Source> = Vec::new();
    let presets = match Presets::load(folder.config_dir().as_deref()) {
        Ok(presets) => presets,
        Err(faults) => {
            findings.faults.extend(faults);
            return (None, sources);
        }
    };
    for name in folder.list("sources.d", ".toml") {
        let Some(document) = Document::open(folder, &name, findings) else { continue };
        match source::parse(&document.path, &document.text, &presets, &sources) {
            Ok(found) => {
                let faults = found.iter().flat_map(|source| check_source(&document, source, units, plans));
                findings.faults.extend(faults);
                sources.extend(found);
            }
            Err(faults) => findings.faults.extend(faults),
        }
    }
    // Kept for as long as the daemon runs.
    sources.shrink_to_fit();
    (Some(presets), sources)
}

/// Units, tiers and credentials that a source names must be there.
fn check_source(
    document: &Document,
    source: &Source,
    units: &[WrittenUnit],
    plans: &BTreeMap<String, Option<Plan>>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut note = |written: &str, message: String, hint: String| {
        let line = document.text.lines().position(|line| line.contains(&format!("\"{written}\"")));
        faults.push(Fault::on_line(
            &document.path,
            &document.text,
            line.map_or(1, |at| at + 1),
            message,
            Some(hint),
        ));
    };
    for unit in source.units.iter().filter(|unit| !units.iter().any(|known| known.unit.name == **unit)) {
        let names: Vec<&str> = units.iter().map(|known| known.unit.name.as_str()).collect();
        note(
            unit,
            format!("信源 {}: yuqing.toml 里没有单位 {unit}", source.name),
            format!("写已有的单位: {}", names.join("、")),
        );
    }
    if let SourceKind::Watch { pages } = &source.kind {
        let named = units.iter().filter(|known| source.units.contains(&known.unit.name));
        for plan in named.filter_map(|unit| plans.get(&unit.unit.plan)?.as_ref()) {
            // Without the tier a tampering would be told as an ordinary post.
            if plan.tier_named(&pages.at_least).is_none() {
                let tiers: Vec<&str> = plan.tiers.iter().map(|tier| tier.name.as_str()).collect();
                note(
                    &source.name,
                    format!("信源 {}: 预案 {} 里没有“{}”这一级", source.name, plan.title, pages.at_least),
                    format!("用 at_least 写明篡改至少算哪一级: {}", tiers.join("、")),
                );
            }
        }
    }
    if let Some(written) = source.credential.as_ref().filter(|_| source.enabled)
        && let Err(error) = SecretRef::parse(written).and_then(|reference| reference.resolve())
    {
        note(written, format!("信源 {}: {error}", source.name), error.hint("credential"));
    }
    faults
}
