//! The forecast in one line: `预计 40 分钟内达到“重大”（24 小时浏览 > 10,000）`.

use jiff::Timestamp;

use super::{Locale, reason::grouped};
use crate::model::{Clause, Forecast};

/// The line as it reads at `now`; empty without a forecast. A time that has passed without the crossing being seen says so: the next
/// look will tell.
#[must_use]
pub fn forecast_line(forecasts: &[Forecast], now: Timestamp, locale: Locale) -> String {
    let lines: Vec<String> = forecasts.iter().map(|one| line(one, now, locale)).collect();
    lines.join(locale.pick("；", "; "))
}

fn line(forecast: &Forecast, now: Timestamp, locale: Locale) -> String {
    let tier = &forecast.tier_name;
    let over = grouped(forecast.threshold);
    let figure = match forecast.clause {
        Clause::Reposts => locale.pick("转发", "reposts"),
        _ => locale.pick("24 小时浏览", "views in 24 h"),
    };
    let minutes = forecast.at.duration_since(now).as_secs().max(0) / 60;
    // A forecast is no clock: to the next five minutes, from an hour on to the next quarter.
    let minutes = if minutes < 60 { minutes / 5 * 5 + 5 } else { minutes / 15 * 15 + 15 };
    let soon = forecast.at <= now;
    match locale {
        Locale::ZhCn if soon => format!("预计随时达到“{tier}”（{figure} > {over}）"),
        Locale::En if soon => format!("\"{tier}\" is expected any moment ({figure} > {over})"),
        Locale::ZhCn => format!("预计 {}内达到“{tier}”（{figure} > {over}）", span(minutes, locale)),
        Locale::En => format!("\"{tier}\" is expected within {} ({figure} > {over})", span(minutes, locale)),
    }
}

fn span(minutes: i64, locale: Locale) -> String {
    let (hours, rest) = (minutes / 60, minutes % 60);
    match (locale, hours, rest) {
        (Locale::ZhCn, 0, _) => format!("{minutes} 分钟"),
        (Locale::En, 0, _) => format!("{minutes} min"),
        (Locale::ZhCn, _, 0) => format!("{hours} 小时"),
        (Locale::En, _, 0) => format!("{hours} h"),
        (Locale::ZhCn, ..) => format!("{hours} 小时 {rest} 分钟"),
        (Locale::En, ..) => format!("{hours} h {rest} min"),
    }
}
