//! Texts that look alike and are different statements: hard negatives, in pairs.

use super::texts::Writer;

/// A kind of negative.
pub struct Negative {
    pub name: &'static str,
    pub pair: fn(&mut Writer, usize) -> (String, String),
    /// Lengths that it makes sense for.
    pub lengths: &'static [usize],
}

const ALL: &[usize] = &[20, 60, 120, 300, 1500];
const SHORT: &[usize] = &[20, 60, 120];
const ONE: &[usize] = &[60];

macro_rules! negatives {
    ($($name:literal, $lengths:expr, $pair:expr;)*) => {
        pub const NEGATIVES: &[Negative] = &[$(Negative { name: $name, pair: $pair, lengths: $lengths }),*];
    };
}

negatives! {
    "same unit, topic and day", ALL, |w, n| { let topic = w.topic();
        let (x, y) = topic.split_at(topic.len() / 2);
        (w.text_on(x, n, Some("青川县")), w.text_on(y, n, Some("青川县"))) };
    "strangers", ALL, |w, n| (w.text(n, None), w.text(n, None));
    "other number", ALL, |w, n| minimal(w, n, Slot::Number);
    "other date", ALL, |w, n| minimal(w, n, Slot::Date);
    "other place", ALL, |w, n| minimal(w, n, Slot::Place);
    "other person", ALL, |w, n| minimal(w, n, Slot::Person);
    "claim and denial", ALL, |w, n| minimal(w, n, Slot::Denial);
    "numbered notices", ONE, |w, _| pair(w, NUMBERED);
    "关于…的通知", ONE, |w, _| pair(w, NOTICES);
    "price lists", ONE, |w, _| pair(w, PRICES);
    "job notices", ONE, |w, _| pair(w, JOBS);
    "weather", ONE, |w, _| pair(w, WEATHER);
    "checking in, lotteries", ONE, |w, _| pair(w, CHECKINS);
    "letters to the board", ONE, |w, _| pair(w, LETTERS);
    "results and tables", ONE, |w, _| pair(w, RESULTS);
    "topics only", SHORT, topics_only;
    "same saying, own words", SHORT, saying;
    "same ending of the site", SHORT, ending;
    "other hospital or school", ONE, |w, _| pair(w, TWO_COMPLAINTS);
    "other aspects of an event", ONE, aspects;
}

#[derive(Debug, Clone, Copy)]
enum Slot {
    Number,
    Date,
    Place,
    Person,
    Denial,
}

/// A sentence with one slot in the middle of a text; the other text differs in that slot only.
fn minimal(w: &mut Writer, length: usize, slot: Slot) -> (String, String) {
    let frames: &[&str] = match slot {
        Slot::Number => &[
            "排在前面的还有{}个人",
            "一共收了{}元",
            "这样的情况已经有{}次了",
            "大约{}户受到影响",
            "事故造成{}人受伤",
            "医院让我们等了{}个小时",
            "每平方米涨到{}元",
            "工资拖了{}个月",
        ],
        Slot::Date => &[
            "说是{}开始停水",
            "事情发生在{}",
            "定在{}开会答复",
            "{}那天我也在场",
            "通知写的是{}截止",
            "{}上午还有人看见",
            "补贴拖到{}才发",
            "投票{}结束",
        ],
        Slot::Place => &[
            "就在{}门口",
            "出事的是{}",
            "我家住在{}",
            "{}的人都可以作证",
            "救护车去了{}",
            "记者走访了{}",
            "大家都说{}管得松",
            "昨天路过{}看到的",
        ],
        Slot::Person => &[
            "负责人叫{}",
            "办事的是{}同志",
            "联系人{}一直不接电话",
            "当事人{}说不知情",
            "{}女士反映了情况",
            "接待我的是{}主任",
            "司机姓名{}已经核实",
            "家属{}表示不接受",
        ],
        Slot::Denial => &[
            "这件事{有}人负责",
            "他们{承认}收过钱",
            "家属{同意}这个方案",
            "{可以}当天退款",
            "工地{已}复工",
            "伤者{脱离}危险",
            "{属实}",
            "押金{退}了",
        ],
    };
    let frame = w.pick(frames);
    let (x, y) = match slot {
        Slot::Number => {
            let x = w.rng.u16(2..400);
            (x.to_string(), (x + w.rng.u16(1..60)).to_string())
        }
        Slot::Date => {
            let (month, day) = (w.rng.u8(1..13), w.rng.u8(1..28));
            (
                format!("{month}月{day}日"),
                if w.rng.bool() {
                    format!("{month}月{}日", day + 1)
                } else {
                    format!("{}月{day}日", month % 12 + 1)
                },
            )
        }
        Slot::Place => two(
            w,
            &[
                "城东小学",
                "城西小学",
                "县人民医院",
                "县中医院",
                "石桥镇",
                "柳河镇",
                "建设路",
                "解放路",
                "阳光小区",
                "碧水小区",
                "红旗村",
                "张家村",
                "滨江公园",
                "人民公园",
                "一中校区",
                "三中校区",
                "汽车南站",
                "汽车北站",
                "李庄派出所",
                "城关派出所",
            ],
        ),
        Slot::Person => two(
            w,
            &[
                "张建国",
                "李志强",
                "王秀英",
                "刘海燕",
                "陈永平",
                "赵立新",
                "孙国栋",
                "周文斌",
                "吴晓梅",
                "郑丽华",
                "王海涛",
                "李建军",
            ],
        ),
        Slot::Denial => {
            let (inside, _) =
                frame.split_once('{').and_then(|(_, rest)| rest.split_once('}')).expect("a slot");
            let denied = match inside {
                "有" => "没有",
                "承认" => "否认",
                "同意" => "不同意",
                "可以" => "不能",
                "已" => "未",
                "脱离" => "没有脱离",
                "属实" => "不属实",
                _ => "没退",
            };
            (inside.to_owned(), denied.to_owned())
        }
    };
    let body = w.text(length.saturating_sub(12).max(8), None);
    let clauses: Vec<&str> = body.split_inclusive('，').collect();
    let at = w.rng.usize(..=clauses.len().min(6));
    let put = |inside: &str| {
        let (before, rest) = frame.split_once('{').expect("a slot");
        let (_, after) = rest.split_once('}').expect("a closed slot");
        let sentence = format!("{before}{inside}{after}，");
        format!(
            "{}{sentence}{}",
            clauses[..at.min(clauses.len())].concat(),
            clauses[at.min(clauses.len())..].concat()
        )
    };
    (put(&x), put(&y))
}

fn two(w: &mut Writer, list: &[&'static str]) -> (String, String) {
    let x = w.pick(list);
    loop {
        let y = w.pick(list);
        if x != y {
            return (x.to_owned(), y.to_owned());
        }
    }
}

const NUMBERED: &[&str] = &[
    "青川县教育局文件 青教发〔2026〕{no}号 关于做好当前有关工作的通知 各乡镇中心学校、县直各学校：现将有关事项通知如下，请认真贯彻执行。",
    "县政府办公室关于转发有关事项的函 青政办函〔2026〕{no}号 各部门：经研究同意，现转发给你们，请结合实际抓好落实。",
    "第{no}期 食品安全抽检信息通告 根据有关规定，现将本期抽检情况予以公布，请消费者放心选购。",
    "第{no}号公告 现将拟表彰名单予以公示，公示期为五个工作日，如有异议请向我局反映。",
];
const NOTICES: &[&str] = &[
    "关于{subject}的通知 各科室、各下属单位：为进一步加强管理，经研究决定，现就{subject}有关事项通知如下，请遵照执行。",
    "关于{subject}的公告 根据上级文件要求，自{date}起{subject}，给您带来的不便敬请谅解，特此公告。",
    "关于{subject}的通知 各位业主：因工作需要，定于{date}进行{subject}，请提前做好准备，不便之处敬请谅解。物业服务中心",
    "关于开展{subject}工作的通告 广大市民朋友：为营造良好环境，现就开展{subject}工作通告如下，望相互转告。",
];
const PRICES: &[&str] = &[
    "今日报价：排骨{p}元，五花肉{p}元，鸡蛋{p}元，大白菜{p}元，西红柿{p}元，送货上门，电话微信同号。",
    "{date}生猪价格行情：外三元{p}元/公斤，内三元{p}元/公斤，土杂猪{p}元/公斤，较昨日涨跌互现。",
    "黄金回收今日价：足金{p}元/克，铂金{p}元/克，钯金{p}元/克，高价回收，上门服务。",
    "青川县今日油价：92号汽油{p}元/升，95号汽油{p}元/升，0号柴油{p}元/升，加油请到正规加油站。",
];
const JOBS: &[&str] = &[
    "招聘{job}{no}名，要求年龄45岁以下，身体健康，能吃苦耐劳，月薪{money}元，包吃住，有意者请联系{person}。",
    "【急招】{place}诚聘{job}，待遇从优，缴纳五险，月休四天，工资{money}元起，联系电话138{tel}。",
    "本店因业务扩大，现招{job}数名，男女不限，有经验者优先，底薪{money}元加提成，地址{place}。",
    "劳务信息：{place}需要{job}{no}人，日结{money}元，管午饭，早七点集合，联系{person}。",
];
const WEATHER: &[&str] = &[
    "青川县气象台{date}发布天气预报：今天白天{sky}，最高气温{no}度，今天夜间{sky}，最低气温{no}度，风力{no}级。",
    "青川县气象台{date}发布{signal}预警信号：预计未来{no}小时我县部分乡镇将出现{sky}天气，请注意防范。",
    "早安青川，今天是{date}，{sky}，气温{no}度，空气质量良，愿你拥有美好的一天。",
    "{date}天气：{sky}，{no}到{no}度，适宜晨练，出门记得带伞。",
];
const CHECKINS: &[&str] = &[
    "我在{place}打卡签到，已连续签到{no}天，获得积分{no}分，一起来打卡吧！",
    "转发抽奖！关注并转发本条，抽{no}位朋友每人送{gift}一份，{date}开奖，快来参加吧！",
    "今天是我坚持跑步的第{no}天，跑了{p}公里，用时{no}分钟，打卡完成，继续加油！",
    "我在{place}，感觉不错，给{no}分，推荐大家来体验。",
];
const LETTERS: &[&str] = &[
    "尊敬的领导您好：我是{place}的居民，现反映{trouble}的问题，严重影响了我们的正常生活，恳请领导重视，尽快解决，谢谢！",
    "您好，您反映的{trouble}问题已收悉，经{dept}核实，现回复如下：已责成有关单位处理，感谢您对我们工作的关心和支持。",
    "领导好，我想咨询一下{trouble}的事情，我家住{place}，请问应该找哪个部门办理，需要什么材料，盼复。",
    "书记您好，我是一名普通群众，今天冒昧给您写信，反映{place}{trouble}的情况，多次找相关部门没有结果，希望您在百忙之中关注。",
];
const RESULTS: &[&str] = &[
    "青川县{date}新增确诊病例{no}例，新增无症状感染者{no}例，均在隔离管控中发现，请广大市民做好个人防护。",
    "{match_}比赛结果：{place}队{no}比{no}战胜对手，{person}当选本场最佳，下一轮将于{date}进行。",
    "{date}双色球开奖号码：红球{no} {no} {no} {no}，蓝球{no}，一等奖{no}注，奖池继续滚存。",
    "{place}成交公告：项目名称{subject}，成交金额{money}元，成交供应商另行公布，公告期限一个工作日。",
];
const TWO_COMPLAINTS: &[&str] = &[
    "大家千万别去{hospital}，态度差收费高，排队两个小时看病五分钟，投诉也没有人管，太让人失望了。",
    "{school}乱收费，交了钱还要自己买练习册，老师态度恶劣，家长敢怒不敢言，希望教育局好好查一查。",
    "在{hospital}做检查，机器坏了也不提前说，让空腹的老人白等一上午，护士还不耐烦，要求道歉。",
    "给大家曝光一下{school}，食堂饭菜不干净，孩子吃坏了肚子，校方拒绝给说法，请媒体关注。",
];

fn pair(w: &mut Writer, frames: &[&'static str]) -> (String, String) {
    let frame = w.pick(frames);
    loop {
        let (x, y) = (filled(w, frame), filled(w, frame));
        if x != y {
            return (x, y);
        }
    }
}

fn filled(w: &mut Writer, frame: &str) -> String {
    // What a frame says twice is the same both times, but figures.
    let mut said: Vec<(String, String)> = Vec::new();
    let mut out = String::new();
    let mut rest = frame;
    while let Some((before, after)) = rest.split_once('{') {
        let (slot, after) = after.split_once('}').expect("a closed slot");
        out.push_str(before);
        let word = match said.iter().find(|(known, _)| known == slot && !matches!(slot, "no" | "p" | "sky")) {
            Some((_, word)) => word.clone(),
            None => word(w, slot),
        };
        out.push_str(&word);
        said.push((slot.to_owned(), word));
        rest = after;
    }
    out + rest
}

fn word(w: &mut Writer, slot: &str) -> String {
    let words: &[&str] = match slot {
        "no" => return w.rng.u8(2..60).to_string(),
        "p" => return format!("{}.{}", w.rng.u8(2..40), w.rng.u8(1..10)),
        "tel" => return format!("{:08}", w.rng.u32(..99_999_999)),
        "date" => return format!("{}月{}日", w.rng.u8(1..13), w.rng.u8(1..29)),
        "money" => return format!("{}00", w.rng.u8(20..90)),
        "subject" => &[
            "暂停供水",
            "更换电梯",
            "清理楼道杂物",
            "征收取暖费",
            "开展消防演练",
            "调整作息时间",
            "封闭东门",
            "粉刷外墙",
            "检修燃气管道",
            "评选先进个人",
            "安装充电桩",
            "增设停车位",
            "整治流动摊贩",
            "改造雨污管网",
            "禁止燃放烟花爆竹",
            "办理居住证",
        ],
        "job" => &[
            "保安",
            "保洁员",
            "焊工",
            "收银员",
            "服务员",
            "挖掘机司机",
            "电工",
            "快递员",
            "厨师",
            "缝纫工",
            "护理员",
            "仓库管理员",
        ],
        "sky" => &["晴", "多云转晴", "小雨", "中到大雨", "阴有雷阵雨", "小雪", "大风降温", "阴转多云"],
        "signal" => {
            &["暴雨蓝色", "暴雨黄色", "大风蓝色", "高温橙色", "大雾黄色", "寒潮蓝色", "雷电黄色", "冰雹橙色"]
        }
        "gift" => &["电影票", "保温杯", "土鸡蛋", "洗车券", "蓝牙耳机", "羊肉汤", "月饼", "儿童画册"],
        "trouble" => &[
            "夜间施工噪音",
            "下水道堵塞",
            "路灯不亮",
            "乱停乱放",
            "暖气不热",
            "垃圾没人清运",
            "无证养犬",
            "学区划分",
            "公租房申请",
            "拖欠工资",
            "老年卡办理",
            "油烟扰民",
        ],
        "match_" => &["男子篮球", "乒乓球团体", "五人制足球", "女子排球", "羽毛球混双", "拔河"],
        "hospital" => &[
            "市第一人民医院",
            "中医院",
            "妇幼保健院",
            "第三医院",
            "骨科医院",
            "仁爱医院",
            "口腔医院",
            "眼科医院",
            "红十字医院",
            "协和医院",
        ],
        "school" => &[
            "城关中学",
            "实验小学",
            "育才学校",
            "希望小学",
            "北街中学",
            "外国语学校",
            "清河小学",
            "职业高中",
        ],
        "place" => &[
            "锦绣花园",
            "东风路",
            "石桥镇",
            "阳光小区",
            "城南新区",
            "杨柳屯",
            "人民广场",
            "滨河公园",
            "龙潭景区",
            "开发区",
            "南湖一号",
            "火车站",
        ],
        "dept" => &["城管局", "住建局", "教育局", "交通局", "水务局", "民政局"],
        _ => return w.word("person").to_owned(),
    };
    w.pick(words).to_owned()
}

fn topics_only(w: &mut Writer, _: usize) -> (String, String) {
    let topics = w.pick(&[
        "#青川县人民医院急诊排队三小时无人管##青川县#",
        "#学校食堂吃出异物家长集体维权# #教育#",
        "#暴雨中的青川县城# #平安青川##正能量#",
        "#小区停水第七天居民提桶接水# #民生#",
    ]);
    let own = |w: &mut Writer| w.text(14, None);
    let (x, y) = (own(w), own(w));
    (format!("{topics}{x}"), format!("{topics}{y}"))
}

fn saying(w: &mut Writer, length: usize) -> (String, String) {
    let said = w.pick(&[
        "落霞与孤鹜齐飞，秋水共长天一色",
        "不忘初心，牢记使命，为人民服务",
        "人生若只如初见，何事秋风悲画扇",
        "绿水青山就是金山银山",
        "愿你出走半生，归来仍是少年",
        "幸福都是奋斗出来的，撸起袖子加油干",
        "春风十里不如你，岁月静好现世安稳",
        "众人拾柴火焰高，一方有难八方支援",
    ]);
    let own = |w: &mut Writer| w.text(length.max(24), None);
    let (x, y) = (own(w), own(w));
    if w.rng.bool() {
        (format!("{said}。{x}"), format!("{said}。{y}"))
    } else {
        (format!("{x}{said}。"), format!("{y}{said}。"))
    }
}

fn ending(w: &mut Writer, length: usize) -> (String, String) {
    let end = w.pick(&[
        "免责声明：本文仅代表作者个人观点，与本站无关，请读者仅作参考，并自行核实相关内容。",
        "更多精彩内容请关注本地生活公众号，点击下方阅读原文查看详情，记得点赞在看转发哦。",
        "（本文来源于网络，版权归原作者所有，如有侵权请联系我们删除，转载请注明出处。）",
        "欢迎向本报提供新闻线索，热线电话0839-12345678，一经采用即有稿酬，感谢您的支持。",
    ]);
    let own = |w: &mut Writer| w.text(length.max(24), None);
    let (x, y) = (own(w), own(w));
    (format!("{x}\n{end}"), format!("{y}\n{end}"))
}

fn aspects(w: &mut Writer, _: usize) -> (String, String) {
    let place = w.word("spot");
    let event = w.pick(&[
        "发生一起火灾",
        "一栋楼房坍塌",
        "燃气管道爆炸",
        "一辆大巴侧翻",
        "有人落水失踪",
        "一家工厂爆炸",
    ]);
    let told = [
        "现场浓烟滚滚，消防车来了五辆，附近居民已经疏散，暂时没有人员伤亡的消息。",
        "伤者已被送往医院救治，家属正在赶来的路上，医生说情况稳定。",
        "起因还在调查，有目击者称出事前听到一声巨响，玻璃都震碎了。",
        "县里连夜召开会议，要求各乡镇举一反三，开展安全隐患大排查。",
        "周边道路临时管制，过往车辆请绕行，恢复时间另行通知。",
        "网友质疑平时检查走过场，之前就有人举报过，一直没有下文。",
    ];
    let x = w.rng.usize(..told.len());
    let y = (x + w.rng.usize(1..told.len())) % told.len();
    (format!("今天{place}附近{event}，{}", told[x]), format!("今天{place}附近{event}，{}", told[y]))
}

/// A refutation of a text: shown with it, adds no heat.
pub fn refutation(w: &mut Writer, text: &str) -> String {
    let text = text.trim_end_matches('。');
    match w.rng.u8(..5) {
        0 => format!("辟谣：网传“{text}”不实，请勿传播。"),
        1 => format!("近日，网上流传“{text}”的信息。经核查，该信息为谣言，请大家不信谣、不传谣。"),
        2 => format!(
            "【情况通报】针对网传{text}一事，我局第一时间组织核查，所述情况与事实不符，已依法处理造谣者。"
        ),
        3 => format!("{text}？假的！官方回应：不实信息"),
        _ => format!("{text}——经核实，上述内容不属实。"),
    }
}
