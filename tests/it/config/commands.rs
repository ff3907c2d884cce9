//! The commands of the office as a script sees them.

use std::process::{Command, Output};

use super::office::Stage;

fn yuqing(folder: &std::path::Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
    command.args(arguments).current_dir(folder).env_remove("YUQING_OFFICE").env_remove("STATE_DIRECTORY");
    command.output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn init_then_check_needs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let made = yuqing(folder.path(), &["init", "--unit", "青川县人民医院"]);
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    assert!(out(&made).trim_end().ends_with("yuqing check --office office"), "{}", out(&made));
    let checked = yuqing(folder.path(), &["check"]);
    assert_eq!(checked.status.code(), Some(0), "{checked:?}");
    assert!(out(&checked).trim_end().ends_with("练习模式：尚未向任何人发送"));
}

#[test]
fn init_refuses_to_overwrite() {
    let folder = tempfile::tempdir().unwrap();
    yuqing(folder.path(), &["init", "--unit", "青川县人民医院"]);
    let contacts = folder.path().join("office/contacts.toml");
    std::fs::write(&contacts, "mine").unwrap();
    let again = yuqing(folder.path(), &["init", "--unit", "别的单位"]);
    assert_eq!(again.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(contacts).unwrap(), "mine");
    assert!(!folder.path().join("office/keywords/别的单位.txt").exists());
}

#[test]
fn init_refuses_a_name_that_is_a_path() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["", "../别处", "a\\b", "甲\"乙"] {
        let made = yuqing(folder.path(), &["init", "--unit", name]);
        assert_eq!(made.status.code(), Some(2), "{name}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn check_without_any_file_is_in_exercise_mode() {
    let folder = tempfile::tempdir().unwrap();
    let checked = yuqing(folder.path(), &["check"]);
    assert_eq!(checked.status.code(), Some(0));
    assert!(out(&checked).contains("练习模式：尚未向任何人发送"));
}

#[test]
fn check_prints_one_json_object_a_fault_and_a_summary() {
    let stage = Stage::new();
    stage.edit("plans/work-safety.toml", "views_over = 10000", "view_over = 10000");
    let checked = yuqing(stage.path(), &["check", "--json", "--office", "."]);
    assert_eq!(checked.status.code(), Some(2));
    let text = out(&checked);
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (summary, faults) = lines.split_last().unwrap();
    assert_eq!(faults.len(), 1, "{text}");
    assert_eq!(faults[0]["severity"], "error");
    assert_eq!(faults[0]["column"], 1);
    assert_eq!(faults[0]["message"], "没有 view_over 这个键");
    assert!(faults[0]["file"].as_str().unwrap().ends_with("plans/work-safety.toml"));
    assert!(faults[0]["hint"].as_str().unwrap().contains("views_over"));
    assert_eq!(summary["summary"], true);
    assert_eq!(summary["errors"], 1);
    assert_eq!(summary["ok"], false);
}

/// A port on which nobody listens: bound once, then given back.
fn closed_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn with_mail(stage: &Stage, port: u16) {
    let text = std::fs::read_to_string(stage.file("yuqing.toml")).unwrap();
    let table = format!(
        "\n[email]\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"plain\"\nfrom = \"y@office.gov.cn\"\ntimeout = \"5s\"\n"
    );
    stage.write("yuqing.toml", text + &table);
}

#[test]
fn check_refuses_a_configured_mail_server_that_does_not_answer() {
    let stage = Stage::new();
    with_mail(&stage, closed_port());
    let checked = yuqing(stage.path(), &["check", "--office", "."]);
    assert_eq!(checked.status.code(), Some(2));
    assert!(out(&checked).contains("[email] 邮件服务器 127.0.0.1:"), "{}", out(&checked));
    let offline = yuqing(stage.path(), &["check", "--offline", "--office", "."]);
    assert_eq!(offline.status.code(), Some(0));
}

#[test]
fn check_looks_into_the_mailbox_that_mails_come_back_to() {
    let stage = Stage::new();
    let (port, server) = small_mail_server();
    with_mail(&stage, port);
    stage.write("imap-password", "geheim");
    let closed = closed_port();
    let bounces = format!(
        "[email.bounces]\nhost = \"127.0.0.1\"\nport = {closed}\nsecurity = \"plain\"\nuser = \"u\"\n\
         password = \"file:{}\"\n",
        stage.path().join("imap-password").display()
    );
    let settings = std::fs::read_to_string(stage.path().join("yuqing.toml")).unwrap();
    stage.write("yuqing.toml", format!("{settings}\n{bounces}"));
    let checked = yuqing(stage.path(), &["check", "--office", "."]);
    assert_eq!(checked.status.code(), Some(2));
    let said = out(&checked);
    assert!(said.contains(&format!("[email] bounces 退信邮箱 127.0.0.1:{closed} 连不上")), "{said}");
    assert!(!said.contains("[email] 邮件服务器"), "the way out is open: {said}");
    server.join().unwrap();
}

/// Greets, answers EHLO, NOOP and QUIT, as much of a mail server as `check` may use.
fn small_mail_server() -> (u16, std::thread::JoinHandle<Vec<String>>) {
    use std::io::{BufRead as _, BufReader, Write as _};
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut heard = Vec::new();
        stream.write_all(b"220 test\r\n").unwrap();
        for line in BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok) {
            let word: String = line.chars().take_while(char::is_ascii_alphabetic).collect();
            let answer: &[u8] = if word == "QUIT" { b"221 bye\r\n" } else { b"250 ok\r\n" };
            heard.push(word.clone());
            if stream.write_all(answer).is_err() || word == "QUIT" {
                break;
            }
        }
        heard
    });
    (port, server)
}

#[test]
fn check_greets_a_mail_server_and_sends_nothing() {
    let stage = Stage::new();
    let (port, server) = small_mail_server();
    with_mail(&stage, port);
    let checked = yuqing(stage.path(), &["check", "--office", "."]);
    assert_eq!(checked.status.code(), Some(0), "{}", out(&checked));
    let heard = server.join().unwrap();
    assert!(heard.contains(&"EHLO".to_owned()) && heard.contains(&"NOOP".to_owned()), "{heard:?}");
    assert!(!heard.contains(&"MAIL".to_owned()) && !heard.contains(&"DATA".to_owned()), "{heard:?}");
}

#[test]
fn check_demands_a_public_address_when_somebody_real_confirms_by_link() {
    let stage = Stage::new();
    with_mail(&stage, closed_port());
    stage.edit(
        "contacts.toml",
        "name = \"带班领导\"\nperson = \"\"\nchannels = [\"练习\"]",
        "name = \"带班领导\"\nemail = \"a@office.gov.cn\"\nchannels = [\"邮件\"]",
    );
    let checked = yuqing(stage.path(), &["check", "--offline", "--office", "."]);
    assert_eq!(checked.status.code(), Some(2));
    assert!(out(&checked).contains("却没有写 public_url"), "{}", out(&checked));
    stage.edit("yuqing.toml", "# public_url", "public_url");
    let mended = yuqing(stage.path(), &["check", "--offline", "--office", "."]);
    assert_eq!(mended.status.code(), Some(0), "{}", out(&mended));
    assert!(!out(&mended).contains("练习模式"));
}

const FEED: &str =
    "[[feed]]\nname = \"慢的订阅\"\nurl = \"https://news.example.cn/rss.xml\"\ninterval = \"6h\"\n";

#[test]
fn check_refuses_a_limit_from_publication_that_polling_cannot_meet() {
    let stage = Stage::new();
    stage.write("sources.d/sources.toml", FEED);
    let calm = yuqing(stage.path(), &["check", "--office", "."]);
    assert_eq!(calm.status.code(), Some(0), "{}", out(&calm));
    assert!(out(&calm).contains("慢的订阅: 最坏 6h"), "{}", out(&calm));
    stage.edit(
        "plans/work-safety.toml",
        "{ within = \"5h\", from = \"发现\" }",
        "{ within = \"5h\", from = \"发布\" }",
    );
    let checked = yuqing(stage.path(), &["check", "--office", "."]);
    assert_eq!(checked.status.code(), Some(2));
    assert!(
        out(&checked).contains("特别重大 的回应时限 5h 从发布算起，信源 慢的订阅 最坏 6h"),
        "{}",
        out(&checked)
    );
}

#[test]
fn check_looks_at_the_plans_own_limits_from_publication_too() {
    let stage = Stage::new();
    stage.write("sources.d/sources.toml", FEED);
    let limit = |within: &str, from: &str| {
        format!(
            "[[limit]]\nid = \"look\"\nname = \"初步核实\"\nwithin = \"{within}\"\nfrom = \"{from}\"\ntiers = [\"特别重大\", \"重大\"]\n\n[digest]"
        )
    };
    let checked = |before: &str, after: &str| {
        stage.edit("plans/work-safety.toml", before, after);
        let checked = yuqing(stage.path(), &["check", "--offline", "--office", "."]);
        (checked.status.code(), out(&checked))
    };
    let (short, long) = (limit("6h", "发布"), limit("7h", "发布"));
    let (code, said) = checked("[digest]", &short);
    assert_eq!(code, Some(2), "{said}");
    // One limit of two tiers is mended once.
    assert!(
        said.contains("特别重大、重大 的“初步核实”时限 6h 从发布算起，信源 慢的订阅 最坏 6h")
            && said.contains("或把 [[limit]] “初步核实” 的 from 改为 \"发现\"")
            && said.contains("1 处要改"),
        "{said}"
    );
    assert_eq!(checked(&short, &long).0, Some(0), "seven hours leave time to see it");
    assert_eq!(checked(&long, &limit("6h", "发现")).0, Some(0), "from its discovery nothing is lost");
    // “当日” leaves a day at most, not none.
    assert_eq!(checked(&limit("6h", "发现"), &limit("当日", "发布")).0, Some(0));
    stage.edit("sources.d/sources.toml", "\"6h\"", "\"24h\"");
    let (code, said) = checked(&limit("当日", "发布"), &limit("当日", "发布"));
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("“初步核实”时限 当日 从发布算起"), "{said}");
}

#[test]
fn check_and_probe_say_how_far_a_preset_is_proved() {
    let folder = tempfile::tempdir().unwrap();
    yuqing(folder.path(), &["init", "--unit", "青川县人民医院"]);
    let sources = folder.path().join("office/sources.d/sources.toml");
    let text = "[[api]]\nname = \"知乎\"\npreset = \"zhihu-search\"\n\n[[feed]]\nname = \"订阅\"\nurl = \"https://x.example.cn/a.xml\"\n";
    std::fs::write(&sources, text).unwrap();
    let checked = yuqing(folder.path(), &["check", "--offline"]);
    let shown = out(&checked);
    assert!(shown.contains("知乎: 预设 zhihu-search 网站的 robots.txt 拒绝这类地址"), "{shown}");
    assert!(!shown.contains("订阅: 预设"), "what is proved needs no word: {shown}");
    let json = out(&yuqing(folder.path(), &["check", "--offline", "--json"]));
    let last: serde_json::Value = serde_json::from_str(json.lines().last().unwrap()).unwrap();
    assert_eq!(last["proofs"][0]["proof"], "refused");
    assert_eq!(last["proofs"][1]["proof"], "recorded");
    let answer =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/presets/bilibili_item.json");
    let answer = answer.to_str().unwrap();
    let probed = yuqing(folder.path(), &["probe", "--file", answer, "--preset", "bilibili-item"]);
    assert!(out(&probed).contains("经同形重写的应答验证"), "{}", out(&probed));
}

/// Every way out at once, on one server of our own.
#[test]
fn send_test_tries_one_channel_or_all_and_counts_text_messages() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let mut paths = Vec::new();
        for stream in listener.incoming() {
            let path = answer(&mut stream.unwrap());
            if path == "/end" {
                return paths;
            }
            paths.push(path);
        }
        paths
    });
    let stage = Stage::new();
    stage.write("key.txt", format!("http://127.0.0.1:{port}/robot/693a91f6\n"));
    let key = format!("file:{}", stage.file("key.txt").display());
    let settings = std::fs::read_to_string(stage.file("yuqing.toml")).unwrap();
    let url = format!("http://127.0.0.1:{port}");
    stage.write(
        "yuqing.toml",
        format!(
            "{settings}\n[[robot]]\nname = \"群\"\nkind = \"飞书\"\nkey = \"{key}\"\nallow_private = true\n\
             [[webhook]]\nname = \"平台\"\nurl = \"{url}/hook\"\nallow_private = true\n\
             [ntfy]\nurl = \"{url}\"\nallow_private = true\n\
             [voice]\nurl = \"{url}/voice\"\nallow_private = true\n\
             [sms]\nprovider = \"aliyun\"\nkey_id = \"a\"\nkey_secret = \"{key}\"\nsign = \"青川卫健\"\n\
             template = \"SMS_1\"\nendpoint = \"{url}\"\ntext = \"{{{{ gist }}}}{{{{ gist }}}}{{{{ gist }}}}{{{{ gist }}}}\"\nallow_private = true\n"
        ),
    );
    let contacts = std::fs::read_to_string(stage.file("contacts.toml")).unwrap();
    stage.write(
        "contacts.toml",
        format!(
            "{contacts}\n[[contact]]\nname = \"新人\"\nphone = \"13800138000\"\nrobot = \"群\"\nwebhook = \"平台\"\n\
             ntfy = \"yuqing-8f3a61c0\"\nchannels = [\"群机器人\", \"网络回调\", \"ntfy\", \"语音\", \"短信\"]\n"
        ),
    );
    let office = ["--office", stage.path().to_str().unwrap()];
    let run = |more: &[&str]| yuqing(stage.path(), &[&office[..], more].concat());
    let one = run(&["send-test", "--contact", "新人", "--channel", "群机器人"]);
    assert_eq!(one.status.code(), Some(0), "{one:?}");
    assert_eq!(out(&one).lines().count(), 1, "{}", out(&one));
    let all = run(&["--json", "send-test", "新人"]);
    assert_eq!(all.status.code(), Some(0), "{all:?}");
    let rows: Vec<serde_json::Value> =
        out(&all).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 5);
    assert!(rows.iter().all(|row| row["outcome"] == "accepted"), "{rows:?}");
    assert_eq!(rows[4]["channel"], "sms");
    assert_eq!(rows[4]["parts"], 2);
    assert_eq!(rows[4]["address"], "138****8000");
    let none = run(&["send-test", "新人", "--channel", "email"]);
    assert_eq!(none.status.code(), Some(2));
    let mut end = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    std::io::Write::write_all(&mut end, b"POST /end HTTP/1.1\r\ncontent-length: 0\r\n\r\n").unwrap();
    let paths = server.join().unwrap();
    let begin = |path: &String| path.split('?').next().unwrap().to_owned();
    assert_eq!(
        paths.iter().map(begin).collect::<Vec<_>>(),
        ["/robot/693a91f6", "/robot/693a91f6", "/hook", "/", "/voice", "/"]
    );
}

/// Reads one request and says what every service takes for yes.
fn answer(stream: &mut std::net::TcpStream) -> String {
    use std::io::{BufRead, BufReader, Read, Write};
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let said = r#"{"errcode":0,"code":0,"Code":"OK","id":"x"}"#;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", said.len());
    stream.write_all(format!("{head}{said}").as_bytes()).unwrap();
    first.split(' ').nth(1).unwrap_or_default().to_owned()
}
