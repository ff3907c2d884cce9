//! How good the forecasts are, on a fixed set of curves replayed through the real desk with looks planned
//! as collect plans them: share of crossings foretold 15 min ahead, lead, false ones. Figures, no verdict.

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a bench prints figures and may stop"
)]

mod curves;
mod replayed;

use std::collections::BTreeSet;

fn main() {
    let curves = curves::all();
    let score = replayed::replay(&curves);
    println!(
        "forecast: {} curves of 48 h, {} looks ({:.0} a curve), {} crossings, {} forecasts",
        score.curves,
        score.looks,
        score.looks as f64 / score.curves as f64,
        score.crossings.len(),
        score.foretold.len()
    );
    println!(
        "forecast: foretold >= {} min ahead, all crossings       {:>6.1} %",
        replayed::AHEAD,
        score.share_foretold(0)
    );
    println!("forecast: foretold, crossings >= 45 min after first sight {:>5.1} %", score.share_foretold(45));
    println!(
        "forecast: median lead {} min; false forecasts {:.1} %",
        score.median_lead(),
        score.share_false()
    );
    let jumps = score.of_family("sudden jump").crossings.len();
    let foreseeable = (score.crossings.len() - jumps).max(1) as f64;
    println!(
        "forecast: foretold, without the sudden jumps                {:>4.1} %",
        score.share_foretold(0) * score.crossings.len() as f64 / foreseeable
    );
    let (median, longest) = score.seen_late();
    println!("forecast: a crossing is seen {median} min late (median), {longest} min at most");
    let families: BTreeSet<&str> = curves.iter().map(|curve| curve.family).collect();
    for family in families {
        let part = score.of_family(family);
        println!(
            "forecast:   {family:<15} {:>3} crossings, foretold {:>5.1} %, lead {:>4} min, {:>3} forecasts, false {:>5.1} %, seen late {:?}",
            part.crossings.len(),
            part.share_foretold(0),
            part.median_lead(),
            part.foretold.len(),
            part.share_false(),
            part.seen_late(),
        );
    }
}
