//! Contacts can be wrong in these ways; each must say this.

use super::office::Stage;

/// The faults of a contacts file that holds only this. Plans name others, but a plan's names are not
/// looked up in a file that is wrong.
fn contact(table: &str) -> String {
    Stage::new().write("contacts.toml", table).faults()
}

#[test]
fn a_name_twice() {
    insta::assert_snapshot!(contact(&"[[contact]]\nname = \"值班员\"\nchannels = [\"练习\"]\n".repeat(2)), @r#"
    contacts.toml:5:8: 联系人 值班员 写了两次，第一次在第 2 行
      |
    5 | name = "值班员"
      |        ^^^^^^^^
      改法: 改一个名字，或删去一张表；两个单位各有一位时，用 unit = "单位" 写明各是谁的
    "#);
}

#[test]
fn mail_without_address() {
    insta::assert_snapshot!(contact("[[contact]]\nname = \"新人\"\nphone = \"13800138000\"\nchannels = [\"邮件\"]"), @r#"
    contacts.toml:4:13: 用了邮件，却没有写 email
      |
    4 | channels = ["邮件"]
      |             ^^^^^^
      改法: 加一行 email = "zhiban@example.gov.cn"

    contacts.toml:4:13: 用了邮件，yuqing.toml 里却没有 [email]
      |
    4 | channels = ["邮件"]
      |             ^^^^^^
      改法: 在 yuqing.toml 里写 [email]，或先把 channels 写成 ["练习"]
    "#);
}

#[test]
fn an_address_that_is_none() {
    insta::assert_snapshot!(contact("[[contact]]\nname = \"新人\"\nemail = \"a@b@c\"\nchannels = [\"练习\"]"), @r#"
    contacts.toml:3:9: "a@b@c" 不是邮箱地址
      |
    3 | email = "a@b@c"
      |         ^^^^^^^
      改法: 写成 "zhiban@example.gov.cn"，一个联系人一个邮箱
    "#);
}

#[test]
fn a_number_that_is_none() {
    insta::assert_snapshot!(contact("[[contact]]\nname = \"新人\"\nphone = \"转 8012\"\nchannels = [\"电话\"]"), @r#"
    contacts.toml:3:9: "转 8012" 不是电话号码
      |
    3 | phone = "转 8012"
      |         ^^^^^^^^^
      改法: 只写数字，可以以 + 开头: "13800138000"
    "#);
}

#[test]
fn exercise_beside_a_real_channel() {
    insta::assert_snapshot!(contact("[[contact]]\nname = \"新人\"\nphone = \"010-12345678\"\nchannels = [\"练习\", \"电话\"]"), @r#"
    contacts.toml:4:12: 练习与真实的通道写在了一起
      |
    4 | channels = ["练习", "电话"]
      |            ^^^^^^^^^^^^^^^^
      改法: 练习时只写 channels = ["练习"]，正式使用时去掉它
    "#);
}

#[test]
fn no_channels() {
    insta::assert_snapshot!(contact("[[contact]]\nname = \"新人\""), @r#"
    contacts.toml:1:1: [contact] 缺少 channels
      |
    1 | [[contact]]
      | ^^^^^^^^^^^
      改法: 加一行 channels = ["练习"]，确认后再改为 ["邮件"] 等
    "#);
}

#[test]
fn an_unknown_channel() {
    insta::assert_snapshot!(contact("[[contact]]\nname = \"新人\"\nchannels = [\"微信\"]"), @r#"
    contacts.toml:3:13: channels 不认识 "微信"
      |
    3 | channels = ["微信"]
      |             ^^^^^^
      改法: 写下列之一: "邮件"（email）、"短信"（sms）、"电话"（phone）、"练习"（exercise）、"群机器人"（robot）、"网络回调"（webhook）、"ntfy"、"语音"（voice）
    "#);
}
