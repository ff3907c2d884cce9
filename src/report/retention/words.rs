//! What is kept, and what a budget takes, in words: the same for the command, the page and the notice.

use jiff::Timestamp;
use serde::Serialize;

use super::{AHEAD, BudgetPlan, Cut, Shown, WAIT, span};
use crate::{
    locale::{Locale, When, bytes, grouped},
    model::Retention,
    store::{HeldKind, Holding, Kept},
    text::clean,
};

/// Free room that is worth a hint, and its share of the file.
const WORTH: u64 = 64 << 20;
const WORTH_SHARE: u64 = 5;

/// All that is shown.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RetentionFacts {
    /// When it was counted.
    pub at: String,
    /// The database with its log.
    pub size: String,
    /// How much of it is free and used again.
    pub free: String,
    /// Why it should be compacted; empty when it need not be.
    pub hint: String,
    /// A kind a line.
    pub lines: Vec<LineFacts>,
    /// The budget; `None` when there is none.
    pub budget: Option<BudgetFacts>,
}

/// One kind.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LineFacts {
    /// What.
    pub what: String,
    /// For how long.
    pub kept: String,
    /// How many.
    pub rows: String,
    /// About how many bytes.
    pub size: String,
    /// How old the oldest is that may go.
    pub oldest: String,
    /// What goes within [`AHEAD`] days.
    pub soon: String,
}

/// The budget.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BudgetFacts {
    /// How much, and how much of it is used.
    pub line: String,
    /// When the plan begins; empty when it waits to be shown, and within the budget.
    pub begins: String,
    /// What goes sooner, a line each.
    pub cuts: Vec<String>,
    /// That the floors keep it over the budget; empty when they do not.
    pub short: String,
}

impl RetentionFacts {
    /// The facts of figures that were counted, under the settings in force.
    #[must_use]
    pub fn of(kept: &Kept, retention: &Retention, shown: Option<&Shown>, when: &When) -> Self {
        let locale = when.locale;
        let lines = kept.holdings.iter().map(|holding| LineFacts::of(holding, retention, locale)).collect();
        let free_share = kept.bytes / WORTH_SHARE;
        let hint = if kept.gives_back || kept.free_bytes < WORTH.max(free_share) {
            String::new()
        } else {
            let zh = "空闲的空间不会自动还给磁盘；停掉守护进程后用 yuqing compact 收回";
            let en = "free room is not given back by itself; stop the daemon and run yuqing compact";
            locale.pick(zh, en).to_owned()
        };
        Self {
            at: when.stamp(kept.at),
            size: bytes(kept.bytes + kept.log_bytes),
            free: bytes(kept.free_bytes),
            hint,
            lines,
            budget: retention.disk_budget.map(|budget| BudgetFacts::of(kept, retention, budget, shown, when)),
        }
    }
}

impl LineFacts {
    fn of(holding: &Holding, retention: &Retention, locale: Locale) -> Self {
        let span = span(&holding.kind, retention);
        let soon = span.map(|days| holding.older(days.saturating_sub(AHEAD)));
        let soon = match soon {
            None | Some((0, _)) => locale.pick("无", "none").to_owned(),
            Some((rows, size)) => amount(rows, size, locale),
        };
        let oldest = holding.ages.last_key_value().map(|(age, _)| days(*age, locale));
        Self {
            what: what(&holding.kind, locale),
            kept: span
                .map_or_else(|| locale.pick("不清理", "never goes").to_owned(), |span| days(span, locale)),
            rows: grouped(holding.rows),
            size: bytes(holding.bytes),
            oldest: oldest.unwrap_or_else(|| "—".to_owned()),
            soon,
        }
    }
}

impl BudgetFacts {
    fn of(kept: &Kept, retention: &Retention, budget: u64, shown: Option<&Shown>, when: &When) -> Self {
        let locale = when.locale;
        let (used, budget_words) = (bytes(kept.used_bytes()), bytes(budget));
        let line = match locale {
            Locale::ZhCn => format!("限额 {budget_words}，已用 {used}"),
            Locale::En => format!("{used} of {budget_words} used"),
        };
        let Some(plan) = super::plan(kept, retention) else {
            return Self { line, ..Self::default() };
        };
        let stands = shown.filter(|shown| shown.under == format!("{retention:?}"));
        let begins = stands.map(|shown| when.stamp(begins_at(shown.at)));
        let plan = stands.map_or(&plan, |shown| &shown.plan);
        let waits = || locale.pick("先通知管理员，7 天后开始", "7 days after the administrators are told");
        Self {
            line,
            begins: begins.unwrap_or_else(|| waits().to_owned()),
            cuts: plan.cuts.iter().map(|cut| cut_line(cut, locale)).collect(),
            short: short(plan, locale),
        }
    }
}

fn begins_at(shown: Timestamp) -> Timestamp {
    shown.saturating_add(WAIT).unwrap_or(Timestamp::MAX)
}

/// What the administrators are told of a plan.
#[must_use]
pub fn shown_text(shown: &Shown, when: &When) -> String {
    let plan = &shown.plan;
    let (used, budget) = (bytes(plan.used), bytes(plan.budget));
    let begins = when.stamp(begins_at(shown.at));
    let cuts: Vec<String> = plan.cuts.iter().map(|cut| cut_line(cut, when.locale)).collect();
    let mut text = match when.locale {
        Locale::ZhCn => format!("数据库已用 {used}，超过限额 {budget}（yuqing.toml 的 disk_budget）。"),
        Locale::En => {
            format!("The database uses {used}, beyond its budget of {budget} (disk_budget in yuqing.toml).")
        }
    };
    if !cuts.is_empty() {
        text.push_str(&match when.locale {
            Locale::ZhCn => format!(
                "{begins} 起提前清理：{}。改大或删去 disk_budget 即不清理；详见控制台“系统”或 yuqing retention。",
                cuts.join("；")
            ),
            Locale::En => format!(
                " From {begins} on these go before their time: {}. They stay when disk_budget is raised or taken out; see the System page or yuqing retention.",
                cuts.join("; ")
            ),
        });
    }
    text.push_str(&short(plan, when.locale));
    text
}

fn short(plan: &BudgetPlan, locale: Locale) -> String {
    if plan.short == 0 {
        return String::new();
    }
    let short = bytes(plan.short);
    match locale {
        Locale::ZhCn => {
            format!("其余都不到可以清理的时候，仍会超出约 {short}：请改大 disk_budget，或换更大的磁盘。")
        }
        Locale::En => format!(
            " The rest may not go yet: about {short} beyond the budget stay. Raise disk_budget, or take a larger disk."
        ),
    }
}

fn cut_line(cut: &Cut, locale: Locale) -> String {
    let (what, amount) = (what(&cut.kind, locale), amount(cut.rows, cut.bytes, locale));
    let (from, to) = (cut.from, cut.to);
    match locale {
        Locale::ZhCn => format!("{what}由保存 {from} 天改为 {to} 天，{amount}"),
        Locale::En => format!("{what}: {to} days instead of {from}, {amount}"),
    }
}

fn amount(rows: u64, size: u64, locale: Locale) -> String {
    let (rows, size) = (grouped(rows), bytes(size));
    match locale {
        Locale::ZhCn => format!("{rows} 条，约 {size}"),
        Locale::En => format!("{rows} rows, about {size}"),
    }
}

fn days(days: u32, locale: Locale) -> String {
    format!("{days} {}", locale.pick("天", "days"))
}

fn what(kind: &HeldKind, locale: Locale) -> String {
    let words = match kind {
        HeldKind::Live => {
            locale.pick("办理中的事件（含未归档）", "incidents at work, and those not archived")
        }
        HeldKind::Looks => {
            locale.pick("归档事件中可精简的逐次查看", "looks at what is archived that no figure needs")
        }
        HeldKind::Evidence => locale.pick("证据", "evidence"),
        HeldKind::Matched => locale.pick("归档的命中帖子（没有通知过）", "archived, nobody was told"),
        HeldKind::Told { tier } => {
            let tier = clean(tier);
            return match locale {
                Locale::ZhCn => format!("归档事件（{tier}）"),
                Locale::En => format!("archived incidents ({tier})"),
            };
        }
        HeldKind::Audit => locale.pick("操作记录", "the audit"),
        HeldKind::Notices => locale.pick("不属于事件的通知", "notices of no incident"),
    };
    words.to_owned()
}
