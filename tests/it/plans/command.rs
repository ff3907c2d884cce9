//! What the office types: `yuqing replay STORY --plan NAME`, `yuqing init --plan NAME`, `yuqing check`.

use std::process::{Command, Output};

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

#[test]
fn an_office_begins_with_any_plan_and_its_check_finds_nothing() {
    for plan in PLANS {
        let folder = tempfile::tempdir().unwrap();
        let made = yuqing(folder.path(), &["init", "--unit", "青川县某单位", "--plan", plan]);
        assert!(made.status.success(), "{plan}: {}", String::from_utf8_lossy(&made.stderr));
        let settings = std::fs::read_to_string(folder.path().join("office/yuqing.toml")).unwrap();
        assert!(settings.contains(&format!("plan = \"{plan}\"")), "{plan}");
        assert!(folder.path().join(format!("office/plans/{plan}.toml")).is_file());
        let checked = yuqing(folder.path(), &["check", "--offline", "--json"]);
        let said = String::from_utf8(checked.stdout).unwrap();
        assert!(checked.status.success(), "{plan}: {said}");
        let lines: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let about = |line: &&serde_json::Value| line["file"].as_str().is_some_and(|file| file.contains("plans"));
        assert_eq!(lines.iter().filter(about).count(), 0, "{plan}: {said}");
        assert_eq!(lines.last().unwrap()["errors"], 0);
    }
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
