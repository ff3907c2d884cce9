//! The editor of a keyword file over real HTTP, on a real office: saved, refused, put together, put back, handed out
//! and taken in.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use scraper::{Html, Selector};
use yuqing::{
    config::{Folder, edit::id_of, load, starter},
    console::keywords::Keywords,
    desk::Change,
    keyword::{Matcher, parse},
    model::Act,
};

use super::{Stage, read, rows};

pub const UNIT: &str = "青禾县人民医院";

/// A console on an office of its own.
pub struct Editing {
    pub stage: Stage,
    pub folder: tempfile::TempDir,
    pub name: String,
    pub id: String,
}

impl Editing {
    /// With a keyword file of these bytes.
    pub async fn with(name: &str, content: &[u8]) -> Self {
        Self::on(Stage::busy().await, name, content)
    }

    /// Lets a console go by an office with such a keyword file.
    pub fn on(stage: Stage, name: &str, content: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in starter::files(UNIT) {
            let path = folder.path().join(&file.name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file.bytes).unwrap();
        }
        let settings = folder.path().join("yuqing.toml");
        let old = format!("keywords/{UNIT}.txt");
        let text = fs::read_to_string(&settings).unwrap();
        assert!(text.contains(&old), "{text}");
        fs::write(&settings, text.replace(&old, name)).unwrap();
        fs::write(folder.path().join(name), content).unwrap();
        let (name, id) = (name.to_owned(), id_of(name));
        let editing = Self { stage, folder, name, id };
        editing.take_up();
        editing
    }

    pub async fn new() -> Self {
        Self::with(
            "keywords/名单.txt",
            "[收费]\r\n乱收费\r\n天价药\r\n\r\n[医院]\r\n青禾县人民医院\r\n".as_bytes(),
        )
        .await
    }

    /// Lets the console go by what stands on disk, as the daemon does after it looked.
    pub fn take_up(&self) {
        let (office, _) = load(&Folder::Disk(self.folder.path().to_owned())).unwrap();
        let matcher = Arc::new(Matcher::new(office.lists.clone()));
        self.stage.change(|settings| {
            settings.units = vec![UNIT.into()];
            settings.keywords = Keywords::of(&office, matcher, &[]);
            settings.office = Some(Arc::new(office));
        });
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join(&self.name)
    }

    pub fn disk(&self) -> String {
        String::from_utf8(fs::read(self.path()).unwrap()).unwrap()
    }

    pub fn write(&self, text: &str) {
        fs::write(self.path(), text).unwrap();
    }

    pub fn address(&self, below: &str) -> String {
        format!("/keywords/file/{}{below}", self.id)
    }

    pub async fn open(&self) -> Page {
        let (status, page) = self.stage.get(&self.address("")).await;
        assert_eq!(status, 200, "{page}");
        Page::of(&page)
    }

    pub async fn send(&self, wish: &str, base: &str, text: &str, more: &[(&str, &str)]) -> (u16, Page) {
        let mut form = vec![("do", wish), ("base", base), ("text", text)];
        form.extend(more);
        let (status, page) = self.stage.post(&self.address(""), &form).await;
        (status, Page::of(&page))
    }

    pub async fn save(&self, base: &str, text: &str) -> (u16, Page) {
        self.send("save", base, text, &[("by", "李秀英"), ("note", "改")]).await
    }

    /// Sends a file to be taken in.
    pub async fn import(&self, name: &str, mode: &str, content: &[u8]) -> (u16, String) {
        const BOUNDARY: &str = "----WebKitFormBoundaryKw";
        let part = |head: String, body: &[u8]| {
            [
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(),
                body,
                b"\r\n",
            ]
            .concat()
        };
        let mut body = part("name=\"mode\"".into(), mode.as_bytes());
        body.extend(part(format!("name=\"file\"; filename=\"{name}\""), content));
        body.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
        let request = self.stage.client.post(format!("{}{}", self.stage.base, self.address("/import")));
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        read(request.header("content-type", kind).body(body)).await
    }

    pub async fn bytes(&self, below: &str) -> Vec<u8> {
        let request = self.stage.client.get(format!("{}{}", self.stage.base, self.address(below)));
        let mut answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{below}");
        let said = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
        assert!(
            said.starts_with("attachment; filename=\"keywords.") && said.contains("; filename*=UTF-8''"),
            "{said}"
        );
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.unwrap() {
            body.extend_from_slice(&chunk);
        }
        body
    }
}

/// A page as a browser reads it.
#[derive(Debug)]
pub struct Page {
    pub whole: String,
    pub text: String,
    pub theirs: Option<String>,
    pub base: String,
}

impl Page {
    pub fn of(page: &str) -> Self {
        let html = Html::parse_document(page);
        let one = |what: &str| html.select(&Selector::parse(what).unwrap()).next();
        let area = |what: &str| one(what).map(|area| area.text().collect::<String>());
        let base = one("input[name=base]").and_then(|input| input.value().attr("value"));
        Self {
            whole: page.to_owned(),
            text: area("#text").unwrap_or_default(),
            theirs: area("#theirs"),
            base: base.unwrap_or_default().to_owned(),
        }
    }

    pub fn says(&self, words: &str) -> bool {
        self.whole.contains(words)
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|one| one.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_text_is_saved_as_the_file_was_and_noted() {
    let editing = Editing::new().await;
    let list = editing.stage.get("/keywords").await.1;
    assert!(
        list.contains(&format!("href=\"{}\"", editing.address("").replace('/', "&#x2f;")))
            || list.contains(&format!("href=\"{}\"", editing.address(""))),
        "{list}"
    );
    let page = editing.open().await;
    assert_eq!(page.text, "[收费]\n乱收费\n天价药\n\n[医院]\n青禾县人民医院\n");
    assert!(page.says("没有错误") && page.says("/assets/editor.js"), "{}", page.whole);

    // As a browser sends it: lines end in CR LF.
    let text = page.text.replace("天价药", "天价药\n挂号难").replace('\n', "\r\n");
    let (status, _) = editing.save(&page.base, &text).await;
    assert_eq!(status, 303);
    assert_eq!(editing.disk(), text, "the file keeps its line ends");
    assert_eq!(
        names(editing.path().parent().unwrap()),
        ["名单.txt", &format!("{UNIT}.txt")],
        "nothing is left behind"
    );
    let acts = editing.stage.acted(1).await;
    let Act::EditFile { file, from, to, by, note } = &acts[0] else { panic!("{acts:?}") };
    assert_eq!((file.as_str(), by.as_str(), note.as_str()), ("keywords/名单.txt", "李秀英", "改"));
    let kept = editing.stage.store.file_versions(file).await.unwrap();
    let shas: Vec<_> = kept.iter().map(|version| version.sha256.as_str()).collect();
    assert_eq!(shas, [to.as_str(), from.as_str()], "the one before was kept when it was shown");

    // The same once more is no version.
    let page = editing.open().await;
    let (status, _) = editing.save(&page.base, &page.text).await;
    assert_eq!((status, editing.stage.acts().len()), (303, 1));
    editing.stage.end().await;
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_line_and_nothing_is_written() {
    let editing = Editing::new().await;
    let (page, before) = (editing.open().await, editing.disk());
    let wrong = "[收费]\n乱收费\n/(没有关上/\n通知: 没有的人\n<b>+</b>\n+\n";
    let (status, refused) = editing.save(&page.base, wrong).await;
    assert_eq!(status, 422);
    assert_eq!(refused.text, wrong, "what was typed stands there");
    assert_eq!(refused.base, page.base);
    for words in ["没有保存", "data-line=\"3\"", "data-line=\"6\"", "+ 后面没有词", "改法"] {
        assert!(refused.says(words), "{words}: {}", refused.whole);
    }
    assert!(!refused.says("<b>+"), "{}", refused.whole);
    let (status, refused) = editing.save(&page.base, "医院\n通知: 没有的人\n").await;
    assert_eq!(status, 422, "names are held against the contacts");
    assert!(refused.says("没有联系人 没有的人"), "{}", refused.whole);
    // Without a name nothing is lost either.
    let (status, refused) =
        editing.send("save", &page.base, "新词\n", &[("by", " "), ("note", "为什么")]).await;
    assert_eq!((status, refused.text.as_str()), (422, "新词\n"));
    assert!(refused.says("请写姓名") && refused.says("value=\"为什么\""), "{}", refused.whole);
    assert_eq!((editing.disk(), editing.stage.acts().len()), (before, 0));

    // 检查 without script, and what the script asks.
    let (status, checked) = editing.send("check", &page.base, wrong, &[]).await;
    assert_eq!((status, checked.text.as_str()), (200, wrong));
    assert!(checked.says("data-line=\"3\""));
    let ask = |text: &'static str| {
        let request =
            editing.stage.client.post(format!("{}{}", editing.stage.base, editing.address("/check")));
        read(request.header("content-type", "text/plain; charset=utf-8").body(text))
    };
    let (status, answer) = ask("乱收费\n\n+\n").await;
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(
        (status, &answer["ok"], &answer["faults"][0]["line"]),
        (200, &false.into(), &3.into()),
        "{answer}"
    );
    assert_eq!(answer["faults"][0]["place"], "第 3 行");
    let answer: serde_json::Value = serde_json::from_str(&ask("乱收费\n").await.1).unwrap();
    assert_eq!((&answer["ok"], answer["faults"].as_array().unwrap().len()), (&true.into(), 0));
    editing.stage.end().await;
}

#[tokio::test]
async fn two_people_are_put_together_or_see_each_other() {
    let editing = Editing::new().await;
    let (one, other) = (editing.open().await, editing.open().await);
    assert_eq!(editing.save(&one.base, &one.text.replace("天价药", "天价药\n挂号难")).await.0, 303);
    // Elsewhere in the file: both stand.
    let request =
        [("do", "save"), ("base", &other.base), ("by", "王强"), ("text", &format!("{}住院部\n", other.text))];
    let (status, _) = editing.stage.post(&editing.address(""), &request).await;
    assert_eq!(status, 303);
    assert_eq!(
        editing.disk().replace("\r\n", "\n"),
        "[收费]\n乱收费\n天价药\n挂号难\n\n[医院]\n青禾县人民医院\n住院部\n"
    );

    // The same line, and Notepad's this time.
    let page = editing.open().await;
    editing.write(&editing.disk().replace("天价药", "天价进口药"));
    let mine = page.text.replace("天价药", "天价国产药");
    let (status, conflict) = editing.save(&page.base, &mine).await;
    assert_eq!(status, 409);
    assert_eq!(conflict.text, mine, "mine is not lost");
    assert!(conflict.theirs.as_deref().unwrap().contains("天价进口药"), "{conflict:?}");
    assert!(conflict.says("class=\"old\"") && conflict.says("class=\"new\""), "{}", conflict.whole);
    assert!(editing.disk().contains("天价进口药"));
    // Having seen theirs, the person decides.
    assert_eq!(
        editing.save(&conflict.base, &mine.replace("天价国产药", "天价国产药\n天价进口药")).await.0,
        303
    );
    assert!(editing.disk().contains("天价国产药") && editing.disk().contains("天价进口药"));
    let history = editing.stage.get(&editing.address("/history")).await.1;
    assert!(history.contains("在控制台之外改的") && history.contains("王强"), "{history}");

    // Together they may be wrong although each was right.
    let page = editing.open().await;
    editing.write(&format!("{}\r\n[坏]\r\n+\r\n", editing.disk()));
    let (status, wrong) = editing.save(&page.base, &format!("# 说明\n{}", page.text)).await;
    assert_eq!(status, 422);
    assert!(
        wrong.says("与他人的修改合并以后")
            && wrong.text.starts_with("# 说明\n")
            && wrong.text.contains("[坏]")
    );
    let mended = wrong.text.replace("[坏]\n+\n", "");
    assert_eq!(editing.save(&wrong.base, &mended).await.0, 303);
    editing.stage.end().await;
}

#[tokio::test]
async fn a_version_is_shown_and_comes_back() {
    let editing = Editing::new().await;
    let page = editing.open().await;
    let first = editing.disk();
    editing.save(&page.base, &page.text.replace("天价药\n", "")).await;
    let kept = editing.stage.store.file_versions(&editing.name).await.unwrap();
    let [newest, oldest] = kept.as_slice() else { panic!("{kept:?}") };
    let shown = editing.stage.get(&editing.address(&format!("/history/{}", newest.number))).await.1;
    assert!(
        shown.contains("天价药") && shown.contains("class=\"old\"") && shown.contains("李秀英"),
        "{shown}"
    );
    let (status, shown) = editing.stage.get(&editing.address(&format!("/history/{}", oldest.number))).await;
    assert!(status == 200 && shown.contains("恢复这一版"), "{shown}");
    let base = Page::of(&shown).base;
    let number = oldest.number.to_string();
    let undo = [("number", number.as_str()), ("base", base.as_str()), ("by", "王强")];
    assert_eq!(editing.stage.post(&editing.address("/undo"), &undo[..2]).await.0, 422, "by whom");
    assert_eq!(editing.stage.post(&editing.address("/undo"), &undo).await.0, 303);
    assert_eq!(editing.disk(), first);
    let acts = editing.stage.acted(2).await;
    assert!(
        matches!(&acts[1], Act::EditFile { by, note, .. } if by == "王强" && note.contains("恢复")),
        "{acts:?}"
    );
    assert_eq!(
        editing.stage.store.file_versions(&editing.name).await.unwrap().len(),
        3,
        "it is a version of its own"
    );
    // From an old page: the file has changed since.
    assert_eq!(editing.stage.post(&editing.address("/undo"), &undo).await.0, 303, "it says so already");
    editing.write("别的词\n");
    let (status, said) = editing.stage.post(&editing.address("/undo"), &undo).await;
    assert!(status == 422 && said.contains("又被改过"), "{said}");
    assert_eq!(editing.stage.get(&editing.address("/history/99999")).await.0, 404);
    let undo = [("number", "99999"), ("base", ""), ("by", "王强")];
    assert_eq!(editing.stage.post(&editing.address("/undo"), &undo).await.0, 404);
    editing.stage.end().await;
}

#[tokio::test]
async fn a_sentence_is_tried_on_what_is_edited_before_it_is_saved() {
    let editing = Editing::new().await;
    let page = editing.open().await;
    let (status, tried) = editing
        .send("try", &page.base, "[新]\n停车难\n+投诉\n", &[("sample", "<i>停车难，没人管</i>，乱收费")])
        .await;
    assert_eq!(status, 200);
    assert!(tried.says("第 3 行 +投诉 未出现"), "by the edited text: {}", tried.whole);
    assert!(tried.says("<mark>乱收费</mark>"), "by the rules in force: {}", tried.whole);
    assert!(!tried.says("<i>停车难"), "{}", tried.whole);
    assert_eq!(tried.text, "[新]\n停车难\n+投诉\n");
    editing.stage.end().await;
}

#[tokio::test]
async fn what_the_groups_met_leads_to_the_incidents() {
    let editing = Editing::new().await;
    let post = yuqing::model::PostRow {
        unit: UNIT.into(),
        groups: vec!["收费".into()],
        surfaces: vec!["乱收费<".into()],
        first_seen_at: rows::ago(60),
        ..editing.stage.store.incident(yuqing::model::IncidentId(1)).await.unwrap().unwrap().posts[0].clone()
    };
    let mut incident =
        editing.stage.store.incident(yuqing::model::IncidentId(1)).await.unwrap().unwrap().incident;
    incident.unit = UNIT.into();
    editing
        .stage
        .store
        .commit(vec![Change::Incident(Box::new(incident)), Change::Post(Box::new(post))])
        .await
        .unwrap();
    let page = editing.open().await;
    assert!(page.says("30 天内命中的事件") && page.says("乱收费&lt;"), "{}", page.whole);
    assert!(page.says("#1</a>"), "{}", page.whole);
    editing.stage.end().await;
}

#[tokio::test]
async fn a_list_goes_out_and_comes_in_again() {
    let editing = Editing::new().await;
    assert_eq!(editing.bytes("/export/raw").await, editing.disk().as_bytes());
    assert_eq!(editing.bytes("/export/txt").await, editing.disk().as_bytes());
    let csv = String::from_utf8(editing.bytes("/export/csv").await).unwrap();
    assert!(csv.starts_with("\u{feff}组别,关键词,") && csv.contains("收费,天价药"), "{csv}");
    let book = editing.bytes("/export/xlsx").await;
    let list = parse(UNIT, "名单.xlsx", &book).unwrap();
    assert_eq!(list.groups.iter().map(|group| group.any.len()).sum::<usize>(), 3);
    assert_eq!(editing.stage.get(&editing.address("/export/exe")).await.0, 404);

    // A workbook into a file of lines: shown first, saved by the editor.
    let before = editing.disk();
    let book = csv.replace("天价药", "天价药、挂号难");
    let (status, page) = editing.import("新名单.csv", "replace", book.as_bytes()).await;
    let preview = Page::of(&page);
    assert!(status == 200 && preview.says("这是预览") && preview.says("导入 新名单.csv"), "{page}");
    assert!(preview.text.contains("挂号难\n") && preview.says("class=\"new\""), "{preview:?}");
    assert_eq!(editing.disk(), before, "nothing is saved by a preview");
    assert_eq!(editing.save(&preview.base, &preview.text).await.0, 303);
    assert!(editing.disk().contains("挂号难\r\n"));

    // TrendRadar's list as it is, below what stands there.
    let trend = "[GLOBAL_FILTER]\n震惊\n\n[WORD_GROUPS]\n[东亚]\n韩国\n@5\n\n华为\n!手机壳\n";
    let (status, page) = editing.import("frequency_words.txt", "append", trend.as_bytes()).await;
    let preview = Page::of(&page);
    assert_eq!(status, 200);
    assert!(preview.text.ends_with(trend) && preview.text.contains("挂号难"), "{preview:?}");
    assert_eq!(editing.save(&preview.base, &preview.text).await.0, 303);
    editing.take_up();
    // Below a file with filters words stay words.
    let (_, page) = editing.import("更多.txt", "append", "停车难\n".as_bytes()).await;
    let list = parse(UNIT, "名单.txt", Page::of(&page).text.as_bytes()).unwrap();
    assert_eq!((list.filters.len(), list.groups.last().unwrap().name.as_str()), (1, "停车难"));

    // A wrong list says where, and changes nothing.
    let before = editing.disk();
    let (status, page) = editing.import("坏.csv", "replace", "组别,关键词\n收费,/(/\n".as_bytes()).await;
    assert!(status == 422 && page.contains("没有导入") && page.contains("第 2 行 B 列"), "{page}");
    assert_eq!(editing.disk(), before);
    editing.stage.end().await;
}

#[tokio::test]
async fn a_workbook_is_replaced_by_a_workbook() {
    let book =
        |words: &str| yuqing::keyword::write::xlsx(&parse(UNIT, "a.txt", words.as_bytes()).unwrap()).unwrap();
    let editing = Editing::with("keywords/名单.xlsx", &book("乱收费\n")).await;
    let page = editing.open().await;
    assert!(page.says("这是 Excel 工作簿") && !page.says("id=\"text\""), "{}", page.whole);
    let (status, page) = editing.import("新.txt", "replace", "乱收费\n停车难\n".as_bytes()).await;
    assert!(status == 200 && page.contains("停车难"), "{page}");
    let html = Html::parse_document(&page);
    let field = |name: &str| {
        let found = html.select(&Selector::parse(&format!("input[name={name}]")).unwrap()).next().unwrap();
        found.value().attr("value").unwrap_or_default().to_owned()
    };
    let (base, content) = (field("base"), field("content"));
    let form = [("base", base.as_str()), ("content", content.as_str()), ("by", "李秀英"), ("note", "导入")];
    let save = editing.address("/import/save");
    assert_eq!(editing.stage.post(&save, &form).await.0, 303);
    let list = parse(UNIT, "名单.xlsx", &fs::read(editing.path()).unwrap()).unwrap();
    assert_eq!(
        list.groups.len(),
        1,
        "rows without a group are one group of their settings: {:?}",
        list.groups
    );
    let (status, said) =
        editing.stage.post(&save, &[("base", "00"), ("content", &content), ("by", "李")]).await;
    assert_eq!(status, 303, "it says so already: {said}");
    fs::write(editing.path(), book("别的\n")).unwrap();
    let (status, said) = editing.stage.post(&save, &form).await;
    assert!(status == 422 && said.contains("又被改过"), "{said}");
    let history = editing.stage.store.file_versions(&editing.name).await.unwrap();
    assert_eq!(history.len(), 3);
    let shown = editing.stage.get(&editing.address(&format!("/history/{}", history[1].number))).await.1;
    assert!(shown.contains("停车难"), "a workbook's rules are shown as lines: {shown}");
    editing.stage.end().await;
}

#[tokio::test]
async fn an_office_that_is_not_on_disk_has_no_editor() {
    let stage = Stage::empty().await;
    assert_eq!(stage.get(&format!("/keywords/file/{}", id_of("keywords/示范单位.txt"))).await.0, 404);
    let (office, _) = load(&Folder::Shipped).unwrap();
    stage.change(|settings| settings.office = Some(Arc::new(office)));
    assert_eq!(stage.get(&format!("/keywords/file/{}", id_of("keywords/示范单位.txt"))).await.0, 404);
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_editor_stands_in_a_browser_and_checks_by_itself() {
    let editing = Editing::new().await;
    let address = format!("{}{}", editing.stage.base, editing.address(""));
    super::browser::picture(&address, "keywords-editor", "1280,1500").await;
    editing.save(&editing.open().await.base, "[收费]\n乱收费\n天价药\n").await;
    let text = "[收费]\n乱收费\n/(没有关上/\n\n[医院]\n青禾县人民医院\n+\n!辟谣\n\n!只有排除的词\n";
    editing.write(text);
    let dom = super::browser::open(&address, &["--dump-dom"]).await;
    assert!(dom.contains("✗ 正则第 1 个字“(”没有配上右括号</em>"), "said beside its line: {dom}");
    assert!(
        dom.contains("<pre class=\"gutter\" aria-hidden=\"true\">1\n2\n3\n"),
        "lines are numbered: {dom}"
    );
    super::browser::picture(&address, "keywords-editor-faults", "1280,1500").await;
    super::browser::picture(&address, "keywords-editor-phone", "360,1900").await;
    let kept = editing.stage.store.file_versions(&editing.name).await.unwrap();
    super::browser::picture(&format!("{address}/history"), "keywords-history", "1280,600").await;
    let version = format!("{address}/history/{}", kept[1].number);
    super::browser::picture(&version, "keywords-version", "1280,800").await;
    editing.stage.end().await;
}
