//! Who stands behind a name of the plan at an instant: the duty rota (值班表) with its week, swaps and deputies.

use std::collections::BTreeMap;

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Time},
    tz::TimeZone,
};

/// Days on which somebody else stands in (换班、请假).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Swap {
    /// First day of duty.
    pub from: Date,
    /// Last day of duty, included.
    pub to: Date,
    /// Name of the contact who stands in.
    pub who: String,
}

/// The rota of one name of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rota {
    /// When one day of duty ends and the next begins; local time.
    pub handover: Time,
    /// Contact of each weekday from Monday; `None` is the contact of that name itself.
    pub week: [Option<String>; 7],
    /// Exceptions; the last that holds decides.
    pub swaps: Vec<Swap>,
    /// Contact who is told when the one on duty cannot be reached.
    pub deputy: Option<String>,
}

impl Rota {
    /// The contact on duty at an instant; `None` is the contact of the rota's own name. `zone` is that of days and
    /// handovers.
    #[must_use]
    pub fn on_duty(&self, at: Timestamp, zone: &TimeZone) -> Option<&str> {
        let day = self.duty_day(at, zone);
        let swap = self.swaps.iter().rev().find(|swap| swap.from <= day && day <= swap.to);
        let of_week = || {
            let weekday = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or_default();
            self.week.get(weekday).and_then(Option::as_deref)
        };
        swap.map(|swap| swap.who.as_str()).or_else(of_week)
    }

    /// The day of duty: before the handover it is still the day before.
    fn duty_day(&self, at: Timestamp, zone: &TimeZone) -> Date {
        let local = at.to_zoned(zone.clone());
        let day = local.date();
        if local.time() < self.handover { day.checked_sub(1.day()).unwrap_or(day) } else { day }
    }
}

/// All rotas of an office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// By name of the plan.
    pub rotas: BTreeMap<String, Rota>,
    /// Rotas that are one unit's, by unit and name of its plan.
    pub own: BTreeMap<String, BTreeMap<String, Rota>>,
    /// Zone of days and handovers.
    pub zone: TimeZone,
}

impl Default for Roster {
    fn default() -> Self {
        Self { rotas: BTreeMap::new(), own: BTreeMap::new(), zone: TimeZone::UTC }
    }
}

impl Roster {
    /// The contact who stands behind a name at an instant; a name without a rota stands for itself.
    #[must_use]
    pub fn on_duty<'a>(&'a self, name: &'a str, at: Timestamp) -> &'a str {
        self.rotas.get(name).and_then(|rota| rota.on_duty(at, &self.zone)).unwrap_or(name)
    }

    /// Who is told when the one on duty cannot be reached.
    #[must_use]
    pub fn deputy(&self, name: &str) -> Option<&str> {
        self.rotas.get(name)?.deputy.as_deref()
    }
}
