//! Whole stories as they are printed. A changed line here is a changed decision: look at it before it is
//! accepted.

use super::*;

/// One printed line, short enough to be read: what does not apply is left out.
fn short(line: &Value) -> String {
    let mut out = line["at"].as_str().unwrap().chars().skip(5).take(11).collect::<String>();
    let names = [
        "type",
        "incident",
        "what",
        "state",
        "tier",
        "from",
        "to",
        "recipient",
        "channel",
        "line",
        "step",
        "due_at",
        "daily_views",
        "reposts",
        "sites",
        "unknown",
        "estimated",
        "reason",
    ];
    for name in names {
        let value = match &line[name] {
            Value::Null => continue,
            Value::Array(all) if all.is_empty() => continue,
            Value::String(text) if name == "due_at" => text.chars().skip(5).take(11).collect(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        out.push_str(&if name == "type" { format!(" {value}") } else { format!(" {name}={value}") });
    }
    out
}

fn story(name: &str, options: &[&str]) -> String {
    let file = format!("{}/tests/data/stories/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let lines = printed(&std::fs::read_to_string(file).unwrap(), options);
    lines.iter().map(short).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_story_spreads_through_every_tier() {
    insta::assert_snapshot!(story("spread", &["--until", "2h"]));
}

#[test]
fn a_first_run_is_calm() {
    insta::assert_snapshot!(story("calm_first_run", &["--first-run", "--until", "10min"]));
}

#[test]
fn what_was_closed_flares_up() {
    insta::assert_snapshot!(story("flare_up", &["--until", "1h"]));
}

#[test]
fn people_merge_split_and_decide() {
    insta::assert_snapshot!(story("merge_and_split", &["--until", "1h"]));
}

#[test]
fn what_is_unknown_is_said() {
    insta::assert_snapshot!(story("unknown_and_bounds", &["--until", "10min"]));
}

#[test]
fn every_documented_field_stands_on_every_line() {
    let story = std::fs::read_to_string(format!(
        "{}/tests/data/stories/merge_and_split.jsonl",
        env!("CARGO_MANIFEST_DIR")
    ));
    for line in printed(&story.unwrap(), &[]) {
        let names: Vec<_> = line.as_object().unwrap().keys().cloned().collect();
        let documented = [
            "at",
            "type",
            "incident",
            "tier",
            "from",
            "to",
            "recipient",
            "channel",
            "step",
            "due_at",
            "reason",
            "daily_views",
            "reposts",
            "sites",
            "unknown",
            "estimated",
        ];
        for name in documented {
            assert!(names.iter().any(|other| other == name), "{name}: {line}");
        }
        assert!(line["at"].as_str().unwrap().ends_with("+08:00"));
    }
}
