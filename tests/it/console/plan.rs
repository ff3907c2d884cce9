//! Contacts, rota, holidays and limits by form, over real HTTP on a real office: what is saved, what is refused and
//! how, what two people do at once, who may do it.

use std::fs;

use scraper::{Html, Selector};
use yuqing::{
    config::edit::fields::{contacts, rota},
    console::access::Role,
    model::Act,
};

use super::{Stage, WithLogin as _, keywords_edit::Editing, read};

const BY: (&str, &str) = ("by", "李秀英");

/// What a page's first form of an address holds.
fn value(page: &str, selector: &str) -> String {
    let html = Html::parse_document(page);
    let found = html.select(&Selector::parse(selector).unwrap()).next();
    found.and_then(|one| one.value().attr("value")).unwrap_or_default().to_owned()
}

impl Editing {
    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap().replace("\r\n", "\n")
    }

    async fn base(&self, page: &str) -> String {
        let (status, page) = self.stage.get(page).await;
        assert_eq!(status, 200, "{page}");
        value(&page, "input[name=base]")
    }

    async fn form(&self, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
        self.stage.post(path, fields).await
    }
}

#[tokio::test]
async fn a_contact_is_added_changed_and_removed_by_form() {
    let editing = Editing::new().await;
    let before = editing.file("contacts.toml");
    let base = editing.base("/plan/contacts").await;
    let new = [
        ("do", "add"),
        ("base", &base),
        BY,
        ("name", "张三"),
        ("person", "信息科 张三"),
        ("phone", "138 0013 8000"),
        ("channel", "phone"),
        ("first", "phone"),
        ("detail", "brief"),
    ];
    let (status, page) = editing.form("/plan/contacts", &new).await;
    assert_eq!(status, 303, "{page}");
    let file = editing.file("contacts.toml");
    assert!(file.starts_with(before.trim_end()), "what stood there stands there: {file}");
    let added = contacts::all(&file).unwrap().pop().unwrap();
    assert_eq!((added.key.name.as_str(), added.channels[0].as_str()), ("张三", "电话"));
    let acts = editing.stage.acted(1).await;
    assert!(
        matches!(&acts[0], Act::EditFile { file, note, by, .. } if file == "contacts.toml" && note.contains("张三") && by == "李秀英"),
        "{acts:?}"
    );
    let (_, page) = editing.stage.get("/plan/contacts?done=saved").await;
    assert!(page.contains("已保存") && page.contains("信息科 张三"), "{page}");

    // Changed: only what differs is written.
    let base = editing.base("/plan/contacts").await;
    let change = [
        ("do", "change"),
        ("base", &base),
        BY,
        ("old_name", "值班员"),
        ("old_unit", ""),
        ("name", "值班员"),
        ("person", "王强"),
        ("channel", "exercise"),
        ("first", "exercise"),
    ];
    assert_eq!(editing.form("/plan/contacts", &change).await.0, 303);
    let changed = editing.file("contacts.toml");
    assert_eq!(
        changed,
        file.replacen("name = \"值班员\"\nperson = \"\"", "name = \"值班员\"\nperson = \"王强\"", 1)
    );
    // A plan names it: told with the file that it would break, and nothing is written.
    let remove = [("do", "remove"), ("base", ""), BY, ("old_name", "值班员"), ("old_unit", "")];
    let (status, page) = editing.form("/plan/contacts", &remove).await;
    assert_eq!(status, 409, "it was changed since that form was shown: {page}");
    let base = editing.base("/plan/contacts").await;
    let remove = [("do", "remove"), ("base", &base), BY, ("old_name", "值班员"), ("old_unit", "")];
    let (status, page) = editing.form("/plan/contacts", &remove).await;
    assert!(status == 422 && page.contains("没有联系人 值班员"), "{page}");
    assert_eq!(editing.file("contacts.toml"), changed);
    let remove = [("do", "remove"), ("base", &base), BY, ("old_name", "张三"), ("old_unit", "")];
    assert_eq!(editing.form("/plan/contacts", &remove).await.0, 303);
    assert!(!editing.file("contacts.toml").contains("张三"));
    editing.stage.end().await;
}

#[tokio::test]
async fn a_wrong_contact_is_told_by_field_and_nothing_typed_is_lost() {
    let editing = Editing::new().await;
    let before = editing.file("contacts.toml");
    let base = editing.base("/plan/contacts").await;
    let hostile = "<script>alert(1)</script>\"\n[[contact]]\nname = \"x";
    let form = [
        ("do", "add"),
        ("base", &base),
        BY,
        ("name", hostile),
        ("person", "\"'''\\u0000"),
        ("email", "不是邮箱"),
        ("phone", "abc"),
        ("channel", "email"),
        ("channel", "sms"),
        ("first", "sms"),
    ];
    let (status, page) = editing.form("/plan/contacts", &form).await;
    assert_eq!(status, 422);
    for words in ["邮箱：", "不是邮箱地址", "电话：", "不是电话号码", "改法", "zhiban@example.gov.cn"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("<script>alert"), "{page}");
    // The form stands open with what was typed.
    let html = Html::parse_document(&page);
    let open = html.select(&Selector::parse("details[open] form.fields").unwrap()).next().unwrap();
    let typed = |name: &str| {
        let input = open.select(&Selector::parse(&format!("input[name={name}]")).unwrap()).next().unwrap();
        input.value().attr("value").unwrap_or_default().to_owned()
    };
    assert_eq!((typed("email"), typed("phone")), ("不是邮箱".to_owned(), "abc".to_owned()));
    assert!(typed("name").starts_with("<script>alert(1)</script>\" [[contact]]"), "{}", typed("name"));
    assert_eq!(editing.file("contacts.toml"), before);
    // With nothing wrong but the name, it is saved as a name and breaks nothing.
    let good = [("do", "add"), ("base", &base), BY, ("name", hostile), ("channel", "exercise")];
    let (status, page) = editing.form("/plan/contacts", &good).await;
    assert_eq!(status, 303, "{page}");
    let all = contacts::all(&editing.file("contacts.toml")).unwrap();
    assert_eq!(all.len(), contacts::all(&before).unwrap().len() + 1);
    assert!(all.last().unwrap().key.name.starts_with("<script>"), "{all:?}");
    editing.take_up();
    for path in ["/plan", "/plan/contacts", "/plan/rota", "/plan/trial"] {
        let (status, page) = editing.stage.get(path).await;
        assert!(status == 200 && !page.contains("<script>alert"), "{path}: {page}");
    }
    // Without a name of whoever does it, and without channels.
    let (status, page) =
        editing.form("/plan/contacts", &[("do", "add"), ("base", &base), ("name", "无名")]).await;
    assert!(status == 422 && page.contains("请写姓名") && page.contains("value=\"无名\""), "{page}");
    let (status, page) =
        editing.form("/plan/contacts", &[("do", "add"), ("base", &base), BY, ("name", "无名")]).await;
    assert!(status == 422 && page.contains("通道：channels 是空的"), "{page}");
    let lacks = [("do", "add"), ("base", &base), BY, ("name", "无名"), ("channel", "phone")];
    let (status, page) = editing.form("/plan/contacts", &lacks).await;
    assert!(status == 422 && page.contains("改法：填写“电话”"), "{page}");
    editing.stage.end().await;
}

#[tokio::test]
async fn two_people_at_the_contacts_lose_nothing() {
    let editing = Editing::new().await;
    let (one, other) = (editing.base("/plan/contacts").await, editing.base("/plan/contacts").await);
    let add = |base: &str, name: &str| {
        let fields = [("do", "add"), ("base", base), BY, ("name", name), ("channel", "exercise")];
        fields.map(|(key, value)| (key.to_owned(), value.to_owned()))
    };
    for (base, name) in [(&one, "甲"), (&other, "乙")] {
        let fields = add(base, name);
        let fields: Vec<_> = fields.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(editing.form("/plan/contacts", &fields).await.0, 303, "{name}");
    }
    let file = editing.file("contacts.toml");
    assert!(file.contains("\"甲\"") && file.contains("\"乙\""), "{file}");
    // The same contact: the later one sees what the earlier one wrote, keeps what they typed, and decides.
    let base = editing.base("/plan/contacts").await;
    let change = |base: &str, person: &str| {
        [
            ("do", "change"),
            ("base", base),
            BY,
            ("old_name", "甲"),
            ("old_unit", ""),
            ("name", "甲"),
            ("person", person),
            ("channel", "exercise"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
    };
    let send = async |fields: [(String, String); 8]| {
        let fields: Vec<_> = fields.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        editing.form("/plan/contacts", &fields).await
    };
    assert_eq!(send(change(&base, "先改的")).await.0, 303);
    let (status, page) = send(change(&base, "后改的")).await;
    assert_eq!(status, 409, "{page}");
    assert!(page.contains("别人改了同一处") && page.contains("现任：先改的"), "{page}");
    assert!(page.contains("value=\"后改的\""), "{page}");
    assert!(editing.file("contacts.toml").contains("先改的"));
    assert_eq!(send(change(&value(&page, "input[name=base]"), "后改的")).await.0, 303);
    assert!(editing.file("contacts.toml").contains("后改的"));
    editing.stage.end().await;
}

#[tokio::test]
async fn a_rota_is_made_and_a_swap_is_put_in() {
    let editing = Editing::new().await;
    for name in ["张三", "李四"] {
        let base = editing.base("/plan/contacts").await;
        let new = [("do", "add"), ("base", &base), BY, ("name", name), ("channel", "exercise")];
        assert_eq!(editing.form("/plan/contacts", &new).await.0, 303);
    }
    editing.take_up();
    let base = editing.base("/plan/rota").await;
    let mut form = vec![("do", "add"), ("base", &base), BY, ("contact", "值班员"), ("handover", "08:30")];
    form.extend(["张三", "李四", "张三", "李四", "张三", "李四", ""].map(|who| ("day", who)));
    form.push(("deputy", "带班领导"));
    let (status, page) = editing.form("/plan/rota", &form).await;
    assert_eq!(status, 303, "{page}");
    editing.take_up();
    let (status, page) = editing.form("/plan/rota", &form).await;
    assert!(status == 422 && page.contains("已经有 值班员 的值班表 了。请改原来的"), "{page}");
    // The stage's clock stands on Saturday, 2026-11-21 in the afternoon.
    let (_, page) = editing.stage.get("/plan").await;
    assert!(page.contains("<b><bdi>李四</bdi></b>") && page.contains("11-22 周日 08:30"), "{page}");
    let base = editing.base("/plan/rota").await;
    let swap = [
        ("do", "swap"),
        ("base", &base),
        BY,
        ("contact", "值班员"),
        ("unit", ""),
        ("from", "2026-11-21"),
        ("to", ""),
        ("who", "带班领导"),
    ];
    assert_eq!(editing.form("/plan/rota", &swap).await.0, 303);
    let (status, page) = editing.form("/plan/rota", &swap).await;
    assert!(status == 422 && page.contains("已经有"), "{page}");
    editing.take_up();
    let (_, page) = editing.stage.get("/plan/rota").await;
    assert!(page.contains("<b><bdi>带班领导</bdi></b>") && page.contains("代 <bdi>李四</bdi>"), "{page}");
    let wrong = [
        ("do", "swap"),
        ("base", &base),
        BY,
        ("contact", "值班员"),
        ("from", "2026-11-25"),
        ("to", "2026-11-23"),
        ("who", "张三"),
    ];
    let (status, page) = editing.form("/plan/rota", &wrong).await;
    assert!(status == 422 && page.contains("早于开始日期"), "{page}");
    assert!(page.contains("value=\"2026-11-25\"") && page.contains("value=\"2026-11-23\""), "{page}");
    let back = [
        ("do", "unswap"),
        ("base", &base),
        BY,
        ("contact", "值班员"),
        ("from", "2026-11-21"),
        ("to", "2026-11-21"),
        ("who", "带班领导"),
    ];
    assert_eq!(editing.form("/plan/rota", &back).await.0, 303);
    assert!(rota::all(&editing.file("rota.toml")).unwrap()[0].swaps.is_empty());
    let (status, page) = editing.form("/plan/rota", &back).await;
    assert!(status == 422 && page.contains("已经不在文件里了"), "{page}");
    editing.stage.end().await;
}

#[tokio::test]
async fn days_off_are_added_and_taken_out() {
    let editing = Editing::new().await;
    let (_, page) = editing.stage.get("/plan/holidays").await;
    assert!(page.contains("今天：周末") && page.contains("国庆节") && page.contains("随包的"), "{page}");
    let form = |name: &'static str, from: &'static str| {
        [("do", "add"), ("base", ""), BY, ("which", "off"), ("from", from), ("to", ""), ("name", name)]
    };
    let (status, page) = editing.form("/plan/holidays", &form("", "2026-12-24")).await;
    assert!(
        status == 422 && page.contains("名称：没有写") && page.contains("value=\"2026-12-24\""),
        "{page}"
    );
    let (status, page) = editing.form("/plan/holidays", &form("校庆", "十二月")).await;
    assert!(status == 422 && page.contains("从哪天：“十二月”不是日期"), "{page}");
    assert_eq!(editing.form("/plan/holidays", &form("校庆", "2026-12-24")).await.0, 303);
    let file = editing.file("holidays.toml");
    assert!(
        file.contains("\"2026-12-24 校庆\"") && file.contains("国庆节"),
        "the shipped year was copied: {file}"
    );
    editing.take_up();
    let (_, page) = editing.stage.get("/plan").await;
    assert!(page.contains("下一个放假日 2026-12-24 校庆"), "{page}");
    let remove = [("do", "remove"), BY, ("year", "2026"), ("which", "off"), ("line", "2026-12-24 校庆")];
    let odd = remove.map(|(name, value)| (name, if name == "year" { "今年" } else { value }));
    let (status, page) = editing.form("/plan/holidays", &odd).await;
    assert!(status == 422 && page.contains("年份：看不懂，没有删。改法"), "{page}");
    assert_eq!(editing.form("/plan/holidays", &remove).await.0, 303);
    assert!(!editing.file("holidays.toml").contains("校庆"));
    editing.stage.end().await;
}

#[tokio::test]
async fn limits_that_are_the_offices_own_are_fields_and_the_others_are_not() {
    let editing = Editing::new().await;
    let path = "/plan/limits?plan=work-safety";
    let (status, page) = editing.stage.get(path).await;
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("name=\"is:tier[major].report\"") && page.contains("预案规定"), "{page}");
    assert!(!page.contains("is:tier[major].views_over"), "{page}");
    let before = editing.file("plans/work-safety.toml");
    let base = value(&page, "input[name=base]");
    let form = async |value: &str| {
        let form = [
            ("plan", "work-safety"),
            ("base", base.as_str()),
            BY,
            ("note", "领导同意"),
            ("was:tier[major].report", "5min"),
            ("is:tier[major].report", value),
            ("was:tier[major].acknowledge", "10min"),
            ("is:tier[major].acknowledge", "10min"),
        ];
        editing.form("/plan/limits", &form).await
    };
    let (status, page) = form("5").await;
    assert!(status == 422 && page.contains("重大 报告时限") && page.contains("没有写单位"), "{page}");
    assert!(page.contains("value=\"5\""), "{page}");
    // The check knows more than the field: an order over tiers.
    let (status, page) = form("50min").await;
    assert!(status == 422 && page.contains("报告时限") && page.contains("改法"), "{page}");
    assert_eq!(editing.file("plans/work-safety.toml"), before);
    let (status, page) = form("6min").await;
    assert_eq!(status, 303, "{page}");
    let after = editing.file("plans/work-safety.toml");
    let changed: Vec<_> = after.lines().zip(before.lines()).filter(|(new, old)| new != old).collect();
    assert_eq!(
        changed,
        [(
            "report = \"6min\"                                 # 本单位可改",
            "report = \"5min\"                                 # 本单位可改"
        )]
    );
    editing.take_up();
    let (_, page) = editing.stage.get(path).await;
    assert!(page.contains("value=\"6min\"") && page.contains("<bdi>5min</bdi>"), "with what ships: {page}");
    let (_, page) = editing.stage.get("/plan").await;
    assert!(page.contains("报告 6 分钟") && page.contains("24 小时浏览 &gt; 10,000"), "{page}");
    let prescribed = [
        ("plan", "work-safety"),
        BY,
        ("was:tier[major].views_over", "10000"),
        ("is:tier[major].views_over", "1"),
    ];
    assert!(editing.form("/plan/limits", &prescribed).await.0 >= 400, "whatever a form says");
    assert_eq!(editing.file("plans/work-safety.toml"), after);
    assert_eq!(editing.stage.get("/plan/limits?plan=../yuqing").await.0, 404);
    editing.stage.end().await;
}

#[tokio::test]
async fn a_contact_is_tested_once_a_minute_and_it_is_noted() {
    let editing = Editing::new().await;
    let form = [BY, ("name", "值班员"), ("unit", "")];
    let (status, page) = editing.form("/plan/contacts/test", &form).await;
    assert!(status == 200 && page.contains("练习，没有发送"), "{page}");
    let acts = editing.stage.acted(1).await;
    assert!(
        matches!(&acts[0], Act::TestContact { contact, unit: None, by } if contact == "值班员" && by == "李秀英")
    );
    let (status, page) = editing.form("/plan/contacts/test", &form).await;
    assert!(status == 422 && page.contains("秒后再试"), "{page}");
    editing.stage.clock.advance(jiff::SignedDuration::from_secs(61));
    assert_eq!(editing.form("/plan/contacts/test", &form).await.0, 200);
    let (status, page) = editing.form("/plan/contacts/test", &[BY, ("name", "没有的人")]).await;
    assert!(status == 422 && page.contains("还没有生效"), "{page}");
    let (status, page) = editing.form("/plan/contacts/test", &[("name", "带班领导")]).await;
    assert!(status == 422 && page.contains("请写姓名"), "{page}");
    assert_eq!(editing.stage.acts().len(), 2);
    editing.stage.end().await;
}

/// Whoever may only read is offered nothing, and what is one unit's own is that unit's.
#[tokio::test]
async fn who_reads_changes_nothing_and_a_unit_sees_its_own() {
    let editing = Editing::new().await;
    let text = editing.file("yuqing.toml");
    let second =
        "\n[[unit]]\nname = \"第二单位\"\nplan = \"work-safety\"\nkeywords = [\"keywords/第二.txt\"]\n";
    fs::write(editing.folder.path().join("yuqing.toml"), format!("{text}{second}")).unwrap();
    fs::write(editing.folder.path().join("keywords/第二.txt"), "第二单位\n").unwrap();
    let own = "\n[[contact]]\nname = \"值班员\"\nunit = \"第二单位\"\nperson = \"第二的人\"\nchannels = [\"练习\"]\n";
    let contacts = editing.file("contacts.toml");
    fs::write(editing.folder.path().join("contacts.toml"), format!("{contacts}{own}")).unwrap();
    editing.take_up();
    editing.stage.change(|settings| {
        settings.with_login(secrecy::SecretString::from("token"));
        settings.units.push("第二单位".into());
    });
    let stage = &editing.stage;
    stage.person("李管理", Role::Administrator, &[]).await;
    let leader = stage.person("陈领导", Role::Leader, &[]).await;
    let second = stage.person("二办公", Role::Office, &["第二单位"]).await;
    let first = stage.person("一办公", Role::Office, &[super::keywords_edit::UNIT]).await;
    for path in ["/plan", "/plan/contacts", "/plan/rota", "/plan/holidays", "/plan/limits?plan=work-safety"] {
        let (status, page) = stage.get_as(path, &leader).await;
        assert_eq!(status, 200, "{path}: {page}");
        // What stands above every page changes nothing of the office: the language, the way out.
        let (_, main) = page.split_once("<main").expect("a page");
        assert!(!main.contains("method=\"post\""), "{path}: {page}");
        assert!(!page.contains("name=\"is:"), "{path}: {page}");
    }
    let (_, page) = stage.get_as("/plan/contacts", &second).await;
    assert!(page.contains("第二的人"), "{page}");
    let (_, page) = stage.get_as("/plan/contacts", &first).await;
    assert!(!page.contains("第二的人") && page.contains("总值班室"), "what all share is seen: {page}");
    // A form for another unit's contact, and for one that all share.
    let send = async |session: &str, unit: &str, person: &str| {
        let form = [
            ("do", "change"),
            ("base", ""),
            ("old_name", "值班员"),
            ("old_unit", unit),
            ("name", "值班员"),
            ("unit", unit),
            ("person", person),
            ("channel", "exercise"),
        ];
        let request = stage.client.post(format!("{}/plan/contacts", stage.base)).header("cookie", session);
        read(request.header(super::FORM.0, super::FORM.1).body(super::encoded(&form))).await
    };
    assert_eq!(send(&first, "第二单位", "别人").await.0, 404);
    let (status, page) = send(&second, "第二单位", "换人").await;
    assert_eq!(status, 409, "the base is none: {page}");
    let base = value(&stage.get_as("/plan/contacts", &second).await.1, "input[name=base]");
    let with = |base: String| async move {
        let form = [
            ("do", "change"),
            ("base", base.as_str()),
            ("old_name", "值班员"),
            ("old_unit", "第二单位"),
            ("name", "值班员"),
            ("unit", "第二单位"),
            ("person", "换人"),
            ("channel", "exercise"),
        ];
        let request = stage.client.post(format!("{}/plan/contacts", stage.base)).header("cookie", &second);
        read(request.header(super::FORM.0, super::FORM.1).body(super::encoded(&form))).await
    };
    let (status, page) = with(base.clone()).await;
    assert_eq!(status, 303, "their own they may change: {page}");
    assert!(editing.file("contacts.toml").contains("person = \"换人\""));
    let shared = [
        ("do", "change"),
        ("base", base.as_str()),
        ("old_name", "总值班室"),
        ("old_unit", ""),
        ("name", "总值班室"),
        ("person", "换人"),
        ("channel", "exercise"),
    ];
    let request = stage.client.post(format!("{}/plan/contacts", stage.base)).header("cookie", &first);
    let (status, _) = read(request.header(super::FORM.0, super::FORM.1).body(super::encoded(&shared))).await;
    assert_eq!(status, 403, "what concerns other units is not theirs to change");
    editing.stage.end().await;
}

/// The next channel is tried when one fails, so their order is the office's and no form mixes it.
#[tokio::test]
async fn channels_keep_their_order() {
    let editing = Editing::new().await;
    let more = "\n[email]\nhost = \"127.0.0.1\"\nsecurity = \"plain\"\nfrom = \"yuqing@office.invalid\"\n\n\
         [sms]\nurl = \"http://127.0.0.1:1/send\"\nbody = '{\"to\":{{ phone|tojson }},\"text\":{{ text|tojson }}}'\n\
         success = { status = \"200\", json = \"$.code\", equals = \"0\" }\nallow_private = true\n";
    let settings = editing.file("yuqing.toml");
    fs::write(editing.folder.path().join("yuqing.toml"), format!("{settings}{more}")).unwrap();
    editing.take_up();
    for (first, person, want) in [
        ("phone", "甲", ["电话", "邮件", "短信"]),
        ("phone", "乙", ["电话", "邮件", "短信"]),
        ("sms", "乙", ["短信", "电话", "邮件"]),
        ("sms", "丙", ["短信", "电话", "邮件"]),
    ] {
        let base = editing.base("/plan/contacts").await;
        let form = [
            ("do", "change"),
            ("base", &base),
            BY,
            ("old_name", "总值班室"),
            ("old_unit", ""),
            ("name", "总值班室"),
            ("person", person),
            ("email", "zb@office.invalid"),
            ("phone", "13800138000"),
            ("channel", "email"),
            ("channel", "sms"),
            ("channel", "phone"),
            ("first", first),
        ];
        let (status, page) = editing.form("/plan/contacts", &form).await;
        assert_eq!(status, 303, "{page}");
        let all = contacts::all(&editing.file("contacts.toml")).unwrap();
        let one = all.iter().find(|contact| contact.key.name == "总值班室").unwrap();
        assert_eq!(
            (one.person.as_str(), one.channels.as_slice()),
            (person, want.map(String::from).as_slice())
        );
    }
    editing.stage.end().await;
}

#[tokio::test]
async fn the_pages_are_there_in_english() {
    let editing = Editing::new().await;
    editing.stage.change(|settings| settings.locale = yuqing::locale::Locale::En);
    let plan = format!("/files/{}", yuqing::config::edit::id_of("plans/work-safety.toml"));
    for (path, words) in [
        ("/plan", "Who is on duty"),
        ("/plan/contacts", "Add a contact"),
        ("/plan/rota", "Make a rota"),
        ("/plan/holidays", "Worked weekends"),
        ("/plan/limits?plan=work-safety", "prescribed"),
        ("/plan/trial", "Rehearsal"),
        (plan.as_str(), "Rehearse with this text"),
    ] {
        let (status, page) = editing.stage.get(path).await;
        assert!(status == 200 && page.contains(words), "{path}: {page}");
    }
    let form = [
        ("do", "play"),
        ("unit", super::keywords_edit::UNIT),
        ("at", "2026-11-22T03:00"),
        ("views", "12000"),
    ];
    let (_, page) = editing.form("/plan/trial", &form).await;
    assert!(page.contains("Sun 03:00") && page.contains("escalation"), "{page}");
    editing.stage.end().await;
}

#[tokio::test]
async fn a_console_without_an_office_says_so() {
    let stage = Stage::empty().await;
    for path in ["/plan", "/plan/contacts", "/plan/rota", "/plan/holidays", "/plan/trial"] {
        let (status, page) = stage.get(path).await;
        assert!(status == 200 && page.contains("没有办公文件"), "{path}: {page}");
    }
    assert_eq!(stage.post("/plan/contacts", &[("do", "add")]).await.0, 404);
    assert_eq!(stage.post("/plan/trial", &[("do", "play")]).await.0, 404);
    stage.end().await;
}
