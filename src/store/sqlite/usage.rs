//! How often rules hit: counts that are added to, forgotten after 400 days, and dropped with their rule.

use jiff::{SignedDuration, Timestamp, civil::Date};
use rusqlite::{Connection, params};

use super::{
    fault::engine,
    row::{corrupt, instant, int, micros},
};
use crate::{
    model::{Looked, RuleId, RuleLine, RuleUse, Usage, UsageBatch},
    store::StoreError,
};

/// Days for which counts are kept.
const DAYS_KEPT: i64 = 400;
/// Hours are kept a day longer than they are shown, so that a clock that is stepped back finds them.
const HOURS_KEPT: SignedDuration = SignedDuration::from_hours(48);
/// What is called the last 24 hours.
const LAST_HOURS: SignedDuration = SignedDuration::from_hours(24);

/// Makes the table of rules equal to what stands in the lists: new ones begin at `now`, those that are gone
/// take their counts with them.
pub(super) fn keep_rules(
    connection: &Connection,
    rules: &[RuleLine],
    now: Timestamp,
) -> Result<(), StoreError> {
    // A line of 0 marks what the lists do not hold any more.
    connection.execute("UPDATE rule SET line = 0", []).map_err(engine)?;
    let mut put = connection
        .prepare_cached(
            "INSERT INTO rule (unit, file, in_group, rule, line, first_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (unit, file, in_group, rule) DO UPDATE SET line = ?5",
        )
        .map_err(engine)?;
    for RuleLine { rule: RuleId { unit, file, group, rule }, line } in rules {
        put.execute(params![unit, file, group, rule, line.max(&1), micros(now)]).map_err(engine)?;
    }
    let gone = connection.execute("DELETE FROM rule WHERE line = 0", []).map_err(engine)?;
    if gone > 0 {
        for table in ["rule_day", "rule_hour"] {
            let sql = format!("DELETE FROM {table} WHERE rule NOT IN (SELECT number FROM rule)");
            connection.execute(&sql, []).map_err(engine)?;
        }
    }
    Ok(())
}

/// Adds what was counted; hits of rules that are gone meanwhile are dropped.
pub(super) fn add(connection: &Connection, batch: &UsageBatch) -> Result<(), StoreError> {
    let mut find = prepared(
        connection,
        "SELECT number FROM rule WHERE unit = ?1 AND file = ?2 AND in_group = ?3 AND rule = ?4",
    )?;
    let mut seen = prepared(
        connection,
        "UPDATE rule SET last_hit_at = max(coalesce(last_hit_at, ?2), ?2) WHERE number = ?1",
    )?;
    let mut day = prepared(
        connection,
        "INSERT INTO rule_day (day, rule, hits) VALUES (?1, ?2, ?3)
         ON CONFLICT (day, rule) DO UPDATE SET hits = hits + ?3",
    )?;
    let mut hour = prepared(
        connection,
        "INSERT INTO rule_hour (hour, rule, hits) VALUES (?1, ?2, ?3)
         ON CONFLICT (hour, rule) DO UPDATE SET hits = hits + ?3",
    )?;
    for hits in &batch.hits {
        let RuleId { unit, file, group, rule } = &hits.rule;
        let number = find.query_row(params![unit, file, group, rule], |row| row.get::<_, i64>(0));
        let number = match number {
            Ok(number) => number,
            Err(rusqlite::Error::QueryReturnedNoRows) => continue,
            Err(error) => return Err(engine(error)),
        };
        seen.execute(params![number, micros(hits.last_at)]).map_err(engine)?;
        day.execute(params![hits.day.to_string(), number, int(hits.hits)]).map_err(engine)?;
        hour.execute(params![micros(hits.hour), number, int(hits.hits)]).map_err(engine)?;
    }
    let mut looked = prepared(
        connection,
        "INSERT INTO looked_day (day, unit, posts) VALUES (?1, ?2, ?3)
         ON CONFLICT (day, unit) DO UPDATE SET posts = posts + ?3",
    )?;
    for Looked { unit, day, posts } in &batch.looked {
        looked.execute(params![day.to_string(), unit, int(*posts)]).map_err(engine)?;
    }
    forget(connection, batch)
}

/// Forgets what is too old, counted from the newest of the batch.
fn forget(connection: &Connection, batch: &UsageBatch) -> Result<(), StoreError> {
    let days = batch.hits.iter().map(|hits| hits.day).chain(batch.looked.iter().map(|looked| looked.day));
    if let Some(newest) = days.max() {
        let oldest = newest.saturating_sub(jiff::Span::new().days(DAYS_KEPT)).to_string();
        connection.execute("DELETE FROM rule_day WHERE day < ?1", [&oldest]).map_err(engine)?;
        connection.execute("DELETE FROM looked_day WHERE day < ?1", [&oldest]).map_err(engine)?;
    }
    if let Some(newest) = batch.hits.iter().map(|hits| hits.hour).max() {
        let oldest = newest.saturating_sub(HOURS_KEPT).unwrap_or(Timestamp::MIN);
        connection.execute("DELETE FROM rule_hour WHERE hour < ?1", [micros(oldest)]).map_err(engine)?;
    }
    Ok(())
}

fn prepared<'c>(connection: &'c Connection, sql: &str) -> Result<rusqlite::CachedStatement<'c>, StoreError> {
    connection.prepare_cached(sql).map_err(engine)
}

/// What is kept from the day `from` on; the last 24 hours end at `now`.
pub(super) fn usage(connection: &Connection, now: Timestamp, from: Date) -> Result<Usage, StoreError> {
    let since = micros(now.saturating_sub(LAST_HOURS).unwrap_or(Timestamp::MIN));
    let mut rules = Vec::new();
    let mut at = std::collections::HashMap::new();
    let mut query = prepared(
        connection,
        "SELECT number, unit, file, in_group, rule, line, first_at, last_hit_at FROM rule
         ORDER BY unit, file, line, number",
    )?;
    let mut rows = query.query([]).map_err(engine)?;
    while let Some(row) = rows.next().map_err(engine)? {
        let text = |column: usize| row.get::<_, String>(column).map_err(engine);
        let last: Option<i64> = row.get(7).map_err(engine)?;
        at.insert(row.get::<_, i64>(0).map_err(engine)?, rules.len());
        rules.push(RuleUse {
            rule: RuleId { unit: text(1)?, file: text(2)?, group: text(3)?, rule: text(4)? },
            line: row.get(5).map_err(engine)?,
            first_at: instant("rule", row.get(6).map_err(engine)?)?,
            last_hit_at: last.map(|last| instant("rule", last)).transpose()?,
            last_24h: 0,
            days: Vec::new(),
        });
    }
    let mut query = prepared(
        connection,
        "SELECT rule, sum(hits) FROM rule_hour WHERE hour > ?1 AND hour <= ?2 GROUP BY rule",
    )?;
    let mut rows = query.query([since, micros(now)]).map_err(engine)?;
    while let Some(row) = rows.next().map_err(engine)? {
        let number: i64 = row.get(0).map_err(engine)?;
        if let Some(rule) = at.get(&number).and_then(|at| rules.get_mut(*at)) {
            rule.last_24h = count(row.get(1).map_err(engine)?);
        }
    }
    let mut query =
        prepared(connection, "SELECT day, rule, hits FROM rule_day WHERE day >= ?1 ORDER BY day")?;
    let mut rows = query.query([from.to_string()]).map_err(engine)?;
    while let Some(row) = rows.next().map_err(engine)? {
        let number: i64 = row.get(1).map_err(engine)?;
        if let Some(rule) = at.get(&number).and_then(|at| rules.get_mut(*at)) {
            rule.days.push((date(row, "rule_day")?, count(row.get(2).map_err(engine)?)));
        }
    }
    let mut query =
        prepared(connection, "SELECT day, unit, posts FROM looked_day WHERE day >= ?1 ORDER BY unit, day")?;
    let mut rows = query.query([from.to_string()]).map_err(engine)?;
    let mut looked = Vec::new();
    while let Some(row) = rows.next().map_err(engine)? {
        let unit: String = row.get(1).map_err(engine)?;
        looked.push(Looked {
            unit,
            day: date(row, "looked_day")?,
            posts: count(row.get(2).map_err(engine)?),
        });
    }
    Ok(Usage { rules, looked })
}

fn date(row: &rusqlite::Row<'_>, table: &'static str) -> Result<Date, StoreError> {
    let text: String = row.get(0).map_err(engine)?;
    text.parse().map_err(|error: jiff::Error| corrupt(table, &error))
}

fn count(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
