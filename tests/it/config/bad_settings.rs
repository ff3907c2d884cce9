//! `yuqing.toml` and the files that it names can be wrong in these ways; each must say this.

use super::office::Stage;

fn settings(from: &str, to: &str) -> String {
    Stage::new().edit("yuqing.toml", from, to).faults()
}

fn with_table(table: &str) -> String {
    let stage = Stage::new();
    let text = std::fs::read_to_string(stage.file("yuqing.toml")).unwrap().replace("\r\n", "\n");
    stage.write("yuqing.toml", format!("{text}\n{table}\n")).faults()
}

#[test]
fn a_secret_written_directly_is_refused_and_not_shown() {
    let said = with_table(
        "[email]\nhost = \"mail\"\nsecurity = \"tls\"\nuser = \"u\"\npassword = \"Passw0rd!\"\nfrom = \"u@example.gov.cn\"",
    );
    assert!(!said.contains("Passw0rd"), "the secret is repeated: {said}");
    insta::assert_snapshot!(said, @"");
}

#[test]
fn a_secret_that_is_not_there() {
    insta::assert_snapshot!(with_table("[[push]]\nname = \"甲\"\ntoken = \"env:YUQING_TEST_NOT_SET\""), @"");
}

#[test]
fn an_email_table_without_what_it_needs() {
    insta::assert_snapshot!(with_table("[email]\nuser = \"u\"\nfrom = \"谁\""), @"");
}

#[test]
fn a_gateway_template_that_does_not_close() {
    insta::assert_snapshot!(with_table("[sms]\nurl = \"https://sms.example.com/\"\nbody = '{\"to\":\"{{ phone }\"}'"), @"");
}

#[test]
fn a_gateway_template_with_an_unknown_name() {
    insta::assert_snapshot!(with_table("[sms]\nurl = \"https://sms.example.com/\"\nbody = '{{ mobile }}'"), @"");
}

#[test]
fn a_success_rule_with_half_of_it() {
    insta::assert_snapshot!(
        with_table("[sms]\nurl = \"https://sms.example.com/\"\nsuccess = { status = \"2xx\", json = \"$.code\" }"), @""
    );
}

#[test]
fn an_open_console_without_token() {
    insta::assert_snapshot!(settings("127.0.0.1:8686\"    ", "0.0.0.0:8686\"    "), @"");
}

#[test]
fn a_plan_that_is_not_there() {
    insta::assert_snapshot!(settings("plan = \"work-safety\"", "plan = \"worksafety\""), @"");
}

#[test]
fn a_keyword_file_that_is_not_there() {
    insta::assert_snapshot!(settings("keywords/青川县人民医院.txt", "keywords/医院.txt"), @"");
}

#[test]
fn a_file_in_another_encoding() {
    let stage = Stage::new();
    // 联系人 in GB18030, as an old Notepad saves it.
    stage.write("contacts.toml", b"# \xc1\xaa\xcf\xb5\xc8\xcb\n");
    insta::assert_snapshot!(stage.faults(), @"");
}

#[test]
fn a_file_that_is_not_there() {
    let stage = Stage::new();
    std::fs::remove_file(stage.file("contacts.toml")).unwrap();
    insta::assert_snapshot!(stage.faults(), @"");
}

#[test]
fn faults_of_several_files_are_told_at_once() {
    let stage = Stage::new();
    stage.edit("yuqing.toml", "locale = \"zh-CN\"", "locale = \"zh\"");
    stage.edit("contacts.toml", "person", "persons");
    stage.edit("plans/work-safety.toml", "paper = \"专报\"", "paper = \"报告\"");
    insta::assert_snapshot!(stage.faults(), @"");
}
