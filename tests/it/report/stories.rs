//! Papers of the shipped plans, out of the story that was recorded for each: what an office with this plan hands up.

use std::{
    io::{Cursor, Read as _},
    sync::Arc,
};

use jiff::{Timestamp, civil::date, tz::TimeZone};
use yuqing::{
    desk::Change,
    locale::{Locale, When},
    model::{Ack, AckHow, Deadline, DeadlineState, IncidentId, NoticeState},
    report::paper::{
        Density, Paper, PaperKind,
        case::{self, Order},
        docx::{Form, docx},
        text,
        texts::Texts,
        unit::{self, Period, SpanRows, UnitFacts},
    },
    store::{MemoryDisk, MemoryStore, SharedStore},
};

use super::rendered::{close, pages};
use crate::plans::{PLANS, stage::changes};

/// The unit of the stories.
const UNIT: &str = "示范单位";

/// The story of a plan in a store, told to its end or until something happened, and the instant of that.
struct Told {
    store: SharedStore,
    now: Timestamp,
    /// The incident that reached the highest tier first.
    gravest: IncidentId,
}

fn when(now: Timestamp) -> When {
    When { now, locale: Locale::ZhCn, zone: TimeZone::get("Asia/Shanghai").unwrap() }
}

/// The instant of a change, where it has one.
fn at(change: &Change) -> Option<Timestamp> {
    match change {
        Change::Entry(entry) => Some(entry.at),
        Change::Notice(notice) => Some(notice.created_at),
        Change::Observation(row) => Some(row.at),
        _ => None,
    }
}

impl Told {
    /// `at_once`: until the gravest incident's tier was first told.
    async fn of(plan: &str, at_once: bool) -> Self {
        let mut changes = changes(plan);
        let top = changes.iter().filter_map(|change| match change {
            Change::Incident(row) => Some((row.rank, std::cmp::Reverse(row.id))),
            _ => None,
        });
        let (rank, gravest) = top.max().expect("incidents");
        let gravest = gravest.0;
        if at_once {
            let told = |change: &Change| {
                matches!(change, Change::Notice(notice) if notice.incident == Some(gravest) && notice.rank == rank
                    && matches!(notice.state, NoticeState::Accepted { .. }))
            };
            let first = changes.iter().position(told).expect("it was told");
            changes.truncate(first + 1);
        }
        let now = changes.iter().filter_map(at).max().expect("instants");
        let store: SharedStore = Arc::new(MemoryStore::open(&MemoryDisk::default()).unwrap());
        store.commit(changes).await.unwrap();
        Self { store, now, gravest }
    }

    async fn of_unit(&self, kind: PaperKind, period: Period) -> Paper {
        let when = when(self.now);
        let units = [UNIT.to_owned()];
        let rows =
            SpanRows::read(self.store.as_ref(), (&units, &[]), period, &when.zone, false).await.unwrap();
        let facts = UnitFacts::of(&rows, kind, UNIT, "", &when);
        let (paper, broken) = unit::paper(&facts, kind, &Texts::shipped(), when.locale);
        assert_eq!(broken, None);
        paper
    }

    async fn of_case(&self, kind: PaperKind) -> Paper {
        let view = self.store.incident(self.gravest).await.unwrap().unwrap();
        let (paper, broken) = case::paper(&view, &Order::of(kind), &Texts::shipped(), &when(self.now));
        assert_eq!(broken, None);
        paper
    }
}

/// All papers of a plan's story, in one file a plan: read them when they change.
#[tokio::test]
async fn each_plan_gives_its_papers() {
    for plan in PLANS {
        let mut all = String::new();
        let mut put = |paper: &Paper, words: &str| {
            whole(plan, paper);
            all.push_str(&format!("======== {} · {words}\n{}\n", paper.name, text::text(paper)));
        };
        put(&Told::of(plan, true).await.of_case(PaperKind::Special).await, "至最高等级");
        let told = Told::of(plan, false).await;
        for kind in PaperKind::OF_CASE.into_iter().filter(|kind| *kind != PaperKind::Special) {
            put(&told.of_case(kind).await, "全过程之后");
        }
        let month = Period::Month(date(2026, 11, 1));
        let day = Period::Days(1, date(2026, 11, 24));
        for (kind, period) in [
            (PaperKind::Monthly, month),
            (PaperKind::Circular, month),
            (PaperKind::Brief, day),
            (PaperKind::Digest, day),
        ] {
            put(&told.of_unit(kind, period).await, "全过程之后");
        }
        insta::assert_snapshot!(format!("story_{plan}"), all);
    }
}

/// A Word file of which every run names its East Asian font and no part is missing.
fn whole(plan: &str, paper: &Paper) {
    let bytes = docx(paper, &Form::default()).unwrap();
    let mut parcel = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let names: Vec<String> = parcel.file_names().map(|name| name.unwrap().into_owned()).collect();
    for name in names.iter().filter(|name| name.ends_with(".xml") || name.ends_with(".rels")) {
        let mut xml = String::new();
        parcel.by_name(name).unwrap().read_to_string(&mut xml).unwrap();
        let tree = roxmltree::Document::parse(&xml).unwrap_or_else(|error| panic!("{plan} {name}: {error}"));
        let named = |tag: &'static str| tree.descendants().filter(move |node| node.has_tag_name((W, tag)));
        for fonts in named("rFonts") {
            let asian = fonts.attribute((W, "eastAsia")).unwrap_or_default();
            assert!(!asian.is_empty(), "{plan} {}: a run without its font in {name}", paper.name);
        }
        let runs = named("r").count();
        assert!(named("rFonts").count() >= runs, "{plan} {}: {name}", paper.name);
        for relation in tree.descendants().filter(|node| node.tag_name().name() == "Relationship") {
            let target = relation.attribute("Target").unwrap();
            let folder = if name.starts_with("word/") { "word/" } else { "" };
            assert!(names.contains(&format!("{folder}{target}")), "{plan}: {target} of {name} is missing");
        }
    }
}

const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

#[tokio::test]
async fn each_plans_special_report_stands_on_one_page() {
    let mut papers = Vec::new();
    for plan in PLANS {
        for (name, at_once) in [("at-once", true), ("at-the-end", false)] {
            let paper = Told::of(plan, at_once).await.of_case(PaperKind::Special).await;
            papers.push((format!("one-page-{plan}-{name}"), paper));
        }
    }
    papers.push(("one-page-much".to_owned(), much(6).await));
    papers.push(("one-page-too-much".to_owned(), much(20).await));
    for ((name, paper), pages) in papers.iter().zip(pages(&papers)) {
        assert_ne!(paper.density, Density::Standard, "{name}");
        assert_eq!(pages.len(), 1, "{name}: {pages:#?}");
        // No figure is broken between two lines.
        let lines: Vec<&str> = pages[0].lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let ends = |line: &str| line.ends_with(|c: char| c.is_ascii_digit() || c == ',');
        let begins = |line: &str| line.starts_with(|c: char| c.is_ascii_digit());
        let broken = lines.windows(2).find(|two| ends(two[0]) && begins(two[1]));
        assert_eq!(broken, None, "{name}: {}", pages[0]);
        let page = close(&pages[0]);
        for words in ["一、反映内容", "二、", "三、尚不清楚", "四、已做工作", "五、处置建议", "签发："]
        {
            assert!(page.contains(words), "{name} lacks {words}: {page}");
        }
        let cut = page.contains("项，见案卷") || page.contains("个站点，见案卷");
        if name.ends_with("much") {
            assert_eq!(cut, name == "one-page-too-much", "{name}: {page}");
        }
    }
}

/// As much as a usual case has, or more: long posts on so many sites, unknown figures, many confirmations and answers.
async fn much(number: usize) -> Paper {
    let told = Told::of("general-office", true).await;
    let mut view = told.store.incident(told.gravest).await.unwrap().unwrap();
    let first = view.posts[0].clone();
    for site in 1..number.min(8) - 1 {
        let mut row = first.clone();
        row.post.key.site = format!("第{site}论坛");
        row.post.text = format!("第{site}处：{}", "窗口排队三小时没有人出来解释，群众意见很大。".repeat(12));
        row.post.url =
            format!("https://luntan{site}.example/forum.php?mod=viewthread&tid=104857{site}&extra=page");
        view.posts.push(row);
    }
    let incident = &mut view.incident;
    (incident.heat.views_unknown, incident.heat.reposts_unknown) = (3, 2);
    (incident.heat.estimated_views, incident.published_at) = (1_200, None);
    let ack = |name: usize| Ack {
        contact: format!("第{name}责任部门负责人"),
        rank: incident.rank,
        line: None,
        at: told.now,
        how: AckHow::Link,
        recorded_by: None,
    };
    incident.acks = (1..number).map(ack).collect();
    let limit = view.deadlines[0].clone();
    view.deadlines =
        (1..number).map(|_| Deadline { state: DeadlineState::Running, ..limit.clone() }).collect();
    case::paper(&view, &Order::of(PaperKind::Special), &Texts::shipped(), &when(told.now)).0
}
