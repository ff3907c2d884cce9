//! All files of an office, read in one go: settings, contacts, plans, keyword lists, sources.

mod calendar;
mod draft;
mod lists;
mod tables;
mod topics;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use jiff::Timestamp;

use crate::{
    keyword::List,
    locale::notice::Templates,
    model::{Contact, Plan, Roster, Unit, Upward, Workdays},
};

use super::{
    Calendar, Fault, Folder, Settings, TopicWatch, Warning,
    contacts::{self, Contacts},
    preset::Presets,
    sheet::Sheet,
    source::Source,
    stamp::Stamp,
};
use tables::Tables;

pub(super) use calendar::FILE as CALENDAR;
pub use draft::{Checked, check, check_list, with};

/// Everything that the office's files say, checked.
#[derive(Debug, Clone)]
pub struct Office {
    /// Where the files are.
    pub folder: Folder,
    /// `yuqing.toml` without its units.
    pub settings: Settings,
    /// Plans by id (file stem).
    pub plans: BTreeMap<String, Arc<Plan>>,
    /// `contacts.toml`.
    pub contacts: Contacts,
    /// The units, in their order.
    pub units: Vec<Unit>,
    /// Keyword files by unit, in their order: (unit, path below the office's folder).
    pub keyword_files: Vec<(String, String)>,
    /// Topic watches, in their order, those that have not begun or are over included.
    pub topics: Vec<TopicWatch>,
    /// Keyword lists, one a file, those of all topics included: what counts at an instant is said by
    /// [`Office::lists_at`].
    pub lists: Vec<Arc<List>>,
    /// Site presets: the shipped ones, and the office's own over them.
    pub presets: Presets,
    /// What is watched, switched-off ones included. Shared, for ten thousand of them take megabytes.
    pub sources: Arc<Vec<Source>>,
    /// Days off and working weekends.
    pub workdays: Arc<Workdays>,
    /// The duty rota.
    pub roster: Arc<Roster>,
    /// What units report to those above them, by unit.
    pub upward: BTreeMap<String, Upward>,
    /// The layout of messages: the shipped one with the office's own over it.
    pub templates: Templates,
    /// The office's own texts of papers, by name.
    pub papers: Arc<BTreeMap<String, String>>,
    /// Sensitive dates.
    pub calendar: Arc<Calendar>,
    /// What the files looked like just before they were read.
    pub(super) stamp: Stamp,
}

impl Office {
    /// The plan of a unit.
    #[must_use]
    pub fn plan_of(&self, unit: &str) -> Option<&Arc<Plan>> {
        let unit = self.units.iter().find(|known| known.name == unit)?;
        self.plans.get(&unit.plan)
    }

    /// Where the database stands.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.settings.daemon.database.clone().unwrap_or_else(|| self.folder.usual_database())
    }

    /// Whether every contact is in exercise mode: nothing has been sent to anybody yet.
    #[must_use]
    pub fn exercises_only(&self) -> bool {
        let everybody = self.contacts.everybody();
        everybody.iter().flat_map(|contact| &contact.channels).all(|channel| !channel.counts_as_told())
    }

    /// The mark of what is made up, of the first unit whose plan only drills.
    #[must_use]
    pub fn mark(&self) -> Option<String> {
        self.units.iter().find_map(|unit| self.plan_of(&unit.name)?.exercise_mark.clone())
    }

    /// Everybody to whom notices go, as the notices of a unit name them ([`contacts::called`]): a contact of the unit
    /// above that is told of this unit's incidents stands here under this unit, too.
    #[must_use]
    pub fn readers(&self) -> Vec<Contact> {
        let mut readers = self.contacts.everybody();
        for (unit, upward) in &self.upward {
            let above = self.contacts.own.get(&upward.unit).into_iter().flat_map(|own| own.values());
            let told = above.filter(|contact| upward.tell.contains(&contact.name));
            readers
                .extend(told.map(|one| Contact { name: contacts::called(unit, &one.name), ..one.clone() }));
        }
        readers
    }

    /// The lists in force at an instant: a topic's only between its start and its end.
    #[must_use]
    pub fn lists_at(&self, now: Timestamp) -> Vec<Arc<List>> {
        self.lists.iter().filter(|list| list.is_in_force(now)).cloned().collect()
    }

    /// The next instant strictly after `now` at which a topic begins or ends.
    #[must_use]
    pub fn next_topic_change(&self, now: Timestamp) -> Option<Timestamp> {
        self.topics.iter().filter_map(|watch| watch.topic.next_change(now)).min()
    }

    /// Every keyword file that is named, relative to the office's folder.
    pub fn files_of_keywords(&self) -> impl Iterator<Item = &str> {
        let of_units = self.keyword_files.iter().map(|(_, file)| file);
        of_units.chain(self.topics.iter().flat_map(|watch| &watch.files)).map(String::as_str)
    }

    fn of(
        folder: &Folder,
        tables: Tables,
        lists: Vec<Arc<List>>,
        calendar: Arc<Calendar>,
        stamp: Stamp,
    ) -> Self {
        let Tables {
            settings,
            plans,
            contacts,
            units,
            keyword_files,
            topics,
            presets,
            mut sources,
            workdays,
            roster,
            upward,
            templates,
            papers,
        } = tables;
        calendar::attend(Arc::make_mut(&mut sources).as_mut_slice(), &calendar, &settings.time_zone);
        Self {
            folder: folder.clone(),
            settings,
            plans,
            contacts,
            units,
            keyword_files,
            topics,
            lists,
            presets,
            sources,
            workdays,
            roster,
            upward,
            templates,
            papers,
            calendar,
            stamp,
        }
    }

    fn tables(&self) -> Tables {
        Tables {
            settings: self.settings.clone(),
            plans: self.plans.clone(),
            contacts: self.contacts.clone(),
            units: self.units.clone(),
            keyword_files: self.keyword_files.clone(),
            topics: self.topics.clone(),
            presets: self.presets.clone(),
            sources: self.sources.clone(),
            workdays: self.workdays.clone(),
            roster: self.roster.clone(),
            upward: self.upward.clone(),
            templates: self.templates.clone(),
            papers: self.papers.clone(),
        }
    }
}

/// What was found beside the office itself.
#[derive(Debug, Clone, Default)]
struct Findings {
    faults: Vec<Fault>,
    warnings: Vec<Warning>,
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
    let mut stamp = Stamp::of(folder);
    let Some(tables) = tables::read(folder, &mut findings) else { return Err(findings.faults) };
    stamp_lists(&mut stamp, folder, &tables);
    let mut lists = lists::read(folder, &tables, &[], &mut findings);
    lists.extend(topics::read(folder, &tables, &[], &mut findings));
    let calendar = calendar::read(folder, &tables, None, &mut findings);
    if findings.faults.is_empty() {
        Ok((Office::of(folder, tables, lists, calendar, stamp), findings.warnings))
    } else {
        let sheet = |fault: &Fault| fault.cell.as_ref().map_or(0, |cell| cell.sheet_number);
        findings.faults.sort_by(|a, b| {
            (&a.file, sheet(a), a.line, a.column).cmp(&(&b.file, sheet(b), b.line, b.column))
        });
        Err(findings.faults)
    }
}

fn stamp_lists(stamp: &mut Stamp, folder: &Folder, tables: &Tables) {
    let of_units = tables.keyword_files.iter().map(|(_, file)| file);
    for file in of_units.chain(tables.topics.iter().flat_map(|watch| &watch.files)) {
        stamp.add(&folder.path(file));
    }
}

/// An office that is in force although some of its files may be wrong.
#[derive(Debug, Clone)]
pub struct Reloaded {
    /// What is in force now.
    pub office: Office,
    /// Faults of the files whose last good state stays in force.
    pub faults: Vec<Fault>,
    /// What is probably not meant.
    pub warnings: Vec<Warning>,
}

/// Reads all files of an office that is running. The TOML files hold together, so a fault in one keeps
/// the last good state of all of them; each keyword list stands alone, so a broken one keeps its own
/// last good state and holds up no other.
#[must_use]
pub fn load_after(folder: &Folder, previous: &Office) -> Reloaded {
    let mut findings = Findings::default();
    let mut stamp = Stamp::of(folder);
    let read = tables::read(folder, &mut findings).filter(|_| findings.faults.is_empty());
    let tables = read.unwrap_or_else(|| previous.tables());
    stamp_lists(&mut stamp, folder, &tables);
    let (of_units, of_topics): (Vec<_>, Vec<_>) =
        previous.lists.iter().cloned().partition(|list| list.topic.is_none());
    let mut lists = lists::read(folder, &tables, &of_units, &mut findings);
    lists.extend(topics::read(folder, &tables, &of_topics, &mut findings));
    let calendar = calendar::read(folder, &tables, Some(&previous.calendar), &mut findings);
    let Findings { faults, warnings } = findings;
    Reloaded { office: Office::of(folder, tables, lists, calendar, stamp), faults, warnings }
}
