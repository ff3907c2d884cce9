//! The storm: one story that everybody repeats and many others, all within ten minutes of business time, put
//! through the door of a real daemon with a real file and a real mail conversation. Shared with the benchmark
//! `street`, which plays it in full.
//!
//! Business time goes on by what the desk has taken, whether or not the mails have gone: a limit of five minutes is
//! missed when mails come that much later than posts.

use std::{fmt::Write as _, net::SocketAddr, path::Path, sync::Arc, time::Instant};

use jiff::{SignedDuration, Timestamp};
use yuqing::{
    app::daemon::{Daemon, Options},
    config::Folder,
    desk::Input,
    model::{
        Certainty, Count, Counters, Hit, HitPart, Mention, NoticeState, Post, PostKey, Precision, Published,
        RepostOf, SiteKind,
    },
    time::Manual,
};

const UNIT: &str = "青川县人民医院";
/// In business time.
const LASTS: SignedDuration = SignedDuration::from_mins(10);
/// Posts that are under way to the desk at a time.
const CHUNK: u64 = 1_000;
/// Every so many-th post is another look at the story's first.
const ROOT_EVERY: u64 = 500;
/// Of so many other stories one is critical, and one elevated.
const ONE_IN: u64 = 20;

/// How large it is.
#[derive(Debug, Clone, Copy)]
pub struct Storm {
    /// Posts of the one story.
    pub posts: u64,
    /// Other stories, of one post each.
    pub stories: u64,
}

/// What became of it.
#[derive(Debug)]
pub struct Outcome {
    /// Seconds of the machine until the last post was durable, and until the last mail was accepted.
    pub seconds: (f64, f64),
    /// Notices, and how many of them were accepted.
    pub notices: u64,
    pub accepted: u64,
    /// Notices of the one story.
    pub of_the_story: u64,
    /// Notices of the gravest tier, and how many were accepted after their limit.
    pub critical: u64,
    pub late: u64,
    /// The longest that a critical notice waited, in seconds of business time.
    pub slowest: f64,
    /// Rows in the file.
    pub posts_kept: u64,
    pub observations_kept: u64,
    pub incidents_kept: u64,
    /// Members of the one story.
    pub members: u64,
    /// Of the process, at most, in MB.
    pub peak_mb: f64,
}

impl Outcome {
    /// One line of it.
    pub fn line(&self, storm: &Storm) -> String {
        let Storm { posts, stories } = storm;
        let (taken, sent) = self.seconds;
        format!(
            "{posts} posts of one story and {stories} others in {taken:.0} s, all mails after {sent:.0} s: {} notices, \
             {} accepted; of {} critical {} late, the slowest {:.1} s of business time; {:.0} MB at most",
            self.notices, self.accepted, self.critical, self.late, self.slowest, self.peak_mb
        )
    }
}

impl Storm {
    /// Other stories that must be told.
    pub fn told(&self) -> u64 {
        self.critical() + (0..self.stories).filter(|n| n % ONE_IN == 1).count() as u64
    }

    /// Those of the gravest tier.
    pub fn critical(&self) -> u64 {
        (0..self.stories).filter(|n| n % ONE_IN == 0).count() as u64
    }

    /// Holds what was seen against what is owed: everything kept, everything told once, in time.
    ///
    /// # Errors
    /// What is not as it must be.
    pub fn judge(&self, seen: &Outcome, mails: u64, most_mb: f64) -> Result<(), String> {
        let mut faults = String::new();
        let mut demand = |holds: bool, what: &str| {
            if !holds {
                let _ = writeln!(faults, "{what}");
            }
        };
        demand(seen.posts_kept == self.posts + self.stories, "posts were lost");
        demand(seen.members == self.posts, "posts of the story stand elsewhere");
        demand(seen.incidents_kept == 1 + self.stories, "stories were mixed up");
        demand(seen.observations_kept >= seen.posts_kept, "looks were lost");
        demand(seen.accepted == seen.notices, "notices were not accepted");
        demand(mails == seen.notices, "a mail is not one notice");
        demand(
            (1..=3).contains(&seen.of_the_story),
            "the story was told more than once a tier, or not at all",
        );
        demand(seen.notices == self.told() + seen.of_the_story, "more or fewer notices than are owed");
        demand(seen.critical == self.critical() + 1, "more or fewer critical notices than are owed");
        demand(seen.late == 0, "critical notices came after their limit");
        demand(seen.peak_mb < most_mb, "too much memory");
        if faults.is_empty() { Ok(()) } else { Err(format!("{faults}{self:?} {seen:?}, {mails} mails")) }
    }

    /// Plays it.
    pub async fn play(&self, folder: &Path, mail: SocketAddr) -> Outcome {
        write_office(&folder.join("office"), mail);
        let start: Timestamp = "2026-11-21T02:00:00Z".parse().unwrap();
        let clock = Manual::at(start);
        let options = Options {
            journal: Default::default(),
            folder: Folder::Disk(folder.join("office")),
            state_dir: folder.join("state"),
            listen: Some("127.0.0.1:0".parse().unwrap()),
            clock: Arc::new(clock.clone()),
            post_room: None,
            link_to_self: false,
        };
        let daemon = Daemon::start(options).await.unwrap_or_else(|error| panic!("{error}"));
        let begun = Instant::now();
        let taken = self.pour(&daemon, &clock, start).await;
        let store = daemon.store();
        // Until nothing waits. Whatever is to be tried again falls due on the way.
        while !store.outgoing(Timestamp::MAX, 1).await.unwrap().is_empty() {
            clock.advance(SignedDuration::from_millis(1));
            tokio::task::yield_now().await;
        }
        let all = usize::try_from(2 * self.stories + 100).unwrap();
        let notices = store.notices(all).await.unwrap();
        let sent = begun.elapsed().as_secs_f64();
        daemon.stop().await;
        let gravest = notices.iter().map(|one| one.notice.rank).max().unwrap_or(0);
        let mut seen = Outcome {
            seconds: (taken, sent),
            notices: notices.len() as u64,
            accepted: 0,
            of_the_story: 0,
            critical: 0,
            late: 0,
            slowest: 0.0,
            posts_kept: 0,
            observations_kept: 0,
            incidents_kept: 0,
            members: 0,
            peak_mb: peak_megabytes(),
        };
        for one in &notices {
            let notice = &one.notice;
            seen.of_the_story += u64::from(notice.incident.is_some_and(|id| id.0 == 1));
            seen.critical += u64::from(notice.rank == gravest);
            if let NoticeState::Accepted { at, .. } = notice.state {
                seen.accepted += 1;
                if notice.rank == gravest {
                    seen.late += u64::from(at > notice.due_at);
                    seen.slowest = seen.slowest.max(at.duration_since(notice.created_at).as_secs_f64());
                }
            }
        }
        count_rows(&folder.join("state/yuqing.db"), &mut seen);
        seen
    }

    /// Puts all posts in; answers with the seconds of the machine that it took.
    async fn pour(&self, daemon: &Daemon, clock: &Manual, start: Timestamp) -> f64 {
        let begun = Instant::now();
        let every = (self.posts / self.stories.max(1)).max(1);
        let (mut nth, mut story) = (0, 0);
        while nth < self.posts {
            let now = start + share(LASTS, nth, self.posts);
            clock.set(now);
            let mut waiting = Vec::new();
            let until = (nth + CHUNK).min(self.posts);
            for post in nth..until {
                waiting.push(daemon.inbox().offer(of_the_story(post, now, start)).await.unwrap());
                if post > 0 && post % ROOT_EVERY == 0 {
                    waiting.push(daemon.inbox().offer(root(post, now, start)).await.unwrap());
                }
                if post % every == 0 && story < self.stories {
                    waiting.push(daemon.inbox().offer(other(story, now, start)).await.unwrap());
                    story += 1;
                }
            }
            for done in waiting {
                done.await.unwrap().unwrap();
            }
            nth = until;
        }
        clock.set(start + LASTS);
        begun.elapsed().as_secs_f64()
    }
}

fn share(whole: SignedDuration, part: u64, of: u64) -> SignedDuration {
    let micros = whole.as_micros() * i128::from(part) / i128::from(of);
    SignedDuration::from_micros(i64::try_from(micros).unwrap())
}

/// The story's first post; nobody has seen it grow like this.
fn root(reposts: u64, now: Timestamp, start: Timestamp) -> Input {
    let counters = Counters {
        views: Some(Count::exact(100 * reposts)),
        reposts: Some(Count::exact(reposts)),
        ..Counters::default()
    };
    mention(("weibo", "root".to_owned()), (now, start), STORY.to_owned(), None, counters)
}

/// Four of five pass it on without a word, the fifth copies it.
fn of_the_story(nth: u64, now: Timestamp, start: Timestamp) -> Input {
    if nth == 0 {
        return root(0, now, start);
    }
    let counters = Counters { views: Some(Count::exact(nth % 10)), ..Counters::default() };
    if !nth.is_multiple_of(5) {
        let key = PostKey { site: "weibo".to_owned(), id: "root".to_owned() };
        let repost = RepostOf { key: Some(key), url: None, embedded: None };
        return mention(
            ("weibo", nth.to_string()),
            (now, start),
            "转发微博".to_owned(),
            Some(repost),
            counters,
        );
    }
    const SITES: [&str; 4] = ["tieba", "zhihu", "toutiao", "bbs"];
    let site = SITES.get(usize::try_from(nth / 5 % 4).unwrap()).copied().unwrap_or("bbs");
    let text = format!("{STORY}（转，第 {nth} 楼）");
    mention((site, nth.to_string()), (now, start), text, None, counters)
}

/// A story of its own that no other resembles.
fn other(nth: u64, now: Timestamp, start: Timestamp) -> Input {
    let mut state = (nth + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = format!("{UNIT}：");
    for _ in 0..100 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let scalar = 0x4e00 + u32::try_from(state % 8_000).unwrap();
        text.extend(char::from_u32(scalar));
    }
    let views = match nth % ONE_IN {
        0 => 60_000,
        1 => 2_000,
        _ => 50,
    };
    let counters = Counters { views: Some(Count::exact(views)), ..Counters::default() };
    mention(("luntan", format!("other-{nth}")), (now, start), text, None, counters)
}

const STORY: &str = "青川县人民医院急诊昨夜排队三小时无人理会，家属抱着发烧的孩子在走廊里等到天亮，\
                     护士站说系统坏了没有办法，值班医生一直没有出来，保安还要没收手机不让拍，请有关部门查一查。";

fn mention(
    (site, id): (&str, String),
    (seen_at, start): (Timestamp, Timestamp),
    text: String,
    repost_of: Option<RepostOf>,
    counters: Counters,
) -> Input {
    let hits = if text.contains(UNIT) { vec![hit()] } else { Vec::new() };
    let kind = if site == "weibo" { SiteKind::Microblog } else { SiteKind::Forum };
    Input::Mention(Box::new(Mention {
        source: site.to_owned(),
        post: Post {
            url: format!("https://{site}.example/{id}"),
            key: PostKey { site: site.to_owned(), id },
            site_kind: kind,
            title: String::new(),
            text,
            quoted: String::new(),
            published: Some(Published {
                at: start - SignedDuration::from_mins(5),
                precision: Precision::Minute,
            }),
            repost_of,
            links: Vec::new(),
        },
        seen_at,
        counters,
        own_fetch: false,
        first_round: false,
        hits,
    }))
}

fn hit() -> Hit {
    Hit {
        unit: UNIT.to_owned(),
        group: "医院".to_owned(),
        rule: UNIT.to_owned(),
        line: 2,
        start: 0,
        end: 7,
        surface: UNIT.to_owned(),
        certainty: Certainty::Exact,
        part: HitPart::Own,
        at_least: None,
        notify: Vec::new(),
        kind: None,
        file: String::new(),
    }
}

fn count_rows(path: &Path, seen: &mut Outcome) {
    let file = rusqlite::Connection::open(path).unwrap();
    let count = |query: &str| -> u64 {
        let number: i64 = file.query_row(query, [], |row| row.get(0)).unwrap();
        number.unsigned_abs()
    };
    seen.posts_kept = count("SELECT count(*) FROM post");
    seen.observations_kept = count("SELECT sum(looks) FROM observation");
    seen.incidents_kept = count("SELECT count(*) FROM incident");
    seen.members = count("SELECT count(*) FROM post WHERE incident = 1");
}

/// The most memory that this process has had.
fn peak_megabytes() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1024.0
}

fn write_office(folder: &Path, mail: SocketAddr) {
    for part in ["keywords", "sources.d", "presets", "plans"] {
        std::fs::create_dir_all(folder.join(part)).unwrap();
    }
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write(
        "yuqing.toml",
        &format!(
            "[[unit]]\nname = \"{UNIT}\"\nplan = \"storm\"\nkeywords = [\"keywords/unit.txt\"]\n\
             [console]\nlisten = \"127.0.0.1:0\"\n\
             [email]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"plain\"\nfrom = \"舆情 <yuqing@storm.invalid>\"\n",
            mail.port()
        ),
    );
    write("keywords/unit.txt", &format!("[医院]\n{UNIT}\n"));
    write(
        "contacts.toml",
        "[[contact]]\nname = \"值班员\"\nemail = \"zhiban@storm.invalid\"\nchannels = [\"邮件\"]\n\n\
         [[contact]]\nname = \"管理员\"\nchannels = [\"练习\"]\n",
    );
    let tier = |id: &str, name: &str, views: u64, reposts: u64, report: &str| {
        format!(
            "[[tier]]\nid = \"{id}\"\nname = \"{name}\"\nviews_over = {views}\nreposts_over = {reposts}\n\
             telling = \"立即\"\nlines = [{{ name = \"本单位\", steps = [[\"值班员\"]] }}]\nchannels = [\"邮件\"]\n\
             report = \"{report}\"\nacknowledge = \"24h\"\n"
        )
    };
    write(
        "plans/storm.toml",
        &format!(
            "title = \"风暴\"\nzone = \"Asia/Shanghai\"\nadministrators = [\"管理员\"]\n[digest]\nevery = \"365d\"\n\
             {}{}{}[[tier]]\nid = \"general\"\nname = \"一般\"\ntelling = \"动态\"\n\
             lines = [{{ name = \"本单位\", steps = [[\"值班员\"]] }}]\nchannels = [\"邮件\"]\n",
            tier("critical", "特别重大", 50_000, 500, "5min"),
            tier("major", "重大", 10_000, 300, "5min"),
            tier("elevated", "较大", 1_000, 100, "15min"),
        ),
    );
}
