//! The words of the demo: units, places and happenings, all invented. Which of them is told is the
//! seed's choice; when and how fast is [`super::story`]'s.

/// A happening round one invented unit.
#[derive(Debug)]
pub(super) struct Script {
    /// The unit.
    pub unit: &'static str,
    /// Other names of it, as the public writes them.
    pub aliases: &'static [&'static str],
    /// Title of the thread in which it begins.
    pub title: &'static str,
    /// What the first post says. Its numbers stay the same in every copy: different numbers would be
    /// a different statement.
    pub opening: &'static str,
    /// A sentence that only the first post has.
    pub ending: &'static str,
    /// What somebody adds who reposts it.
    pub comment: &'static str,
    /// Hashtags of the short video.
    pub tags: &'static str,
    /// Title of the small second story.
    pub small_title: &'static str,
    /// Its text.
    pub small_text: &'static str,
    /// What the unit answers at last.
    pub answer: &'static str,
    /// Old posts about the unit: (title, text).
    pub old: &'static [(&'static str, &'static str)],
}

/// The county in which everything happens. There is none of this name.
pub(super) const COUNTY: &str = "青禾县";

/// The happenings to choose from.
pub(super) const SCRIPTS: [Script; 3] = [
    Script {
        unit: "青禾县人民医院",
        aliases: &["青禾县医院", "青禾人民医院"],
        title: "青禾县人民医院收费窗口排队三小时，自助机全部停用",
        opening: "今天上午带老人去青禾县人民医院看病，收费窗口排队三小时，自助机全部停用，\
                  没有一个工作人员出来解释，老人一直站着等，连个座位都没有。",
        ending: "希望医院尽快给大家一个说法，别再让病人这样等下去。",
        comment: "上周我去也是这样，窗口只开一个",
        tags: "#看病排队 #青禾",
        small_title: "请问青禾县医院体检中心周末上班吗",
        small_text: "想给父母约青禾县医院的体检，电话一直占线，有人知道体检中心周末上不上班吗，先谢谢了。",
        answer: "自助机已于今日修复，收费窗口增开，对排队的群众致歉",
        old: &[
            (
                "青禾县人民医院停车场什么时候能修好",
                "停车场入口的路面坑坑洼洼，雨天积水，不知道青禾县人民医院什么时候修。",
            ),
            (
                "感谢青禾县人民医院骨科的护士",
                "住院期间护士照顾得很细心，在这里谢谢青禾县人民医院骨科的各位。",
            ),
        ],
    },
    Script {
        unit: "青禾县实验中学",
        aliases: &["青禾实验中学", "青禾县实验学校"],
        title: "青禾县实验中学食堂连着几天饭菜发馊，孩子回家喊肚子疼",
        opening: "孩子在青禾县实验中学住校，食堂连着几天饭菜发馊，好几个同学吃完喊肚子疼，\
                  家长打电话到学校，值班室说知道了就挂断，到现在也没有人给家长回话。",
        ending: "我们只想知道食堂的饭菜到底有没有人检查，请学校公开回应。",
        comment: "我家孩子也在这个学校，昨天一口没吃",
        tags: "#校园食堂 #青禾",
        small_title: "青禾实验中学门口放学时太堵了",
        small_text: "每天下午放学，青禾实验中学门口的车停成两排，公交进不来，能不能请人疏导一下。",
        answer: "食堂已停业检查，结果将在三日内公布，到校医室就诊的学生均无大碍",
        old: &[
            (
                "青禾县实验中学新操场跑道怎么样",
                "听说青禾县实验中学的新跑道铺好了，周末对外开放吗，想带孩子去跑步。",
            ),
            (
                "青禾县实验中学合唱团得奖了",
                "看到青禾县实验中学合唱团在市里得了奖，孩子们唱得真好，给老师点赞。",
            ),
        ],
    },
    Script {
        unit: "青禾县自来水公司",
        aliases: &["青禾自来水公司", "青禾县自来水厂"],
        title: "青禾县自来水公司停水两天没有通知，水一来全是黄的",
        opening: "家住城东小区，青禾县自来水公司停水两天没有提前通知，昨晚水一来全是黄的，\
                  放了半个小时还是浑的，打抢修电话一直没有人接，邻居们只好去超市买水做饭。",
        ending: "请自来水公司说清楚为什么停水，这样的水到底能不能喝。",
        comment: "城东这边都一样，水龙头里还有沙子",
        tags: "#停水 #青禾",
        small_title: "青禾自来水公司网上缴费打不开",
        small_text: "青禾自来水公司的网上缴费页面今天一直转圈，换了手机也不行，是不是在维护。",
        answer: "主管网抢修已完成，浑水为管道冲洗所致，水质检测合格，并设置临时供水点",
        old: &[
            (
                "青禾县自来水公司的水表是不是不准",
                "这个月水费比上个月多了一倍，想请青禾县自来水公司来校一下水表，怎么申请。",
            ),
            (
                "问一下青禾县自来水公司报装流程",
                "老房子要重新接水，青禾县自来水公司报装要带哪些材料，有办过的邻居吗。",
            ),
        ],
    },
];

/// Posts that mention nobody: (title, text).
pub(super) const NOISE: [(&str, &str); 12] = [
    ("城西菜市场今天的草莓很新鲜", "早上去转了一圈，草莓个头大，价格也不贵，想吃的可以去看看。"),
    ("转让九成新婴儿推车一辆", "孩子大了用不上，九成新，同城自取，价格可以商量。"),
    ("周末有一起去爬云台岭的吗", "天气预报说周末晴，打算早上六点出发，中午在山顶吃干粮，有人一起吗。"),
    ("求推荐一家靠谱的修鞋铺", "皮鞋开胶了，大家平时都去哪里修，手艺好一点的。"),
    ("晚霞真好看，随手拍了几张", "下班路上看到的晚霞，红了半边天，分享给大家。"),
    ("捡到一只橘猫，谁家丢的", "在文化广场附近捡到一只橘猫，脖子上有红色铃铛，很亲人。"),
    ("本地有没有学二胡的地方", "退休了想学点东西，有老师教二胡吗，最好是老城区。"),
    ("今年的桂花开得特别晚", "往年这个时候满街都是香味，今年好像晚了半个月。"),
    ("二手电动车怎么看电池好坏", "想买一辆代步，卖家说电池刚换，怎么才能看出来是真是假。"),
    ("谁有小学三年级数学练习册", "书店断货了，哪位邻居家里有多的，可以按原价买。"),
    ("晚上河边钓鱼要注意安全", "最近水位涨了，夜钓的朋友离岸边远一点，穿上救生衣。"),
    ("这家面馆的辣椒油绝了", "老板自己熬的辣椒油，香而不燥，一碗面下去满头大汗。"),
];
