//! What the address of the list asks for, and the way back: every page, chip and export is an address that can be
//! kept, sent and opened again.

use serde::Serialize;

use crate::{
    console::view::{When, clean, query, short, words},
    locale::Locale,
    model::IncidentState,
    store::{IncidentSearch, Sort, Turn},
};

/// Characters of one field at most.
const LONGEST: usize = 200;

/// States by the name that an address has for them.
pub(super) const STATES: [(&str, IncidentState); 5] = [
    ("open", IncidentState::Open),
    ("dormant", IncidentState::Dormant),
    ("closed", IncidentState::Closed),
    ("archived", IncidentState::Archived),
    ("merged", IncidentState::Merged),
];

fn state_of(id: &str) -> Option<IncidentState> {
    STATES.iter().find(|(known, _)| *known == id).map(|(_, state)| *state)
}

/// The word for a state of an address.
pub(super) fn state_word(id: &str, locale: Locale) -> String {
    state_of(id).map_or_else(|| clean(id), |state| words::incident_state(state, locale).to_owned())
}

/// The fields as they came.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Asked {
    pub q: String,
    pub unit: String,
    pub tier: String,
    pub state: String,
    pub stage: String,
    pub site: String,
    pub group: String,
    pub from: String,
    pub to: String,
    pub sort: String,
    pub after: String,
    pub before: String,
    /// What was just done, to say so.
    pub done: String,
}

/// A field that narrows the list, and the address without it.
#[derive(Serialize)]
pub(super) struct Active {
    word: String,
    without: String,
}

impl Asked {
    /// Reads a query. Unknown names are passed over; of a name that comes twice the last counts.
    pub fn read(query: &str) -> Self {
        let mut asked = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = short(&value, LONGEST);
            if let Some(field) = asked.field(&name) {
                *field = value;
            } else {
                match name.as_ref() {
                    "after" => asked.after = value,
                    "before" => asked.before = value,
                    "done" => asked.done = value,
                    _ => {}
                }
            }
        }
        asked
    }

    fn field(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "q" => &mut self.q,
            "unit" => &mut self.unit,
            "tier" => &mut self.tier,
            "state" => &mut self.state,
            "stage" => &mut self.stage,
            "site" => &mut self.site,
            "group" => &mut self.group,
            "from" => &mut self.from,
            "to" => &mut self.to,
            "sort" => &mut self.sort,
            _ => return None,
        })
    }

    fn fields(&self) -> [(&'static str, &String); 10] {
        [
            ("q", &self.q),
            ("unit", &self.unit),
            ("tier", &self.tier),
            ("state", &self.state),
            ("stage", &self.stage),
            ("site", &self.site),
            ("group", &self.group),
            ("from", &self.from),
            ("to", &self.to),
            ("sort", &self.sort),
        ]
    }

    /// Whether anything is left out of the list.
    pub fn is_narrowed(&self) -> bool {
        self.fields().iter().any(|(name, value)| *name != "sort" && !value.is_empty())
    }

    /// From where on; what cannot be read is the beginning.
    pub fn turn(&self) -> Turn {
        match (self.after.parse(), self.before.parse()) {
            (Ok(place), _) => Turn::After(place),
            (_, Ok(place)) => Turn::Before(place),
            _ => Turn::First,
        }
    }

    /// The query of this list from a place on; empty when nothing is asked for.
    pub fn address(&self, turn: Turn) -> String {
        let (name, place) = match turn {
            Turn::First => ("", String::new()),
            Turn::After(place) => ("after", place.to_string()),
            Turn::Before(place) => ("before", place.to_string()),
        };
        let fields = self.fields().map(|(name, value)| (name, value.as_str()));
        query(fields.into_iter().chain([(name, place.as_str())]))
    }

    /// The search, and what of the fields could not be read.
    pub fn search(&self, when: &When) -> (IncidentSearch, Vec<String>) {
        let mut wrong = Vec::new();
        let mut day = |text: &str, end: bool| {
            let at = when.edge_of_day(text, end);
            if at.is_none() && !text.is_empty() {
                let words = when.locale.pick("日期看不懂，没有按它筛选", "this date cannot be read");
                wrong.push(format!("{words}：{text}"));
            }
            at
        };
        let (from, to) = (day(&self.from, false), day(&self.to, true));
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            let words =
                when.locale.pick("开始日期晚于结束日期，没有事件符合", "the span ends before it begins");
            wrong.push(words.to_owned());
        }
        let state = state_of(&self.state);
        if state.is_none() && !self.state.is_empty() {
            wrong.push(format!("{}：{}", when.locale.pick("没有这个状态", "no such state"), self.state));
        }
        let search = IncidentSearch {
            text: self.q.clone(),
            unit: self.unit.clone(),
            tier: self.tier.clone(),
            state,
            stage: self.stage.clone(),
            site: self.site.clone(),
            group: self.group.clone(),
            from,
            to,
            sort: if self.sort == "gravest" { Sort::Gravest } else { Sort::Newest },
            turn: self.turn(),
            ..IncidentSearch::default()
        };
        (search, wrong)
    }

    /// What narrows the list, each with the address that takes it back.
    pub fn active(&self, when: &When) -> Vec<Active> {
        let pick = |zh, en| when.locale.pick(zh, en);
        let named = [
            ("q", pick("含", "with")),
            ("unit", pick("单位", "unit")),
            ("tier", pick("等级", "tier")),
            ("state", pick("状态", "state")),
            ("stage", pick("阶段", "stage")),
            ("site", pick("站点", "site")),
            ("group", pick("词组", "group")),
            ("from", pick("自", "from")),
            ("to", pick("至", "to")),
        ];
        let mut active = Vec::new();
        for (name, label) in named {
            let Some((_, value)) = self.fields().into_iter().find(|(known, _)| *known == name) else {
                continue;
            };
            if value.is_empty() {
                continue;
            }
            let word = match name {
                "state" => state_word(value, when.locale),
                "site" => clean(words::site(value, when.locale)),
                _ => value.clone(),
            };
            let mut without = self.clone();
            if let Some(field) = without.field(name) {
                field.clear();
            }
            active.push(Active { word: format!("{label} {word}"), without: without.address(Turn::First) });
        }
        active
    }
}
