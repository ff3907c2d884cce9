//! A database of a few dozen cases, each with something of its own: what is unknown, late, merged, entered by hand, made
//! up, entered by mistake, hostile; and what an independent look at the file says of them.

use std::{path::Path, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use yuqing::{
    desk::Change,
    model::{
        Ack, AckHow, Assignment, Base, ChannelKind, ContentKind, Deadline, DeadlineKind, DeadlineState,
        Entered, Incident, IncidentId, IncidentState, Kind, KindDecision, NoticeState, Reply, StateChange,
    },
    store::{SqliteStore, Store as _},
};

use crate::console::rows::{Outside, UNIT, ago, incident, notice};

/// Another unit.
pub const OTHER: &str = "青禾县第一小学";
/// Cases of the month; those numbered beyond were seen in the month before, and in the same month of last year.
pub const MONTH: u64 = 36;
const BEFORE: u64 = 44;
const ALL: u64 = 50;

/// What somebody wrote, by the number of the case.
pub fn gist(id: u64) -> String {
    match id {
        4 => "=cmd|' /C calc'!A0".to_owned(),
        7 => "@网信办 收费窗口排队".to_owned(),
        8 => "甲\u{0}乙\u{1b}[31m丙\u{202e}丁\r\n戊\u{fffe}".to_owned(),
        12 => "长".repeat(40_000),
        13 => format!("{}😀😀😀", "x".repeat(32_765)),
        16 => "_x0041_<c t=\"s\">&amp;\t".to_owned(),
        _ => format!("第{id}件：收费窗口排队"),
    }
}

fn seen(id: u64) -> Timestamp {
    let number = i64::try_from(id).unwrap();
    match id {
        1..=MONTH => ago(number * 37_000 + 11),
        ..=BEFORE => ago(30 * 86_400 + number * 3_600),
        _ => ago(366 * 86_400 + number * 60),
    }
}

fn later(id: u64, seconds: i64) -> Timestamp {
    seen(id) + SignedDuration::from_secs(seconds)
}

/// One case.
pub fn case(id: u64) -> Incident {
    let mut row = incident(id, usize::try_from(id % 4).unwrap(), &Outside::default());
    row.gist = gist(id);
    row.unit = if id.is_multiple_of(5) { OTHER } else { UNIT }.to_owned();
    (row.detected_at, row.opened_at, row.graded_at) = (seen(id), later(id, 5), later(id, 61));
    row.published_at = match id % 9 {
        0 => Some(later(id, -4 * 86_400)),
        3 => None,
        5 => Some("1601-01-01T00:00:00Z".parse().unwrap()),
        n => Some(later(id, -601 * i64::try_from(n).unwrap())),
    };
    row.heat.daily_views = (!id.is_multiple_of(7)).then_some(id * 1_013);
    row.heat.reposts = (!id.is_multiple_of(6)).then_some(id * 17);
    row.heat.comments = id.is_multiple_of(2).then_some(id * 3);
    row.heat.posts = id;
    let sites = ["weibo", "青禾论坛", "own", "hand", "douyin"];
    row.heat.sites =
        sites.iter().take(usize::try_from(id % 5 + 1).unwrap()).map(|site| (*site).to_owned()).collect();
    row.reason.heat = row.heat.clone();
    row.groups = match id % 3 {
        0 => vec!["医院".into(), "收费,窗口".into()],
        1 => vec!["医院".into()],
        _ => Vec::new(),
    };
    row.kinds.proposed = id.is_multiple_of(4).then_some(ContentKind::Demand);
    if id.is_multiple_of(8) {
        let (by, reason) = ("张三".to_owned(), "查实".to_owned());
        row.kinds.decided = Some(KindDecision { kind: Kind::Fabrication, by, reason, at: later(id, 900) });
    }
    course(id, &mut row);
    row
}

fn course(id: u64, row: &mut Incident) {
    let ack = |contact: &str, seconds, how| Ack {
        contact: contact.to_owned(),
        rank: row.rank,
        line: None,
        at: later(id, seconds),
        how,
        recorded_by: None,
    };
    if id.is_multiple_of(3) {
        row.acks = vec![ack("带班领导", 1_900, AckHow::Phone), ack("值班员", 700, AckHow::Reply)];
    }
    if id.is_multiple_of(4) {
        row.course.assignment = Some(Assignment {
            lead: "办公室主任".into(),
            helping: vec!["宣传科".into(), "=门诊部".into()],
            instruction: "+核实并回复\n今天".into(),
            by: "书记".into(),
            at: later(id, 2_000),
        });
    }
    let replies = id % 7 / 2;
    for number in 0..replies {
        row.course.replies.push(Reply {
            text: format!("已增开窗口 {number}"),
            link: (number == 1).then(|| "https://qinghe.example/a?b=1".to_owned()),
            by: "宣传科".into(),
            at: later(id, 7_000),
        });
    }
    row.responded_at = (replies > 0).then(|| later(id, 7_000));
    if id.is_multiple_of(10) {
        (row.state, row.closed_at) = (IncidentState::Closed, Some(later(id, 90_000)));
        row.course.states =
            vec![StateChange { state: "平息".into(), at: later(id, 90_000), by: Some("王".into()) }];
        row.reopened = 2;
    }
    if matches!(id, 6 | 33) {
        row.course.entered = Some(Entered {
            source: "电话".into(),
            by: "李四".into(),
            at: later(id, 3),
            happened_at: Some(later(id, -7_200)),
            missed: "该站点未接入".into(),
            found_at: (id == 6).then(|| later(id, 5_000)),
            drill: false,
            withdrawn_at: (id == 33).then(|| later(id, 60)),
        });
    }
    match id {
        // 36 was merged into 35, which was merged into 2.
        35 => (row.state, row.merged_into) = (IncidentState::Merged, Some(IncidentId(2))),
        36 => (row.state, row.merged_into) = (IncidentState::Merged, Some(IncidentId(35))),
        34 => Arc::make_mut(&mut row.plan).exercise_mark = Some("演练".into()),
        11 => {
            for tier in &mut Arc::make_mut(&mut row.plan).tiers {
                tier.led_by = Some("网信办".into());
            }
        }
        _ => {}
    }
}

/// A limit that was due so many seconds after first sight.
fn limit(id: u64, kind: DeadlineKind, due: i64, state: DeadlineState) -> Deadline {
    Deadline {
        key: format!("{id}/{}/{due}", kind.id()),
        incident: IncidentId(id),
        kind,
        rank: usize::try_from(id % 4).unwrap(),
        line: (kind == DeadlineKind::Acknowledge).then(|| "本单位".to_owned()),
        step: 1,
        base: Base::Graded,
        base_at: later(id, 61),
        due_at: later(id, due),
        state,
        warned: false,
        duty: None,
        name: (kind == DeadlineKind::Own).then(|| "=报主管部门".to_owned()),
        warnings: 0,
        reminders: 0,
        passed: false,
        moved: false,
    }
}

fn limits(id: u64) -> Vec<Deadline> {
    use DeadlineKind::{Acknowledge, Own, Report, Response, Step};
    let met = |seconds| DeadlineState::Met { at: later(id, seconds) };
    let ended = |why: &str| DeadlineState::Ended { why: why.to_owned() };
    let mut limits = vec![limit(id, Step, 30, DeadlineState::Overdue)];
    match id % 4 {
        0 => limits.push(limit(id, Report, 300, met(200))),
        1 => limits.push(limit(id, Report, 300, met(901))),
        2 => limits.push(limit(id, Report, 300, ended("superseded"))),
        _ => {}
    }
    match id % 3 {
        0 => limits.push(limit(id, Acknowledge, 600, met(700))),
        1 => limits.push(limit(id, Acknowledge, 600, DeadlineState::Overdue)),
        _ => limits.push(Deadline { moved: true, ..limit(id, Acknowledge, 600, DeadlineState::Overdue) }),
    }
    if id.is_multiple_of(2) {
        let published = Deadline {
            base: Base::Published,
            base_at: later(id, -9_000),
            ..limit(id, Response, -60, DeadlineState::Overdue)
        };
        limits.push(published);
    } else {
        limits.push(limit(id, Response, 100 * 86_400, DeadlineState::Running));
    }
    limits
        .push(Deadline { reminders: u32::try_from(id % 2).unwrap(), ..limit(id, Own, 50, ended("closed")) });
    limits
}

/// All rows.
pub fn changes() -> Vec<Change> {
    let mut changes = Vec::new();
    for id in 1..=ALL {
        let row = case(id);
        changes.push(Change::Incident(Box::new(row.clone())));
        changes.extend(limits(id).into_iter().map(Change::Deadline));
        let accepted = NoticeState::Accepted { at: later(id, 444), arrived_at: None };
        for (name, state) in [("a", NoticeState::Pending), ("b", accepted)] {
            let mut one = notice(&format!("{id}/{name}"), &row, "值班员", ChannelKind::Email, state);
            one.created_at = later(id, if id.is_multiple_of(8) { 100 } else { 400 });
            changes.push(Change::Notice(Box::new(one)));
        }
    }
    changes
}

/// A file with all of them; the store is open as long as it is held.
pub async fn database(path: &Path) -> SqliteStore {
    let store = SqliteStore::open(path).unwrap();
    store.commit(changes()).await.unwrap();
    store
}

/// What each case is to the register, told by SQL alone: name of a column, then a text, a number or an instant of the
/// local day as a table program counts it.
pub fn expected(path: &Path, id: u64) -> Vec<(String, rusqlite::types::Value)> {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection.prepare(&SQL.replace("{now}", "2026-11-21T06:05:00Z")).unwrap();
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let number = i64::try_from(id).unwrap();
    let values = statement.query_row([number], |row| {
        (0..names.len()).map(|column| row.get(column)).collect::<rusqlite::Result<Vec<_>>>()
    });
    names.into_iter().zip(values.unwrap()).collect()
}

const SQL: &str = "
WITH RECURSIVE parts (id) AS (
    SELECT id FROM incident WHERE merged_into = ?1 UNION
    SELECT incident.id FROM incident JOIN parts ON incident.merged_into = parts.id),
one AS (
    SELECT i.id, i.unit, i.state, i.body AS b, p.body AS plan, '$.tiers[' || i.rank || ']' AS tier,
        unixepoch(json_extract(i.body, '$.detected_at')) AS seen,
        unixepoch(json_extract(i.body, '$.published_at')) AS published,
        unixepoch(json_extract(i.body, '$.responded_at')) AS answered,
        unixepoch(json_extract(i.body, '$.closed_at')) AS closed,
        coalesce(
            (SELECT min(unixepoch(json_extract(body, '$.state.at'))) FROM deadline
             WHERE incident = i.id AND kind = 'report' AND state = 'met'),
            (SELECT min(unixepoch(json_extract(standing, '$.at'))) FROM notice
             WHERE state = 'accepted' AND (incident = i.id OR incident IN (SELECT id FROM parts)))) AS told,
        (SELECT value FROM json_each(i.body, '$.acks') ORDER BY json_extract(value, '$.at') LIMIT 1) AS ack,
        json_extract(i.body, '$.course.assignment') AS given, json_extract(i.body, '$.course.entered') AS entered
    FROM incident i JOIN plan p ON p.hash = i.plan WHERE i.id = ?1),
bad AS (
    SELECT due_at, key, CASE
        WHEN state = 'met' THEN unixepoch(json_extract(body, '$.state.at')) > due_at / 1000000
        WHEN state = 'ended' THEN json_extract(body, '$.reminders') > 0
        ELSE unixepoch('{now}') > due_at / 1000000 END AS bad_one
    FROM deadline WHERE incident = ?1 AND kind <> 'step')
SELECT
    id AS '编号',
    strftime('%Y', json_extract(b, '$.opened_at'), '+8 hours') || format('-%04d', id) AS '文号',
    unit AS '单位',
    coalesce(json_extract(plan, '$.exercise_mark'), '') AS '标记',
    json_extract(plan, tier || '.name') AS '等级',
    json_extract(b, '$.gist') AS '概要',
    CASE WHEN json_extract(b, '$.kinds.decided.kind') = 'fabrication' THEN '虚假信息（' || json_extract(b, '$.kinds.decided.by') || '认定）'
         WHEN json_extract(b, '$.kinds.proposed') = 'demand' THEN '诉求（系统建议）' ELSE '' END AS '类别',
    coalesce((SELECT group_concat(value, '、') FROM json_each(b, '$.groups')), '') AS '命中词组',
    (SELECT group_concat(CASE value WHEN 'own' THEN '本单位网页' WHEN 'hand' THEN '人工录入' ELSE value END, '、')
     FROM json_each(b, '$.heat.sites')) AS '站点',
    json_array_length(b, '$.heat.sites') AS '站点数',
    json_extract(b, '$.heat.posts') AS '帖文数',
    json_extract(b, '$.heat.daily_views') AS '24小时浏览',
    json_extract(b, '$.heat.reposts') AS '转发',
    json_extract(b, '$.heat.comments') AS '评论',
    iif(published < -2208988800, strftime('%Y-%m-%d %H:%M:%S', published + 29143, 'unixepoch'),
        julianday(published, 'unixepoch', '+8 hours') - 2415018.5) AS '最早发布',
    julianday(seen, 'unixepoch', '+8 hours') - 2415018.5 AS '发现时间',
    julianday(json_extract(b, '$.graded_at'), '+8 hours') - 2415018.5 AS '定级时间',
    julianday(told, 'unixepoch', '+8 hours') - 2415018.5 AS '报告时间',
    julianday(json_extract(ack, '$.at'), '+8 hours') - 2415018.5 AS '签收时间',
    coalesce(json_extract(ack, '$.contact'), '') AS '签收人',
    CASE json_extract(ack, '$.how') WHEN 'reply' THEN '短信回复' WHEN 'phone' THEN '电话签收' ELSE '' END AS '签收方式',
    coalesce((SELECT group_concat(json_extract(value, '$.contact') || ' '
        || strftime('%Y-%m-%d %H:%M', json_extract(value, '$.at'), '+8 hours')
        || CASE json_extract(value, '$.how') WHEN 'reply' THEN '（短信回复）' ELSE '（电话签收）' END, '；')
        FROM json_each(b, '$.acks')), '') AS '全部签收',
    coalesce(json_extract(plan, tier || '.led_by'), '') AS '牵头（按预案）',
    coalesce(json_extract(given, '$.lead'), '') AS '主办',
    coalesce((SELECT group_concat(value, '、') FROM json_each(given, '$.helping')), '') AS '协办',
    coalesce(json_extract(given, '$.instruction'), '') AS '办理要求',
    coalesce(json_extract(given, '$.by'), '') AS '批办人',
    julianday(json_extract(given, '$.at'), '+8 hours') - 2415018.5 AS '批办时间',
    julianday(answered, 'unixepoch', '+8 hours') - 2415018.5 AS '回应时间',
    coalesce((SELECT group_concat(json_extract(value, '$.text'), '；') FROM json_each(b, '$.course.replies')), '') AS '回应内容',
    coalesce((SELECT group_concat(json_extract(value, '$.link'), ' ') FROM json_each(b, '$.course.replies')), '') AS '回应链接',
    julianday(closed, 'unixepoch', '+8 hours') - 2415018.5 AS '关闭时间',
    CASE state WHEN 'open' THEN '进行中' WHEN 'closed' THEN '已关闭' ELSE state END AS '状态',
    coalesce(json_extract(b, '$.course.states[#-1].state'), json_extract(plan, '$.states[0]')) AS '办理阶段',
    json_extract(b, '$.reopened') AS '反弹次数',
    (SELECT count(*) FROM bad WHERE bad_one) AS '未按时的时限数',
    iif(seen - published > 86400, NULL, max(0, seen - published) / 60) AS '发布到发现（分钟）',
    max(0, told - seen) / 60 AS '发现到报告（分钟）',
    max(0, unixepoch(json_extract(ack, '$.at')) - told) / 60 AS '报告到签收（分钟）',
    max(0, answered - seen) / 60 AS '发现到回应（分钟）',
    max(0, closed - seen) / 60 AS '发现到关闭（分钟）',
    coalesce(json_extract(entered, '$.source'), '') AS '录入途径',
    coalesce(json_extract(entered, '$.by'), '') AS '录入人',
    julianday(json_extract(entered, '$.at'), '+8 hours') - 2415018.5 AS '录入时间',
    julianday(json_extract(entered, '$.happened_at'), '+8 hours') - 2415018.5 AS '发生时间（录入）',
    coalesce(json_extract(entered, '$.missed'), '') AS '未监测到的原因',
    julianday(json_extract(entered, '$.found_at'), '+8 hours') - 2415018.5 AS '后由信源发现',
    coalesce((SELECT group_concat(id, '、') FROM (SELECT id FROM parts ORDER BY id)), '') AS '并入的编号',
    json_extract(plan, '$.title') AS '预案',
    json_extract(plan, '$.id') AS '预案编号'
FROM one";
