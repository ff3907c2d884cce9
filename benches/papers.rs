//! What the monthly report and the register cost over a database of years: reading, figures, Word file, workbook.
//!
//! `cargo bench --bench papers -- 20000 1250 120` takes so many incidents, of two posts each, so many looks at each post
//! (fifty million observations), spread evenly over so many months. Prints times and the greatest memory of a process
//! that did nothing else; asserts only that this memory is bounded.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a bench prints figures and may stop")]

#[path = "common/pattern.rs"]
mod pattern;
#[path = "common/told.rs"]
mod told;

use std::{path::Path, process::Command, time::Instant};

use jiff::{SignedDuration, Timestamp, civil::date, tz::TimeZone};
use yuqing::{
    desk::Change,
    locale::{Locale, When},
    model::{
        Base, Count, Deadline, DeadlineKind, DeadlineState, Incident, IncidentId, ObservationRow, PostKey,
        PostRow,
    },
    report::{
        monthly,
        paper::{
            PaperKind, docx,
            texts::Texts,
            unit::{self, Period, SpanRows, UnitFacts, merged, rows::Cases},
        },
        register::Register,
    },
    store::{SqliteStore, Store},
};

const UNIT: &str = "青川县人民医院";
/// Incidents of one commit while the file is filled.
const BATCH: u64 = 20;
/// Megabytes that neither paper may exceed.
const MOST: f64 = 200.0;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let mut numbers = words.iter().filter_map(|word| word.parse::<u64>().ok());
    let wanted = Wanted {
        incidents: numbers.next().unwrap_or(400),
        looks: numbers.next().unwrap_or(4),
        months: numbers.next().unwrap_or(24).max(1),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    // A process of its own fills the file, so that its memory is not counted.
    if let Some(path) = words.iter().find_map(|word| word.strip_prefix("fill=")) {
        return runtime.block_on(wanted.fill(Path::new(path)));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("yuqing.db");
    let begin = Instant::now();
    let filled = Command::new(std::env::current_exe().expect("this program"))
        .arg(format!("fill={}", path.display()))
        .args([wanted.incidents, wanted.looks, wanted.months].map(|number| number.to_string()))
        .status();
    assert!(filled.expect("a process").success(), "the file was filled");
    println!(
        "papers: {} incidents in {} months, {} observations, {} MB, filled in {:.0} s",
        wanted.incidents,
        wanted.months,
        2 * wanted.incidents * wanted.looks,
        std::fs::metadata(&path).map_or(0, |file| file.len() / 1_000_000),
        begin.elapsed().as_secs_f64()
    );
    runtime.block_on(measured(&path));
}

/// Prints what each step takes.
async fn measured(path: &Path) {
    let store = SqliteStore::open(path).expect("a store");
    let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
    let when = When { now: end(), locale: Locale::ZhCn, zone };
    let units = [UNIT.to_owned()];
    forget_peak();
    let begin = Instant::now();
    let period = Period::Month(date(2026, 11, 1));
    let rows = SpanRows::read(&store, (&units, &[]), period, &when.zone, false).await.expect("rows");
    let read = begin.elapsed();
    let facts = UnitFacts::of(&rows, PaperKind::Monthly, UNIT, "", &when);
    let (paper, _) = unit::paper(&facts, PaperKind::Monthly, &Texts::shipped(), when.locale);
    let word = docx::docx(&paper, &docx::Form::default()).expect("a Word file");
    let written = begin.elapsed();
    let merged_in_it = merged(&store, &units, rows.from).await.expect("rows");
    let book = monthly::workbook(&rows, &facts, &merged_in_it, &when).expect("a workbook");
    let whole = begin.elapsed();
    let peak = peak();
    println!(
        "papers: monthly of {} cases: read {read:.2?}, Word file by {written:.2?} ({} kB), workbook by {whole:.2?} ({} kB), {peak:.0} MB at most",
        rows.cases.len(),
        word.len() / 1_000,
        book.len() / 1_000
    );
    assert!(peak < MOST, "the memory of a monthly report is bounded");
    drop((rows, facts, paper, word, book));

    forget_peak();
    let begin = Instant::now();
    let merged = merged(&store, &units, Timestamp::MIN).await.expect("rows");
    let mut cases = Cases::of(&units, Timestamp::MIN, Timestamp::MAX, false);
    let mut register = Register::new(when).expect("a register");
    let mut count = 0;
    while let Some(batch) = cases.next(&store).await.expect("cases") {
        count += batch.len();
        register.add(&batch, &merged).expect("rows");
    }
    let book = register.end(cases.is_cut()).expect("a workbook");
    let peak = self::peak();
    println!(
        "papers: register of {count} cases: {:.2?} ({} kB), {peak:.0} MB at most",
        begin.elapsed(),
        book.len() / 1_000
    );
    assert!(peak < MOST, "the memory of a register is bounded");
}

/// Lets the system forget the greatest memory so far.
fn forget_peak() {
    if let Err(error) = std::fs::write("/proc/self/clear_refs", "5") {
        println!("papers: the greatest memory is that since the start: {error}");
    }
}

/// Megabytes that were held at most.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes: Option<f64> = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    kilobytes.map_or(0.0, |kilobytes| kilobytes / 1_000.0)
}

/// The instant as of which papers are written.
fn end() -> Timestamp {
    "2026-11-30T15:00:00Z".parse().expect("a literal")
}

/// How much there is.
struct Wanted {
    incidents: u64,
    looks: u64,
    months: u64,
}

impl Wanted {
    /// First sight of an incident: the first is the newest.
    fn seen(&self, id: u64) -> Timestamp {
        let seconds = self.months * 2_629_800 / self.incidents.max(1) * id;
        end() - SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(0))
    }

    /// Fills a file with copies of one incident, each with words, sites, limits and notices of its own.
    async fn fill(&self, path: &Path) {
        let store = SqliteStore::open(path).expect("a store");
        let (incident, post) =
            pattern::of(UNIT, end(), format!("{UNIT}今天排队三小时，收费窗口只开一个，没有人出来解释。"));
        let mut from = 1;
        while from <= self.incidents {
            let until = (from + BATCH).min(self.incidents + 1);
            let changes = (from..until).flat_map(|id| self.case(id, &incident, &post)).collect();
            store.commit(changes).await.expect("a commit");
            from = until;
        }
    }

    fn case(&self, id: u64, incident: &Incident, post: &PostRow) -> Vec<Change> {
        let seen = self.seen(id);
        let mut row = incident.clone();
        row.id = IncidentId(id);
        (row.detected_at, row.opened_at) = (seen, seen);
        row.gist = format!("第{id}件：窗口排队三小时，无人解释");
        row.heat.sites = vec![format!("site{}", id % 10), "weibo".to_owned()];
        row.groups = vec![format!("词组{}", id % 7)];
        let mut changes = vec![Change::Incident(Box::new(row.clone()))];
        for (kind, minutes) in
            [(DeadlineKind::Report, 5), (DeadlineKind::Acknowledge, 15), (DeadlineKind::Response, 240)]
        {
            changes.push(Change::Deadline(limit(&row, kind, minutes)));
        }
        changes.extend((0..4).map(|number| Change::Notice(Box::new(told::notice(&row, number)))));
        for copy in 0..2 {
            let mut member = post.clone();
            member.incident = IncidentId(id);
            member.post.key = PostKey { site: format!("site{}", id % 10), id: format!("{id}-{copy}") };
            for look in 0..self.looks {
                changes.push(Change::Observation(ObservationRow {
                    unit: UNIT.to_owned(),
                    post: member.post.key.clone(),
                    at: seen + SignedDuration::from_secs(600 * i64::try_from(look).unwrap_or(0)),
                    views: Some(Count::exact(look * 10)),
                    reposts: None,
                    comments: None,
                    likes: None,
                }));
            }
            changes.push(Change::Post(Box::new(member)));
        }
        changes
    }
}

/// A limit that was met within it, or a minute later.
fn limit(incident: &Incident, kind: DeadlineKind, minutes: i64) -> Deadline {
    let due_at = incident.detected_at + SignedDuration::from_mins(minutes);
    let late = i64::try_from(incident.id.0 % 2).unwrap_or(0);
    Deadline {
        key: format!("{}/{}", incident.id, kind.id()),
        incident: incident.id,
        kind,
        rank: incident.rank,
        line: None,
        step: 0,
        base: Base::Graded,
        base_at: incident.detected_at,
        due_at,
        state: DeadlineState::Met { at: due_at + SignedDuration::from_mins(late) },
        warned: false,
        duty: None,
        name: None,
        warnings: 0,
        reminders: 0,
        passed: false,
        moved: false,
    }
}
