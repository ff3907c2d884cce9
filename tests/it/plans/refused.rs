//! What a plan may not say of its limits; each fault names the line and the mend.

use std::path::Path;

use yuqing::config::{Folder, plan, sheet::Sheet};

/// The faults of a shipped plan in which one text is replaced.
fn faults(id: &str, from: &str, to: &str) -> String {
    let text = Folder::Shipped.text(&format!("plans/{id}.toml")).unwrap().unwrap();
    assert!(text.contains(from), "{from}");
    let text = text.replacen(from, to, 1);
    let sheet = Sheet::new(Path::new("plan.toml"), &text);
    let _ = plan::read(&sheet, id, None);
    let (faults, _) = sheet.into_findings();
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_tier_without_a_channel() {
    let said = faults("college", "channels = [\"邮件\", \"短信\"]", "channels = []");
    assert!(said.contains("channels 里没有通道") && said.contains("写成 channels ="), "{said}");
}

#[test]
fn a_limit_of_a_tier_that_is_not_there() {
    let said = faults("college", "tiers = [\"三级\"]", "tiers = [\"四级\"]");
    assert!(said.contains("没有“四级”这个等级") && said.contains("一级、二级、三级"), "{said}");
}

#[test]
fn two_limits_of_one_name_at_one_tier() {
    let said = faults("college", "id = \"account\"", "id = \"registration\"");
    assert!(said.is_empty(), "they are of different tiers: {said}");
    let said = faults("archives-bureau", "id = \"result\"", "id = \"proposal\"");
    assert!(said.contains("的时限 proposal 写了两次"), "{said}");
}

#[test]
fn a_circular_to_nobody() {
    let said = faults(
        "development-zone",
        "circular = { after = \"4h\", to = [\"领导小组\", \"各部门\"] }",
        "circular = { after = \"4h\" }",
    );
    assert!(said.contains("通报要写明") && said.contains("to = [\"各部门\"]"), "{said}");
}

#[test]
fn what_follows_closing_is_owed_once_and_is_no_answer() {
    let said = faults("general-office", "from = \"办结\"", "from = \"办结\"\nevery = \"1d\"");
    assert!(said.contains("办结以后的事项不能重复"), "{said}");
    let said = faults("general-office", "from = \"发现\"", "from = \"办结\"");
    assert!(said.contains("回应的时限不能从回应或办结算起"), "{said}");
}
