//! Contacts can be wrong in these ways; each must say this.

use super::office::Stage;

fn contact(table: &str) -> String {
    let stage = Stage::new();
    let text = std::fs::read_to_string(stage.file("contacts.toml")).unwrap().replace("\r\n", "\n");
    stage.write("contacts.toml", format!("{text}\n{table}\n")).faults()
}

#[test]
fn a_name_twice() {
    insta::assert_snapshot!(contact("[[contact]]\nname = \"值班员\"\nchannels = [\"练习\"]"), @"");
}

#[test]
fn mail_without_address() {
    insta::assert_snapshot!(contact("[[contact]]\nname = \"新人\"\nphone = \"13800138000\"\nchannels = [\"邮件\"]"), @"");
}

#[test]
fn an_address_that_is_none() {
    insta::assert_snapshot!(contact("[[contact]]\nname = \"新人\"\nemail = \"a@b@c\"\nchannels = [\"练习\"]"), @"");
}

#[test]
fn a_number_that_is_none() {
    insta::assert_snapshot!(contact("[[contact]]\nname = \"新人\"\nphone = \"转 8012\"\nchannels = [\"电话\"]"), @"");
}

#[test]
fn exercise_beside_a_real_channel() {
    insta::assert_snapshot!(contact("[[contact]]\nname = \"新人\"\nphone = \"010-12345678\"\nchannels = [\"练习\", \"电话\"]"), @"");
}

#[test]
fn no_channels() {
    insta::assert_snapshot!(contact("[[contact]]\nname = \"新人\""), @"");
}

#[test]
fn an_unknown_channel() {
    insta::assert_snapshot!(contact("[[contact]]\nname = \"新人\"\nchannels = [\"微信\"]"), @"");
}
