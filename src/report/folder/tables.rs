//! The rows as entries: JSON as the store has them, tables that a table program opens and computes nothing of.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{FolderError, FolderRows, LeftOut, TABLE, parcel::Parcel, rows::plain};
use crate::{
    locale::{When, words},
    model::{Count, Exactness, IncidentId, Notice, NoticeState, ObservationRow},
    store::AuditRow,
    text::{inert, masked},
};

/// A row of the audit in `audit.jsonl`, with the same fields as `yuqing audit export` prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    /// Its number in the chain.
    pub number: i64,
    /// Which incident.
    pub incident: Option<IncidentId>,
    /// When. UTC.
    pub at: Timestamp,
    /// What kind.
    pub kind: String,
    /// Who.
    pub by: Option<String>,
    /// What.
    pub text: String,
    /// SHA-256 of the row's body.
    pub body_hash: String,
    /// The chain's hash.
    pub hash: String,
}

impl From<&AuditRow> for AuditLine {
    fn from(row: &AuditRow) -> Self {
        let entry = row.entry.clone();
        Self {
            number: row.number,
            incident: entry.incident,
            at: entry.at,
            kind: entry.kind,
            by: entry.by,
            text: entry.text,
            body_hash: row.body_hash.clone(),
            hash: row.hash.clone(),
        }
    }
}

/// Lines until they are too many.
#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
    left: u64,
}

impl Lines {
    /// With a mark that says that it is UTF-8, and the names of the columns.
    fn of_csv<const N: usize>(columns: [(&str, &str); N], when: &When) -> Self {
        let mut lines = Self { bytes: vec![0xEF, 0xBB, 0xBF], left: 0 };
        lines.cells(&columns.map(|(zh, en)| when.locale.pick(zh, en).to_owned()));
        lines
    }

    fn line(&mut self, line: &[u8]) {
        if self.left > 0 || self.bytes.len().saturating_add(line.len()) > TABLE {
            self.left += 1;
        } else {
            self.bytes.extend_from_slice(line);
        }
    }

    fn json(&mut self, row: &impl Serialize) -> Result<(), FolderError> {
        let mut line = serde_json::to_vec(row)?;
        line.push(b'\n');
        self.line(&line);
        Ok(())
    }

    fn cells<const N: usize>(&mut self, cells: &[String; N]) {
        let builder = &mut csv::WriterBuilder::new();
        let mut writer =
            builder.terminator(csv::Terminator::CRLF).buffer_capacity(256).from_writer(Vec::new());
        // Writing to memory does not fail.
        let _ = writer.write_record(cells.iter().map(|cell| inert(cell).into_owned()));
        self.line(&writer.into_inner().unwrap_or_default());
    }

    fn put(self, path: &str, parcel: &mut Parcel<'_>, left: &mut Vec<LeftOut>) {
        if self.left > 0 {
            left.push(LeftOut::rows(path, self.left));
        }
        parcel.put(path.to_owned(), self.bytes);
    }
}

/// Puts everything but papers and files into the parcel; says which rows did not fit.
pub(super) fn put(
    parcel: &mut Parcel<'_>,
    rows: &FolderRows,
    when: &When,
) -> Result<Vec<LeftOut>, FolderError> {
    let mut left = Vec::new();
    let view = &rows.view;
    let mut incident = view.incident.clone();
    // What a slip could be taken back to is the machine's own, for a minute.
    incident.course.undo = None;
    let whole = json!({ "incident": incident, "deadlines": view.deadlines });
    parcel.put("incident.json".to_owned(), serde_json::to_vec_pretty(&whole)?);
    let mut posts = Lines::default();
    for post in &view.posts {
        posts.json(post)?;
    }
    posts.put("posts.jsonl", parcel, &mut left);
    let mut audit = Lines::default();
    for row in &rows.audit {
        audit.json(&AuditLine::from(row))?;
    }
    audit.put("audit.jsonl", parcel, &mut left);
    observations(&view.observations, when).put("observations.csv", parcel, &mut left);
    deliveries(&view.notices, when).put("deliveries.csv", parcel, &mut left);
    timeline(rows, when).put("timeline.csv", parcel, &mut left);
    for (number, piece) in (1_usize..).zip(&rows.evidence) {
        let path = format!("evidence/{number:05}-{}-{}.json", plain(&piece.post.site), plain(&piece.post.id));
        parcel.put(path, serde_json::to_vec_pretty(piece)?);
    }
    Ok(left)
}

fn observations(rows: &[ObservationRow], when: &When) -> Lines {
    let columns = [
        ("站点", "Site"),
        ("帖子编号", "Post"),
        ("时间", "At"),
        ("浏览", "Views"),
        ("浏览精度", "Views are"),
        ("转发", "Reposts"),
        ("转发精度", "Reposts are"),
        ("评论", "Comments"),
        ("评论精度", "Comments are"),
        ("点赞", "Likes"),
        ("点赞精度", "Likes are"),
    ];
    let mut lines = Lines::of_csv(columns, when);
    for row in rows {
        let [views, how_views] = count(row.views, when);
        let [reposts, how_reposts] = count(row.reposts, when);
        let [comments, how_comments] = count(row.comments, when);
        let [likes, how_likes] = count(row.likes, when);
        lines.cells(&[
            row.post.site.clone(),
            row.post.id.clone(),
            instant(row.at, when),
            views,
            how_views,
            reposts,
            how_reposts,
            comments,
            how_comments,
            likes,
            how_likes,
        ]);
    }
    lines
}

/// A number and how exact it is; both empty where it is unknown.
fn count(count: Option<Count>, when: &When) -> [String; 2] {
    let Some(count) = count else { return [String::new(), String::new()] };
    let (zh, en) = match count.exactness {
        Exactness::Exact => ("准确", "exact"),
        Exactness::About => ("约", "about"),
        Exactness::AtLeast => ("至少", "at least"),
    };
    [count.value.to_string(), when.locale.pick(zh, en).to_owned()]
}

fn deliveries(notices: &[Notice], when: &When) -> Lines {
    let columns = [
        ("编号", "Id"),
        ("联系人", "Contact"),
        ("事由", "Why"),
        ("等级", "Tier"),
        ("通道", "Channel"),
        ("地址", "Address"),
        ("决定时间", "Decided"),
        ("应受理时间", "Due"),
        ("受理时间", "Accepted"),
        ("送达时间", "Arrived"),
        ("被拒时间", "Refused"),
        ("状态", "State"),
        ("说明", "Remark"),
    ];
    let mut lines = Lines::of_csv(columns, when);
    for notice in notices {
        let (mut accepted, mut arrived, mut refused, mut why) = Default::default();
        match &notice.state {
            NoticeState::Accepted { at, arrived_at } => (accepted, arrived) = (Some(*at), *arrived_at),
            NoticeState::Refused { at, why: said } => (refused, why) = (Some(*at), said.clone()),
            NoticeState::Cancelled { why: word } => why = words::cancelled(word, when.locale).to_owned(),
            NoticeState::Pending | NoticeState::Shown => {}
        }
        let at = |at: Option<Timestamp>| at.map(|at| instant(at, when)).unwrap_or_default();
        lines.cells(&[
            notice.id.0.clone(),
            notice.contact.clone(),
            words::notice(notice.kind, when.locale).to_owned(),
            notice.facts.tier_name.clone(),
            words::channel(notice.channel, when.locale).to_owned(),
            masked(&notice.address),
            instant(notice.created_at, when),
            instant(notice.due_at, when),
            at(accepted),
            at(arrived),
            at(refused),
            words::state(&notice.state, when.locale).0.to_owned(),
            why,
        ]);
    }
    lines
}

fn timeline(rows: &FolderRows, when: &When) -> Lines {
    let columns =
        [("时间", "At"), ("事件编号", "Incident"), ("事项", "What"), ("经办人", "By"), ("内容", "Text")];
    let mut lines = Lines::of_csv(columns, when);
    for entry in &rows.view.entries {
        lines.cells(&[
            instant(entry.at, when),
            entry.incident.map(|id| id.to_string()).unwrap_or_default(),
            words::entry(&entry.kind, when.locale).to_owned(),
            entry.by.clone().unwrap_or_default(),
            entry.text.clone(),
        ]);
    }
    lines
}

/// An instant that says its zone: `2026-11-21 14:05:09.25 +08:00`.
fn instant(at: Timestamp, when: &When) -> String {
    at.to_zoned(when.zone.clone()).strftime("%Y-%m-%d %H:%M:%S%.f %:z").to_string()
}
