//! A plan can be wrong in these ways; each must say this.

use super::office::Stage;

const PLAN: &str = "plans/work-safety.toml";

fn plan(from: &str, to: &str) -> String {
    Stage::new().edit(PLAN, from, to).faults()
}

#[test]
fn an_unknown_key_names_the_one_that_was_meant() {
    insta::assert_snapshot!(plan("views_over = 50000", "view_over = 50000"), @"");
}

#[test]
fn a_threshold_that_does_not_descend() {
    insta::assert_snapshot!(plan("views_over = 10000", "views_over = 500"), @"");
}

#[test]
fn a_threshold_in_quotes() {
    insta::assert_snapshot!(plan("views_over = 10000", "views_over = \"10,000\""), @"");
}

#[test]
fn a_contact_that_is_not_there() {
    insta::assert_snapshot!(plan("[[\"值班员\"], [\"带班领导\"]", "[[\"值班员\"], [\"带班局长\"]"), @"");
}

#[test]
fn an_empty_line_of_reporting() {
    insta::assert_snapshot!(plan("{ name = \"上级\", steps = [[\"上级总值班室\"]] }", "{ name = \"上级\", steps = [] }"), @"");
}

#[test]
fn an_empty_step() {
    insta::assert_snapshot!(plan("steps = [[\"上级总值班室\"]]", "steps = [[]]"), @"");
}

#[test]
fn two_lines_of_one_name() {
    insta::assert_snapshot!(plan("name = \"上级\"", "name = \"本单位\""), @"");
}

#[test]
fn two_tiers_of_one_id() {
    insta::assert_snapshot!(plan("id = \"major\"", "id = \"critical\""), @"");
}

#[test]
fn too_few_tiers() {
    let stage = Stage::new();
    let text = std::fs::read_to_string(stage.file(PLAN)).unwrap();
    let (two, _) = text.split_once("# 较大").unwrap();
    insta::assert_snapshot!(stage.write(PLAN, two).faults(), @"");
}

#[test]
fn acknowledge_without_report() {
    insta::assert_snapshot!(plan("report = \"15min\" ", "# "), @"");
}

#[test]
fn steps_without_acknowledge() {
    insta::assert_snapshot!(plan("acknowledge = \"60min\" ", "# "), @"");
}

#[test]
fn acknowledge_shorter_than_report() {
    insta::assert_snapshot!(plan("acknowledge = \"60min\"", "acknowledge = \"12min\""), @"");
}

#[test]
fn a_lighter_tier_that_is_told_faster() {
    insta::assert_snapshot!(plan("report = \"15min\"", "report = \"2min\""), @"");
}

#[test]
fn a_limit_on_a_digest_tier() {
    insta::assert_snapshot!(plan("paper = \"动态\"", "report = \"5min\"\npaper = \"动态\""), @"");
}

#[test]
fn a_limit_without_unit() {
    insta::assert_snapshot!(plan("report = \"5min\"", "report = \"5\""), @"");
}

#[test]
fn a_limit_of_zero() {
    insta::assert_snapshot!(plan("report = \"5min\"", "report = \"0min\""), @"");
}

#[test]
fn a_word_that_is_no_way_of_telling() {
    insta::assert_snapshot!(plan("telling = \"及时\"", "telling = \"尽快\""), @"");
}

#[test]
fn a_response_without_its_start() {
    insta::assert_snapshot!(plan("{ within = \"24h\", from = \"发现\" }", "{ within = \"24h\" }"), @"");
}

#[test]
fn an_hour_that_does_not_exist() {
    insta::assert_snapshot!(plan("\"17:00\"", "\"25:00\""), @"");
}

#[test]
fn a_zone_that_does_not_exist() {
    insta::assert_snapshot!(plan("Asia/Shanghai", "Asia/Beijing"), @"");
}

#[test]
fn full_width_quotes() {
    insta::assert_snapshot!(plan("telling = \"及时\"", "telling = “及时”"), @"");
}

#[test]
fn a_channel_that_a_contact_does_not_have() {
    let stage = Stage::new();
    stage.edit(
        "contacts.toml",
        "name = \"值班员\"\nperson = \"\"\nchannels = [\"练习\"]",
        "name = \"值班员\"\nphone = \"13800138000\"\nchannels = [\"电话\"]",
    );
    insta::assert_snapshot!(stage.faults(), @"");
}

#[test]
fn all_faults_of_a_file_are_told_at_once() {
    let stage = Stage::new();
    stage.edit(PLAN, "min_sites = 1 ", "min_site = 1 ");
    stage.edit(PLAN, "reposts_over = 300", "reposts_over = -3");
    stage.edit(PLAN, "administrators = [\"系统管理员\"]", "administrators = []");
    insta::assert_snapshot!(stage.faults(), @"");
}
