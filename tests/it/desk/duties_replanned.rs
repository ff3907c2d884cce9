//! A running case goes on under the plan that is now in force, by an explicit step of a person (SEMANTICS 18).

use std::sync::Arc;

use jiff::SignedDuration;
use yuqing::{desk::Change, model::*};

use super::scene::{Scene, TEXT, at, look, plan};

const ID: IncidentId = IncidentId(1);

fn take() -> Act {
    Act::TakePlan { incident: ID, by: "王主任".to_owned(), reason: "预案已修订".to_owned() }
}

fn found(views: u64) -> Scene {
    let mut scene = Scene::with(plan("college"));
    see(&mut scene, "09:00", views);
    scene
}

fn see(scene: &mut Scene, clock: &str, views: u64) -> Vec<String> {
    scene.see(look(clock, "bbs", SiteKind::Forum, "1", TEXT).published(at("08:30")).views(views))
}

/// The office saves its plan anew.
fn edit(scene: &mut Scene, clock: &str, change: impl Fn(&mut Plan)) {
    let mut plan = plan("college");
    change(&mut plan);
    scene.setup.units[0].1 = Arc::new(plan);
    scene.desk.reconfigure(scene.setup.clone(), at(clock));
}

fn tier<'p>(plan: &'p mut Plan, name: &str) -> &'p mut TierRule {
    plan.tiers.iter_mut().find(|tier| tier.name == name).unwrap()
}

/// What is open, by name or kind, with how long it is due after nine, in minutes.
fn open(scene: &Scene) -> Vec<String> {
    let limits = scene.stored().deadlines.into_iter().filter(|d| d.is_open());
    let said = limits.map(|d| {
        let name = d.name.clone().unwrap_or_else(|| d.kind.id().to_owned());
        let line = d.line.map_or_else(String::new, |line| format!(" {line}"));
        format!("{name}{line} {}", d.due_at.duration_since(at("09:00")).as_mins())
    });
    let mut said: Vec<String> = said.collect();
    said.sort();
    said
}

#[test]
fn an_edited_plan_changes_nothing_until_a_person_says_so() {
    let mut scene = found(20_000);
    assert_eq!(scene.act(at("09:01"), take()), ["refused: 事件已按现行预案办理"]);
    let before = open(&scene);
    assert_eq!(before, ["acknowledge 本单位 10", "response 300", "处置意见表 120"]);
    edit(&mut scene, "09:02", |plan| {
        let major = tier(plan, "二级");
        let mut form = major.duties[0].clone();
        (form.id, form.name) = ("list".into(), "问题清单".into());
        major.duties = vec![form];
        major.response = major.response.map(|limit| Limit { within: SignedDuration::from_hours(3), ..limit });
        major.lines.push(Line {
            name: "上级".into(),
            steps: vec![vec!["上级主管部门".into()]],
            ..Line::default()
        });
    });
    assert_eq!(open(&scene), before);
    let reasonless = Act::TakePlan { incident: ID, by: "王主任".to_owned(), reason: " ".to_owned() };
    assert_eq!(scene.act(at("09:03"), reasonless), ["refused: 请写明理由"]);
    let lines = scene.act(at("09:03"), take());
    assert_eq!(
        open(&scene),
        ["acknowledge 上级 13", "acknowledge 本单位 10", "response 180", "问题清单 120"]
    );
    assert!(lines.contains(&"feedback replanned".to_owned()), "{lines:?}");
    // Only the line that is new is told; who has been told hears nothing.
    let told: Vec<&String> = lines.iter().filter(|line| line.contains('→')).collect();
    assert_eq!(told, ["alert → 上级主管部门 email", "alert → 上级主管部门 sms"]);
    let mut scene = scene.restarted(at("09:04"));
    assert_eq!(scene.incident(1).plan, scene.setup.units[0].1);
    assert_eq!(scene.act(at("09:04"), take()), ["refused: 事件已按现行预案办理"]);
    let recorded = |kind: &str| {
        let is = |change: &&Change| matches!(change, Change::Entry(entry) if entry.kind == kind);
        scene.changes.iter().filter(is).count()
    };
    assert_eq!((recorded("replanned"), recorded(Entry::ACT)), (1, 1));
    let slip = Act::Undo { incident: ID, by: "王主任".to_owned() };
    assert!(scene.act(at("09:04"), slip)[0].starts_with("refused"), "it is not taken back");
}

#[test]
fn it_is_graded_anew_up_and_down() {
    let mut scene = found(20_000);
    edit(&mut scene, "09:02", |plan| tier(plan, "一级").clauses.views_over = Some(15_000));
    let lines = scene.act(at("09:03"), take());
    assert_eq!(scene.incident(1).reason.tier_name, "一级");
    assert!(lines.contains(&"rise → 上级主管部门 email".to_owned()), "{lines:?}");
    let mut scene = found(20_000);
    edit(&mut scene, "09:02", |plan| {
        tier(plan, "一级").clauses.views_over = Some(500_000);
        tier(plan, "二级").clauses.views_over = Some(100_000);
    });
    let lines = scene.act(at("09:03"), take());
    assert_eq!(scene.incident(1).reason.tier_name, "三级");
    assert!(lines.contains(&"correction → 值班员 email".to_owned()), "{lines:?}");
    assert!(open(&scene).iter().any(|line| line.starts_with("登记表")), "{:?}", open(&scene));
    assert!(!open(&scene).iter().any(|line| line.starts_with("处置意见表")), "{:?}", open(&scene));
}

#[test]
fn a_tier_does_not_fall_because_a_day_has_passed_nor_a_decision_with_it() {
    let mut scene = found(20_000);
    scene.see(
        super::scene::look_at(super::scene::on(23, "09:00"), "bbs", SiteKind::Forum, "1", TEXT).views(20_010),
    );
    edit(&mut scene, "09:02", |plan| plan.title = "新办法".to_owned());
    let lines = scene.act(super::scene::on(23, "09:03"), take());
    assert!(!lines.iter().any(|line| line.contains('→')), "{lines:?}");
    assert_eq!(scene.incident(1).reason.tier_name, "二级");
    // A person's decision is of a tier, wherever it stands in the new plan.
    let mut scene = found(50);
    let reason = "上级来电".to_owned();
    scene.act(at("09:01"), Act::Override { incident: ID, tier: "二级".into(), by: "王主任".into(), reason });
    edit(&mut scene, "09:02", |plan| {
        plan.tiers.remove(0);
        for (rank, tier) in plan.tiers.iter_mut().enumerate() {
            tier.rank = rank;
        }
    });
    scene.act(at("09:03"), take());
    let row = scene.incident(1);
    assert_eq!((row.reason.tier_name.as_str(), row.reason.clause), ("二级", Clause::Override));
    assert_eq!(row.plan.tier(row.rank).name, "二级");
    assert_eq!(row.told_rank, Some(row.rank));
}
