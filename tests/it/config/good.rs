//! The shipped plan holds the documented numbers, and a new office is calm, whole and in exercise mode.

use jiff::{SignedDuration, civil};
use yuqing::{
    config::{Folder, load},
    model::{Base, ChannelKind, DigestTimes, Limit, Reckoning, ReportKind, Telling},
};

use super::office::Stage;

#[test]
fn the_shipped_plan_holds_the_cards_numbers() {
    let (office, _) = load(&Folder::Shipped).unwrap();
    let plan = &office.plans["work-safety"];
    let numbers: Vec<_> = plan
        .tiers
        .iter()
        .map(|tier| {
            (
                tier.id.as_str(),
                tier.name.as_str(),
                tier.rank,
                tier.clauses.views_over,
                tier.clauses.reposts_over,
            )
        })
        .collect();
    assert_eq!(
        numbers,
        [
            ("general", "一般", 0, None, None),
            ("elevated", "较大", 1, Some(1_000), Some(100)),
            ("major", "重大", 2, Some(10_000), Some(300)),
            ("critical", "特别重大", 3, Some(50_000), Some(500)),
        ]
    );
    let told: Vec<_> = plan.tiers.iter().map(|tier| (tier.telling, tier.paper)).collect();
    assert_eq!(
        told,
        [
            (Telling::Digest, ReportKind::Digest),
            (Telling::Promptly, ReportKind::Brief),
            (Telling::AtOnce, ReportKind::Special),
            (Telling::AtOnce, ReportKind::Special),
        ]
    );
    assert_eq!(plan.digest, DigestTimes::Daily(vec![civil::time(8, 30, 0, 0), civil::time(17, 0, 0, 0)]));
}

#[test]
fn a_full_width_colon_is_read_in_a_time_of_the_day() {
    let stage = Stage::new();
    stage.edit("plans/work-safety.toml", "\"17:00\"", "\"17：00\"");
    let office = stage.load().unwrap();
    let times = vec![civil::time(8, 30, 0, 0), civil::time(17, 0, 0, 0)];
    assert_eq!(office.plans["work-safety"].digest, DigestTimes::Daily(times));
}

#[test]
fn the_shipped_limits_are_those_of_the_rules() {
    let (office, _) = load(&Folder::Shipped).unwrap();
    let plan = &office.plans["work-safety"];
    let mins = SignedDuration::from_mins;
    let limits = |id: &str| {
        let tier = plan.tier_named(id).unwrap();
        (tier.report, tier.acknowledge, tier.response)
    };
    let five_hours = Some(Limit {
        within: SignedDuration::from_hours(5),
        from: Base::Detected,
        reckoning: Reckoning::Calendar,
    });
    let a_day = Some(Limit {
        within: SignedDuration::from_hours(24),
        from: Base::Detected,
        reckoning: Reckoning::Calendar,
    });
    assert_eq!(limits("critical"), (Some(mins(5)), Some(mins(10)), five_hours));
    assert_eq!(limits("major"), (Some(mins(5)), Some(mins(10)), five_hours));
    assert_eq!(limits("elevated"), (Some(mins(15)), Some(mins(60)), a_day));
    assert_eq!(limits("general"), (None, None, None));
    let major = plan.tier_named("major").unwrap();
    assert_eq!(major.channels, [ChannelKind::Email, ChannelKind::Sms]);
    assert_eq!(major.copies, ["总值班室", "协同处置单位"]);
    let chain: Vec<_> = major.lines[0].steps.iter().flatten().map(String::as_str).collect();
    assert_eq!(chain, ["值班员", "带班领导", "领导小组办公室主任", "领导小组组长"]);
}

#[test]
fn the_demo_plan_has_the_same_numbers_and_limits_of_seconds() {
    let (office, _) = load(&Folder::Shipped).unwrap();
    let (real, demo) = (&office.plans["work-safety"], &office.plans["demo"]);
    let clauses =
        |plan: &yuqing::model::Plan| plan.tiers.iter().map(|tier| tier.clauses.clone()).collect::<Vec<_>>();
    assert_eq!(clauses(real), clauses(demo));
    assert_eq!(demo.exercise_mark.as_deref(), Some("演示"));
    assert_eq!(demo.digest, DigestTimes::Every(SignedDuration::from_secs(20)));
    for tier in demo.tiers.iter().filter(|tier| tier.telling.alerts()) {
        assert_eq!(tier.report, Some(SignedDuration::from_secs(10)));
        assert_eq!(tier.acknowledge, Some(SignedDuration::from_secs(15)));
        assert_eq!(
            tier.response,
            Some(Limit {
                within: SignedDuration::from_secs(45),
                from: Base::Detected,
                reckoning: Reckoning::Calendar
            })
        );
    }
}

#[test]
fn a_new_office_watches_its_unit_and_tells_nobody() {
    let stage = Stage::new();
    let office = stage.load().map_err(|faults| stage.shown(&faults)).unwrap();
    assert_eq!(office.units[0].name, "青川县人民医院");
    assert_eq!(office.plan_of("青川县人民医院").unwrap().id, "work-safety");
    assert!(office.exercises_only());
    assert!(
        office.lists[0].groups.iter().any(|group| group.name == "本单位"),
        "{:?}",
        office.lists[0].groups
    );
    let bytes = std::fs::read(stage.file("keywords/青川县人民医院.txt")).unwrap();
    assert!(bytes.starts_with(b"\xef\xbb\xbf"));
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
}

#[test]
fn a_plan_without_numbers_takes_the_cards() {
    let stage = Stage::new();
    let text = std::fs::read_to_string(stage.file("plans/work-safety.toml")).unwrap();
    let bare: Vec<&str> = text.lines().filter(|line| !line.contains("_over = ")).collect();
    stage.write("plans/work-safety.toml", bare.join("\n"));
    let plan = stage.load().unwrap().plans["work-safety"].clone();
    assert_eq!(plan.tier_named("critical").unwrap().clauses.views_over, Some(50_000));
    assert_eq!(plan.tier_named("elevated").unwrap().clauses.reposts_over, Some(100));
    assert!(stage.warnings().contains("采用通用阈值"));
}

#[test]
fn mail_to_another_domain_is_brief_unless_it_says_otherwise() {
    let stage = Stage::new();
    let text = std::fs::read_to_string(stage.file("yuqing.toml")).unwrap();
    stage.write(
        "yuqing.toml",
        format!(
            "{text}\n[email]\nhost = \"127.0.0.1\"\nsecurity = \"plain\"\nfrom = \"舆情 <y@office.gov.cn>\"\n"
        ),
    );
    let contacts = std::fs::read_to_string(stage.file("contacts.toml")).unwrap();
    let more =
        |name: &str, rest: &str| format!("\n[[contact]]\nname = \"{name}\"\nchannels = [\"邮件\"]\n{rest}\n");
    stage.write(
        "contacts.toml",
        [
            contacts,
            more("内", "email = \"a@office.gov.cn\""),
            more("外", "email = \"a@example.com\""),
            more("外全", "email = \"a@example.com\"\ndetail = \"全文\""),
        ]
        .concat(),
    );
    let office = stage.load().map_err(|faults| stage.shown(&faults)).unwrap();
    let detail =
        |name: &str| office.contacts.shared.iter().find(|contact| contact.name == name).unwrap().detail;
    assert_eq!(detail("内"), yuqing::model::Detail::Full);
    assert_eq!(detail("外"), yuqing::model::Detail::Brief);
    assert_eq!(detail("外全"), yuqing::model::Detail::Full);
}

#[test]
fn tiers_are_kept_by_their_names_and_a_budget_is_in_bytes() {
    let stage = Stage::new();
    stage.edit("yuqing.toml", "# disk_budget = \"20 GB\"", "disk_budget = \"20GB\" # ");
    stage.edit("yuqing.toml", "# [retention.tiers]", "[retention.tiers]");
    stage.edit("yuqing.toml", "# \"特别重大\" = 3660", "critical = 3660");
    stage.edit("yuqing.toml", "# \"一般\" = 366", "\"一般\" = 183");
    let retention = stage.load().unwrap().settings.retention;
    assert_eq!(retention.disk_budget, Some(20 << 30));
    assert_eq!(retention.tiers, [("特别重大".to_owned(), 3_660), ("一般".to_owned(), 183)].into());
    assert_eq!(
        [None, Some("一般"), Some("较大"), Some("特别重大")].map(|tier| retention.days_of(tier)),
        [30, 183, 1_096, 3_660]
    );
}
