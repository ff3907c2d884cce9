//! Deadlines, the chain, acceptance and acknowledgement (SEMANTICS 19 to 25).

use super::scene::*;
use yuqing::model::*;

fn major(clock: &str) -> Look {
    look(clock, "weibo.example", SiteKind::Microblog, "w", TEXT).published(at("08:30")).reposts(312)
}

fn ack(contact: &str) -> Act {
    Act::Acknowledge {
        incident: IncidentId(1),
        contact: contact.into(),
        rank: None,
        how: AckHow::Link,
        recorded_by: None,
        at: None,
    }
}

#[test]
fn nobody_confirms_so_the_next_one_is_told_and_the_chain_never_falls_silent() {
    let mut scene = Scene::new();
    let lines = scene.see(major("09:00"));
    for line in [
        "alert → 值班员 email",
        "alert → 值班员 sms",
        "report in 5 min",
        "acknowledge 本单位 in 10 min",
        "report met",
    ] {
        assert!(lines.contains(&line.to_owned()), "{line}: {lines:?}");
    }
    let told: Vec<_> = scene.until(at("10:05")).into_iter().filter(|line| line.contains("→")).collect();
    assert_eq!(
        told,
        [
            "09:10 escalation → 带班领导 email",
            "09:10 escalation → 带班领导 sms",
            "09:20 escalation → 领导小组办公室主任 email",
            "09:20 escalation → 领导小组办公室主任 sms",
            "09:30 escalation → 领导小组组长 email",
            "09:30 escalation → 领导小组组长 sms",
            "09:40 escalation → 值班员 email",
            "09:40 escalation → 值班员 sms",
            "09:40 operations → 系统管理员 email",
            "09:40 operations → 系统管理员 sms",
            "09:50 escalation → 带班领导 email",
            "09:50 escalation → 带班领导 sms",
            "10:00 escalation → 领导小组办公室主任 email",
            "10:00 escalation → 领导小组办公室主任 sms",
        ]
    );
}

#[test]
fn a_confirmation_stops_the_later_steps_and_a_rise_needs_a_new_one() {
    let mut scene = Scene::new();
    scene.see(major("09:00"));
    assert_eq!(scene.act(at("09:05"), ack("值班员")), ["acknowledge 本单位 met"]);
    assert!(scene.act(at("09:06"), ack("值班员")).is_empty(), "used twice: nothing new");
    assert!(scene.until(at("10:00")).is_empty());
    let lines = scene.see(
        look("10:00", "weibo.example", SiteKind::Microblog, "w", TEXT).published(at("08:30")).reposts(501),
    );
    assert!(lines.contains(&"acknowledge 本单位 in 10 min".to_owned()), "{lines:?}");
    let told = scene.until(at("10:10"));
    assert!(told.iter().any(|line| line.starts_with("10:10 escalation → 带班领导")), "{told:?}");
}

#[test]
fn a_confirmation_of_a_lower_tier_does_not_stop_the_chain() {
    let mut scene = Scene::new();
    scene.see(major("09:00"));
    let old = Act::Acknowledge {
        incident: IncidentId(1),
        contact: "值班员".into(),
        rank: Some(1),
        how: AckHow::Link,
        recorded_by: None,
        at: None,
    };
    assert!(scene.act(at("09:05"), old).is_empty());
    assert!(scene.until(at("09:10")).iter().any(|line| line.contains("escalation → 带班领导")));
}

#[test]
fn mail_that_is_not_accepted_at_half_the_limit_sends_the_next_channel() {
    let mut scene = Scene::new();
    scene.channels_work = false;
    scene.see(look("09:00", "bbs.example", SiteKind::Forum, "1", TEXT).published(at("08:30")).views(1_500));
    let lines = scene.until(at("09:14"));
    assert_eq!(lines, ["09:07 failover → 值班员 sms", "09:11 failover → 值班员 phone"]);
    let lines = scene.until(at("09:16"));
    assert!(lines.contains(&"09:15 report overdue".to_owned()), "{lines:?}");
    assert!(lines.contains(&"09:15 overdue → 系统管理员 email".to_owned()), "{lines:?}");
}

#[test]
fn a_refusal_fails_over_at_once_and_does_not_fail_the_others() {
    let mut scene = Scene::new();
    scene.channels_work = false;
    scene.see(major("09:00"));
    let mail = scene
        .stored()
        .notices
        .into_iter()
        .find(|n| n.contact == "值班员" && n.channel == ChannelKind::Email)
        .unwrap();
    let refused = Outcome::Refused { why: "550 no such user".into() };
    let lines = scene.answer(mail.id, at("09:01"), refused);
    assert_eq!(lines, ["failover → 值班员 phone", "operations → 系统管理员 email"]);
    let sms = scene
        .stored()
        .notices
        .into_iter()
        .find(|n| n.contact == "值班员" && n.channel == ChannelKind::Sms)
        .unwrap();
    assert!(scene.answer(sms.id, at("09:02"), Outcome::Accepted).is_empty(), "mail is still owed");
}

#[test]
fn report_is_met_by_every_required_kind_and_a_phone_task_by_its_tick() {
    let mut plan = plan("work-safety");
    for tier in &mut plan.tiers {
        if tier.id == "major" {
            tier.channels = vec![ChannelKind::Email, ChannelKind::Phone];
        }
    }
    let mut scene = Scene::with(plan);
    let lines = scene.see(major("09:00"));
    assert!(!lines.contains(&"report met".to_owned()), "{lines:?}");
    let task = scene
        .stored()
        .notices
        .into_iter()
        .find(|n| n.contact == "值班员" && n.channel == ChannelKind::Phone)
        .unwrap();
    let lines = scene.act(at("09:03"), Act::PhoneDone { notice: task.id, by: "王五".into(), at: None });
    assert_eq!(lines, ["report met"]);
}

#[test]
fn exercise_is_shown_and_never_counts() {
    let mut scene = Scene::new();
    let mut setup = scene.setup.clone();
    setup.contacts.values_mut().for_each(|contact| contact.channels = vec![ChannelKind::Exercise]);
    scene = Scene::on_stage(setup, true);
    let lines = scene.see(major("09:00"));
    assert!(lines.contains(&"shown alert → 值班员".to_owned()), "{lines:?}");
    assert!(!lines.iter().any(|line| line == "report met"));
    assert!(scene.until(at("09:05")).contains(&"09:05 report overdue".to_owned()));
}

#[test]
fn two_contacts_with_one_mailbox_get_one_mail() {
    let mut plan = plan("work-safety");
    for tier in &mut plan.tiers {
        if tier.id == "major" {
            tier.lines[0].steps[0] = vec!["值班员".into(), "带班领导".into()];
        }
    }
    let mut scene = Scene::with(plan);
    let mut setup = scene.setup.clone();
    let mailbox = setup.contacts["值班员"].email.clone();
    setup.contacts.get_mut("带班领导").unwrap().email = mailbox;
    scene = Scene::on_stage(setup, true);
    let lines = scene.see(major("09:00"));
    assert_eq!(
        lines.iter().filter(|line| line.starts_with("alert") && line.ends_with("email")).count(),
        1,
        "{lines:?}"
    );
    assert!(lines.contains(&"report met".to_owned()), "{lines:?}");
}

#[test]
fn the_public_response_is_warned_of_and_told_as_overdue() {
    let mut scene = Scene::new();
    scene.see(major("09:00"));
    scene.act(at("09:01"), ack("值班员"));
    let lines = scene.until(at("15:00"));
    assert_eq!(lines[0], "13:00 warning → 值班员 email");
    assert!(lines.contains(&"14:00 response overdue".to_owned()), "{lines:?}");
    assert!(lines.contains(&"14:00 overdue → 系统管理员 email".to_owned()), "{lines:?}");
    let respond =
        Act::Respond {
            incident: IncidentId(1), by: "宣传科".into(), text: "https://x.example/回应".into()
        };
    assert_eq!(scene.act(at("15:30"), respond), ["response met"]);
}

#[test]
fn a_rise_replaces_the_lower_tiers_limits_and_keeps_the_earlier_response() {
    let mut scene = Scene::new();
    let post = |clock, reposts| {
        look(clock, "weibo.example", SiteKind::Microblog, "w", TEXT).published(at("08:30")).reposts(reposts)
    };
    scene.see(post("09:00", 101));
    let lines = scene.see(post("09:30", 301));
    assert!(lines.contains(&"acknowledge 本单位 superseded".to_owned()), "{lines:?}");
    assert!(lines.contains(&"response in 270 min".to_owned()), "5 h from detection at 09:00: {lines:?}");
}

#[test]
fn an_answer_that_is_overdue_already_is_not_told_anew_by_a_rise() {
    let mut plan = plan("work-safety");
    for tier in &mut plan.tiers {
        let hours = if tier.id == "critical" { 2 } else { 1 };
        tier.remind = Some(jiff::SignedDuration::from_hours(hours));
    }
    let mut scene = Scene::with(plan);
    scene.see(major("09:00"));
    scene.act(at("09:01"), ack("值班员"));
    let of_the_answer = |line: &&String| line.contains("overdue →");
    let told: Vec<_> = scene.until(at("15:10")).into_iter().filter(|line| of_the_answer(&line)).collect();
    assert!(told.contains(&"14:00 overdue → 值班员 email".to_owned()), "{told:?}");
    assert!(told.contains(&"15:00 overdue → 值班员 email".to_owned()), "reminded every hour: {told:?}");
    // The limit of the higher tier runs from the same discovery: it is the same hour that has passed.
    let mut lines = scene.see(major("15:30").reposts(501));
    assert!(lines.contains(&"response superseded".to_owned()), "{lines:?}");
    assert!(lines.contains(&"response overdue".to_owned()), "{lines:?}");
    scene.act(at("15:31"), ack("值班员"));
    for mut scene in [scene.restarted(at("15:32")), scene] {
        lines.extend(scene.until(at("15:59")));
        let told: Vec<_> = lines.iter().filter(of_the_answer).collect();
        assert_eq!(
            told,
            ["overdue → 上级总值班室 email", "overdue → 上级总值班室 sms"],
            "all others know it"
        );
        let next = scene.until(at("16:00"));
        assert!(
            next.contains(&"16:00 overdue → 值班员 email".to_owned()),
            "by the new tier's own rhythm: {next:?}"
        );
    }
}

#[test]
fn a_form_that_another_tier_owes_by_the_same_hour_is_neither_warned_of_nor_told_anew() {
    let mut plan = plan("work-safety");
    plan.warn_at = vec![50];
    let limit = Limit {
        within: jiff::SignedDuration::from_hours(2),
        from: Base::Detected,
        reckoning: Reckoning::Calendar,
    };
    for tier in &mut plan.tiers {
        tier.response = None;
        tier.duties.push(Duty {
            id: "form".into(),
            name: "反馈表".into(),
            kind: DutyKind::Feedback,
            limit,
            every: None,
            tell: Vec::new(),
            kinds: Vec::new(),
            circular: None,
            parties: Vec::new(),
            unassigned: Vec::new(),
            met_by: None,
        });
    }
    // It rises after the warning, or after the hour has passed.
    for (rises, told) in
        [("10:30", "10:00 warning → 值班员 email"), ("11:30", "11:00 overdue → 值班员 email")]
    {
        let mut scene = Scene::with(plan.clone());
        scene.see(major("09:00"));
        scene.act(at("09:01"), ack("值班员"));
        let lines = scene.until(at(rises));
        assert!(lines.contains(&told.to_owned()), "{lines:?}");
        let mut lines = scene.see(major(rises).reposts(501));
        assert!(lines.iter().any(|line| line.starts_with("feedback ")), "owed at the higher tier: {lines:?}");
        lines.extend(scene.until(at("10:59")));
        assert!(!lines.iter().any(|line| line.contains("warning →")), "{lines:?}");
        lines = scene.until(at("13:00"));
        let late = lines.iter().filter(|line| line.contains("overdue → 值班员 email")).count();
        assert_eq!(late, usize::from(rises == "10:30"), "once in all: {lines:?}");
    }
}

#[test]
fn a_line_that_comes_later_reaches_a_mailbox_that_heard_the_other_line() {
    let mut plan = plan("work-safety");
    for line in plan.tiers.iter_mut().flat_map(|tier| &mut tier.lines) {
        let minutes = if line.name == "上级" { 53 } else { 10 };
        line.waits = vec![Some(jiff::SignedDuration::from_mins(minutes)); line.steps.len()];
    }
    let mut setup = Scene::with(plan).setup;
    let mailbox = setup.contacts["值班员"].email.clone();
    setup.contacts.get_mut("上级总值班室").unwrap().email = mailbox;
    let mut scene = Scene::on_stage(setup, true);
    scene.see(major("09:00").reposts(501));
    // Both lines begin their second round with step 0, thirteen minutes apart.
    let lines = scene.until(at("09:53"));
    for told in ["09:40 escalation → 值班员 email", "09:53 escalation → 上级总值班室 email"] {
        assert!(lines.contains(&told.to_owned()), "{told}: {lines:#?}");
    }
}

#[test]
fn the_next_of_a_repeated_report_is_not_warned_of_anew_by_a_rise() {
    let mut plan = plan("work-safety");
    plan.warn_at = vec![50];
    let limit = Limit {
        within: jiff::SignedDuration::from_hours(1),
        from: Base::Detected,
        reckoning: Reckoning::Calendar,
    };
    for tier in &mut plan.tiers {
        tier.response = None;
        tier.remind = None;
        tier.duties.push(Duty {
            id: "续报".into(),
            name: "续报".into(),
            kind: DutyKind::FollowUp,
            limit,
            every: Some(jiff::SignedDuration::from_hours(2)),
            tell: Vec::new(),
            kinds: Vec::new(),
            circular: None,
            parties: Vec::new(),
            unassigned: Vec::new(),
            met_by: None,
        });
    }
    let mut scene = Scene::with(plan);
    scene.see(major("09:00"));
    scene.act(at("09:01"), ack("值班员"));
    let lines = scene.until(at("11:30"));
    assert!(lines.contains(&"11:00 warning → 值班员 email".to_owned()), "{lines:?}");
    // The first has passed and the second is due at 12:00, of which everybody was warned.
    let mut lines = scene.see(major("11:30").reposts(501));
    lines.extend(scene.until(at("11:59")));
    assert!(!lines.iter().any(|line| line.contains("warning →")), "{lines:?}");
    let lines = scene.until(at("12:05"));
    assert!(lines.contains(&"12:00 overdue → 值班员 email".to_owned()), "{lines:?}");
}

#[test]
fn an_outage_tells_what_fell_due_once_and_gravest_first() {
    let mut scene = Scene::new();
    scene.channels_work = false;
    scene.see(look("09:00", "bbs.example", SiteKind::Forum, "1", TEXT).published(at("08:30")).views(1_500));
    let other = "青川县人民医院停车场塌陷，三辆车掉进坑里，现场拉起警戒线，暂时没有人员受伤的消息传出来。";
    scene.see(
        look("09:01", "weibo.example", SiteKind::Microblog, "x", other).published(at("08:50")).reposts(700),
    );
    let mut scene = scene.restarted(at("12:00"));
    let lines = scene.take(&yuqing::desk::Input::Tick, at("12:00"));
    let steps: Vec<_> = lines.iter().filter(|line| line.starts_with("escalation")).collect();
    assert_eq!(steps.len(), 4 + 1, "one step a line, not one for every missed limit: {lines:?}");
    let first = lines.iter().position(|line| line == "escalation → 带班领导 sms").unwrap();
    assert!(lines[..first].iter().all(|line| !line.starts_with("escalation → 带班领导 phone")));
    let again = scene.until(at("12:04"));
    assert!(
        again.iter().all(|line| line.contains("failover")),
        "nothing fires twice, only channels are tried: {again:?}"
    );
}
