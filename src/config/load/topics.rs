//! The keyword lists of topic watches, read like the units' own and named after their topic.

use std::sync::Arc;

use super::{Findings, lists::read_one, tables::Tables};
use crate::{config::Folder, keyword::List};

/// Reads the lists of all topics, begun or not, so that a fault is told before the day. Of a list that is
/// wrong, the one of `last_good` with the same unit, topic and file is kept.
pub(super) fn read(
    folder: &Folder,
    tables: &Tables,
    last_good: &[Arc<List>],
    findings: &mut Findings,
) -> Vec<Arc<List>> {
    let mut lists = Vec::new();
    for watch in &tables.topics {
        for file in &watch.files {
            match read_one(folder, tables, &watch.unit, file, findings) {
                Ok(list) => lists.push(Arc::new(list.under(&watch.topic))),
                Err(faults) => {
                    findings.faults.extend(faults);
                    let same = |list: &&Arc<List>| {
                        let topic = list.topic.as_ref().is_some_and(|topic| topic.name == watch.topic.name);
                        topic && list.unit == watch.unit && list.file == *file
                    };
                    // Its words stay, but its times are those that are written now.
                    lists.extend(last_good.iter().find(same).map(|list| {
                        Arc::new(List { topic: Some(Arc::clone(&watch.topic)), ..List::clone(list) })
                    }));
                }
            }
        }
    }
    lists
}
