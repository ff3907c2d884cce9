//! What a disk budget takes before its time: in a fixed order, never below a floor, never before it was shown for a week.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use yuqing::{
    locale::{Locale, When},
    model::Retention,
    report::retention::{BudgetPlan, Cut, RetentionFacts, WAIT, decide, plan, shown_text},
    store::{HeldKind, Holding, Kept},
};

const MB: u64 = 1 << 20;

fn told(tier: &str) -> HeldKind {
    HeldKind::Told { tier: tier.to_owned() }
}

/// Rows of a megabyte each: a row for each age in days.
fn holding(kind: HeldKind, ages: impl Iterator<Item = u32>) -> Holding {
    let ages: BTreeMap<u32, u64> = ages.map(|age| (age, 1)).collect();
    let rows = ages.values().sum();
    Holding { kind, rows, bytes: rows * MB, ages }
}

/// 3,000 MB: live 100, looks 60, evidence 300, matched 30, told 1,200 of a low and 1,000 of a high tier, audit 310.
fn kept() -> Kept {
    let live = Holding { kind: HeldKind::Live, rows: 9, bytes: 100 * MB, ages: BTreeMap::new() };
    let holdings = vec![
        live,
        holding(HeldKind::Looks, 0..60),
        holding(HeldKind::Evidence, 0..300),
        holding(HeldKind::Matched, 0..30),
        holding(told("一般"), 0..1_000),
        holding(told("重大"), 0..1_000),
        holding(HeldKind::Audit, 0..190),
    ];
    Kept { at: at(0), bytes: 3_000 * MB, log_bytes: 10 * MB, free_bytes: 10 * MB, gives_back: true, holdings }
}

fn at(days: i64) -> Timestamp {
    "2026-11-22T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * days)
}

fn spans(budget_mb: u64) -> Retention {
    Retention { disk_budget: Some(budget_mb * MB), ..Retention::default() }
}

fn cuts(plan: &BudgetPlan) -> Vec<(HeldKind, u32, u32, u64)> {
    plan.cuts.iter().map(|cut: &Cut| (cut.kind.clone(), cut.from, cut.to, cut.bytes / MB)).collect()
}

#[test]
fn within_the_budget_nothing_is_asked_for() {
    assert_eq!(plan(&kept(), &Retention::default()), None, "there is none");
    assert_eq!(plan(&kept(), &spans(3_000)), None, "what is free does not count");
    assert!(plan(&kept(), &spans(2_999)).is_some());
}

#[test]
fn the_oldest_goes_first_in_the_documented_order() {
    // Down to nine tenths of 3,000 less one: about 301 MB.
    let small = plan(&kept(), &spans(2_999)).unwrap();
    assert_eq!(
        cuts(&small),
        [(HeldKind::Looks, 92, 30, 30), (HeldKind::Evidence, 366, 30, 270), (HeldKind::Matched, 30, 29, 1)]
    );
    assert_eq!(small.short, 0);
    let more = plan(&kept(), &spans(2_500)).unwrap();
    assert_eq!(
        cuts(&more)[2..],
        [(HeldKind::Matched, 30, 7, 23), (told("一般"), 1_096, 573, 427)],
        "the lowest tier as far as it is needed"
    );
    let all = plan(&kept(), &spans(200)).unwrap();
    assert_eq!(
        cuts(&all)[3..],
        [(told("一般"), 1_096, 183, 817), (told("重大"), 1_096, 183, 817)],
        "and no further than the floors"
    );
    assert_eq!(all.short / MB, 3_000 - 200 - (30 + 270 + 23 + 817 + 817));
    assert!(all.cuts.iter().all(|cut| !matches!(cut.kind, HeldKind::Live | HeldKind::Audit)));
}

#[test]
fn a_plan_begins_a_week_after_it_was_shown_and_ends_with_the_need() {
    let spans = spans(2_900);
    let asked = plan(&kept(), &spans);
    let first = decide(asked.clone(), None, &spans, at(0));
    assert_eq!(first.retention, spans, "not before it was shown");
    let shown = first.shown.unwrap();
    assert_eq!((shown.at, &shown.plan), (at(0), asked.as_ref().unwrap()));
    let waits = decide(asked.clone(), Some(shown.clone()), &spans, at(6));
    assert_eq!((waits.retention, waits.shown.clone()), (spans.clone(), Some(shown.clone())), "told once");
    let begins = decide(asked, waits.shown, &spans, at(0) + WAIT);
    assert_eq!(begins.retention.observation_days, 30);
    assert_eq!(begins.retention.evidence_days, 30);
    assert_eq!(begins.retention.audit_days, spans.audit_days);
    let begun = begins.shown.unwrap();
    assert_eq!((begun.at, begun.begun), (shown.at, true));
    let over = decide(None, Some(begun.clone()), &spans, at(8));
    assert_eq!((over.retention, over.shown), (spans.clone(), None), "within the budget all is as ever");
    // More is needed than was shown: what was shown goes on, the rest is shown anew and waits.
    let more = plan(&kept(), &Retention { disk_budget: Some(2_000 * MB), ..spans.clone() });
    let next = decide(more.clone(), Some(begun), &spans, at(8));
    assert_eq!(next.retention.tiers, [("一般".to_owned(), 933)].into(), "no further than was shown");
    assert_eq!(next.retention.evidence_days, 30);
    let anew = next.shown.unwrap();
    assert_eq!((anew.at, anew.begun, Some(&anew.plan)), (at(8), false, more.as_ref()));
}

#[test]
fn a_changed_setting_is_shown_anew() {
    let (tight, tighter) = (spans(2_900), spans(1_000));
    let shown = decide(plan(&kept(), &tight), None, &tight, at(0)).shown;
    let changed = decide(plan(&kept(), &tighter), shown.clone(), &tighter, at(30));
    assert_eq!(changed.retention, tighter, "nothing goes by what was shown of another setting");
    assert_eq!(changed.shown.unwrap().at, at(30));
    let none = Retention::default();
    assert_eq!(decide(plan(&kept(), &none), shown, &none, at(30)).shown, None);
}

#[test]
fn a_tier_of_an_own_span_is_cut_from_that_span() {
    let mut spans = spans(1_500);
    spans.tiers = [("一般".to_owned(), 400)].into();
    let of_low = plan(&kept(), &spans).unwrap().cuts.into_iter().find(|cut| cut.kind == told("一般"));
    assert_eq!(of_low.map(|cut| (cut.from, cut.to)), Some((400, 183)));
}

#[test]
fn it_is_said_in_words() {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let zh = When { now: at(0), locale: Locale::ZhCn, zone: zone.clone() };
    let en = When { now: at(0), locale: Locale::En, zone };
    let spans = spans(200);
    let shown = decide(plan(&kept(), &spans), None, &spans, at(0)).shown.unwrap();
    insta::assert_snapshot!(shown_text(&shown, &zh), @"数据库已用 2.9 GB，超过限额 200.0 MB（yuqing.toml 的 disk_budget）。2026-11-29 08:00 起提前清理：归档事件中可精简的逐次查看由保存 92 天改为 30 天，30 条，约 30.0 MB；证据由保存 366 天改为 30 天，270 条，约 270.0 MB；归档的命中帖子（没有通知过）由保存 30 天改为 7 天，23 条，约 23.0 MB；归档事件（一般）由保存 1096 天改为 183 天，817 条，约 817.0 MB；归档事件（重大）由保存 1096 天改为 183 天，817 条，约 817.0 MB。改大或删去 disk_budget 即不清理；详见控制台“系统”或 yuqing retention。其余都不到可以清理的时候，仍会超出约 843.0 MB：请改大 disk_budget，或换更大的磁盘。");
    insta::assert_snapshot!(shown_text(&shown, &en), @"The database uses 2.9 GB, beyond its budget of 200.0 MB (disk_budget in yuqing.toml). From 2026-11-29 08:00 on these go before their time: looks at what is archived that no figure needs: 30 days instead of 92, 30 rows, about 30.0 MB; evidence: 30 days instead of 366, 270 rows, about 270.0 MB; archived, nobody was told: 7 days instead of 30, 23 rows, about 23.0 MB; archived incidents (一般): 183 days instead of 1096, 817 rows, about 817.0 MB; archived incidents (重大): 183 days instead of 1096, 817 rows, about 817.0 MB. They stay when disk_budget is raised or taken out; see the System page or yuqing retention. The rest may not go yet: about 843.0 MB beyond the budget stay. Raise disk_budget, or take a larger disk.");
    let facts = RetentionFacts::of(&kept(), &spans, Some(&shown), &zh);
    insta::assert_snapshot!(serde_json::to_string_pretty(&facts).unwrap(), @r#"
    {
      "at": "2026-11-22 08:00",
      "size": "2.9 GB",
      "free": "10.0 MB",
      "hint": "",
      "lines": [
        {
          "what": "办理中的事件（含未归档）",
          "kept": "不清理",
          "rows": "9",
          "size": "100.0 MB",
          "oldest": "—",
          "soon": "无"
        },
        {
          "what": "归档事件中可精简的逐次查看",
          "kept": "92 天",
          "rows": "60",
          "size": "60.0 MB",
          "oldest": "59 天",
          "soon": "无"
        },
        {
          "what": "证据",
          "kept": "366 天",
          "rows": "300",
          "size": "300.0 MB",
          "oldest": "299 天",
          "soon": "无"
        },
        {
          "what": "归档的命中帖子（没有通知过）",
          "kept": "30 天",
          "rows": "30",
          "size": "30.0 MB",
          "oldest": "29 天",
          "soon": "30 条，约 30.0 MB"
        },
        {
          "what": "归档事件（一般）",
          "kept": "1096 天",
          "rows": "1,000",
          "size": "1000.0 MB",
          "oldest": "999 天",
          "soon": "无"
        },
        {
          "what": "归档事件（重大）",
          "kept": "1096 天",
          "rows": "1,000",
          "size": "1000.0 MB",
          "oldest": "999 天",
          "soon": "无"
        },
        {
          "what": "操作记录",
          "kept": "200 天",
          "rows": "190",
          "size": "190.0 MB",
          "oldest": "189 天",
          "soon": "20 条，约 20.0 MB"
        }
      ],
      "budget": {
        "line": "限额 200.0 MB，已用 2.9 GB",
        "begins": "2026-11-29 08:00",
        "cuts": [
          "归档事件中可精简的逐次查看由保存 92 天改为 30 天，30 条，约 30.0 MB",
          "证据由保存 366 天改为 30 天，270 条，约 270.0 MB",
          "归档的命中帖子（没有通知过）由保存 30 天改为 7 天，23 条，约 23.0 MB",
          "归档事件（一般）由保存 1096 天改为 183 天，817 条，约 817.0 MB",
          "归档事件（重大）由保存 1096 天改为 183 天，817 条，约 817.0 MB"
        ],
        "short": "其余都不到可以清理的时候，仍会超出约 843.0 MB：请改大 disk_budget，或换更大的磁盘。"
      }
    }
    "#);
}
