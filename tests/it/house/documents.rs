//! Documents that cannot rot: the shipped configuration reads and names every key, the README names
//! every command and every preset, `--help` is whole.

use std::collections::BTreeSet;

use clap::CommandFactory as _;
use yuqing::{
    cli::Cli,
    config::{Folder, load},
};

use super::source::{read, root};

#[test]
fn the_command_line_is_whole() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_says_what_it_does() {
    for command in Cli::command().get_subcommands() {
        assert!(command.get_about().is_some(), "{} has no line in --help", command.get_name());
    }
}

fn names_every_command(document: &str) {
    let text = read(document);
    for command in Cli::command().get_subcommands() {
        let name = format!("yuqing {}", command.get_name());
        assert!(text.contains(&name), "{document} does not name `{name}`");
    }
}

#[test]
fn both_readmes_name_every_command() {
    names_every_command("README.md");
    names_every_command("README.zh-CN.md");
}

#[test]
fn both_readmes_name_every_part_of_the_street_that_is_measured() {
    let source = read("benches/street/main.rs");
    let parts = source.lines().filter_map(|line| line.trim().strip_prefix("(\"")?.split_once("\", "));
    let parts: Vec<&str> = parts.map(|(name, _)| name).collect();
    assert_eq!((parts.first(), parts.len()), (Some(&"race"), 5), "{parts:?}");
    for document in ["README.md", "README.zh-CN.md"] {
        let text = read(document);
        assert!(text.contains("cargo bench --bench street"), "{document}");
        for part in &parts {
            assert!(text.contains(&format!("| `{part}` |")), "{document} does not name the part {part}");
        }
    }
}

#[test]
fn the_readme_names_every_preset() {
    let text = read("README.md");
    for entry in std::fs::read_dir(root().join("config/presets")).unwrap().map(Result::unwrap) {
        let name = entry.path().file_stem().unwrap().to_string_lossy().into_owned();
        assert!(text.contains(&format!("`{name}`")), "README.md does not name the preset {name}");
    }
}

/// A row of the README's table says what the preset says of itself.
#[test]
fn the_readmes_preset_table_is_what_the_presets_say() {
    let presets = yuqing::config::preset::Presets::load(None).unwrap();
    let text = read("README.md");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    for preset in presets.iter() {
        let name = format!("`{}`", preset.name);
        let row = rows.iter().find(|row| row.len() == 5 && row[0] == name);
        let [_, kind, reads, proof, counters] = row.unwrap_or_else(|| panic!("no row for {name}"))[..] else {
            panic!("{name}")
        };
        assert_eq!(kind, preset.reader.kind(), "{name}");
        assert!(!reads.is_empty(), "{name}");
        assert_eq!(proof, preset.proof.id(), "{name}");
        let yields = preset.yields;
        let shown = counters.replace("shares", "reposts").replace("all", "views, reposts, comments, likes");
        let mut said: Vec<&str> = shown.split(", ").filter(|word| *word != "none").collect();
        said.sort_unstable();
        let told = [
            (yields.comments, "comments"),
            (yields.likes, "likes"),
            (yields.reposts, "reposts"),
            (yields.views, "views"),
        ];
        let told: Vec<&str> = told.into_iter().filter_map(|(yields, word)| yields.then_some(word)).collect();
        assert_eq!(said, told, "{name}");
    }
}

/// "Recorded" and "rewritten" promise an answer in the tests.
#[test]
fn a_preset_that_is_called_supported_is_read_by_a_test() {
    let presets = yuqing::config::preset::Presets::load(None).unwrap();
    let mut tests = String::new();
    for entry in std::fs::read_dir(root().join("tests/it/collect")).unwrap().map(Result::unwrap) {
        tests.push_str(&std::fs::read_to_string(entry.path()).unwrap_or_default());
    }
    for preset in presets.iter().filter(|preset| preset.proof.is_supported()) {
        assert!(preset.name == "rss" || tests.contains(&format!("\"{}\"", preset.name)), "{}", preset.name);
    }
}

#[test]
fn the_readme_names_only_files_that_exist() {
    let text = read("README.md");
    for name in text.split(['(', ')']).filter(|part| part.ends_with(".md") && !part.contains(' ')) {
        assert!(root().join(name).exists(), "README.md links to {name}, which is not there");
    }
}

#[test]
fn the_repository_itself_is_an_office_that_reads() {
    let (office, warnings) = load(&Folder::Disk(root())).unwrap_or_else(|faults| {
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        panic!("{}", shown.join("\n\n"))
    });
    assert!(warnings.is_empty(), "{warnings:?}");
    assert!(office.exercises_only());
}

/// Keys that the reader of `yuqing.toml` asks for, as they stand in its source.
fn keys_asked_for(source: &str) -> BTreeSet<String> {
    let calls = [
        ".text(\"",
        ".need_text(\"",
        ".whole(\"",
        ".flag(\"",
        ".duration(\"",
        ".secret(\"",
        ".texts(\"",
        ".table(\"",
        ".tables(\"",
        ".word(\"",
        ".words(\"",
        ".pairs(\"",
        "json_path(&success, \"",
        "json_path(&refuse, \"",
        "seconds(table, \"",
        "whole(\"",
        "zone(top, \"",
        "named(\"",
        "words(\"",
        "time(&table, \"",
        ".time(\"",
        ".moment(\"",
        ".text_is(\"",
        ".text_lists(\"",
        ".wholes(\"",
        ".numbers(\"",
        "days(\"",
        "number(\"",
    ];
    let mut keys = BTreeSet::new();
    for call in calls {
        for part in source.split(call).skip(1) {
            keys.insert(part.split('"').next().unwrap().to_owned());
        }
    }
    keys
}

fn names_every_key(example: &str, sources: &[&str]) {
    let text = read(example);
    for key in sources.iter().flat_map(|source| keys_asked_for(&read(source))) {
        let named = [
            format!("{key} = "),
            format!("[{key}]"),
            format!("[[{key}]]"),
            format!(".{key}]"),
            format!("   {key} "),
        ];
        assert!(named.iter().any(|shape| text.contains(shape)), "{example} does not show the key {key}");
    }
}

#[test]
fn the_shipped_settings_show_every_key() {
    let mut sources = ["settings", "heartbeat", "maintenance", "retention"]
        .map(|name| format!("src/config/{name}.rs"))
        .to_vec();
    for entry in std::fs::read_dir(root().join("src/config/channels")).unwrap().map(Result::unwrap) {
        sources.push(format!("src/config/channels/{}", entry.file_name().to_string_lossy()));
    }
    names_every_key("config/yuqing.toml", &sources.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn the_shipped_contacts_show_every_key() {
    names_every_key("config/contacts.toml", &["src/config/contacts.rs"]);
}

/// The other plans refer to the list of keys in this one.
#[test]
fn a_shipped_plan_explains_every_key() {
    let readers: Vec<String> = std::fs::read_dir(root().join("src/config/plan"))
        .unwrap()
        .map(|entry| format!("src/config/plan/{}", entry.unwrap().file_name().to_string_lossy()))
        .collect();
    let readers: Vec<&str> = readers.iter().map(String::as_str).collect();
    let keys: BTreeSet<String> = readers.iter().flat_map(|reader| keys_asked_for(&read(reader))).collect();
    for known in
        ["subsides", "growth_below", "states", "mark", "monthly", "growth_over", "notify", "warn_at", "steps"]
    {
        assert!(keys.contains(known), "{known} is a key that the reader of plans asks for: {keys:?}");
    }
    names_every_key("config/plans/work-safety.toml", &readers);
}

#[test]
fn the_service_starts_what_the_command_line_knows() {
    let unit = read("deploy/yuqing.service");
    assert!(unit.contains("Type=notify-reload") || unit.contains("Type=notify"));
    let start = unit.lines().find(|line| line.starts_with("ExecStart=")).unwrap();
    assert!(start.ends_with("yuqing run"), "{start}");
}

#[test]
fn every_kind_of_the_timeline_has_words() {
    let noted = regex::Regex::new(r#"\.note\([^"]*?"([a-z_]+)""#).unwrap();
    let mut kinds = std::collections::BTreeSet::new();
    for file in std::fs::read_dir(root().join("src/desk")).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let source = std::fs::read_to_string(path).unwrap();
            kinds.extend(noted.captures_iter(&source).map(|found| found[1].to_owned()));
        }
    }
    assert!(kinds.len() > 15, "{kinds:?}");
    for kind in kinds {
        let words = yuqing::locale::words::entry(&kind, yuqing::locale::Locale::ZhCn);
        assert!(!words.is_ascii(), "the timeline would show {kind}");
    }
}
