//! `[[topic]]` of `yuqing.toml`: topic watches (专题), whose keyword files are in force only between two
//! instants.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{
    Fault, Warning,
    moment::Moment,
    settings::WrittenUnit,
    sheet::{Sheet, Spot, Table},
};
use crate::keyword::{Topic, TopicState};

/// A topic that is over for longer than this is probably forgotten in the file.
const LONG_AGO: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A topic as written; its instants are known when the unit's plan says its zone.
#[derive(Debug, Clone)]
pub struct WrittenTopic {
    name: Spot<String>,
    unit: Spot<String>,
    keywords: Vec<Spot<String>>,
    from: Option<Spot<Moment>>,
    until: Option<Spot<Moment>>,
    note: String,
    span: Range<usize>,
}

/// A topic watch, checked.
#[derive(Debug, Clone)]
pub struct TopicWatch {
    /// The topic.
    pub topic: Arc<Topic>,
    /// Name of the unit whose topic it is.
    pub unit: String,
    /// Its keyword files, relative to the office's folder.
    pub files: Vec<String>,
    /// Where its end is written, in the words of a warning that it is over.
    over: Fault,
}

impl TopicWatch {
    /// A warning when it has been over for thirty days: the file still names it.
    #[must_use]
    pub fn forgotten(&self, now: Timestamp) -> Option<Warning> {
        let until = self.topic.until?;
        (self.topic.state(now) == TopicState::Ended && now.duration_since(until) > LONG_AGO)
            .then(|| Warning(self.over.clone()))
    }
}

/// Reads `[[topic]]`; faults go to the sheet.
pub(super) fn read(top: &Table<'_>, units: &[WrittenUnit]) -> Vec<WrittenTopic> {
    let mut topics: Vec<WrittenTopic> = Vec::new();
    for table in top.tables("topic") {
        let Some(topic) = read_one(&table, units) else { continue };
        let same = |other: &WrittenTopic| {
            other.name.get_ref() == topic.name.get_ref() && other.unit.get_ref() == topic.unit.get_ref()
        };
        if topics.iter().any(same) {
            let message = format!("专题 {} 写了两次", topic.name.get_ref());
            table.sheet().fault(topic.name.span(), message, "改一个名字，或把关键词文件写在同一段里");
        }
        topics.push(topic);
    }
    topics
}

fn read_one(table: &Table<'_>, units: &[WrittenUnit]) -> Option<WrittenTopic> {
    let name = table.need_text("name", "招生");
    let unit = unit_of(table, units);
    let keywords = table.texts("keywords");
    let from = table.moment("from");
    let until = table.moment("until");
    let note = table.text("note").map(Spot::into_inner).unwrap_or_default();
    if keywords.is_empty() {
        let hint = "写一行 keywords = [\"keywords/专题名称.txt\"]";
        table.sheet().fault(table.place_of("keywords"), "专题没有关键词文件，什么也监测不到", hint);
    }
    table.finish();
    Some(WrittenTopic { name: name?, unit: unit?, keywords, from, until, note, span: table.span() })
}

/// The unit that is named, or the only one that there is.
fn unit_of(table: &Table<'_>, units: &[WrittenUnit]) -> Option<Spot<String>> {
    let names: Vec<&str> = units.iter().map(|unit| unit.unit.name.as_str()).collect();
    if let ([only], false) = (names.as_slice(), table.has("unit")) {
        return Some(Spot::new(table.span(), (*only).to_owned()));
    }
    let unit = table.need_text("unit", names.first().copied().unwrap_or("某某单位"))?;
    if !names.is_empty() && !names.contains(&unit.get_ref().as_str()) {
        let message = format!("没有监测单位 {}", unit.get_ref());
        table.sheet().fault(unit.span(), message, format!("写 [[unit]] 里有的: {}", names.join("、")));
        return None;
    }
    Some(unit)
}

/// Places the topics in time. `zones` gives each unit's zone; a unit without one has a plan that is wrong,
/// which is told of the plan.
pub(super) fn check(
    sheet: &Sheet<'_>,
    topics: Vec<WrittenTopic>,
    zones: &BTreeMap<String, TimeZone>,
) -> Vec<TopicWatch> {
    topics.into_iter().map(|topic| place(sheet, topic, zones)).collect()
}

fn place(sheet: &Sheet<'_>, written: WrittenTopic, zones: &BTreeMap<String, TimeZone>) -> TopicWatch {
    let zone = zones.get(written.unit.get_ref()).cloned().unwrap_or(TimeZone::UTC);
    let from = written.from.as_ref().and_then(|from| from.get_ref().begins(&zone));
    let until = written.until.as_ref().and_then(|until| until.get_ref().ends(&zone));
    let end = written.until.as_ref().map_or(written.span, Spot::span);
    if let (Some(from), Some(until)) = (from, until)
        && until <= from
    {
        let message = format!("专题 {} 的结束不晚于开始", written.name.get_ref());
        sheet.fault(end.clone(), message, "until 写得比 from 晚；只写日期时，until 那一天也算在内");
    }
    let name = written.name.into_inner();
    let over = sheet.note_at(
        end,
        format!("专题 {name} 早已结束"),
        "不再需要就删去这一段 [[topic]]；还要监测就把 until 改晚",
    );
    TopicWatch {
        topic: Arc::new(Topic { name, from, until, note: written.note }),
        unit: written.unit.into_inner(),
        files: written.keywords.into_iter().map(Spot::into_inner).collect(),
        over,
    }
}
