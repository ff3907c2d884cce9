//! `states` and `subsides` of a plan: through which states a case goes, and when it has subsided.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::{
    config::sheet::{Spot, Table, Word},
    model::{STATES, Subsides, usual_states},
};

/// Shorter than this, a night would be a calm.
const SHORTEST: SignedDuration = SignedDuration::from_hours(1);
/// Characters of a state's name at most.
const NAME: usize = 12;

const CONFIRMERS: [Word<bool>; 2] = [("person", "人工", false), ("plan", "预案", true)];

/// `states = ["发现", "上报 = 已报", …]`; the shipped ones when left out. What stands behind `=` is the shipped state
/// that is meant, so that the case still goes on by itself.
pub(super) fn states(top: &Table<'_>) -> (Vec<String>, BTreeMap<String, String>) {
    let written = top.texts("states");
    if written.is_empty() {
        if top.has("states") {
            let hint = "删去这一行即用随包的状态，或写 states = [\"发现\", \"已报\", \"处置中\", \"平息\"]";
            top.sheet().fault(top.place_of("states"), "states 里没有状态", hint);
        }
        return (usual_states(), BTreeMap::new());
    }
    let mut states: Vec<String> = Vec::new();
    let mut names = BTreeMap::new();
    for state in written {
        let (name, means) = match state.get_ref().split_once(['=', '＝']) {
            Some((name, means)) => (name.trim(), Some(means.trim())),
            None => (state.get_ref().trim(), None),
        };
        if let Some(means) = means.filter(|means| !STATES.contains(means)) {
            let hint = format!("“=”后面写随包的状态之一: {}", STATES.join("、"));
            top.sheet().fault(state.span(), format!("没有随包的状态 {means}"), hint);
            continue;
        }
        if name.is_empty() || name.chars().count() > NAME {
            top.sheet().fault(state.span(), "状态名应当有 1 到 12 个字", "写成 \"处置中\"");
        } else if states.iter().any(|known| known == name) {
            top.sheet().fault(state.span(), format!("状态 {name} 写了两次"), "删去一个");
        } else {
            states.push(name.to_owned());
            names.extend(means.map(|means| (means.to_owned(), name.to_owned())));
        }
    }
    (states, names)
}

/// `subsides = { growth_below = 50, for = "24h", confirm = "person" }`.
pub(super) fn subsides(top: &Table<'_>) -> Option<Subsides> {
    let table = top.table("subsides")?;
    let growth = table.whole("growth_below", 1..=1_000_000_000);
    let span = table.duration("for");
    let confirm = table.word("confirm", &CONFIRMERS);
    if !table.has("growth_below") || !table.has("for") {
        let hint = "写成 subsides = { growth_below = 50, for = \"24h\", confirm = \"person\" }";
        table.sheet().fault(table.span(), "平息规则要写 growth_below（每小时新增浏览）和 for（多久）", hint);
    }
    if let Some(short) = span.as_ref().filter(|span| *span.get_ref() < SHORTEST) {
        table.sheet().fault(short.span(), "for 不能短于 1h", "写成 for = \"24h\"");
    }
    table.finish();
    Some(Subsides {
        growth_below: growth?.into_inner(),
        span: span?.into_inner(),
        by_plan: confirm.map(Spot::into_inner).unwrap_or_default(),
    })
}
