//! What outlives the program: the county on a clock that the test moves, a mail server, the office's folder.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use yuqing::{
    app::demo::{County, Place},
    time::{Clock, Manual, Sleep, System},
};

use crate::support::mail::MailServer;

/// The mail domain of the office; it never leads anywhere.
const DOMAIN: &str = "yanshi.invalid";
/// The tiers that are told, in the order in which the story reaches them, with the notice that tells them.
pub const TOLD: [(&str, &str); 3] = [("elevated", "alert"), ("major", "rise"), ("critical", "rise")];
/// The one story that the county tells.
const STORY: u64 = 7;

/// The county's clock: moved by hand, and it counts who looks at it, which the pages do when they are asked.
struct Watched {
    clock: Manual,
    looks: Arc<watch::Sender<usize>>,
}

impl Clock for Watched {
    fn now(&self) -> Timestamp {
        self.looks.send_modify(|looks| *looks += 1);
        self.clock.now()
    }

    fn sleep_until(&self, at: Timestamp) -> Sleep<'_> {
        self.clock.sleep_until(at)
    }
}

/// The world.
pub struct World {
    pub mail: MailServer,
    /// Steps of mail conversations so far.
    pub steps: Arc<watch::Sender<usize>>,
    /// Looks of the county's pages at its clock so far.
    pub looks: Arc<watch::Sender<usize>>,
    pub folder: tempfile::TempDir,
    pub contacts: Vec<String>,
    clock: Manual,
    county: County,
}

impl World {
    /// A county whose story has not begun, and an office that has `contacts` people to tell.
    pub async fn start(contacts: usize) -> Self {
        // Behind the machine's clock, which the program reads: nothing is published in the future.
        let clock = Manual::at(System.now() - SignedDuration::from_mins(10));
        let looks = Arc::new(watch::Sender::new(0));
        let watched = Watched { clock: clock.clone(), looks: Arc::clone(&looks) };
        let county = County::start(Arc::new(watched), STORY).await.expect("ports on loopback");
        let mail = MailServer::start().await;
        let steps = Arc::new(watch::Sender::new(0));
        let counter = Arc::clone(&steps);
        mail.at_every_point(move |_| counter.send_modify(|steps| *steps += 1));
        let contacts = (1..=contacts).map(|number| format!("值班{number:03}")).collect();
        let folder = tempfile::tempdir().expect("a folder");
        let world = Self { mail, steps, looks, folder, contacts, clock, county };
        world.write_office();
        world
    }

    /// Moves the story just past the threshold of a tier of [`TOLD`].
    pub fn reach(&self, tier: usize) {
        let beats = self.county.story.beats;
        let beat = [beats.elevated, beats.major, beats.critical][tier];
        self.clock
            .set(self.county.started_at + SignedDuration::from_millis(i64::try_from(beat).unwrap() + 100));
    }

    /// Lets the story go on a little; far too little for the next tier.
    pub fn go_on(&self) {
        self.clock.advance(SignedDuration::from_millis(5));
    }

    pub async fn stop(self) {
        self.county.stop().await;
    }

    /// The mailbox of a contact.
    pub fn mailbox(&self, contact: &str) -> String {
        let number: String = contact.chars().filter(char::is_ascii_digit).collect();
        format!("zhiban{number}@{DOMAIN}")
    }

    /// What must have been told when the story has stood at so many tiers: key of the notice and Message-ID,
    /// both made here from what they promise to be made of, with the contact.
    pub fn expected(&self, incident: &str, tiers: usize) -> BTreeMap<String, (String, String)> {
        let tiers = TOLD.iter().take(tiers).enumerate();
        let keys = tiers.flat_map(|(at, (_, kind))| {
            self.contacts.iter().map(move |contact| {
                (contact, format!("{incident}/{}/{kind}/0.0/本单位/{contact}/email", at + 1))
            })
        });
        keys.map(|(contact, key)| {
            let hash = hex::encode(Sha256::digest(key.as_bytes()));
            let id: String = hash.chars().take(32).collect();
            (key, (format!("<{id}@{DOMAIN}>"), contact.clone()))
        })
        .collect()
    }

    fn write_office(&self) {
        let folder = self.folder.path().join("office");
        for inner in ["sources.d", "keywords", "plans", "presets"] {
            std::fs::create_dir_all(folder.join(inner)).expect("a folder");
        }
        let write = |name: &str, text: String| std::fs::write(folder.join(name), text).expect("a file");
        write("yuqing.toml", self.settings());
        write("plans/kills.toml", self.plan());
        write("contacts.toml", self.contact_tables());
        write("sources.d/county.toml", self.sources());
        write("presets/thread.toml", THREAD.to_owned());
        write("keywords/unit.txt", format!("[本单位]\n{}\n检索: 是\n", self.county.story.unit));
    }

    fn settings(&self) -> String {
        format!(
            "[[unit]]\nname = \"{}\"\nplan = \"kills\"\nkeywords = [\"keywords/unit.txt\"]\n\n\
             [email]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"plain\"\n\
             from = \"舆情值守 <yuqing@{DOMAIN}>\"\ntimeout = \"60s\"\n",
            self.county.story.unit,
            self.mail.address.port()
        )
    }

    /// One line with one step of all contacts; the limits are so long that no failover comes.
    fn plan(&self) -> String {
        let step = self.contacts.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        let tier = |id: &str, name: &str, views: u64, reposts: u64, telling: &str| {
            format!(
                "[[tier]]\nid = \"{id}\"\nname = \"{name}\"\nviews_over = {views}\nreposts_over = {reposts}\n\
                 telling = \"{telling}\"\nlines = [{{ name = \"本单位\", steps = [[{step}]] }}]\n\
                 channels = [\"邮件\"]\nreport = \"24h\"\n\n"
            )
        };
        format!(
            "title = \"演示预案\"\nzone = \"Asia/Shanghai\"\nmark = \"演示\"\nadministrators = [\"管理员\"]\n\n\
             [digest]\nevery = \"365d\"\n\n{}{}{}\
             [[tier]]\nid = \"general\"\nname = \"一般\"\ntelling = \"动态\"\n\
             lines = [{{ name = \"本单位\", steps = [[\"管理员\"]] }}]\nchannels = [\"邮件\"]\n",
            tier("critical", "特别重大", 50_000, 500, "立即"),
            tier("major", "重大", 10_000, 300, "立即"),
            tier("elevated", "较大", 1_000, 100, "及时"),
        )
    }

    fn contact_tables(&self) -> String {
        let table = |name: &String| {
            let mailbox = self.mailbox(name);
            format!("[[contact]]\nname = \"{name}\"\nemail = \"{mailbox}\"\nchannels = [\"邮件\"]\n\n")
        };
        let people: String = self.contacts.iter().map(table).collect();
        format!("{people}[[contact]]\nname = \"管理员\"\nchannels = [\"练习\"]\n")
    }

    /// The thread in which the story began, and the three sites that take it up, each asked every second.
    fn sources(&self) -> String {
        let sites = &self.county.sites;
        let story = &self.county.story;
        let since_start = std::time::Duration::from_millis(story.beats.elevated);
        let fresh =
            story.visible(Place::Forum, since_start).into_iter().filter(|post| post.published.is_positive());
        let thread = fresh.max_by_key(|post| post.views.at(since_start));
        let common = "interval = \"1s\"\npace = \"1s\"\ntimeout = \"20s\"\nallow_private = true\n";
        format!(
            "[[page]]\nname = \"论坛\"\npreset = \"thread\"\nurl = \"{}\"\nbase = \"{}\"\nsite = \"论坛\"\n{common}\n\
             [[api]]\nname = \"微博\"\npreset = \"weibo-search\"\nbase = \"{}\"\nsite = \"微博\"\n{common}\n\
             [[api]]\nname = \"短视频\"\npreset = \"douyin-search\"\nbase = \"{}\"\nsite = \"短视频\"\n{common}\n\
             [[feed]]\nname = \"新闻\"\npreset = \"rss\"\nurl = \"{}/atom.xml\"\nsite = \"新闻\"\n{common}",
            sites.link(Place::Forum, thread.expect("a thread").number),
            sites.base(Place::Forum),
            sites.base(Place::Weibo),
            sites.base(Place::Douyin),
            sites.base(Place::News),
        )
    }
}

/// A thread's page read as a source of its own: one request a round, so that a life need not be long. The
/// county's counters do not count us.
const THREAD: &str = r##"
kind = "page"
title = "主题页"
site_kind = "forum"
urls = ["{base}"]
yields = ["views"]

[list]
item = "body:has(#thread_subject)"

[list.fields]
id = [{ css = "#postlist td.t_f", attr = "id", regex = '^postmessage_([0-9]+)1$' }]
title = [{ css = "#thread_subject" }]
text = [{ css = "#postlist td.t_f" }]
published = [{ css = "#postlist em[id^=authorposton]", regex = '发表于\s*(.+)' }]
views = [{ css = "#postlist .hm .xi1" }]
url_template = "{base}/thread-{id}-1-1.html"
"##;
