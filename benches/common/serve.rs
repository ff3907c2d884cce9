//! The sites that every contestant of the collection benchmark reads: one small server, the same bytes for
//! all. It is meant to cost next to nothing beside its clients, so bodies are put together from pieces that
//! were made once, a connection is a thread, and nothing is compressed.
//!
//! | path | what |
//! | --- | --- |
//! | `/feed/{n}?round={r}` | RSS 2.0, 50 posts of about 1,000 characters; another round, 50 other posts |
//! | `/list/{n}?round={r}` | a Discuz! X board of 50 threads, about 85 KB; another round, counters grown, five new threads |
//! | `/same/{n}` | the board of round 0, without validators: the same bytes for ever |
//! | `/few/{n}` | the first five posts of feed `n`, as a feed of its own |
//! | `/news/{n}` | RSS as of feeds, 50 other posts each time that it is asked for, published at that instant |
//! | `/brief/{n}` | the first five posts of news `n` |
//! | `/dense/{n}` | news in which every post names a word |
//! | `/plain/{n}` | 20 KB of text, without validators: the same bytes for ever |
//! | `/hang/{n}` | nothing, for as long as the client waits |
//! | `/robots.txt` | everything is allowed |
//!
//! Feeds and lists carry an `ETag` of path and round and answer 304 to it. One post in fifty names one of
//! [`words`], half of those with an inline tag in the middle of the word: who does not strip tags misses it.
//! What is asked for decides what is answered, so all contestants meet the same number of hits.
//!
//! [`Child`] runs the server as a process of its own, so that its time is nobody's: the benchmark calls
//! [`serve_if_child`] first thing in `main`.

#![allow(
    dead_code,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a part of measurements that need not use all of it"
)]

use std::{
    collections::HashMap,
    fmt::Write as _,
    io::{BufRead as _, BufReader, BufWriter, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::{Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

/// Posts of a feed and threads of a list.
pub const POSTS: u64 = 50;
/// Posts of a small feed.
pub const FEW: u64 = 5;
/// Bytes of a plain body.
pub const PLAIN_BYTES: usize = 20 * 1024;
/// Of so many posts one names a word.
pub const ONE_HIT_IN: u64 = 50;
/// Threads of a list that were not there a round before.
pub const NEW_THREADS: u64 = 5;
/// What the board of a list looks like.
const ROW: &str = include_str!("row.html");
const HEAD: &str = include_str!("head.html");

/// Set for the process that serves; its value is the day that posts are dated by.
const CHILD: &str = "YUQING_BENCH_SERVE";

const PLACES: [&str; 10] = [
    "青石镇",
    "柳河乡",
    "双桥街道",
    "北山村",
    "红旗社区",
    "南湖新区",
    "东塘镇",
    "西岭乡",
    "高坪县",
    "白沙口",
];
const THINGS: [&str; 10] = [
    "供水管网",
    "中心医院",
    "实验小学",
    "征地补偿",
    "公交线路",
    "化工园区",
    "廉租住房",
    "养老服务",
    "垃圾填埋",
    "河道采砂",
];
const TROUBLES: [&str; 10] = [
    "突然停摆",
    "群众投诉",
    "起火冒烟",
    "拖欠款项",
    "集体上访",
    "违规收费",
    "疑似泄漏",
    "围堵大门",
    "坍塌伤人",
    "弄虚作假",
];

/// Sentences of everyday text, one a post. Some name a place or a thing, as near misses; none names a
/// word.
const SENTENCES: [&str; 16] = [
    "今天上午，全市重点项目推进会在市民中心召开，与会人员就下一阶段的工作安排进行了讨论。",
    "据气象部门介绍，未来三天以多云天气为主，气温略有回升，夜间湿度较大，请注意添减衣物。",
    "青石镇的油菜花进入盛花期，周末不少市民带着孩子前来踏青，沿途的农家乐座无虚席。",
    "我们小区的快递柜又换了公司，大家都说取件比以前方便，就是收费的事情还没有讲清楚。",
    "记者在现场看到，工作人员正在对沿街的绿化带进行修剪，往来车辆按照指示牌有序通行。",
    "中心医院新增了两个便民窗口，老年人可以由志愿者陪同办理手续，平均等候时间缩短一半。",
    "有网友留言说，晚高峰的时候二环路还是堵得厉害，希望信号灯的配时能够再优化一下。",
    "统计数据显示，前三个季度社会消费品零售总额同比增长百分之五点二，增速高于全省平均水平。",
    "Ａｐｐ 升级到 3.2 版以后，登录要重新验证手机号，客服 QQ 群里一整天都有人在问这件事。",
    "实验小学的秋季运动会昨天闭幕，五年级二班拿到了拔河比赛的第一名，孩子们高兴得跳了起来。",
    "专家提醒，秋冬季节是呼吸道疾病的高发期，外出归来要勤洗手，室内每天至少通风两次。",
    "柳河乡合作社今年种了三百亩柑橘，眼下正是采收的时候，收购价比去年每斤高出两毛钱。",
    "有没有人知道周六的招聘会是几点开始？听说这次来了八十多家企业，想带弟弟过去看看。",
    "图书馆三楼的自习室延长到晚上十点半关门，需要座位的读者可以提前一天在公众号上预约。",
    "为方便群众出行，南湖新区到高铁站的公交线路本月起加密班次，首末班车的时间保持不变。",
    "活动结束以后，主办方给每位参加者发了一份纪念品，大家合影留念，约好明年春天再来。",
];

/// The 1,000 words that are looked for, each of eight to ten characters.
#[must_use]
pub fn words() -> Vec<String> {
    let ends =
        THINGS.iter().flat_map(|thing| TROUBLES.iter().map(move |trouble| format!("{thing}{trouble}")));
    let ends: Vec<String> = ends.collect();
    PLACES.iter().flat_map(|place| ends.iter().map(move |end| format!("{place}{end}"))).collect()
}

/// A number that looks drawn and is always the same for the same three.
fn mixed(site: u64, round: u64, nth: u64) -> u64 {
    let mut x = (site << 40) ^ (round << 20) ^ nth ^ 0x9e37_79b9_7f4a_7c15;
    for _ in 0..2 {
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    }
    x ^ (x >> 31)
}

/// A sentence that nobody has written before: were all texts made of the same few sentences, all of them
/// would be copies of each other, which is another measurement.
fn sentence(out: &mut String, mut drawn: u64) {
    /// Common characters, of which words of two are made.
    const COMMON: &str = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严";
    const LENGTH: u64 = 11;
    static ALL: std::sync::LazyLock<Vec<char>> = std::sync::LazyLock::new(|| COMMON.chars().collect());
    for _ in 0..LENGTH {
        drawn = drawn.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        out.push(*of(&ALL, drawn >> 33));
        out.push(*of(&ALL, drawn >> 47));
    }
    out.push('。');
}

fn of<T>(all: &[T], number: u64) -> &T {
    &all[usize::try_from(number % all.len() as u64).unwrap_or(0)]
}

/// [`PLAIN_BYTES`] of text.
fn plain() -> String {
    let line = "the quick brown fox jumps over the lazy dog, and nobody is any the wiser for it\n";
    line.chars().cycle().take(PLAIN_BYTES).collect()
}

/// Whether the post names a word. Exactly one in fifty of any feed.
const fn names_a_word(site: u64, nth: u64) -> bool {
    (site + nth).is_multiple_of(ONE_HIT_IN)
}

/// The hits that so many feeds hold in one round, and lists in their first.
#[must_use]
pub const fn hits_of(sites: u64) -> u64 {
    sites * POSTS / ONE_HIT_IN
}

/// What the answers are made of.
#[derive(Debug)]
struct Pieces {
    words: Vec<String>,
    /// `21 Nov 2026`.
    day: String,
    /// `2026-11-21`.
    date: String,
    plain: String,
    /// How often the news of a site was asked for.
    asked: Mutex<HashMap<u64, u64>>,
}

/// What a post of a feed is to be.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    site: u64,
    round: u64,
    /// Published then; `None` for an hour of the server's day.
    at: Option<&'a str>,
    /// Whether each names a word, instead of one in fifty.
    dense: bool,
}

/// A fetched body and its validator.
struct Answer {
    status: &'static str,
    content_type: &'static str,
    etag: Option<String>,
    body: String,
}

impl Pieces {
    fn new(date: &str) -> Self {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let mut parts = date.split('-').map(|part| part.parse::<u64>().unwrap_or(1));
        let (year, month, day) =
            (parts.next().unwrap_or(2026), parts.next().unwrap_or(1), parts.next().unwrap_or(1));
        let month = of(&MONTHS, month.saturating_sub(1));
        Self {
            words: words(),
            day: format!("{day:02} {month} {year}"),
            date: date.to_owned(),
            plain: plain(),
            asked: Mutex::default(),
        }
    }

    fn answer(&self, target: &str, known: &str) -> Answer {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let round = query.strip_prefix("round=").and_then(|round| round.parse().ok()).unwrap_or(0);
        let mut parts = path.split('/').skip(1);
        let (kind, site) = (parts.next().unwrap_or(""), parts.next().and_then(|site| site.parse().ok()));
        let (content_type, body): (_, fn(&Self, u64, u64) -> String) = match kind {
            "feed" => ("application/rss+xml; charset=utf-8", Self::feed),
            "few" => ("application/rss+xml; charset=utf-8", Self::few),
            "news" => ("application/rss+xml; charset=utf-8", |p, site, _| p.news(site, POSTS, false)),
            "brief" => ("application/rss+xml; charset=utf-8", |p, site, _| p.news(site, FEW, false)),
            "dense" => ("application/rss+xml; charset=utf-8", |p, site, _| p.news(site, POSTS, true)),
            "plain" => ("text/plain; charset=utf-8", |pieces, _, _| pieces.plain.clone()),
            "list" | "same" => ("text/html; charset=utf-8", Self::list),
            _ => ("text/plain", |_, _, _| "User-agent: *\nAllow: /\n".to_owned()),
        };
        let (status, site, etag) = match (kind, site) {
            ("feed" | "list" | "few", Some(site)) => {
                ("200 OK", site, Some(format!("\"{kind}-{site}-{round}\"")))
            }
            ("same" | "plain" | "news" | "brief" | "dense", Some(site)) => ("200 OK", site, None),
            ("robots.txt", _) => ("200 OK", 0, None),
            _ => ("404 Not Found", 0, None),
        };
        if etag.as_deref().is_some_and(|etag| etag == known) {
            return Answer { status: "304 Not Modified", content_type, etag, body: String::new() };
        }
        Answer { status, content_type, etag, body: body(self, site, round) }
    }

    fn feed(&self, site: u64, round: u64) -> String {
        self.posts(Wanted { site, round, at: None, dense: false }, POSTS)
    }

    fn few(&self, site: u64, round: u64) -> String {
        self.posts(Wanted { site, round, at: None, dense: false }, FEW)
    }

    fn news(&self, site: u64, posts: u64, dense: bool) -> String {
        let round = {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            let round = asked.entry(site).or_default();
            *round += 1;
            *round
        };
        let now = jiff::Zoned::now().strftime("%d %b %Y %H:%M:%S %z").to_string();
        self.posts(Wanted { site, round, at: Some(&now), dense }, posts)
    }

    fn posts(&self, wanted: Wanted<'_>, posts: u64) -> String {
        let site = wanted.site;
        let mut out = String::with_capacity(4_400 * usize::try_from(posts).unwrap_or(0));
        let _ = write!(
            out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\">\n<channel>\n\
             <title>第 {site} 号站点</title>\n<link>http://site{site}.example/</link>\n\
             <description>本地话题</description>\n<language>zh-cn</language>\n"
        );
        for nth in 0..posts {
            self.item(&mut out, wanted, nth);
        }
        out.push_str("</channel>\n</rss>\n");
        out
    }

    /// One post; its text stands as HTML in a CDATA section, as most programs write it.
    fn item(&self, out: &mut String, wanted: Wanted<'_>, nth: u64) {
        let Wanted { site, round, at, dense } = wanted;
        let drawn = mixed(site, round, nth);
        let mut title = String::new();
        sentence(&mut title, drawn.rotate_left(17));
        let id = format!("{round}-{nth}");
        let _ = write!(
            out,
            "<item>\n<title>{title}</title>\n<link>http://site{site}.example/post/{id}.html</link>\n\
             <guid isPermaLink=\"false\">site{site}-{id}</guid>\n\
             <pubDate>"
        );
        let _ = match at {
            Some(at) => write!(out, "{at}"),
            None => write!(
                out,
                "{day} {hour:02}:{minute:02}:{second:02} +0800",
                day = self.day,
                hour = drawn >> 8 & 7,
                minute = drawn >> 16 & 31,
                second = nth,
            ),
        };
        out.push_str("</pubDate>\n<description><![CDATA[");
        for paragraph in 0..6 {
            out.push_str("<p>");
            if paragraph == 1 {
                let everyday: &&str = of(&SENTENCES, drawn >> 7);
                out.push_str(everyday);
            }
            for nth in 0..7 {
                sentence(out, mixed(drawn, paragraph, nth));
            }
            if paragraph == 3 {
                let _ = write!(out, "第 {id} 条&nbsp;&amp;&nbsp;");
                if dense || names_a_word(site, nth) {
                    self.word(out, drawn, true);
                }
                out.push_str("，<a href=\"http://news.example/\">查看<b>原文</b></a>");
            }
            out.push_str("</p>\n");
        }
        out.push_str("]]></description>\n</item>\n");
    }

    /// A word; every second one, where the place allows tags, with a tag in its middle.
    fn word(&self, out: &mut String, drawn: u64, tags: bool) {
        let word = of(&self.words, drawn >> 5);
        if tags && drawn & 1 == 0 {
            let mut characters = word.chars();
            out.extend(characters.by_ref().take(4));
            let _ = write!(out, "<strong>{}</strong>", characters.as_str());
        } else {
            out.push_str(word);
        }
    }

    /// A board. Thread numbers go on by [`NEW_THREADS`] a round; the counters of those that stay grow.
    fn list(&self, site: u64, round: u64) -> String {
        let mut out = String::with_capacity(96_000);
        out.push_str(HEAD);
        let newest = POSTS + round * NEW_THREADS;
        for number in (newest - POSTS..newest).rev() {
            self.thread(&mut out, site, round, number);
        }
        out.push_str("</table>\n</form>\n</div>\n<div class=\"pg\"><strong>1</strong></div>\n</div>\n</body>\n</html>\n");
        out
    }

    fn thread(&self, out: &mut String, site: u64, round: u64, number: u64) {
        let drawn = mixed(site, 0, number);
        let mut title = String::new();
        if names_a_word(site, number) {
            self.word(&mut title, drawn, false);
            title.push('，');
        }
        sentence(&mut title, drawn.rotate_left(17));
        let views = drawn % 900 + round * (drawn >> 12 & 63);
        let replies = (drawn >> 20) % 40 + round * (drawn >> 30 & 3);
        let hour = drawn >> 40 & 7;
        let minute = 10 + (drawn >> 48 & 31);
        let mut rest = ROW;
        while let Some((before, (name, after))) =
            rest.split_once("{{").and_then(|(before, rest)| Some((before, rest.split_once("}}")?)))
        {
            out.push_str(before);
            // Writing to a string cannot fail.
            let _ = match name {
                "tid" => write!(out, "{}", site * 1_000_000 + 100_000 + number),
                "title" => write!(out, "{title}"),
                "views" => write!(out, "{views}"),
                "replies" => write!(out, "{replies}"),
                _ => write!(out, "{} 0{hour}:{minute}", self.date),
            };
            rest = after;
        }
        out.push_str(rest);
    }
}

/// Serves on the calling process until it ends. Answers with the address of the first of `hosts` loopback
/// addresses, 127.0.0.1 and on, which share one port: site `n` stands at 127.0.0.{1 + n mod hosts}. With no
/// host, all sixteen million loopback addresses are served, and nobody from elsewhere.
///
/// # Errors
/// What the system says when a port cannot be had.
pub fn start(hosts: u8, date: &str) -> std::io::Result<SocketAddr> {
    let pieces = Arc::new(Pieces::new(date));
    let first_host = if hosts == 0 { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
    let first = TcpListener::bind((first_host, 0))?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, first.local_addr()?.port()));
    let mut listeners = vec![first];
    for host in 2..=hosts {
        listeners.push(TcpListener::bind((Ipv4Addr::new(127, 0, 0, host), address.port()))?);
    }
    for listener in listeners {
        let pieces = Arc::clone(&pieces);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if !stream.peer_addr().is_ok_and(|peer| peer.ip().is_loopback()) {
                    continue;
                }
                let pieces = Arc::clone(&pieces);
                // A client that goes away ends its thread, and nobody else's.
                std::thread::spawn(move || converse(&stream, &pieces));
            }
        });
    }
    Ok(address)
}

/// Answers one connection's requests until the client closes it.
fn converse(stream: &TcpStream, pieces: &Pieces) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut requests = BufReader::new(stream);
    let mut answers = BufWriter::with_capacity(16 * 1024, stream);
    let mut line = String::new();
    loop {
        line.clear();
        if requests.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let target = line.split(' ').nth(1).unwrap_or("/").to_owned();
        let (mut known, mut last) = (String::new(), false);
        loop {
            line.clear();
            requests.read_line(&mut line)?;
            let header = line.trim_end();
            if header.is_empty() {
                break;
            }
            let Some((name, value)) = header.split_once(':') else { continue };
            if name.eq_ignore_ascii_case("if-none-match") {
                value.trim().clone_into(&mut known);
            } else if name.eq_ignore_ascii_case("connection") {
                last = value.trim().eq_ignore_ascii_case("close");
            }
        }
        if target.starts_with("/hang/") {
            // Until the client goes away.
            return std::io::copy(&mut requests, &mut std::io::sink()).map(drop);
        }
        let answer = pieces.answer(&target, &known);
        write!(answers, "HTTP/1.1 {}\r\nContent-Type: {}\r\n", answer.status, answer.content_type)?;
        if let Some(etag) = &answer.etag {
            write!(answers, "ETag: {etag}\r\n")?;
        }
        if !answer.status.starts_with("304") {
            write!(answers, "Content-Length: {}\r\n", answer.body.len())?;
        }
        answers.write_all(b"\r\n")?;
        answers.write_all(answer.body.as_bytes())?;
        answers.flush()?;
        if last {
            return Ok(());
        }
    }
}

/// The server as a process of its own; it ends when this is dropped.
#[derive(Debug)]
pub struct Child {
    process: std::process::Child,
    /// Where site 0 is served.
    pub address: SocketAddr,
}

impl Child {
    /// Starts this very program again as the server, pinned to a processor by `taskset` when one is named.
    ///
    /// # Errors
    /// The program cannot be started, or says no address.
    pub fn start(hosts: u8, date: &str, processor: Option<usize>) -> std::io::Result<Self> {
        let program = std::env::current_exe()?;
        let mut command = if let Some(processor) = processor {
            let mut pinned = Command::new("taskset");
            pinned.args(["-c", &processor.to_string()]).arg(program);
            pinned
        } else {
            Command::new(program)
        };
        let mut process = command
            .env(CHILD, format!("{hosts} {date}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut said = String::new();
        if let Some(out) = process.stdout.take() {
            BufReader::new(out).read_line(&mut said)?;
        }
        let address = said.trim().parse().map_err(|_| std::io::Error::other("the server says no address"))?;
        Ok(Self { process, address })
    }

    /// The server's base address, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// First thing in a benchmark's `main`: the process that was started as the server serves until its parent
/// goes away, and never comes back.
pub fn serve_if_child() {
    let Ok(asked) = std::env::var(CHILD) else { return };
    let (hosts, date) = asked.split_once(' ').unwrap_or(("1", "2026-11-21"));
    match start(hosts.parse().unwrap_or(1), date) {
        Ok(address) => {
            println!("{address}");
            // The parent holds the other end: when it dies by whatever cause, this ends.
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            std::process::exit(0);
        }
        Err(error) => {
            eprintln!("cannot serve: {error}");
            std::process::exit(1);
        }
    }
}
