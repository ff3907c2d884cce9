//! Papers out of a store: what each says, in the order and words of an office; an office's own text; the proof that
//! watching ran; the paper that goes with a mail.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp, civil::date, tz::TimeZone};
use yuqing::{
    config::{self, Folder},
    desk::Change,
    dispatch::{Channel as _, Enclosures, Verdict, channel::Email},
    locale::{Locale, When},
    model::{ChannelKind, Detail, IncidentId, NoticeId, NoticeKind, ReportKind},
    report::paper::{
        PaperKind,
        case::{self, Order},
        html, text,
        texts::Texts,
        unit::{self, Period, SpanRows, UnitFacts},
    },
    store::{MemoryDisk, MemoryStore, SharedStore, SourceState, Watched},
};

use crate::{
    console::rows::{Outside, UNIT, ago, day, incident, now},
    dispatch::notices::{email_settings, notice, texts as words},
    support::mail::MailServer,
};

fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

pub fn when(now: Timestamp) -> When {
    When { now, locale: Locale::ZhCn, zone: zone() }
}

fn empty() -> SharedStore {
    Arc::new(MemoryStore::open(&MemoryDisk::default()).unwrap())
}

pub async fn of_the_day() -> SharedStore {
    let store = empty();
    store.commit(day(&Outside::default())).await.unwrap();
    store
}

async fn written(store: &SharedStore, kind: PaperKind, texts: &Texts) -> String {
    let view = store.incident(IncidentId(1)).await.unwrap().unwrap();
    let (paper, broken) =
        case::paper(&view, &Order { since: Some(ago(600)), ..Order::of(kind) }, texts, &when(now()));
    assert_eq!(broken, None);
    text::text(&paper)
}

async fn of_unit(store: &SharedStore, kind: PaperKind, period: Period, at: Timestamp) -> String {
    let rows =
        SpanRows::read(store.as_ref(), (&[UNIT.to_owned()], &[]), period, &zone(), false).await.unwrap();
    let facts = UnitFacts::of(&rows, kind, UNIT, "", &when(at));
    let (paper, broken) = unit::paper(&facts, kind, &Texts::shipped(), Locale::ZhCn);
    assert_eq!(broken, None);
    text::text(&paper)
}

#[tokio::test]
async fn each_paper_on_an_incident_says_what_the_store_has() {
    let store = of_the_day().await;
    for kind in PaperKind::OF_CASE {
        insta::assert_snapshot!(
            format!("case_{}", kind.id()),
            written(&store, kind, &Texts::shipped()).await
        );
    }
}

#[tokio::test]
async fn each_paper_on_a_span_says_what_was_counted() {
    let store = of_the_day().await;
    let month = Period::Month(date(2026, 11, 1));
    let today = Period::Days(1, date(2026, 11, 21));
    for (kind, period) in [
        (PaperKind::Monthly, month),
        (PaperKind::Circular, month),
        (PaperKind::Brief, today),
        (PaperKind::Digest, today),
    ] {
        insta::assert_snapshot!(format!("unit_{}", kind.id()), of_unit(&store, kind, period, now()).await);
    }
}

/// Every shipped plan's tiers, with the same story under each.
#[tokio::test]
async fn every_plan_gives_every_paper() {
    let (office, _) = config::load(&Folder::Shipped).unwrap();
    let mut plans: Vec<_> = office.plans.values().cloned().collect();
    for name in config::shipped::names().filter_map(|name| name.strip_prefix("plans/")?.strip_suffix(".toml"))
    {
        plans.extend(config::plan_named(&Folder::Shipped, name).map(Arc::new));
    }
    assert!(plans.len() >= 13, "{}", plans.len());
    for plan in plans {
        let store = of_the_day().await;
        let mut row = incident(1, 3, &Outside::default());
        row.rank = plan.tiers.len() - 1;
        row.reason.rank = row.rank;
        row.reason.tier_name = plan.tiers[row.rank].name.clone();
        row.plan = Arc::clone(&plan);
        store.commit(vec![Change::Incident(Box::new(row.clone()))]).await.unwrap();
        for kind in PaperKind::OF_CASE {
            let words = written(&store, kind, &Texts::shipped()).await;
            assert!(
                words.contains(&plan.tiers[row.rank].name) || kind == PaperKind::Review,
                "{}: {words}",
                plan.id
            );
            assert!(!words.contains("undefined") && !words.contains("none\n"), "{}: {words}", plan.id);
            let page = html::html(
                &case::paper(
                    &store.incident(IncidentId(1)).await.unwrap().unwrap(),
                    &Order::of(kind),
                    &Texts::shipped(),
                    &When { locale: Locale::En, ..when(now()) },
                )
                .0,
            );
            assert!(page.contains("<h1>"), "{page}");
        }
    }
}

/// What somebody writes on the web is words in a paper, whatever it looks like.
#[tokio::test]
async fn words_from_outside_stay_words() {
    let hostile = "# 标题 | x <script>alert(1)</script> **粗** {{ 7*7 }} \\ @views\n! 红头\n| a | b |";
    let store = empty();
    store.commit(day(&Outside::all(hostile))).await.unwrap();
    let view = store.incident(IncidentId(1)).await.unwrap().unwrap();
    for kind in PaperKind::OF_CASE {
        let (paper, _) = case::paper(&view, &Order::of(kind), &Texts::shipped(), &when(now()));
        let page = html::html(&paper);
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
        assert!(
            page.matches("<h1>").count() == 1 && page.matches("class=\"red-head\"").count() <= 1,
            "{page}"
        );
        assert!(page.contains("**粗**") && page.contains("{{ 7*7 }}"), "{page}");
    }
}

#[tokio::test]
async fn an_own_text_stands_in_and_a_broken_one_is_told() {
    let store = of_the_day().await;
    let own = |text: &str| BTreeMap::from([("special".to_owned(), text.to_owned())]);
    let (texts, broken) = Texts::of(&own("# 本局专报 {{ gist }}\n"));
    assert!(broken.is_empty());
    let words = written(&store, PaperKind::Special, &texts).await;
    assert!(words.starts_with("本局专报 青禾县人民医院收费窗口"), "{words}");
    for (wrong, line) in [
        ("# 好\n{{ gits }}\n", 2),
        ("# 好\n\n{% for one in sites %}{{ one.nmae }}{% endfor %}", 3),
        ("{% if x %}", 1),
        ("{% for a in range(9999999) %}{% for b in range(9999999) %}x{% endfor %}{% endfor %}", 1),
        ("  \n", 1),
    ] {
        let (texts, broken) = Texts::of(&own(wrong));
        assert_eq!(
            broken.iter().map(|one| (one.name.as_str(), one.line)).collect::<Vec<_>>(),
            [("special", line)]
        );
        assert!(broken[0].words(Locale::ZhCn).contains("papers/special.txt"), "{}", broken[0]);
        assert!(
            written(&store, PaperKind::Special, &texts).await.contains("一、反映内容"),
            "the shipped one"
        );
    }
    let (_, broken) = Texts::of(&BTreeMap::from([("月报".to_owned(), "x".to_owned())]));
    assert_eq!(broken.len(), 1, "no paper has this text");
}

/// Notes every ten minutes from `from` on, but for those hours that `away` holds: a round of the forum in each hour, at a
/// quarter past.
pub async fn watch(store: &SharedStore, from: &str, hours: i64, away: std::ops::Range<i64>) {
    let from: Timestamp = from.parse().unwrap();
    for ten in (0..6 * hours).filter(|ten| !away.contains(&(ten / 6))) {
        let hour = ten / 6;
        let rounds = u64::try_from(1_000 + hour + i64::from(ten % 6 > 1)).unwrap();
        let ill = if (100..106).contains(&hour) { "backing_off" } else { "ok" };
        let state =
            SourceState { source: "论坛".into(), rounds, health: ill.into(), ..SourceState::default() };
        store.save_source_state(state).await.unwrap();
        let now = from + SignedDuration::from_mins(10 * ten);
        Watched::note(store.as_ref(), now, &zone()).await.unwrap();
    }
}

#[tokio::test]
async fn a_month_with_nothing_is_a_zero_report_with_its_proof() {
    let store = empty();
    let october = Period::Month(date(2026, 10, 1));
    let words = of_unit(&store, PaperKind::Monthly, october, now()).await;
    assert!(words.contains("没有监测运行的记录，不能证明"), "{words}");
    // From the first hour of October in Shanghai.
    watch(&store, "2026-09-30T16:00:00Z", 744, 0..0).await;
    let words = of_unit(&store, PaperKind::Monthly, october, now()).await;
    for want in [
        "零报告",
        "2026年10月网络舆情零报告",
        "无。",
        "应监测 744 小时，程序在岗 744 小时",
        // The last look of the month's last day is at 23 o'clock, and nobody has looked since.
        "巡查 743 轮",
        "信源“论坛”不正常或暂停，累计 6 小时",
    ] {
        assert!(words.contains(want), "{want}: {words}");
    }
    assert!(!words.contains("监测中断") && !words.contains("监测没有超过"), "a source was ill: {words}");
}

/// Watching does not keep holidays: a month with Spring Festival in it is watched in all its hours, and the report that
/// the reminder brings on the first working day says so.
#[tokio::test]
async fn a_zero_report_across_spring_festival_counts_every_hour() {
    let store = empty();
    // February 2026 in Shanghai: the festival from the 15th to the 23rd, work on Saturday the 14th and the 28th.
    watch(&store, "2026-01-31T16:00:00Z", 672, 0..0).await;
    let at: Timestamp = "2026-03-02T00:30:00Z".parse().unwrap();
    let words = of_unit(&store, PaperKind::Monthly, Period::Month(date(2026, 2, 1)), at).await;
    for want in ["2026年2月网络舆情零报告", "应监测 672 小时，程序在岗 672 小时", "2026年3月2日", "无。"]
    {
        assert!(words.contains(want), "{want}: {words}");
    }
    // Of the month that stands still, nothing is said to be missing; of one whose festival nobody watched, all of it.
    let store = empty();
    watch(&store, "2026-01-31T16:00:00Z", 672, 336..552).await;
    let words = of_unit(&store, PaperKind::Monthly, Period::Month(date(2026, 2, 1)), at).await;
    assert!(words.contains("监测中断：02-14 周六 23:50 至 02-24 周二 00:00，共 9 天"), "{words}");
    assert!(words.contains("程序在岗 455 小时"), "{words}");
}

#[tokio::test]
async fn two_days_without_watching_are_said() {
    let store = empty();
    watch(&store, "2026-09-30T16:00:00Z", 744, 200..248).await;
    let words = of_unit(&store, PaperKind::Monthly, Period::Month(date(2026, 10, 1)), now()).await;
    assert!(words.contains("程序在岗 695 小时"), "{words}");
    assert!(words.contains("监测中断：10-09 周五 07:50 至 10-11 周日 08:00，共 2 天"), "{words}");
    // What was never recorded is not called a gap, and not called watched either.
    let store = empty();
    watch(&store, "2026-10-14T16:00:00Z", 408, 0..0).await;
    let words = of_unit(&store, PaperKind::Monthly, Period::Month(date(2026, 10, 1)), now()).await;
    assert!(
        words.contains("监测记录自 10-15 周四 00:00 起") && words.contains("程序在岗 408 小时"),
        "{words}"
    );
}

/// What the watching of a span was, by the days of which it is made.
async fn watching(store: &SharedStore, (from, to): (&str, &str)) -> Watched {
    let span = (from.parse().unwrap(), to.parse().unwrap());
    Watched::read(store.as_ref(), span, &zone()).await.unwrap()
}

#[tokio::test]
async fn a_day_has_its_own_rounds_gaps_and_ills() {
    let store = empty();
    // Two days from midnight in Shanghai; the daemon is away from 13 to 14 o'clock on the first.
    watch(&store, "2026-09-30T16:00:00Z", 48, 13..14).await;
    let first = ("2026-09-30T16:00:00Z", "2026-10-01T16:00:00Z");
    let one = watching(&store, first).await;
    let gaps = one.gaps(first.0.parse().unwrap(), first.1.parse().unwrap());
    assert_eq!(gaps, [("2026-10-01T04:50:00Z".parse().unwrap(), "2026-10-01T06:00:00Z".parse().unwrap())]);
    // Each hour's round, without that of the hour away, which the source did not do; the last hour's is the first day's,
    // though it was counted on the second.
    assert_eq!(
        one.rounds(),
        23 + 1,
        "rounds are counted by the source: 1,000 at midnight, 1,024 at the next"
    );
    let both = watching(&store, (first.0, "2026-10-02T16:00:00Z")).await;
    assert_eq!(both.rounds(), 47);
    assert_eq!(both.gaps(first.0.parse().unwrap(), "2026-10-02T16:00:00Z".parse().unwrap()), gaps);
    // Nothing of the day before the first note is known, and of the day after the last one everything is a gap.
    assert_eq!(watching(&store, ("2026-09-29T16:00:00Z", first.0)).await, Watched::default());
    let after = ("2026-10-02T16:00:00Z", "2026-10-03T16:00:00Z");
    let gaps = watching(&store, after).await.gaps(after.0.parse().unwrap(), after.1.parse().unwrap());
    assert_eq!(gaps, [(after.0.parse().unwrap(), after.1.parse().unwrap())]);
    // A stop of 20 minutes is not told, one of 21 is; a clock that was stepped back ends nothing.
    let store = empty();
    for at in ["T16:00:00Z", "T16:20:00Z", "T16:05:00Z", "T16:41:00Z"] {
        let now = format!("2026-09-30{at}").parse().unwrap();
        Watched::note(store.as_ref(), now, &zone()).await.unwrap();
    }
    let gaps =
        watching(&store, first).await.gaps(first.0.parse().unwrap(), "2026-09-30T16:50:00Z".parse().unwrap());
    assert_eq!(gaps, [("2026-09-30T16:20:00Z".parse().unwrap(), "2026-09-30T16:41:00Z".parse().unwrap())]);
}

#[tokio::test]
async fn what_was_switched_off_or_is_of_another_unit_proves_nothing() {
    let store = empty();
    let mut state = SourceState { source: "停用".into(), rounds: 500, ..SourceState::default() };
    let put = async |state: &SourceState, at: &str| {
        store.save_source_state(state.clone()).await.unwrap();
        Watched::note(store.as_ref(), at.parse().unwrap(), &zone()).await.unwrap();
    };
    state.health = "disabled".into();
    put(&state, "2026-10-01T01:00:00Z").await;
    let day = ("2026-09-30T16:00:00Z", "2026-10-01T16:00:00Z");
    assert!(watching(&store, day).await.sources.is_empty());
    // Switched on in the afternoon: what it did long ago is not today's.
    state.health = "ok".into();
    state.rounds = 502;
    put(&state, "2026-10-01T05:00:00Z").await;
    assert_eq!(watching(&store, day).await.rounds(), 2);
    // It is read for another unit alone: a unit's paper neither counts nor names it.
    state.health = "broken".into();
    for hour in 6..12 {
        put(&state, &format!("2026-10-01T{hour:02}:00:00Z")).await;
    }
    let folder = crate::plans::command::office_with("work-safety");
    let feed = "[[feed]]\nname = \"停用\"\nurl = \"https://news.example.cn/rss.xml\"\n";
    std::fs::write(folder.path().join("sources.d/sources.toml"), feed).unwrap();
    let (mut office, _) = config::load(&Folder::Disk(folder.path().to_owned())).unwrap();
    let read = async |sources: &[_], unit: &[String]| {
        let today = Period::Days(1, date(2026, 10, 1));
        let rows = SpanRows::read(store.as_ref(), (unit, sources), today, &zone(), false).await.unwrap();
        let facts = UnitFacts::of(&rows, PaperKind::Monthly, UNIT, "", &when(now()));
        text::text(&unit::paper(&facts, PaperKind::Monthly, &Texts::shipped(), Locale::ZhCn).0)
    };
    let one = [UNIT.to_owned()];
    assert!(read(&office.sources, &one).await.contains("信源“停用”不正常或暂停，累计 6 小时"));
    Arc::make_mut(&mut office.sources)[0].units = vec!["别的单位".to_owned()];
    let words = read(&office.sources, &one).await;
    assert!(!words.contains("停用") && words.contains("信源 0 个，巡查 0 轮"), "{words}");
    assert!(read(&office.sources, &[]).await.contains("停用"), "the office's own paper names each");
}

#[tokio::test]
async fn a_paper_goes_with_the_mail_of_a_tier_that_wants_one() {
    let store = of_the_day().await;
    let (office, _) = config::load(&Folder::Shipped).unwrap();
    let enclosures = Enclosures::of(&office, store).patient(std::time::Duration::from_secs(60));
    let server = MailServer::start().await;
    let channel = Email::new(email_settings(server.address.port())).unwrap();
    let mut alert = notice(NoticeKind::Alert, ChannelKind::Email);
    alert.incident = Some(IncidentId(1));
    alert.created_at = now();
    let facts = Arc::make_mut(&mut alert.facts);
    facts.paper = Some(ReportKind::Special);
    let texts = yuqing::dispatch::Texts { enclosures: Some(enclosures.clone()), ..words() };
    assert_eq!(channel.send(&alert, &texts, now()).await, Verdict::Accepted);
    let letters = server.letters();
    let raw = letters[0].raw.replace('\n', "\r\n");
    let mail = mail_parser::MessageParser::default().parse(raw.as_bytes()).expect("a mail");
    let file = mail.attachment(0).expect("the paper");
    assert_eq!(mail_parser::MimeHeaders::attachment_name(file), Some("舆情专报 2026-0001.docx"));
    assert!(file.contents().starts_with(b"PK"), "a Word file");
    assert!(mail.body_html(0).is_some() && mail.body_text(0).is_some(), "the words stand as ever");
    // A drawing that everybody gets is made once.
    let first = enclosures.enclosure(&alert, Detail::Full, now()).await.unwrap();
    let again = enclosures.enclosure(&alert, Detail::Full, now()).await.unwrap();
    assert!(Arc::ptr_eq(&first.bytes, &again.bytes));
    // Mails are behind: it goes at once.
    assert_eq!(
        enclosures.enclosure(&alert, Detail::Full, alert.created_at + SignedDuration::from_secs(11)).await,
        None
    );
    // Whoever reads only that there is something gets none; nor does a warning.
    assert_eq!(enclosures.enclosure(&alert, Detail::Brief, now()).await, None);
    alert.kind = NoticeKind::Warning;
    assert_eq!(enclosures.enclosure(&alert, Detail::Full, now()).await, None);
    alert.kind = NoticeKind::Rise;
    // A tier with a brief brings the day's, as it is now: another incident's is drafted anew.
    Arc::make_mut(&mut alert.facts).paper = Some(ReportKind::Brief);
    let brief = enclosures.enclosure(&alert, Detail::Full, now()).await.expect("the brief");
    assert!(brief.name.contains("舆情简报 2026年11月21日"), "{}", brief.name);
    alert.incident = Some(IncidentId(2));
    let other = enclosures.enclosure(&alert, Detail::Full, now()).await.expect("the brief");
    assert!(!Arc::ptr_eq(&brief.bytes, &other.bytes));
    Arc::make_mut(&mut alert.facts).paper = Some(ReportKind::Digest);
    assert_eq!(enclosures.enclosure(&alert, Detail::Full, now()).await, None);
    // Nobody waits for what is never ready.
    let hasty = enclosures.clone().patient(std::time::Duration::ZERO);
    Arc::make_mut(&mut alert.facts).paper = Some(ReportKind::Special);
    alert.incident = Some(IncidentId(2));
    assert_eq!(hasty.enclosure(&alert, Detail::Full, now()).await, None);
    // An incident that is not there: the mail goes all the same.
    Arc::make_mut(&mut alert.facts).paper = Some(ReportKind::Special);
    alert.incident = Some(IncidentId(99));
    assert_eq!(channel.send(&alert, &texts, now()).await, Verdict::Accepted);
    assert!(!server.letters()[1].raw.contains("multipart/mixed"));
}

#[tokio::test]
async fn the_reminder_of_a_month_brings_its_report() {
    let store = empty();
    watch(&store, "2026-09-30T16:00:00Z", 744, 0..0).await;
    let (office, _) = config::load(&Folder::Shipped).unwrap();
    let enclosures = Enclosures::of(&office, store);
    let mut reminder = notice(NoticeKind::Warning, ChannelKind::Email);
    reminder.incident = None;
    Arc::make_mut(&mut reminder.facts).unit = UNIT.to_owned();
    let october = NoticeId::stem_of_month(UNIT, date(2026, 10, 1));
    reminder.id = NoticeId(format!("{october}/warning/1793000000000/值班员/email"));
    let report = enclosures.enclosure(&reminder, Detail::Full, now()).await.expect("the report");
    assert_eq!(report.name, format!("{UNIT} 舆情月报 2026年10月.docx"));
    let body = super::docx::body(&report.bytes);
    assert!(body.contains("舆情零报告") && body.contains("程序在岗"), "{body}");
    assert!(body.contains("〔2026〕第 1 期"), "{body}");
    // The reminder of something else brings nothing.
    reminder.id = NoticeId("monthly/别的单位/2026-10-01/warning/1/值班员/email".to_owned());
    assert_eq!(enclosures.enclosure(&reminder, Detail::Full, now()).await, None);
}

/// The daily line brings the brief of the day before, of a Monday that of the week; also when nothing happened.
#[tokio::test]
async fn the_daily_line_brings_the_brief() {
    let store = of_the_day().await;
    let (mut office, _) = config::load(&Folder::Shipped).unwrap();
    office.units[0].name = UNIT.to_owned();
    let enclosures = Enclosures::of(&office, Arc::clone(&store));
    let mut line = notice(NoticeKind::Daily, ChannelKind::Email);
    line.incident = None;
    let mut of = async |at: &str| {
        line.created_at = at.parse().unwrap();
        let paper = enclosures.enclosure(&line, Detail::Full, line.created_at).await.expect("the brief");
        (paper.name.clone(), super::docx::body(&paper.bytes))
    };
    // Sunday 22 November tells of Saturday, when it all happened.
    let (name, body) = of("2026-11-22T00:30:00Z").await;
    assert_eq!(name, format!("{UNIT} 舆情简报 2026年11月21日.docx"));
    assert!(body.contains("收费窗口排队") && body.contains("〔2026〕第 1 期"), "{body}");
    // A Tuesday tells of a Monday without anything, and says so.
    let (name, body) = of("2026-11-24T00:30:00Z").await;
    assert_eq!(name, format!("{UNIT} 舆情简报 2026年11月23日.docx"));
    assert!(body.contains("本期没有新发现的舆情") && body.contains("〔2026〕第 2 期"), "{body}");
    // Monday: the week up to Sunday.
    let (name, body) = of("2026-11-23T00:30:00Z").await;
    assert_eq!(name, format!("{UNIT} 舆情简报 2026年11月16日至2026年11月22日.docx"));
    assert!(body.contains("收费窗口排队") && !body.contains("本期没有新发现的舆情"), "{body}");
    line.created_at = now();
    assert_eq!(enclosures.enclosure(&line, Detail::Brief, now()).await, None);
    // One unit of two drills: the brief of both is real, and is not marked.
    let (mut plan, mut other) = ((**office.plan_of(UNIT).unwrap()).clone(), office.units[0].clone());
    (plan.id, plan.exercise_mark) = ("drill".to_owned(), Some("演练".to_owned()));
    (other.name, other.plan) = ("演练单位".to_owned(), plan.id.clone());
    office.units.push(other);
    office.plans.insert(plan.id.clone(), Arc::new(plan));
    line.created_at = "2026-11-22T00:30:00Z".parse().unwrap();
    let both = Enclosures::of(&office, store).enclosure(&line, Detail::Full, line.created_at).await;
    let both = both.expect("the brief");
    let body = super::docx::body(&both.bytes);
    assert!(
        both.name.starts_with("全部单位") && !body.contains("演练") && body.contains("收费窗口"),
        "{body}"
    );
}

/// A digest by mail brings exactly what it tells, with its number; where the plan wants a brief for a tier of it, the day's.
#[tokio::test]
async fn a_digest_brings_its_paper() {
    let store = of_the_day().await;
    let (mut office, _) = config::load(&Folder::Shipped).unwrap();
    office.units[0].name = "青川县人民医院".to_owned();
    let enclosures = Enclosures::of(&office, Arc::clone(&store)).patient(std::time::Duration::from_secs(60));
    let mut digest = crate::dispatch::notices::digest(NoticeKind::Digest);
    (digest.created_at, digest.incident) = (now(), None);
    Arc::make_mut(&mut digest.facts).digest_total = digest.facts.digest.len();
    let body = async |digest: &yuqing::model::Notice| {
        let paper = enclosures.enclosure(digest, Detail::Full, now()).await.expect("the paper");
        let body = super::docx::body(&paper.bytes);
        (paper.name, body)
    };
    let (name, words) = body(&digest).await;
    assert!(name.contains("舆情动态") && words.contains("〔2026〕第 1 期"), "{name} {words}");
    for line in &digest.facts.digest {
        let gist: String = line.gist.chars().take(12).collect();
        assert_eq!(words.matches(&gist).count(), 1, "{gist}");
    }
    // The same again to somebody else; backlog, and whoever reads only that there is something, bring none.
    assert_eq!(body(&digest).await.1, words);
    assert_eq!(enclosures.enclosure(&digest, Detail::Brief, now()).await, None);
    let backlog = crate::dispatch::notices::digest(NoticeKind::BacklogDigest);
    assert_eq!(enclosures.enclosure(&backlog, Detail::Full, now()).await, None);
    let plan = office.plan_of("青川县人民医院").unwrap();
    let tier = plan.tiers.iter().find(|tier| tier.paper == ReportKind::Brief).expect("a tier with a brief");
    Arc::make_mut(&mut digest.facts).digest[0].tier_name = tier.name.clone();
    let (name, words) = body(&digest).await;
    assert!(name.contains("舆情简报 2026年11月21日") && words.contains("〔2026〕第 1 期"), "{name} {words}");
}
