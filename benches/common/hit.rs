//! The hit of a post that names the unit.

use yuqing::model::{Certainty, Hit, HitPart};

/// A hit on the unit's own name, which stands at the beginning of the text.
pub fn of_unit(unit: &str) -> Hit {
    Hit {
        unit: unit.to_owned(),
        group: unit.to_owned(),
        rule: unit.to_owned(),
        line: 1,
        start: 0,
        end: u32::try_from(unit.chars().count()).unwrap_or(u32::MAX),
        surface: unit.to_owned(),
        certainty: Certainty::Exact,
        part: HitPart::Own,
        at_least: None,
        notify: Vec::new(),
        kind: None,
        file: String::new(),
    }
}
