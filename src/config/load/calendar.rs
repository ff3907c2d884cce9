//! `sensitive-dates.txt`: the office's sensitive dates (敏感日期), one a line, as people write them:
//!
//! ```text
//! 2026-06-07 ~ 2026-06-10 高考 青川县教育局
//! 03-15 消费者权益日
//! ```
//!
//! A day or two with `~` (or 至) between them, a name, and the units that it concerns; without a unit all
//! of them. Without a year it comes back every year. `#` begins a comment. Any encoding that a keyword list
//! may have is read. The file stands alone: a broken one keeps its own last good state.

use std::sync::Arc;

use crate::{
    config::{
        Calendar, Fault, Folder, SensitiveSpan,
        dated::{self, Dated},
        source::Source,
    },
    model::Unit,
    text::decode_office_file,
};

use super::{Findings, tables::Tables};

/// The file's name in the office's folder.
pub(in crate::config) const FILE: &str = "sensitive-dates.txt";

/// How a line is written, as the mend of every fault.
const MEND: &str =
    "写成 \"2026-06-07 ~ 2026-06-10 高考 单位名称\" 或每年都有的 \"03-15 消费者权益日\"；单位可以不写";

/// Reads the file; of one that is wrong the `last_good` is kept. No file has no dates.
pub(super) fn read(
    folder: &Folder,
    tables: &Tables,
    last_good: Option<&Arc<Calendar>>,
    findings: &mut Findings,
) -> Arc<Calendar> {
    let bytes = match folder.bytes(FILE) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Arc::default(),
        Err(fault) => {
            findings.faults.push(fault);
            return last_good.cloned().unwrap_or_default();
        }
    };
    let text = decode_office_file(&bytes).text;
    let mut calendar = Calendar::default();
    let mut faults = Vec::new();
    for (nth, line) in text.lines().enumerate() {
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match span(line, &tables.units) {
            Ok(span) => calendar.spans.push(span),
            Err((message, hint)) => {
                faults.push(Fault::on_line(&folder.path(FILE), &text, nth + 1, message, Some(hint)));
            }
        }
    }
    if faults.is_empty() {
        return Arc::new(calendar);
    }
    findings.faults.extend(faults);
    last_good.cloned().unwrap_or_default()
}

/// Gives every source the dates and the zone in which its days begin.
pub(super) fn attend(sources: &mut [Source], calendar: &Arc<Calendar>, zone: &jiff::tz::TimeZone) {
    for source in sources {
        source.attention.calendar = Arc::clone(calendar);
        source.attention.zone = zone.clone();
    }
}

type Wrong = (String, String);

fn span(line: &str, units: &[Unit]) -> Result<SensitiveSpan, Wrong> {
    let Dated { from, to, name, rest } = dated::line(line).map_err(|message| (message, MEND.to_owned()))?;
    let known = |word: &str| {
        units.iter().find(|unit| unit.name == word || unit.aliases.iter().any(|one| one == word))
    };
    let units = rest
        .iter()
        .map(|word| {
            known(word).map(|unit| unit.name.clone()).ok_or_else(|| {
                let names: Vec<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
                (format!("没有单位 {word}"), format!("名称里不要有空格；单位写已有的: {}", names.join("、")))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(SensitiveSpan { from, to, name, units })
}
