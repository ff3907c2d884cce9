//! Units own their contacts: two schools under one plan have a 值班员 and a rota each. From the files to who is told.

use jiff::civil::time;
use yuqing::{
    dispatch::Texts,
    model::{AckHow, Act, ChannelKind, Detail, IncidentId, SiteKind},
};

use super::office::Stage;
use crate::desk::scene::{Scene, TEXT, look_at, on};

/// The two schools; the first is the unit that the scene's posts are about.
const FIRST: &str = "青川县人民医院";
const SECOND: &str = "第二小学";

/// An office of two schools and the bureau above them, under one plan; `more` is added to its contacts.
fn schools(more: &str) -> Stage {
    let stage = Stage::new();
    let unit = |name: &str| {
        format!(
            "[[unit]]\nname = \"{name}\"\nplan = \"work-safety\"\nkeywords = [\"keywords/{name}.txt\"]\n\
             parent = {{ unit = \"教育局\", from = \"重大\", tell = [\"局值班室\"] }}\n\n"
        )
    };
    let bureau =
        "[[unit]]\nname = \"教育局\"\nplan = \"work-safety\"\nkeywords = [\"keywords/教育局.txt\"]\n\n";
    let mail = "[email]\nhost = \"127.0.0.1\"\nsecurity = \"plain\"\nfrom = \"y@edu.example\"\n";
    for name in [FIRST, SECOND, "教育局"] {
        stage.write(&format!("keywords/{name}.txt"), format!("{name}\n"));
    }
    stage.write("yuqing.toml", format!("{}{}{bureau}{mail}", unit(FIRST), unit(SECOND)));
    let plan = std::fs::read_to_string(stage.file("plans/work-safety.toml")).unwrap();
    stage.write("plans/work-safety.toml", plan.replace("[\"邮件\", \"短信\"]", "[\"邮件\"]"));
    let contacts = std::fs::read_to_string(stage.file("contacts.toml")).unwrap();
    // Without the shared 值班员: each school has its own.
    let shared = contacts.replace("\r\n", "\n").replacen("name = \"值班员\"", "name = \"局值班员\"", 1);
    stage.write("contacts.toml", format!("{shared}\n{more}"));
    stage
}

fn own(unit: &str, name: &str, mailbox: &str) -> String {
    format!(
        "[[contact]]\nunit = \"{unit}\"\nname = \"{name}\"\nemail = \"{mailbox}\"\nchannels = [\"邮件\"]\n\n"
    )
}

fn each_has_its_own() -> String {
    [
        own(FIRST, "值班员", "zhiban@one.example"),
        own(SECOND, "值班员", "zhiban@two.example"),
        own("教育局", "值班员", "zhiban@bureau.example"),
        own("教育局", "局值班室", "room@bureau.example"),
    ]
    .concat()
}

/// Where each name of an incident's notices was told by mail.
fn told(scene: &Scene) -> Vec<(u64, String, String)> {
    let notices = scene.stored().notices.into_iter().filter(|notice| !notice.address.is_empty());
    let mut told: Vec<_> = notices
        .map(|notice| (notice.incident.map_or(0, |id| id.0), notice.contact, notice.address))
        .collect();
    told.sort();
    told
}

/// A post about the first school, one about the second.
fn both_are_spoken_of(scene: &mut Scene, day: i64, views: u64) {
    let seen = on(day, "09:00");
    let one = look_at(seen, "a.example", SiteKind::Forum, "1", TEXT).published(seen).views(views);
    let other = "第二小学门口的路塌了，车都进不去，孩子们翻栏杆上学，没有人管，已经第三天了。";
    let mut two = look_at(seen, "a.example", SiteKind::Forum, "2", other).published(seen).views(views);
    two.0.hits.clone_from(&one.0.hits);
    two.0.hits.iter_mut().for_each(|hit| hit.unit = SECOND.to_owned());
    scene.see(one);
    scene.see(two);
}

#[test]
fn each_school_under_one_plan_tells_its_own() {
    let office = schools(&each_has_its_own()).load().unwrap();
    let mut scene = Scene::on_stage(office.setup(), true);
    both_are_spoken_of(&mut scene, 23, 1_500);
    let line = |incident, mailbox: &str| (incident, "值班员".to_owned(), mailbox.to_owned());
    assert_eq!(told(&scene), [line(1, "zhiban@one.example"), line(2, "zhiban@two.example")]);
    let shown = scene.stored().notices.into_iter().filter(|notice| notice.address.is_empty());
    assert!(shown.clone().all(|notice| notice.contact != "值班员"), "{:?}", shown.collect::<Vec<_>>());

    // The link names incident and contact: the first school's 值班员 confirms for that school alone.
    let act = Act::Acknowledge {
        incident: IncidentId(1),
        contact: "值班员".to_owned(),
        rank: None,
        how: AckHow::Link,
        recorded_by: None,
        at: None,
    };
    scene.act(on(23, "09:01"), act);
    let acks: Vec<_> = scene.stored().incidents.iter().map(|incident| incident.acks.len()).collect();
    assert_eq!(acks, [1, 0]);
    scene.until(on(23, "11:00"));
    let escalated = scene.stored().notices.into_iter().filter(|one| one.kind.id() == "escalation");
    let of: Vec<_> = escalated.filter_map(|one| one.incident).collect();
    assert!(!of.is_empty() && of.iter().all(|id| *id == IncidentId(2)), "{of:?}");
}

#[test]
fn the_unit_above_is_told_by_its_own_contact() {
    let mut stage = schools(&each_has_its_own());
    let edited =
        own("教育局", "局值班室", "room@bureau.example").replace("邮件\"]", "邮件\"]\ndetail = \"简要\"");
    let contacts = std::fs::read_to_string(stage.file("contacts.toml")).unwrap();
    stage = {
        let from = own("教育局", "局值班室", "room@bureau.example");
        stage.write("contacts.toml", contacts.replace(&from, &edited));
        stage
    };
    let office = stage.load().unwrap();
    let mut scene = Scene::on_stage(office.setup(), true);
    both_are_spoken_of(&mut scene, 23, 10_500);
    let above: Vec<_> = told(&scene).into_iter().filter(|(_, name, _)| name == "局值班室").collect();
    let mailbox = "room@bureau.example";
    let copy = |incident| (incident, "局值班室".to_owned(), mailbox.to_owned());
    assert_eq!(above, [copy(1), copy(2)]);
    assert!(told(&scene).iter().all(|(_, _, mailbox)| mailbox != "zhiban@bureau.example"));
    // How much each may read goes by who it is, not by the name alone.
    let details = Texts::details_of(&office.readers());
    let detail = |named: &str| details.get(&(named.to_owned(), ChannelKind::Email)).copied();
    assert_eq!(detail(&format!("{FIRST}/局值班室")), Some(Detail::Brief));
    assert_eq!(detail(&format!("{FIRST}/值班员")), Some(Detail::Brief), "an outside mail server");
    assert_eq!(detail("局值班室"), None);
}

#[test]
fn a_rota_may_be_one_units_own() {
    let people = [own(FIRST, "张三", "zhang@one.example"), own(SECOND, "张三", "zhang@two.example")].concat();
    let stage = schools(&(each_has_its_own() + &people));
    let rota = |unit: &str| {
        format!(
            "[[rota]]\nunit = \"{unit}\"\ncontact = \"值班员\"\nhandover = \"08:30\"\nweek = {{ \"周一\" = \"张三\" }}\n"
        )
    };
    stage.write("rota.toml", rota(FIRST));
    let office = stage.load().unwrap();
    assert_eq!(office.roster.own[FIRST]["值班员"].handover, time(8, 30, 0, 0));
    for (day, first) in [(23, "zhang@one.example"), (24, "zhiban@one.example")] {
        let mut scene = Scene::on_stage(office.setup(), true);
        both_are_spoken_of(&mut scene, day, 1_500);
        let line = |incident, mailbox: &str| (incident, "值班员".to_owned(), mailbox.to_owned());
        assert_eq!(told(&scene), [line(1, first), line(2, "zhiban@two.example")], "{day}");
    }
    stage.write("rota.toml", rota(FIRST).replace("张三", "李四").replace(FIRST, "第三小学"));
    let said = stage.faults();
    assert!(said.contains("rota.toml:2:8: yuqing.toml 里没有单位 第三小学"), "{said}");
    assert!(said.contains("contacts.toml 里没有联系人 李四"), "{said}");
}

#[test]
fn administrators_of_one_name_are_told_each() {
    let admin =
        [own(FIRST, "系统管理员", "admin@one.example"), own(SECOND, "系统管理员", "admin@two.example")];
    let office = schools(&(each_has_its_own() + &admin.concat())).load().unwrap();
    let mut scene = Scene::on_stage(office.setup(), true);
    let broken = yuqing::desk::Operations { subject: "file/x".into(), broken: true, text: "坏了".into() };
    scene.take(&yuqing::desk::Input::Operations(broken), on(23, "09:00"));
    let told: Vec<_> = told(&scene).into_iter().map(|(_, _, mailbox)| mailbox).collect();
    assert_eq!(told, ["admin@one.example", "admin@two.example"]);
}

#[test]
fn a_school_without_one_is_named() {
    let stage = schools(&own(FIRST, "值班员", "zhiban@one.example"));
    let said = stage.faults();
    let named = "plans/work-safety.toml:38:31: contacts.toml 里没有联系人 值班员（单位 第二小学）";
    assert!(said.starts_with(named) && !said.contains("（单位 青川县人民医院）"), "{said}");
}

#[test]
fn what_cannot_be_told_apart_is_a_fault() {
    let twice = [own(FIRST, "值班员", "a@one.example"), own(FIRST, "值班员", "b@one.example")].concat();
    insta::assert_snapshot!(schools(&twice).faults(), @r#"
    contacts.toml:118:8: 青川县人民医院 的联系人 值班员 写了两次，第一次在第 112 行
        |
    118 | name = "值班员"
        |        ^^^^^^^^
      改法: 改一个名字，或删去一张表；两个单位各有一位时，用 unit = "单位" 写明各是谁的
    "#);
    let nowhere = schools(&own("第三小学", "值班员", "a@three.example")).faults();
    assert!(nowhere.contains("contacts.toml:111:8: yuqing.toml 里没有单位 第三小学"), "{nowhere}");
    assert!(nowhere.contains("写已有的单位: 青川县人民医院、第二小学、教育局"), "{nowhere}");
    let same = schools(&(each_has_its_own() + &own(FIRST, "局值班室", "room@one.example"))).faults();
    assert!(same.contains("抄送上级单位 教育局 的 局值班室，却另有一位同名的联系人"), "{same}");
}

#[test]
fn a_shared_contact_stands_in_where_a_school_has_none() {
    let stage =
        schools("[[contact]]\nname = \"值班员\"\nemail = \"all@edu.example\"\nchannels = [\"邮件\"]\n\n");
    let contacts = std::fs::read_to_string(stage.file("contacts.toml")).unwrap();
    let more = own(SECOND, "值班员", "zhiban@two.example") + &own("教育局", "局值班室", "room@b.example");
    stage.write("contacts.toml", contacts + &more);
    let office = stage.load().unwrap();
    let mut scene = Scene::on_stage(office.setup(), true);
    both_are_spoken_of(&mut scene, 23, 1_500);
    let line = |incident, mailbox: &str| (incident, "值班员".to_owned(), mailbox.to_owned());
    assert_eq!(told(&scene), [line(1, "all@edu.example"), line(2, "zhiban@two.example")]);
}

/// What a clerk gets who takes the marks away before the lines of the shipped rota.
#[test]
fn the_shipped_example_of_a_rota_reads() {
    let people =
        ["张三", "李四"].map(|name| format!("[[contact]]\nname = \"{name}\"\nchannels = [\"练习\"]\n\n"));
    let stage = Stage::new();
    let contacts = std::fs::read_to_string(stage.file("contacts.toml")).unwrap();
    stage.write("contacts.toml", format!("{contacts}\n{}", people.concat()));
    let shipped = include_str!("../../../config/rota.toml");
    let (_, example) = shipped.split_once("# [[rota]]").unwrap();
    stage.write("rota.toml", format!("[[rota]]{}", example.replace("\n# ", "\n")));
    let office = stage.load().map_err(|faults| stage.shown(&faults)).unwrap();
    assert_eq!(office.roster.rotas["值班员"].week[1].as_deref(), Some("李四"));
}
