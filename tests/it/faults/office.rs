//! The office that things happen to: a chain of three people with mail and text messages, an administrator,
//! and posts that another program pushes.

use std::{fs, path::Path};

use jiff::Timestamp;
use serde_json::{Value, json};

pub const UNIT: &str = "青川县人民医院";
pub const TOKEN: &str = "key-of-the-test";
/// Who is told, in the order of the chain, with the local part of the mailbox and the number.
pub const CHAIN: [(&str, &str, &str); 3] = [
    ("值班员", "duty", "13800000001"),
    ("带班领导", "leader", "13800000002"),
    ("组长", "head", "13800000003"),
];
pub const ADMINISTRATOR: (&str, &str, &str) = ("系统管理员", "admin", "13800000009");
pub const DOMAIN: &str = "office.invalid";

/// Writes its files into `folder`. `timeout` bounds a conversation by mail or with the gateway.
pub fn write(folder: &Path, mail: u16, gateway: u16, timeout: &str, more: &str) {
    for inner in ["sources.d", "keywords", "plans", "presets"] {
        fs::create_dir_all(folder.join(inner)).unwrap();
    }
    let put = |name: &str, text: String| fs::write(folder.join(name), text).unwrap();
    put("token", TOKEN.to_owned());
    put("yuqing.toml", settings(folder, mail, gateway, timeout, more));
    put("plans/faults.toml", plan());
    put("contacts.toml", contacts());
    put("sources.d/push.toml", "[[push]]\nname = \"采集\"\nsite_kind = \"forum\"\n".to_owned());
    put("keywords/unit.txt", format!("[本单位]\n{UNIT}\n"));
}

fn settings(folder: &Path, mail: u16, gateway: u16, timeout: &str, more: &str) -> String {
    let token = folder.join("token");
    format!(
        "[[unit]]\nname = \"{UNIT}\"\nplan = \"faults\"\nkeywords = [\"keywords/unit.txt\"]\n\n\
         [email]\nhost = \"127.0.0.1\"\nport = {mail}\nsecurity = \"plain\"\nfrom = \"舆情 <yuqing@{DOMAIN}>\"\n\
         timeout = \"{timeout}\"\n\n\
         [sms]\nurl = \"http://127.0.0.1:{gateway}/send\"\n\
         body = '{{\"to\":{{{{ phone|tojson }}}},\"text\":{{{{ text|tojson }}}}}}'\n\
         success = {{ status = \"200\", json = \"$.code\", equals = \"0\" }}\ntimeout = \"{timeout}\"\nallow_private = true\n\n\
         [[push]]\nname = \"采集\"\ntoken = \"file:{}\"\n\n{more}",
        token.display()
    )
}

/// Short limits, so that many pass in three hours.
fn plan() -> String {
    let tier = |id: &str, name: &str, views: u64, report: &str, acknowledge: &str| {
        let steps = CHAIN.map(|(name, ..)| format!("[\"{name}\"]")).join(", ");
        format!(
            "[[tier]]\nid = \"{id}\"\nname = \"{name}\"\nviews_over = {views}\nreposts_over = {views}\n\
             telling = \"立即\"\nlines = [{{ name = \"本单位\", steps = [{steps}] }}]\nchannels = [\"邮件\", \"短信\"]\n\
             report = \"{report}\"\nacknowledge = \"{acknowledge}\"\nresponse = {{ within = \"2h\", from = \"发现\" }}\n\n"
        )
    };
    format!(
        "title = \"故障预案\"\nzone = \"Asia/Shanghai\"\nadministrators = [\"{}\"]\n\n[digest]\nevery = \"365d\"\n\n\
         {}{}{}[[tier]]\nid = \"general\"\nname = \"一般\"\ntelling = \"动态\"\n\
         lines = [{{ name = \"本单位\", steps = [[\"值班员\"]] }}]\nchannels = [\"邮件\"]\n",
        ADMINISTRATOR.0,
        tier("critical", "特别重大", 50_000, "5min", "10min"),
        tier("major", "重大", 10_000, "5min", "10min"),
        tier("elevated", "较大", 1_000, "15min", "60min"),
    )
}

fn contacts() -> String {
    let people = CHAIN.into_iter().chain([ADMINISTRATOR]);
    let table = |(name, local, phone): (&str, &str, &str)| {
        format!(
            "[[contact]]\nname = \"{name}\"\nemail = \"{local}@{DOMAIN}\"\nphone = \"{phone}\"\n\
             channels = [\"邮件\", \"短信\"]\n\n"
        )
    };
    people.map(table).collect()
}

/// A post about a matter of its own, with so many views since it was published.
pub fn post(matter: usize, views: u64, published: Timestamp) -> Value {
    let text = MATTERS[matter];
    json!({
        "site": "luntan", "site_kind": "forum", "id": format!("{matter}"), "url": format!("https://luntan.example/{matter}"),
        "title": format!("{UNIT}：{text}"), "text": format!("{UNIT}{text}"), "views": views,
        "published_at": published.to_string(),
    })
}

/// Matters that nobody takes for one another.
pub const MATTERS: [&str; 3] = [
    "停车场收费涨到每小时二十元，来看病的农民说一趟下来比挂号还贵，门口天天吵架",
    "住院部三号电梯坏了两个星期没人修，老人只能爬六层楼梯去做透析，家属很气愤",
    "急诊夜里只有一个医生值班，发烧的孩子排队四个小时，最后转去市里才输上液",
];
