//! The register and the monthly workbook, written from a real database file and read back: every cell against SQL that
//! knows nothing of the program, the monthly figures against SQL and against the paper in words.

use std::{collections::BTreeMap, io::Cursor, path::Path, process::Command, sync::Arc};

use calamine::{Data, Range, Reader as _, Xlsx};
use jiff::{Timestamp, civil::date, tz::TimeZone};
use rusqlite::{Connection, types::Value};
use yuqing::{
    locale::{Locale, When, reason_line},
    model::Reason,
    report::{
        monthly,
        paper::{
            PaperKind, docx, text,
            texts::Texts,
            unit::{self, Period, SpanRows, UnitFacts, merged, rows::Cases},
        },
        register::Register,
    },
    store::{MemoryDisk, MemoryStore, SharedStore, SqliteStore, Store},
};

use super::filled::{MONTH, OTHER, database, expected, gist};
use crate::console::rows::{UNIT, now};

const MISSING: &str =
    "this test needs LibreOffice's table program: install Debian's package `libreoffice-calc-nogui`";

fn when() -> When {
    When { now: now(), locale: Locale::ZhCn, zone: TimeZone::get("Asia/Shanghai").unwrap() }
}

fn november() -> Period {
    Period::Month(date(2026, 11, 1))
}

async fn register(store: &dyn Store, units: &[String], from: Timestamp, to: Timestamp) -> Vec<u8> {
    let merged = merged(store, units, from).await.unwrap();
    let (mut cases, mut register) = (Cases::of(units, from, to, false), Register::new(when()).unwrap());
    while let Some(batch) = cases.next(store).await.unwrap() {
        register.add(&batch, &merged).unwrap();
    }
    register.end(cases.is_cut()).unwrap()
}

async fn of_november(store: &dyn Store, units: &[String]) -> Vec<u8> {
    let (from, to) = november().span(&when().zone).unwrap();
    register(store, units, from, to).await
}

/// A sheet of a workbook; no cell of which is a formula.
fn sheet(bytes: &[u8], name: &str) -> Range<Data> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let formulas = book.worksheet_formula(name).unwrap();
    assert!(formulas.used_cells().all(|(_, _, formula)| formula.is_empty()), "{name}");
    book.worksheet_range(name).unwrap()
}

/// Rows of a register by the names of its columns.
fn by_name(range: &Range<Data>) -> Vec<BTreeMap<String, Data>> {
    let names: Vec<String> = range.rows().next().unwrap().iter().map(ToString::to_string).collect();
    let row = |row: &[Data]| names.iter().cloned().zip(row.iter().cloned()).collect();
    range.rows().skip(1).map(row).collect()
}

fn same(cell: &Data, want: &Value, name: &str) -> bool {
    match (cell, want) {
        (Data::Empty, Value::Null) => true,
        (Data::Empty, Value::Text(text)) => text.is_empty(),
        (Data::Float(number), Value::Integer(want)) => *number == f64::from(i32::try_from(*want).unwrap()),
        (Data::DateTime(at), Value::Real(want)) => (at.as_f64() - want).abs() < 0.000_006,
        (Data::String(text), Value::Text(want)) => {
            // What a cell takes is one line of text.
            let want = want.split_whitespace().collect::<Vec<_>>().join(" ");
            *text == want || name == "概要"
        }
        _ => false,
    }
}

/// How a gist that is not as it was written stands in its cell.
fn shown(id: u64) -> String {
    match id {
        8 => "甲 乙 [31m丙丁 戊\u{fffe}".to_owned(),
        12 => format!("{}…", "长".repeat(32_766)),
        // Half of a character in two units has no room.
        13 => format!("{}…", "x".repeat(32_765)),
        16 => "_x0041_<c t=\"s\">&amp;".to_owned(),
        _ => gist(id),
    }
}

fn one<T: rusqlite::types::FromSql>(path: &Path, sql: &str, id: u64) -> T {
    let number = i64::try_from(id).unwrap();
    Connection::open(path).unwrap().query_row(sql, [number], |row| row.get(0)).unwrap()
}

/// The limits of a case that were not kept, as SQL has them, in the words of an office.
fn not_kept(path: &Path, id: u64) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let sql = "SELECT d.kind, d.state, json_extract(d.body, '$.name'), json_extract(d.body, '$.line'),
            unixepoch(json_extract(d.body, '$.state.at')), d.due_at / 1000000,
            json_extract(d.body, '$.reminders'), json_extract(d.body, '$.moved'), json_extract(d.body, '$.base'),
            unixepoch(json_extract(i.body, '$.detected_at')),
            (SELECT min(created_at) / 1000000 FROM notice WHERE incident = i.id AND rank = json_extract(d.body, '$.rank'))
        FROM deadline d JOIN incident i ON i.id = d.incident
        WHERE d.incident = ?1 AND d.kind <> 'step' ORDER BY d.due_at, d.key";
    let mut statement = connection.prepare(sql).unwrap();
    let now = now().as_second();
    let rows = statement.query_map([i64::try_from(id).unwrap()], |row| {
        let (kind, state): (String, String) = (row.get(0)?, row.get(1)?);
        let (name, line): (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
        let (met, due, reminders, moved): (Option<i64>, i64, i64, bool) =
            (row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?);
        let (base, seen, decided): (String, i64, i64) = (row.get(8)?, row.get(9)?, row.get(10)?);
        let usual = match kind.as_str() {
            "report" => "报告",
            "acknowledge" => "签收（本单位第 2 级）",
            "response" => "公开回应",
            other => other,
        };
        assert_eq!(line.is_some(), kind == "acknowledge");
        let what = name.unwrap_or_else(|| usual.to_owned());
        let span = |seconds| when().span(jiff::SignedDuration::from_secs(seconds));
        let how = match (state.as_str(), met) {
            ("met", Some(at)) if at > due => format!("迟 {}", span(at - due)),
            ("ended", _) if reminders > 0 => "未完成".to_owned(),
            ("running" | "overdue", _) if now > due => format!("未完成，已超 {}", span(now - due)),
            _ => return Ok(None),
        };
        let why = match kind.as_str() {
            _ if moved => "溯源提前",
            _ if base == "published" && seen > due => "信源给得晚",
            "report" if decided <= due => "通道受理晚或拒收",
            "report" => "程序当时没有运行",
            _ => "责任人",
        };
        Ok(Some(format!("{what} {how}（{why}）")))
    });
    rows.unwrap().filter_map(Result::unwrap).collect()
}

#[tokio::test]
async fn every_cell_of_the_register_is_what_the_database_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("yuqing.db");
    let store = database(&path).await;
    let range = sheet(&of_november(&store, &[]).await, "台账");
    let rows = by_name(&range);
    // What was merged, made up and entered by mistake is no case.
    let cases: Vec<u64> = (1..=MONTH).filter(|id| ![33, 34, 35, 36].contains(id)).collect();
    assert_eq!(rows.len(), cases.len());
    for (row, id) in rows.iter().zip(&cases) {
        assert_eq!(row["编号"], Data::Float(f64::from(u32::try_from(*id).unwrap())), "the newest first");
        let want = expected(&path, *id);
        // All columns but the two below that are sentences.
        assert_eq!(want.len() + 2, range.width());
        for (name, value) in &want {
            let cell = row.get(name).unwrap_or_else(|| panic!("no column {name}"));
            assert!(same(cell, value, name), "case {id}, {name}: {cell:?} is not {value:?}");
        }
        assert_eq!(row["概要"], Data::String(shown(*id)), "case {id}");
        let kept: String =
            one(&path, "SELECT json_extract(body, '$.reason') FROM incident WHERE id = ?1", *id);
        let reason: Reason = serde_json::from_str(&kept).unwrap();
        let line = reason_line(&reason, Locale::ZhCn, &when().zone);
        assert_eq!(row["定级依据"], Data::String(line), "case {id}");
        let late = not_kept(&path, *id);
        let text = row["未按时的时限及原因"].to_string();
        assert_eq!(text, late.join("；"), "case {id}");
        assert_eq!(row["未按时的时限数"].to_string(), late.len().to_string(), "case {id}");
    }
    assert_eq!(rows[1]["并入的编号"], Data::String("35、36".into()));
    // The same by the other engine.
    let memory: SharedStore = Arc::new(MemoryStore::open(&MemoryDisk::default()).unwrap());
    memory.commit(super::filled::changes()).await.unwrap();
    let again = sheet(&of_november(memory.as_ref(), &[]).await, "台账");
    assert!(again.rows().eq(range.rows()));
}

#[tokio::test]
async fn the_register_is_of_a_span_and_of_units() {
    let folder = tempfile::tempdir().unwrap();
    let store = database(&folder.path().join("yuqing.db")).await;
    let own = [UNIT.to_owned()];
    let rows = by_name(&sheet(&of_november(&store, &own).await, "台账"));
    assert!(rows.len() > 20 && rows.iter().all(|row| row["单位"] == Data::String(UNIT.into())));
    let other = by_name(&sheet(&of_november(&store, &[OTHER.to_owned()]).await, "台账"));
    assert_eq!(other.len(), 6, "5, 10, 15, 20, 25 and 30; 35 was merged");
    // From the first to the last: the month, the month before, the year before.
    let all = register(&store, &[], Timestamp::MIN, Timestamp::MAX).await;
    assert_eq!(by_name(&sheet(&all, "台账")).len(), 50 - 4);
    // Nothing is said to be nothing.
    let none = register(&store, &own, now(), Timestamp::MAX).await;
    let range = sheet(&none, "台账");
    assert_eq!(range.height(), 2);
    assert_eq!(range.get_value((1, 0)), Some(&Data::String("无：这段时间没有舆情".into())));
    let english = When { locale: Locale::En, ..when() };
    let range = sheet(&Register::new(english).unwrap().end(false).unwrap(), "Register");
    assert_eq!(range.get_value((0, 0)), Some(&Data::String("Number".into())));
    // What could be computed is marked as typed text, so that no edit makes a formula of it; the head stands still.
    let xml = part(&all, "xl/styles.xml");
    assert!(xml.contains("quotePrefix=\"1\""), "{xml}");
    let xml = part(&all, "xl/worksheets/sheet1.xml");
    assert!(xml.contains("state=\"frozen\"") && xml.contains("<autoFilter ref=\"A1:AZ47\""), "the head");
    assert!(xml.contains("customWidth=\"1\""));
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut file = archive.by_name(name).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut file, &mut text).unwrap();
    text
}

/// The workbook, and the same paper in words and as a Word file.
async fn month(store: &SqliteStore, units: &[String], at: Timestamp) -> (Vec<u8>, String, Vec<u8>) {
    let when = When { now: at, ..when() };
    let rows = SpanRows::read(store, (units, &[]), november(), &when.zone, false).await.unwrap();
    let merged = merged(store, units, rows.from).await.unwrap();
    let facts = UnitFacts::of(&rows, PaperKind::Monthly, UNIT, "", &when);
    let book = monthly::workbook(&rows, &facts, &merged, &when).unwrap();
    let (paper, _) = unit::paper(&facts, PaperKind::Monthly, &Texts::shipped(), Locale::ZhCn);
    (book, text::text(&paper), docx::docx(&paper, &docx::Form::default()).unwrap())
}

/// Cases that count, of three months.
const COUNTED: &str = "WITH one AS (
    SELECT i.id, i.body AS b, json_extract(p.body, '$.tiers[' || i.rank || '].name') AS tier, i.rank,
        CASE strftime('%Y-%m', json_extract(i.body, '$.detected_at'), '+8 hours')
            WHEN '2026-11' THEN 0 WHEN '2026-10' THEN 1 WHEN '2025-11' THEN 2 END AS month
    FROM incident i JOIN plan p ON p.hash = i.plan
    WHERE i.state <> 'merged' AND i.unit = ?1 AND json_extract(p.body, '$.exercise_mark') IS NULL
        AND json_extract(i.body, '$.course.entered.withdrawn_at') IS NULL)";

/// Names with their counts in the three months.
fn counts(path: &Path, names: &str, order: &str) -> Vec<Vec<String>> {
    let connection = Connection::open(path).unwrap();
    let sql = format!(
        "{COUNTED} SELECT name, sum(month = 0), sum(month = 1), sum(month = 2) FROM ({names})
         GROUP BY name HAVING sum(month = 0) > 0 ORDER BY {order}"
    );
    let mut statement = connection.prepare(&sql).unwrap();
    let rows = statement.query_map([UNIT], |row| {
        let mut cells = vec![row.get::<_, String>(0)?];
        for column in 1..4 {
            cells.push(row.get::<_, i64>(column)?.to_string());
        }
        Ok(cells)
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn cells(range: &Range<Data>) -> Vec<Vec<String>> {
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

fn number(path: &Path, what: &str) -> i64 {
    let sql = format!("{COUNTED} SELECT {what} FROM one WHERE month = 0");
    Connection::open(path).unwrap().query_row(&sql, [UNIT], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn every_count_of_the_monthly_workbook_is_what_the_database_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("yuqing.db");
    let store = database(&path).await;
    let (book, words, word) = month(&store, &[UNIT.to_owned()], now()).await;

    let overview = cells(&sheet(&book, "总体"));
    assert_eq!(overview[0][0], format!("{UNIT} 2026年11月 舆情月报"));
    let fact = |name: &str| {
        let row =
            overview.iter().find(|row| row[0] == name).unwrap_or_else(|| panic!("{name}: {overview:?}"));
        row[1].parse::<i64>().unwrap()
    };
    let opened = number(&path, "count(*)");
    assert_eq!(fact("本期发现（件）"), opened);
    assert_eq!(fact("其中已办结（件）"), number(&path, "sum(json_extract(b, '$.closed_at') IS NOT NULL)"));
    assert_eq!(fact("公开回应（次）"), number(&path, "sum(json_array_length(b, '$.course.replies'))"));
    let late = "sum(EXISTS (SELECT 1 FROM deadline d WHERE d.incident = one.id AND d.kind <> 'step' AND
        CASE d.state WHEN 'met' THEN unixepoch(json_extract(d.body, '$.state.at')) > d.due_at / 1000000
        WHEN 'ended' THEN json_extract(d.body, '$.reminders') > 0
        ELSE unixepoch('2026-11-21T06:05:00Z') > d.due_at / 1000000 END))";
    assert_eq!(fact("有时限未按时的（件）"), number(&path, late));
    let all = |month| {
        let sql = format!("{COUNTED} SELECT count(*) FROM one WHERE month = {month}");
        Connection::open(&path).unwrap().query_row(&sql, [UNIT], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!((fact("上期发现（件）"), fact("去年同期发现（件）")), (all(1), all(2)));
    let open = format!("{COUNTED} SELECT count(*) FROM one WHERE json_extract(b, '$.state') = 'open'");
    let open: i64 = Connection::open(&path).unwrap().query_row(&open, [UNIT], |row| row.get(0)).unwrap();
    assert_eq!(fact("目前仍在办理（件）"), open);
    for figure in [
        format!("本期发现舆情 {opened} 件"),
        format!("上期 {} 件，去年同期 {} 件。目前仍在办理 {open} 件", all(1), all(2)),
        format!("有时限未按时完成的 {} 件", fact("有时限未按时的（件）")),
    ] {
        assert!(words.contains(&figure), "{figure}: {words}");
    }

    let tiers = counts(&path, "SELECT tier AS name, rank, month FROM one", "max(rank) DESC");
    let head = overview.iter().position(|row| row[0] == "等级").unwrap();
    let table: Vec<Vec<String>> = overview[head + 1..].iter().map(|row| row[..4].to_vec()).collect();
    assert_eq!(table, tiers);
    let sites = "SELECT CASE value WHEN 'own' THEN '本单位网页' WHEN 'hand' THEN '人工录入' ELSE value END AS name, month
        FROM one, json_each(b, '$.heat.sites')";
    assert_eq!(cells(&sheet(&book, "站点"))[1..], counts(&path, sites, "2 DESC, name")[..]);
    let groups = "SELECT value AS name, month FROM one, json_each(b, '$.groups')";
    assert_eq!(cells(&sheet(&book, "词组"))[1..], counts(&path, groups, "2 DESC, name")[..]);
    // The same rows stand in the paper, in words and as a Word file.
    let word = part(&word, "word/document.xml");
    for row in tiers.iter().chain(&counts(&path, sites, "1")).chain(&counts(&path, groups, "1")) {
        let close = |text: &str| text.replace([' ', '|', '\t'], "");
        let line = row[..3].concat();
        assert!(words.lines().any(|words| close(words).starts_with(&close(&line))), "{line}: {words}");
        assert!(word.contains(&row[0]), "{}", row[0]);
    }
    kept(&path, &book, &words);

    let cases = by_name(&sheet(&book, "事件"));
    assert_eq!(i64::try_from(cases.len()).unwrap(), opened);
    let register = of_november(&store, &[UNIT.to_owned()]).await;
    assert!(sheet(&register, "台账").rows().eq(sheet(&book, "事件").rows()), "the register's columns");
    let chart = part(&book, "xl/charts/chart1.xml");
    assert!(chart.contains("<c:barChart>") && chart.matches("<c:ser>").count() == 3, "{chart}");
}

/// How limits were kept, in the workbook and in words.
fn kept(path: &Path, book: &[u8], words: &str) {
    let connection = Connection::open(path).unwrap();
    let sql = format!(
        "{COUNTED}, limits AS (SELECT d.kind, CASE d.state
            WHEN 'met' THEN iif(unixepoch(json_extract(d.body, '$.state.at')) > d.due_at / 1000000, 'late', 'in_time')
            WHEN 'ended' THEN iif(json_extract(d.body, '$.reminders') > 0, 'missed', 'ended')
            ELSE iif(unixepoch('2026-11-21T06:05:00Z') > d.due_at / 1000000, 'missed', 'running') END AS how
            FROM deadline d JOIN one ON one.id = d.incident AND month = 0 WHERE d.kind <> 'step')
         SELECT CASE kind WHEN 'report' THEN '报告' WHEN 'acknowledge' THEN '签收' WHEN 'response' THEN '公开回应'
            ELSE '=报主管部门' END,
            sum(how <> 'ended'), sum(how = 'in_time'), sum(how = 'late'), sum(how = 'missed'), sum(how = 'running'),
            sum(how = 'in_time') * 100 / nullif(sum(how IN ('in_time', 'late', 'missed')), 0)
         FROM limits GROUP BY 1"
    );
    let mut statement = connection.prepare(&sql).unwrap();
    let rows = statement.query_map([UNIT], |row| {
        let mut cells = vec![row.get::<_, String>(0)?];
        for column in 1..7 {
            cells.push(row.get::<_, Option<i64>>(column)?.map(|n| n.to_string()).unwrap_or_default());
        }
        Ok(cells)
    });
    let table = cells(&sheet(book, "时效"));
    for row in rows.unwrap().map(Result::unwrap) {
        assert!(table.contains(&row), "{row:?}: {table:?}");
        let line = format!("{}|{}|{}|{}|{}|{}%", row[0], row[1], row[2], row[3], row[4], row[6]);
        let close = |text: &str| text.replace([' ', '|', '\t'], "");
        assert!(words.lines().any(|words| close(words) == close(&line)), "{line}: {words}");
    }
    let stage = |name: &str| table.iter().find(|row| row[0] == name).unwrap()[1].clone();
    let answered = number(path, "sum(json_extract(b, '$.responded_at') IS NOT NULL)");
    assert_eq!(stage("发现到回应"), answered.to_string());
    assert_eq!(
        stage("发现到办结"),
        number(path, "sum(json_extract(b, '$.closed_at') IS NOT NULL)").to_string()
    );
}

#[tokio::test]
async fn a_month_with_nothing_says_so_and_shows_what_is_known_of_the_watching() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("yuqing.db")).unwrap();
    let (book, ..) = month(&store, &[], now()).await;
    let overview = cells(&sheet(&book, "总体"));
    assert!(overview[0][0].ends_with("舆情零报告"), "{overview:?}");
    assert!(overview.iter().any(|row| row[0].contains("无")), "{overview:?}");
    let watched = cells(&sheet(&book, "监测"));
    assert!(watched.iter().any(|row| row[0].starts_with("没有监测运行的记录")), "{watched:?}");
    for name in ["站点", "词组"] {
        assert_eq!(cells(&sheet(&book, name))[1][0], "无");
    }
    // From the first hour of November in Shanghai, with two days away.
    let shared: SharedStore = Arc::new(store);
    super::papers::watch(&shared, "2026-10-31T16:00:00Z", 400, 200..248).await;
    let rows = SpanRows::read(shared.as_ref(), (&[], &[]), november(), &when().zone, false).await.unwrap();
    let later = When { now: "2026-11-17T08:00:00Z".parse().unwrap(), ..when() };
    let facts = UnitFacts::of(&rows, PaperKind::Monthly, UNIT, "演练", &later);
    let book = monthly::workbook(&rows, &facts, &BTreeMap::new(), &later).unwrap();
    assert!(cells(&sheet(&book, "总体"))[0][0].starts_with("【演练】"));
    let range = sheet(&book, "监测");
    let watched = cells(&range);
    let value = |name: &str| watched.iter().find(|row| row[0] == name).unwrap()[1].clone();
    assert_eq!((value("应监测（小时）"), value("程序在岗（小时）")), ("400".into(), "351".into()));
    assert_eq!((value("巡查（轮）"), value("信源（个）")), ("399".into(), "1".into()));
    let gap = watched.iter().position(|row| row[0] == "监测中断：自").unwrap() + 1;
    assert_eq!(watched[gap][2], "2890");
    let Some(Data::DateTime(from)) = range.get((gap, 0)) else { panic!("{:?}", watched[gap]) };
    // 2026-11-09 07:50 in Beijing.
    assert!((from.as_f64() - 46_335.326_389).abs() < 0.000_01, "{}", from.as_f64());
    assert!(watched.iter().any(|row| row[0] == "论坛" && row[1] == "6"), "{watched:?}");
}

#[tokio::test]
async fn an_office_program_opens_both() {
    let folder = tempfile::tempdir().unwrap();
    let store = database(&folder.path().join("yuqing.db")).await;
    let register = of_november(&store, &[]).await;
    let (monthly, ..) = month(&store, &[], now()).await;
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/papers");
    std::fs::create_dir_all(&target).unwrap();
    let mut office = Command::new("soffice");
    office
        .env("HOME", folder.path())
        .arg(format!("-env:UserInstallation=file://{}/profile", folder.path().display()))
        .args([
            "--headless",
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1",
        ])
        .arg("--outdir")
        .arg(folder.path());
    for (name, bytes) in [("register", &register), ("monthly", &monthly)] {
        let file = target.join(format!("{name}.xlsx"));
        std::fs::write(&file, bytes).unwrap();
        office.arg(file);
    }
    let output = office.output().unwrap_or_else(|error| panic!("{MISSING}: {error}"));
    assert!(output.status.success(), "{MISSING}: {}", String::from_utf8_lossy(&output.stderr));
    let lines = |name: &str| {
        let path = folder.path().join(name);
        let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_path(&path);
        reader
            .as_mut()
            .unwrap_or_else(|error| panic!("{MISSING}: {error}"))
            .records()
            .map(Result::unwrap)
            .collect::<Vec<_>>()
    };
    let rows = lines("register-台账.csv");
    assert_eq!(rows.len(), sheet(&register, "台账").height());
    assert_eq!(&rows[4][6], "=cmd|' /C calc'!A0", "the words, not what they would compute");
    assert_eq!(lines("monthly-事件.csv").len(), rows.len());
    assert!(lines("monthly-总体.csv").iter().any(|row| &row[0] == "特别重大"));
}
