//! The editor of the office's other files: saved, refused, put together, put back; who sees and who may.

use std::fs;

use yuqing::{config::edit::id_of, console::access::Role, model::Act};

use super::{
    WithLogin as _,
    keywords_edit::{Editing, Page},
    read,
};

fn address(name: &str) -> String {
    format!("/files/{}", id_of(name))
}

#[tokio::test]
async fn a_plan_is_edited_checked_saved_and_put_back() {
    let editing = Editing::new().await;
    let (name, path) = ("plans/work-safety.toml", address("plans/work-safety.toml"));
    let disk = || fs::read_to_string(editing.folder.path().join(name)).unwrap();
    let first = disk();
    let (status, page) = editing.stage.get(&path).await;
    let page = Page::of(&page);
    assert!(status == 200 && page.says("没有错误") && page.says("用这份试算"), "{}", page.whole);
    let wrong =
        page.text.replace("report = \"5min\"", "report = \"5\"").replace("[\"值班员\"]", "[\"没有的人\"]");
    let send = async |base: &str, text: &str, wish: &str| {
        let form = [("do", wish), ("base", base), ("text", text), ("by", "李秀英"), ("note", "试")];
        let (status, page) = editing.stage.post(&path, &form).await;
        (status, Page::of(&page))
    };
    let (status, refused) = send(&page.base, &wrong, "save").await;
    assert_eq!((status, refused.text.as_str()), (422, wrong.as_str()));
    assert!(refused.says("没有写单位") && refused.says("没有联系人 没有的人") && refused.says("data-line="));
    assert_eq!(disk(), first);
    let (status, _) =
        send(&page.base, &page.text.replace("report = \"5min\"", "report = \"4min\""), "save").await;
    assert_eq!(status, 303);
    assert!(disk().contains("report = \"4min\"") && disk().contains("\r\n"), "its line ends stay");
    // Somebody who began from the first version: elsewhere both stand, at the same place both are shown.
    let title = page.text.replace("title = \"安全生产舆情应急处置预案\"", "title = \"新的预案\"");
    assert_eq!(send(&page.base, &title, "save").await.0, 303);
    assert!(disk().contains("4min") && disk().contains("新的预案"));
    let mine = page.text.replace("report = \"5min\"", "report = \"3min\"");
    let (status, conflict) = send(&page.base, &mine, "save").await;
    assert_eq!((status, conflict.text.as_str()), (409, mine.as_str()));
    assert!(conflict.theirs.unwrap().contains("4min"));
    let (_, history) = editing.stage.get(&format!("{path}/history")).await;
    assert!(history.contains("李秀英") && history.contains("最初见到的"), "{history}");
    let kept = editing.stage.store.file_versions(name).await.unwrap();
    let oldest = kept.last().unwrap().number.to_string();
    let (_, shown) = editing.stage.get(&format!("{path}/history/{oldest}")).await;
    let base = Page::of(&shown).base;
    let undo = [("number", oldest.as_str()), ("base", base.as_str()), ("by", "王强")];
    assert_eq!(editing.stage.post(&format!("{path}/undo"), &undo).await.0, 303);
    assert_eq!(disk(), first);
    assert!(editing.stage.acts().iter().all(|act| matches!(act, Act::EditFile { file, .. } if file == name)));
    // The live check.
    let ask = editing.stage.client.post(format!("{}{path}/check", editing.stage.base));
    let (status, answer) = read(ask.header("content-type", "text/plain").body("title = 3")).await;
    assert!(status == 200 && answer.contains("\"ok\":false") && answer.contains("\"line\":1"), "{answer}");
    editing.stage.end().await;
}

/// A file of one way's pages is none of the other's, and nothing else is a file.
#[tokio::test]
async fn each_file_has_its_own_pages() {
    let editing = Editing::new().await;
    let keywords = format!("/files/{}", editing.id);
    assert_eq!(editing.stage.get(&keywords).await.0, 303, "led to its own pages");
    assert_eq!(editing.stage.get(&format!("{keywords}/history")).await.0, 404);
    let plan = id_of("plans/work-safety.toml");
    for below in ["", "/history", "/export/raw"] {
        assert_eq!(editing.stage.get(&format!("/keywords/file/{plan}{below}")).await.0, 404, "{below}");
    }
    for id in ["../yuqing.toml", "..%2Fyuqing.toml", "0000000000000000", &id_of("confirm.key")] {
        assert_eq!(editing.stage.get(&format!("/files/{id}")).await.0, 404, "{id}");
    }
    editing.stage.end().await;
}

/// What may not be changed is shown without a form, and a secret that somebody wrote into a file is not shown.
#[tokio::test]
async fn readers_see_text_and_history_without_a_form_and_no_secret() {
    let editing = Editing::new().await;
    editing.stage.get(&address("contacts.toml")).await;
    let written = "\n[[contact]]\nname = \"<b>粗</b>\"\npassword = \"hunter2\"\ntoken = \"env:TOKEN\"\nchannels = [\"练习\"]\n";
    let path = editing.folder.path().join("contacts.toml");
    fs::write(&path, format!("{}{written}", fs::read_to_string(&path).unwrap())).unwrap();
    let sources = "[[page]]\nname = \"论坛\"\nheaders = { Authorization = \"Bearer hunter2\", Cookie = \"{credential}\" }\n";
    fs::write(editing.folder.path().join("sources.d/sources.toml"), sources).unwrap();
    editing.stage.get(&address("contacts.toml")).await;
    editing.stage.change(|settings| settings.with_login(secrecy::SecretString::from("token")));
    let stage = &editing.stage;
    stage.person("李管理", Role::Administrator, &[]).await;
    let leader = stage.person("陈领导", Role::Leader, &[]).await;
    let office = stage.person("赵办公", Role::Office, &[]).await;
    for name in ["contacts.toml", "plans/work-safety.toml", "sources.d/sources.toml"] {
        let (status, page) = stage.get_as(&address(name), &leader).await;
        assert_eq!(status, 200, "{name}: {page}");
        assert!(page.contains("class=\"lines\"") && !page.contains("<textarea"), "{name}: {page}");
        assert!(!page.contains("hunter2") && !page.contains("<b>粗"), "{name}: {page}");
        assert!(!page.contains("id=\"edit\"") && !page.contains("editor.js"), "{name}");
    }
    let (_, page) = stage.get_as(&address("contacts.toml"), &leader).await;
    assert!(page.contains("env:TOKEN") && page.contains("***"), "a reference says nothing: {page}");
    let (_, page) = stage.get_as(&address("sources.d/sources.toml"), &leader).await;
    assert!(page.contains("{credential}"), "{page}");
    let kept = stage.store.file_versions("contacts.toml").await.unwrap();
    for version in &kept {
        let path = format!("{}/history/{}", address("contacts.toml"), version.number);
        let (status, page) = stage.get_as(&path, &leader).await;
        assert!(status == 200 && !page.contains("hunter2") && !page.contains("恢复这一版"), "{page}");
    }
    // The keyword editor likewise.
    let (_, page) = stage.get_as(&editing.address(""), &leader).await;
    assert!(page.contains("class=\"lines\"") && page.contains("乱收费"), "{page}");
    assert!(!page.contains("/import\"") && !page.contains("id=\"edit\""), "{page}");
    // Settings are the administrator's, sources are theirs to change.
    assert_eq!(stage.get_as(&address("yuqing.toml"), &office).await.0, 404);
    let (_, page) = stage.get_as(&address("sources.d/sources.toml"), &office).await;
    assert!(page.contains("class=\"lines\"") && !page.contains("hunter2"), "{page}");
    let form = super::encoded(&[("do", "save"), ("base", ""), ("text", "x = 1")]);
    let request = stage.client.post(format!("{}{}", stage.base, address("sources.d/sources.toml")));
    let request = request.header("cookie", &office).header(super::FORM.0, super::FORM.1).body(form);
    assert_eq!(read(request).await.0, 403);
    assert_eq!(fs::read_to_string(editing.folder.path().join("sources.d/sources.toml")).unwrap(), sources);
    editing.stage.end().await;
}

/// A file of one unit is seen by who sees that unit.
#[tokio::test]
async fn a_units_file_is_that_units() {
    let editing = Editing::new().await;
    editing.stage.change(|settings| settings.with_login(secrecy::SecretString::from("token")));
    let stage = &editing.stage;
    stage.person("李管理", Role::Administrator, &[]).await;
    let stranger = stage.person("外单位", Role::Office, &["别的单位"]).await;
    let own = stage.person("本单位", Role::Office, &[super::keywords_edit::UNIT]).await;
    for (name, seen) in [("plans/work-safety.toml", 404), ("contacts.toml", 200), ("holidays.toml", 200)] {
        assert_eq!(stage.get_as(&address(name), &stranger).await.0, seen, "{name}");
        assert_eq!(stage.get_as(&address(name), &own).await.0, 200, "{name}");
    }
    assert_eq!(stage.get_as("/plan/limits?plan=work-safety", &stranger).await.0, 404);
    let (_, page) = stage.get_as("/plan", &stranger).await;
    assert!(!page.contains("安全生产"), "{page}");
    // They see the contacts that all share, and may not change what concerns others.
    let (_, page) = stage.get_as(&address("contacts.toml"), &stranger).await;
    assert!(page.contains("class=\"lines\"") && !page.contains("id=\"edit\""), "{page}");
    editing.stage.end().await;
}
