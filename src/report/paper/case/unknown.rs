//! What is not known. What is unknown is no zero, and whoever reads a paper must hear of it.

use crate::{
    locale::{Locale, When, grouped},
    store::IncidentView,
};

/// What is not known, a line each: what is unknown is no zero, and whoever reads the paper must hear of it.
pub(super) fn unknowns(view: &IncidentView, when: &When) -> Vec<String> {
    let (incident, heat) = (&view.incident, &view.incident.heat);
    let pick = |zh: &str, en: &str| when.locale.pick(zh, en).to_owned();
    let posts = |number: u64, zh: &str, en: &str| match when.locale {
        Locale::ZhCn => format!("{} 篇帖文的{zh}未知", grouped(number)),
        Locale::En => format!("{en} of {} posts are unknown", grouped(number)),
    };
    let mut lines = Vec::new();
    if incident.published_at.is_none() {
        lines
            .push(pick("最早的发布时间未知，以首次看到的时间为准", "when it was first published is unknown"));
    }
    match heat.daily_views {
        None => lines.push(pick("浏览量未知（站点不公开）", "views are unknown: the sites do not show them")),
        Some(_) if heat.views_unknown > 0 => lines.push(posts(heat.views_unknown, "浏览量", "views")),
        Some(_) => {}
    }
    if let Some(bound) = heat.views_bound {
        let bound = grouped(bound);
        lines.push(match when.locale {
            Locale::ZhCn => format!("有站点只显示“{bound} 以上”，增量未知"),
            Locale::En => format!("a site shows \"over {bound}\" only; its growth is unknown"),
        });
    }
    if heat.reposts_unknown > 0 {
        lines.push(posts(heat.reposts_unknown, "转发量", "reposts"));
    }
    if heat.estimated_views > 0 {
        let estimated = grouped(heat.estimated_views);
        lines.push(match when.locale {
            Locale::ZhCn => format!("24 小时浏览中有 {estimated} 是估算"),
            Locale::En => format!("{estimated} of the views in 24 h are estimated"),
        });
    }
    if incident.kinds.decided.is_none() {
        lines.push(pick("内容性质尚未由人认定", "nobody has decided what kind of content it is"));
    }
    lines
}
