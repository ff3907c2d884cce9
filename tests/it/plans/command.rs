//! What the office types: `yuqing replay STORY --plan NAME`, `yuqing init --plan NAME`, `yuqing check`.

use std::process::{Command, Output};

use yuqing::config::{self, Folder, starter};

use super::{
    PLANS,
    stage::{play, story},
};

fn yuqing(folder: &std::path::Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_yuqing"))
        .args(arguments)
        .env_remove("YUQING_OFFICE")
        .env_remove("STATE_DIRECTORY")
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn a_replay_prints_every_notice_with_its_time_and_reason() {
    let folder = tempfile::tempdir().unwrap();
    for plan in PLANS {
        let file = folder.path().join(format!("{plan}.jsonl"));
        std::fs::write(&file, story(plan)).unwrap();
        let output = yuqing(folder.path(), &["replay", file.to_str().unwrap(), "--plan", plan]);
        assert!(output.status.success(), "{plan}: {}", String::from_utf8_lossy(&output.stderr));
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(!printed.contains("未执行"), "{plan}: an act of the story was refused\n{printed}");
        let notices: Vec<&str> = printed.lines().filter(|line| line.contains("  通知 ")).collect();
        assert_eq!(notices.len(), play(plan).notices.len(), "{plan}");
        for line in notices {
            let parts: Vec<&str> = line.splitn(4, "  ").collect();
            assert!(parts[0].starts_with("202") && parts[0].ends_with("+08:00"), "{plan}: {line}");
            assert!(parts.len() == 4 && !parts[3].is_empty(), "{plan}: no reason: {line}");
        }
    }
}

/// A new office with this plan.
pub fn office_with(plan: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in starter::files_with("青川县某单位", plan) {
        let path = folder.path().join(&file.name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, file.bytes).unwrap();
    }
    folder
}

#[test]
fn an_office_begins_with_any_plan_and_its_check_finds_nothing() {
    for plan in PLANS {
        let folder = office_with(plan);
        let (office, warnings) = config::load(&Folder::Disk(folder.path().to_owned())).unwrap();
        assert_eq!(office.units[0].plan, plan);
        assert_eq!(office.plans.keys().collect::<Vec<_>>(), [plan]);
        assert!(office.exercises_only(), "{plan}");
        assert!(warnings.iter().all(|warning| !warning.0.file.to_string_lossy().contains("plans")), "{plan}");
    }
}

#[test]
fn the_college_owes_three_rounds_a_day_from_the_start() {
    for plan in PLANS {
        let folder = office_with(plan);
        let feed = "[[feed]]\nname = \"订阅\"\nurl = \"https://news.example.cn/rss.xml\"\n";
        std::fs::write(folder.path().join("sources.d/sources.toml"), feed).unwrap();
        let (office, _) = config::load(&Folder::Disk(folder.path().to_owned())).unwrap();
        // Only one document says how often a day is looked at least.
        let owed = (plan == "college").then_some(3);
        let rounds: Vec<_> = office.sources.iter().map(|source| source.attention.rounds_a_day).collect();
        assert_eq!(rounds, [owed], "{plan}");
    }
}

#[test]
fn init_takes_the_plan_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let made = yuqing(folder.path(), &["init", "--unit", "青川县某学院", "--plan", "college"]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(folder.path().join("office/plans/college.toml").is_file());
    assert!(!folder.path().join("office/plans/work-safety.toml").exists());
    let checked = yuqing(folder.path(), &["check", "--offline"]);
    let said = String::from_utf8(checked.stdout).unwrap();
    assert!(
        checked.status.success()
            && said.contains("1 个预案")
            && said.ends_with("练习模式：尚未向任何人发送\n"),
        "{said}"
    );
}

#[test]
fn an_unknown_plan_is_refused_with_the_names_of_those_that_ship() {
    let folder = tempfile::tempdir().unwrap();
    let made = yuqing(folder.path(), &["init", "--unit", "青川县某单位", "--plan", "worksafety"]);
    assert_eq!(made.status.code(), Some(2));
    let said = String::from_utf8(made.stderr).unwrap();
    assert!(PLANS.iter().all(|plan| said.contains(plan)), "{said}");
    assert!(!folder.path().join("office").exists());
}
