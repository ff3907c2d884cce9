//! Tables of the ways out, contacts that name them, and an office's own wording.

use yuqing::{
    config::channels::{Cloud, HookFormat, MailSecurity, RobotKind, SmsService},
    model::{ChannelKind, Detail},
};

use super::office::Stage;

/// An office with these tables at the end of its settings, and this contact.
fn with(tables: &str, contact: &str) -> Stage {
    let stage = Stage::new();
    stage.write("secret.txt", "693a91f6-7xxx\n");
    let secret = format!("file:{}", stage.file("secret.txt").display());
    let settings = std::fs::read_to_string(stage.file("yuqing.toml")).unwrap();
    stage.write("yuqing.toml", format!("{settings}\n{}\n", tables.replace("SECRET", &secret)));
    if !contact.is_empty() {
        let contacts = std::fs::read_to_string(stage.file("contacts.toml")).unwrap();
        stage.write("contacts.toml", format!("{contacts}\n[[contact]]\nname = \"新人\"\n{contact}\n"));
    }
    stage
}

const ALL: &str = r#"
[[robot]]
name = "值班群"
kind = "企业微信"
key = "SECRET"

[[robot]]
name = "领导群"
kind = "钉钉"
key = "SECRET"
secret = "SECRET"
detail = "全文"
confirm_link = true

[[webhook]]
name = "指挥平台"
format = "alertmanager"
url = "https://oa.example.gov.cn/hook?token={{ token }}"
token = "SECRET"

[ntfy]

[voice]
url = "https://voice.example.com/call"
body = '{"to":{{ phone|tojson }},"say":{{ speech|tojson }}}'

[sms]
provider = "腾讯云"
key_id = "AKID"
key_secret = "SECRET"
sign = "青川卫健"
template = "1234567"
app_id = "1400006666"
params = { 2 = "{{ unit }}", 1 = "{{ tier }}", 10 = "{{ code }}", 3 = "a", 4 = "a", 5 = "a", 6 = "a", 7 = "a", 8 = "a", 9 = "a" }

[email]
provider = "exmail"
user = "y@example.gov.cn"
password = "SECRET"
from = "舆情 <y@example.gov.cn>"
dkim = { selector = "yuqing", key = "SECRET" }

[heartbeat]
url = "https://hc.example.com/ping/0f2c"
daily_at = "08:30"
daily_to = ["系统管理员"]
"#;

#[test]
fn every_table_is_read() {
    let contact = "phone = \"13800138000\"\nrobot = \"值班群\"\nwebhook = \"指挥平台\"\nntfy = \"yuqing-8f3a61c0\"\n\
                   channels = [\"群机器人\", \"网络回调\", \"ntfy\", \"语音\", \"短信\"]";
    let stage = with(ALL, contact);
    let office = stage.load().map_err(|faults| stage.shown(&faults)).unwrap();
    let settings = &office.settings;
    let kinds: Vec<_> =
        settings.robots.iter().map(|robot| (robot.kind, robot.detail, robot.confirm_link)).collect();
    assert_eq!(kinds, [(RobotKind::WeCom, Detail::Brief, false), (RobotKind::DingTalk, Detail::Full, true)]);
    assert_eq!(settings.webhooks[0].format, HookFormat::Alertmanager);
    assert_eq!(settings.ntfy.as_ref().unwrap().url, "https://ntfy.sh");
    let SmsService::Cloud(cloud) = &settings.sms.as_ref().unwrap().service else { panic!("a cloud") };
    assert_eq!((cloud.cloud, cloud.endpoint.as_str()), (Cloud::Tencent, "https://sms.tencentcloudapi.com"));
    assert_eq!((cloud.params[0].1.as_str(), cloud.params[9].1.as_str()), ("{{ tier }}", "{{ code }}"));
    let email = settings.email.as_ref().unwrap();
    assert_eq!(
        (email.host.as_str(), email.port, email.security),
        ("smtp.exmail.qq.com", 465, MailSecurity::Tls)
    );
    assert_eq!(email.dkim.as_ref().unwrap().domain, "example.gov.cn");
    let bounces = email.bounces.as_ref().expect("a provider's mailbox is known");
    assert_eq!(
        (
            bounces.host.as_str(),
            bounces.port,
            bounces.security,
            bounces.user.as_str(),
            bounces.folder.as_str()
        ),
        ("imap.exmail.qq.com", 993, MailSecurity::Tls, "y@example.gov.cn", "INBOX")
    );
    assert_eq!(settings.heartbeat.daily_at, Some(jiff::civil::time(8, 30, 0, 0)));
    assert!(!format!("{settings:?}").contains("693a91f6"), "secrets are never printed");
    let one = office.contacts.shared.iter().find(|one| one.name == "新人").unwrap();
    assert_eq!(one.address(ChannelKind::Robot).as_deref(), Some("值班群"));
    assert_eq!(one.address(ChannelKind::Voice).as_deref(), Some("13800138000"));
    // SEMANTICS 32: groups and outside servers are brief, the office's own programs are not.
    let details = [ChannelKind::Robot, ChannelKind::Ntfy, ChannelKind::Webhook, ChannelKind::Sms];
    assert_eq!(
        details.map(|kind| one.detail_on(kind)),
        [Detail::Brief, Detail::Brief, Detail::Full, Detail::Full]
    );
}

#[test]
fn the_senders_mailbox_is_read_where_it_is_known_and_as_it_is_written() {
    let bounces = |more: &str| {
        let text = format!(
            "[email]\nhost = \"a\"\nsecurity = \"tls\"\nuser = \"u\"\npassword = \"SECRET\"\nfrom = \"u@b.cn\"\n{more}"
        );
        let stage = with(&text, "");
        let office = stage.load().map_err(|faults| stage.shown(&faults)).unwrap();
        office
            .settings
            .email
            .unwrap()
            .bounces
            .map(|one| (one.host, one.port, one.security, one.user, one.folder))
    };
    assert_eq!(bounces(""), None, "where mail comes in is not known");
    assert_eq!(bounces("bounces = false"), None);
    let own = "bounces = { host = \"imap.b.cn\", security = \"starttls\", user = \"v\", folder = \"退信\" }";
    let expected = ("imap.b.cn".to_owned(), 143, MailSecurity::StartTls, "v".to_owned(), "退信".to_owned());
    assert_eq!(bounces(own), Some(expected));
    let off = with(&ALL.replace("dkim = {", "bounces = false\ndkim = {"), "");
    assert!(off.load().unwrap().settings.email.unwrap().bounces.is_none());
}

#[test]
fn what_a_contact_writes_holds_everywhere_and_a_robot_says_for_itself() {
    let of = |contact: &str| {
        let stage = with(ALL, contact);
        let office = stage.load().map_err(|faults| stage.shown(&faults)).unwrap();
        office.contacts.shared.iter().find(|one| one.name == "新人").unwrap().detail_on(ChannelKind::Robot)
    };
    assert_eq!(of("robot = \"值班群\"\nchannels = [\"robot\"]"), Detail::Brief);
    assert_eq!(of("robot = \"值班群\"\ndetail = \"全文\"\nchannels = [\"robot\"]"), Detail::Full);
    assert_eq!(of("robot = \"领导群\"\nchannels = [\"robot\"]"), Detail::Full);
    assert_eq!(of("robot = \"领导群\"\ndetail = \"简要\"\nchannels = [\"robot\"]"), Detail::Brief);
}

#[test]
fn without_a_gateway_a_call_is_a_task_in_contacts_and_plans() {
    let stage = with("", "phone = \"13800138000\"\nchannels = [\"语音\", \"电话\"]");
    let plan = std::fs::read_to_string(stage.file("plans/work-safety.toml")).unwrap();
    let line = plan.lines().find(|line| line.starts_with("channels")).unwrap();
    stage.write("plans/work-safety.toml", plan.replace(line, "channels = [\"语音\"]"));
    let office = stage.load().map_err(|faults| stage.shown(&faults)).unwrap();
    let one = office.contacts.shared.iter().find(|one| one.name == "新人").unwrap();
    assert_eq!(one.channels, [ChannelKind::Phone]);
    let plan = &office.plans["work-safety"];
    assert!(plan.tiers.iter().any(|tier| tier.channels == [ChannelKind::Phone]));
    assert!(plan.tiers.iter().all(|tier| !tier.channels.contains(&ChannelKind::Voice)));
    assert!(stage.warnings().contains("没有 [voice]，语音改为值班台上的打电话任务"), "{}", stage.warnings());
}

fn faults(tables: &str, contact: &str) -> String {
    with(tables, contact).faults()
}

#[test]
fn a_robot_that_is_not_there() {
    let said = faults(ALL, "robot = \"夜班群\"\nchannels = [\"群机器人\"]");
    assert!(said.contains("yuqing.toml 里没有名为 夜班群 的 [[robot]]"), "{said}");
    assert!(said.contains("改法: 写已有的: 值班群、领导群"), "{said}");
    let said = faults("", "channels = [\"群机器人\"]");
    assert!(said.contains("用了群机器人，却没有写 robot"), "{said}");
    let said = faults(ALL, "ntfy = \"值班\"\nchannels = [\"ntfy\"]");
    assert!(said.contains("\"值班\" 不是 ntfy 的主题"), "{said}");
}

#[test]
fn tables_that_are_wrong() {
    for (tables, sentence) in [
        ("[[robot]]\nname = \"群\"\nkey = \"SECRET\"", "[robot] 缺少 kind"),
        ("[[robot]]\nname = \"群\"\nkind = \"飞书\"", "[robot] 缺少 key"),
        ("[[robot]]\nname = \"群\"\nkind = \"微信\"\nkey = \"SECRET\"", "kind 不认识 \"微信\""),
        (
            "[[robot]]\nname = \"群\"\nkind = \"wecom\"\nkey = \"SECRET\"\nsecret = \"SECRET\"",
            "企业微信的机器人没有签名密钥",
        ),
        (
            "[[robot]]\nname = \"群\"\nkind = \"wecom\"\nkey = \"https://qyapi.weixin.qq.com/x\"",
            "key: 密钥不能直接写在文件里",
        ),
        ("[[webhook]]\nname = \"甲\"\nurl = \"oa\"", "\"oa\" 不是网关的网址"),
        ("[[webhook]]\nname = \"甲\"\nurl = \"https://a/{{ 口令 }}\"", "url 的模板写法不对"),
        ("[ntfy]\nurl = \"ntfy\"", "\"ntfy\" 不是 ntfy 服务器的网址"),
        ("[sms]\nprovider = \"华为云\"", "provider 不认识 \"华为云\""),
        (
            "[sms]\nprovider = \"aliyun\"\nkey_id = \"a\"\nsign = \"a\"\ntemplate = \"a\"",
            "[sms] 缺少 key_secret",
        ),
        (
            "[sms]\nprovider = \"tencent\"\nkey_id = \"a\"\nkey_secret = \"SECRET\"\nsign = \"a\"\ntemplate = \"1\"\n\
             app_id = \"1\"\nparams = { tier = \"a\" }",
            "腾讯云的模板变量要从 1 起连续编号",
        ),
        ("[email]\nprovider = \"qq\"\nfrom = \"a@qq.com\"", "这家邮箱要登录才能发信"),
        (
            "[email]\nhost = \"a\"\nsecurity = \"plain\"\nfrom = \"a@qq.com\"\nbounces = true",
            "bounces 缺少 host",
        ),
        (
            "[email]\nhost = \"a\"\nsecurity = \"plain\"\nfrom = \"a@qq.com\"\nbounces = { host = \"b\" }",
            "读退信要登录收件箱",
        ),
        (
            "[email]\nhost = \"a\"\nsecurity = \"plain\"\nfrom = \"a@qq.com\"\nbounces = { hosts = \"b\" }",
            "是不是 host",
        ),
        (
            "[email]\nhost = \"a\"\nsecurity = \"plain\"\nfrom = \"a@qq.com\"\nbounces = 1",
            "bounces 应当是一张表",
        ),
        ("[heartbeat]\ndaily_at = \"八点\"\ndaily_to = [\"系统管理员\"]", "不是时刻"),
        ("[heartbeat]\ndaily_at = \"08:30\"", "daily_at 和 daily_to 要写在一起"),
        ("[heartbeat]\ndaily_at = \"08:30\"\ndaily_to = [\"张三\"]", "contacts.toml 里没有联系人 张三"),
        ("[heartbeat]\ncontacts_at = \"周八 10:00\"", "contacts_at: \"周八 10:00\" 不是星期几和时刻"),
        ("[heartbeat]\ncontacts_at = \"周一 25:00\"", "不是星期几和时刻"),
        ("[heartbeat]\nurl = \"hc.example.com\"", "url: 密钥不能直接写在文件里"),
    ] {
        let said = faults(tables, "");
        assert!(said.contains(sentence), "{tables}: {said}");
        assert!(said.contains("改法: "), "{said}");
    }
}

#[test]
fn an_offices_own_wording_is_checked_where_it_is_saved() {
    let stage = Stage::new();
    std::fs::create_dir_all(stage.file("templates")).unwrap();
    stage.write("templates/subject.txt", "{{ unit }}：{{ tier }} {{ gist }}\n");
    stage.write(
        "templates/mail.html",
        "<p>{{ headline }}</p>\n{% for post in posts %}{{ post.title }}{% endfor %}",
    );
    assert!(stage.load().is_ok(), "{}", stage.faults());
    for (file, text, sentence, place) in [
        ("sms.txt", "{{ tier }}\n{{ nothing }}", "undefined", "sms.txt:2:"),
        ("sms.txt", "{{ tier }}\n\n{{ tier", "templates/sms.txt:3:", "sms.txt:3:"),
        ("robot.txt", "{% for one in notices %}\n{{ one.nothing }}{% endfor %}", "undefined", "robot.txt:2:"),
        (
            "sms.txt",
            "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
            "fuel",
            "sms.txt:",
        ),
        ("sms.txt", "  \n", "it says nothing", "sms.txt:1:"),
        ("mai1.txt", "x", "可以改写的只有: mail.html、mail.txt、subject.txt", "mai1.txt:1:"),
    ] {
        let stage = Stage::new();
        std::fs::create_dir_all(stage.file("templates")).unwrap();
        stage.write(&format!("templates/{file}"), text);
        let said = stage.faults();
        assert!(said.contains(sentence) && said.contains(place), "{file} {text:?}: {said}");
        assert!(said.contains("改法: "), "{said}");
    }
}
