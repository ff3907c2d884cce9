//! `yuqing.toml` and the files that it names can be wrong in these ways; each must say this.

use super::office::Stage;

fn settings(from: &str, to: &str) -> String {
    Stage::new().edit("yuqing.toml", from, to).faults()
}

/// The faults of an office whose settings hold a unit and this.
fn with_table(table: &str) -> String {
    let unit = "[[unit]]\nname = \"青川县人民医院\"\nplan = \"work-safety\"\nkeywords = [\"keywords/青川县人民医院.txt\"]";
    Stage::new().write("yuqing.toml", format!("{unit}\n\n{table}\n")).faults()
}

#[test]
fn a_secret_written_directly_is_refused_and_not_shown() {
    let said = with_table(
        "[email]\nhost = \"mail\"\nsecurity = \"tls\"\nuser = \"u\"\npassword = \"Passw0rd!\"\nfrom = \"u@example.gov.cn\"",
    );
    assert!(!said.contains("Passw0rd"), "the secret is repeated: {said}");
    insta::assert_snapshot!(said, @r#"
    yuqing.toml:10:12: password: 密钥不能直接写在文件里
       |
    10 | password = "***"
       |            ^^^^^
      改法: 写引用: password = "credential:名称"（systemd 凭据）、"file:/路径" 或 "env:变量名"，并更换已经写出的密钥
    "#);
}

#[test]
fn a_secret_that_is_not_there() {
    insta::assert_snapshot!(with_table("[[push]]\nname = \"甲\"\ntoken = \"env:YUQING_TEST_NOT_SET\""), @r#"
    yuqing.toml:8:9: token: 环境变量 YUQING_TEST_NOT_SET 没有设置
      |
    8 | token = "env:YUQING_TEST_NOT_SET"
      |         ^^^^^^^^^^^^^^^^^^^^^^^^^
      改法: 在启动前设置 YUQING_TEST_NOT_SET，或改用 "file:/路径"
    "#);
}

#[test]
fn an_email_table_without_what_it_needs() {
    insta::assert_snapshot!(with_table("[email]\nuser = \"u\"\nfrom = \"谁\""), @r#"
    yuqing.toml:6:1: [email] 缺少 host
      |
    6 | [email]
      | ^^^^^^^
      改法: 加一行 host = "smtp.example.gov.cn"

    yuqing.toml:6:1: [email] 缺少 security
      |
    6 | [email]
      | ^^^^^^^
      改法: 加一行 security = "tls"（465 端口）、"starttls"（587 端口）或 "plain"

    yuqing.toml:7:8: user 和 password 只写了一个
      |
    7 | user = "u"
      |        ^^^
      改法: 要登录就写 user 和 password = "credential:smtp-password"；不登录就都不写

    yuqing.toml:8:8: "谁" 不是发件人
      |
    8 | from = "谁"
      |        ^^^^
      改法: 写成 "舆情值守 <yuqing@example.gov.cn>" 或只写邮箱
    "#);
}

#[test]
fn a_gateway_template_that_does_not_close() {
    insta::assert_snapshot!(with_table("[sms]\nurl = \"https://sms.example.com/\"\nbody = '{\"to\":\"{{ phone }\"}'"), @r#"
    yuqing.toml:8:8: body 的模板写法不对（unexpected `}`, expected end of variable block）
      |
    8 | body = '{"to":"{{ phone }"}'
      |        ^^^^^^^^^^^^^^^^^^^^^
      改法: 写成 {{ phone }} 这样成对的括号；可以用的名字: code、console、contact、full、gist、key、kind、link、mark、number、phone、speech、text、tier、time、time_ms、title、unit
    "#);
}

#[test]
fn a_gateway_template_with_an_unknown_name() {
    insta::assert_snapshot!(with_table("[sms]\nurl = \"https://sms.example.com/\"\nbody = '{{ mobile }}'"), @r#"
    yuqing.toml:8:8: body 的模板写法不对（undefined value）
      |
    8 | body = '{{ mobile }}'
      |        ^^^^^^^^^^^^^^
      改法: 写成 {{ phone }} 这样成对的括号；可以用的名字: code、console、contact、full、gist、key、kind、link、mark、number、phone、speech、text、tier、time、time_ms、title、unit
    "#);
}

#[test]
fn a_success_rule_with_half_of_it() {
    insta::assert_snapshot!(
        with_table("[sms]\nurl = \"https://sms.example.com/\"\nsuccess = { status = \"2xx\", json = \"$.code\" }"), @r#"
    yuqing.toml:8:11: json 和 equals 要写在一起
      |
    8 | success = { status = "2xx", json = "$.code" }
      |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      改法: 写成 success = { json = "$.code", equals = "0" }

    yuqing.toml:8:22: status 不是状态码的范围
      |
    8 | success = { status = "2xx", json = "$.code" }
      |                      ^^^^^
      改法: 写成 "200" 或 "200-299"
    "#
    );
}

#[test]
fn an_open_console_without_login() {
    let open = "login = \"none\"\nlisten = \"0.0.0.0:8686\"";
    insta::assert_snapshot!(settings("listen = \"127.0.0.1:8686\"", open), @r#"
    yuqing.toml:21:9: 控制台对外监听，却不要求登录
       |
    21 | login = "none"
       |         ^^^^^^
      改法: 去掉 login = "none"（各人用账号登录），或只监听 "127.0.0.1:8686"
    "#);
}

#[test]
fn a_plan_that_is_not_there() {
    insta::assert_snapshot!(settings("plan = \"work-safety\"", "plan = \"worksafety\""), @r#"
    yuqing.toml:12:8: 没有预案 worksafety
       |
    12 | plan = "worksafety"                           # plans/ 里的文件名，不带 .toml
       |        ^^^^^^^^^^^^
      改法: 写 plans/ 里有的（work-safety），不带 .toml
    "#);
}

#[test]
fn a_keyword_file_that_is_not_there() {
    insta::assert_snapshot!(settings("keywords/青川县人民医院.txt", "keywords/医院.txt"), @r#"
    keywords/医院.txt: 没有这个关键词文件
      改法: 检查 yuqing.toml 里 keywords 的文件名，或新建这个文件，第一行写单位名称
    "#);
}

#[test]
fn a_file_in_another_encoding() {
    let stage = Stage::new();
    // 联系人 in GB18030, as an old Notepad saves it.
    stage.write("contacts.toml", b"# \xc1\xaa\xcf\xb5\xc8\xcb\n");
    insta::assert_snapshot!(stage.faults(), @r#"
    contacts.toml:1:1: 文件不是 UTF-8 编码
      |
    1 | # 联系人
      | ^^^^^^^^
      改法: 用记事本打开，“另存为”，编码选 UTF-8
    "#);
}

#[test]
fn a_file_that_is_not_there() {
    let stage = Stage::new();
    std::fs::remove_file(stage.file("contacts.toml")).unwrap();
    insta::assert_snapshot!(stage.faults(), @r#"
    contacts.toml: 没有这个文件
      改法: 用 yuqing init --unit 名称 建立本单位的文件夹，或用 --office 指明它在哪里
    "#);
}

#[test]
fn faults_of_several_files_are_told_at_once() {
    let stage = Stage::new();
    stage.edit("yuqing.toml", "locale = \"zh-CN\"", "locale = \"zh\"");
    stage.edit("contacts.toml", "person = ", "persons = ");
    stage.edit("plans/work-safety.toml", "paper = \"专报\"", "paper = \"报告\"");
    insta::assert_snapshot!(stage.faults(), @r#"
    contacts.toml:20:1: 没有 persons 这个键
       |
    20 | persons = ""
       | ^^^^^^^
      改法: 是不是 person？这里可以写: channels、detail、email、name、ntfy、person、phone、robot、unit、webhook

    plans/work-safety.toml:46:9: paper 不认识 "报告"
       |
    46 | paper = "报告"
       |         ^^^^^^
      改法: 写下列之一: "专报"（special）、"简报"（brief）、"动态"（digest）

    yuqing.toml:5:10: locale 不认识 "zh"
      |
    5 | locale = "zh"             # 界面和通知的语言: "zh-CN" 或 "en"
      |          ^^^^
      改法: 写下列之一: "中文"（zh-CN）、"英文"（en）
    "#);
}

#[test]
fn a_database_by_a_relative_path() {
    insta::assert_snapshot!(with_table("[daemon]\ndatabase = \"yuqing.db\""), @r#"
    yuqing.toml:7:12: "yuqing.db" 不是完整的路径
      |
    7 | database = "yuqing.db"
      |            ^^^^^^^^^^^
      改法: 从根目录写起: "/var/lib/yuqing/yuqing.db"
    "#);
}

#[test]
fn a_tier_to_be_kept_that_no_plan_has() {
    insta::assert_snapshot!(with_table("[retention]\n[retention.tiers]\n\"特大\" = 3660\n\"重大\" = 100"), @r#"
    yuqing.toml:8:1: 各单位的预案里都没有等级 特大
      |
    8 | "特大" = 3660
      | ^^^^^^
      改法: 写其中之一: 特别重大、重大、较大、一般

    yuqing.toml:9:8: 重大 = 100 超出范围
      |
    9 | "重大" = 100
      |          ^^^
      改法: 写 183 到 7320 之间的整数
    "#);
}

#[test]
fn a_disk_budget_that_is_no_size() {
    insta::assert_snapshot!(with_table("[retention]\ndisk_budget = \"20\""), @r#"
    yuqing.toml:7:15: disk_budget: "20" 不是大小
      |
    7 | disk_budget = "20"
      |               ^^^^
      改法: 写成 "20 GB"（可用 MB、GB、TB，整数）；不限就删去这一行
    "#);
    insta::assert_snapshot!(with_table("[retention]\ndisk_budget = \"1 MB\"\nobservation_days = 7"), @r#"
    yuqing.toml:7:15: disk_budget = "1 MB" 超出范围
      |
    7 | disk_budget = "1 MB"
      |               ^^^^^^
      改法: 写 "100 MB" 到 "100 TB" 之间的大小

    yuqing.toml:8:20: observation_days = 7 超出范围
      |
    8 | observation_days = 7
      |                    ^
      改法: 写 30 到 7320 之间的整数
    "#);
}
