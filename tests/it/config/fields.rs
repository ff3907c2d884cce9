//! Changes of TOML files by forms: what is not meant stays as it stands, and what was typed is never read as TOML.

use yuqing::config::{
    edit::fields::{
        FieldError,
        contacts::{self, ContactFields, ContactKey, put_contact, remove_contact},
        holidays::{self, Days, add_day, remove_day},
        limits::{self, LimitKind, put_limits},
        rota::{self, RotaFields, RotaKey, SwapFields, add_swap, put_rota, remove_rota, remove_swap},
    },
    shipped, starter,
};

fn shipped(name: &str) -> &'static str {
    shipped::file(name).unwrap()
}

fn key(name: &str) -> ContactKey {
    ContactKey { unit: String::new(), name: name.to_owned() }
}

/// Lines of the newer text that are not in the older, and the other way round.
fn differ(old: &str, new: &str) -> (Vec<String>, Vec<String>) {
    let lack = |of: &str, lines: &str| {
        of.lines().filter(|line| !lines.lines().any(|one| one == *line)).map(str::to_owned).collect()
    };
    (lack(new, old), lack(old, new))
}

#[test]
fn a_contact_is_changed_and_all_else_stays() {
    let text = shipped("contacts.toml");
    let before = contacts::find(text, &key("总值班室")).unwrap();
    assert_eq!(put_contact(text, Some(&key("总值班室")), &before).unwrap(), text, "nothing was changed");
    let wanted = ContactFields {
        person: "张三".into(),
        email: "zb@example.gov.cn".into(),
        channels: vec!["邮件".into(), "短信".into()],
        ..before
    };
    let new = put_contact(text, Some(&key("总值班室")), &wanted).unwrap();
    let (added, gone) = differ(text, &new);
    assert_eq!(
        added,
        ["person = \"张三\"", "channels = [\"邮件\", \"短信\"]", "email = \"zb@example.gov.cn\""]
    );
    assert!(gone.is_empty(), "{gone:?}");
    assert!(new.contains("name = \"总值班室\"              # 关键词文件里写"), "comments stay");
    assert_eq!(contacts::find(&new, &key("总值班室")).unwrap(), wanted);

    let mut renamed = wanted.clone();
    renamed.key.name = "值班员".into();
    let taken = put_contact(&new, Some(&key("总值班室")), &renamed);
    assert_eq!(taken, Err(FieldError::There("值班员".into())));
    let nobody = ContactFields { key: key("没有"), ..wanted.clone() };
    assert!(matches!(put_contact(&new, Some(&key("没有")), &nobody), Err(FieldError::Gone(_))));
    assert_eq!(put_contact("[[contact", None, &wanted), Err(FieldError::Broken));
}

#[test]
fn a_contact_goes_and_the_head_of_the_file_stays() {
    let text = shipped("contacts.toml");
    let new = remove_contact(text, &key("值班员")).unwrap();
    assert!(new.starts_with("# 联系人。预案") && new.contains("#   detail    \"全文\""), "{new}");
    assert!(!new.contains("name = \"值班员\"\n") && new.contains("name = \"带班领导\""), "{new}");
    // What is told of those that follow stays, too.
    let new = remove_contact(&new, &key("领导小组")).unwrap();
    assert!(new.contains("# 以下联系人供各预案使用"), "{new}");
    let mut left = new;
    for contact in contacts::all(&left).unwrap() {
        left = remove_contact(&left, &contact.key).unwrap();
    }
    assert!(left.contains("# 联系人。预案") && contacts::all(&left).unwrap().is_empty(), "{left}");
}

#[test]
fn nothing_that_is_typed_breaks_the_file() {
    let mut text = shipped("contacts.toml").to_owned();
    let hostile = [
        "\"\"\"\n[[contact]]\nname = \"插入\"",
        "a\"]\nchannels = [\"邮件\"",
        "'''\\u0000 \\",
        "<script>alert(1)</script>",
        "\u{202e}反着写 # 不是注释",
    ];
    for (nth, name) in hostile.iter().enumerate() {
        let wanted = ContactFields {
            key: ContactKey { unit: String::new(), name: (*name).to_owned() },
            person: hostile[(nth + 1) % hostile.len()].to_owned(),
            channels: vec![(*name).to_owned()],
            ..ContactFields::default()
        };
        let count = contacts::all(&text).unwrap().len();
        text = put_contact(&text, None, &wanted).unwrap();
        let all = contacts::all(&text).unwrap();
        assert_eq!(all.len(), count + 1, "{text}");
        let found = all.last().unwrap();
        assert_eq!((found.key.name.as_str(), &found.channels), (name.trim(), &vec![name.trim().to_owned()]));
    }
    let swap = SwapFields { from: "2026-10-01".into(), to: "2026-10-02".into(), who: hostile[0].into() };
    let rota = RotaFields {
        key: RotaKey { unit: String::new(), contact: hostile[1].into() },
        handover: hostile[0].into(),
        ..RotaFields::default()
    };
    let text = put_rota(shipped("rota.toml"), &rota).unwrap();
    let text = add_swap(&text, &rota.key, &swap).unwrap();
    assert_eq!(rota::all(&text).unwrap().len(), 1, "{text}");
}

#[test]
fn a_rota_has_its_week_and_its_swaps() {
    let text = shipped("rota.toml");
    let key = RotaKey { unit: String::new(), contact: "值班员".into() };
    let mut wanted = RotaFields { key: key.clone(), handover: "08:30".into(), ..RotaFields::default() };
    wanted.week[0] = "张三".into();
    wanted.week[6] = "李四".into();
    let new = put_rota(text, &wanted).unwrap();
    assert!(new.starts_with(text.trim_end()) || new.contains("# 值班表"), "{new}");
    assert_eq!(rota::find(&new, &key).unwrap(), wanted);
    let swap = |who: &str| SwapFields { from: "2026-10-01".into(), to: "2026-10-03".into(), who: who.into() };
    let new = add_swap(&add_swap(&new, &key, &swap("王五")).unwrap(), &key, &swap("赵六")).unwrap();
    assert!(new.contains("from = 2026-10-01"), "a date and no text: {new}");
    let whos: Vec<_> = rota::find(&new, &key).unwrap().swaps.into_iter().map(|one| one.who).collect();
    assert_eq!(whos, ["王五", "赵六"]);
    let new = remove_swap(&new, &key, &swap("王五")).unwrap();
    assert!(matches!(remove_swap(&new, &key, &swap("王五")), Err(FieldError::Gone(_))));
    assert!(matches!(add_swap(&new, &key, &swap("赵六")), Err(FieldError::There(_))), "it is there");
    let wrong = SwapFields { from: "十月一日".into(), ..swap("王五") };
    assert!(add_swap(&new, &key, &wrong).unwrap_err().to_string().contains("从哪天: “十月一日”不是日期"));
    wanted.week[0] = String::new();
    let new = put_rota(&new, &wanted).unwrap();
    assert_eq!(rota::find(&new, &key).unwrap().swaps, [swap("赵六")], "swaps stay");
    // As Notepad writes swaps: tables of their own.
    let tables = "[[rota]]\ncontact = \"值班员\"\n[[rota.swaps]]\nfrom = 2026-10-01\nto = \"2026-10-03\"\nwho = \"王五\"\n";
    let more = add_swap(tables, &key, &swap("赵六")).unwrap();
    assert_eq!(rota::find(&more, &key).unwrap().swaps.len(), 2, "{more}");
    assert_eq!(rota::find(&remove_swap(&more, &key, &swap("王五")).unwrap(), &key).unwrap().swaps.len(), 1);
    assert!(rota::all(&remove_rota(&new, &key).unwrap()).unwrap().is_empty());
}

/// The lines of one list of one year in force.
fn days(text: &str, year: i64, which: Days) -> Vec<String> {
    let found = holidays::all(text).unwrap().into_iter().find(|one| one.year == year).unwrap();
    if which == Days::Off { found.off } else { found.work }
}

#[test]
fn days_off_stand_in_their_order() {
    let text = shipped("holidays.toml");
    let new = add_day(text, 2026, Days::Off, "2026-08-01 ~ 2026-08-02 试验").unwrap();
    let (added, gone) = differ(text, &new);
    assert_eq!(added, ["    \"2026-08-01 ~ 2026-08-02 试验\","]);
    assert!(gone.is_empty(), "{gone:?}");
    let off = days(&new, 2026, Days::Off);
    let at = off.iter().position(|line| line.contains("试验")).unwrap();
    assert!(off[at - 1] < off[at] && off[at] < off[at + 1], "{off:?}");
    assert_eq!(remove_day(&new, 2026, Days::Off, "2026-08-01 ~ 2026-08-02 试验").unwrap(), text);
    assert!(matches!(add_day(&new, 2026, Days::Off, &off[at]), Err(FieldError::There(_))));
    // A year of the office's own stands instead of the shipped one, so that is written out first.
    let own = add_day("", 2026, Days::Work, "2026-08-08").unwrap();
    assert_eq!(days(&own, 2026, Days::Off), days(text, 2026, Days::Off));
    assert_eq!(days(&own, 2026, Days::Work).len(), days(text, 2026, Days::Work).len() + 1);
    let next = add_day(text, 2027, Days::Off, "2027-01-01 元旦").unwrap();
    assert_eq!(days(&next, 2027, Days::Off), ["2027-01-01 元旦"]);
}

/// In every shipped plan what is marked can be changed, nothing else, and the file stays as it is but for the value.
#[test]
fn the_marked_limits_of_every_plan_are_the_offices_to_change() {
    for plan in starter::plans() {
        let text = shipped(&format!("plans/{plan}.toml"));
        let fields = limits::all(text).unwrap();
        let paths: std::collections::BTreeSet<_> = fields.iter().map(|field| &field.path).collect();
        assert_eq!(paths.len(), fields.len(), "{plan}: each place has a name of its own");
        let open: Vec<_> = fields.iter().filter(|field| field.open).collect();
        assert!(open.len() > 5, "{plan}: {open:?}");
        let has = |path: &str| open.iter().any(|field| field.path.ends_with(path));
        assert!(has(".report") && has(".acknowledge") && has("digest.at"), "{plan}: {open:?}");
        for over in fields.iter().filter(|field| field.path.ends_with("views_over")) {
            let line = text.lines().nth(over.line - 1).unwrap();
            assert_eq!(over.open, line.contains(limits::MARK), "{plan}: {}", over.path);
        }
        for field in open {
            let value = match field.kind {
                LimitKind::Number => "77",
                LimitKind::Length => "77min",
                LimitKind::Time => "16:16",
                LimitKind::Flag => "是",
                LimitKind::List => "甲、乙",
            };
            let wanted = [(field.path.clone(), value.to_owned())];
            let new = put_limits(text, &wanted, |field| field.path.clone()).unwrap();
            let (_, gone) = differ(text, &new);
            assert!(gone.len() <= 1, "{plan} {}: {gone:?}", field.path);
            let now = limits::all(&new).unwrap();
            assert_eq!(now.iter().find(|one| one.path == field.path).unwrap().value, value, "{plan}");
            assert_eq!(now.len(), fields.len());
        }
    }
}

#[test]
fn a_wrong_limit_is_told_by_its_name() {
    let text = shipped("plans/work-safety.toml");
    let put = |path: &str, value: &str| {
        put_limits(text, &[(path.to_owned(), value.to_owned())], |_| "重大 报告时限".to_owned())
    };
    let error = put("tier[major].report", "5").unwrap_err().to_string();
    assert!(
        error.contains("重大 报告时限") && error.contains("没有写单位") && error.contains("5min"),
        "{error}"
    );
    assert!(matches!(put("tier[major].views_over", "9"), Err(FieldError::Gone(_))), "prescribed");
    assert!(put("subsides.growth_below", "四十").is_err());
    assert_eq!(put("tier[major].report", "5min").unwrap(), text);
    let new = put("tier[major].report", "5min\"\nviews_over = 1 #").unwrap_err();
    assert!(matches!(new, FieldError::Field { .. }), "{new}");
    let new = put("digest.at", "09:00\"]\nevery = \"1h、17:00").unwrap();
    assert_eq!(limits::all(&new).unwrap().len(), limits::all(text).unwrap().len(), "{new}");
}
