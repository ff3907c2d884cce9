//! What happens to a text on its way through the sites: it stays the same statement.

use super::texts::Writer;

/// A kind of edit.
pub struct Edit {
    pub name: &'static str,
    /// Shortest text, in characters, that it makes sense for.
    pub least: usize,
    pub apply: fn(&mut Writer, &str) -> String,
}

macro_rules! edits {
    ($($name:literal, $least:literal, $apply:expr;)*) => {
        pub const EDITS: &[Edit] = &[$(Edit { name: $name, least: $least, apply: $apply }),*];
    };
}

edits! {
    "identical", 0, |_, t| t.to_owned();
    "own comment before", 0, |w, t| format!("{}{t}", comment(w));
    "own comment after", 0, |w, t| format!("{t}{}", comment(w));
    "comment //@user: text", 0, |w, t| format!("{}//@{}:{t}", comment(w), user(w));
    "two //@ chains", 0, |w, t| format!("{}//@{}:{}//@{}:{t}", comment(w), user(w), comment(w), user(w));
    "【headline】 before", 0, |w, t| format!("【{}】{t}", headline(w));
    "source after", 0, |w, t| format!("{t}\n来源：{} 2026-11-2{} 0{}:3{}", media(w), w.rng.u8(0..9), w.rng.u8(1..9), w.rng.u8(0..9));
    "reporter and source before", 0, |w, t| format!("来源：{}　作者：{}　发布时间：2026-11-21 09:1{}\n（记者 {}）{t}", media(w), w.word("person"), w.rng.u8(0..9), w.word("person"));
    "cut to 60 %, 全文", 0, |w, t| format!("{}{}", part(t, 60), w.pick(&["...全文", "……展开", "…全文", "...展开全文", "…", "... 查看全文"]));
    "cut to 35 %, 全文", 36, |w, t| format!("{}{}", part(t, 35), w.pick(&["...全文", "……展开", "…全文", "...展开c", "…", "... 查看全文"]));
    "comment + 60 %", 60, |w, t| format!("{}//@{}:{}…", comment(w), user(w), part(t, 60));
    "marks and spaces", 0, marks;
    "traditional", 0, |_, t| t.chars().map(traditional).collect();
    "full width", 0, |_, t| t.chars().map(|c| if c.is_ascii_graphic() { char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c) } else { c }).collect();
    "few characters (1-5 %)", 0, few_characters;
    "synonyms", 0, synonyms;
    "comment + “quote”", 0, |w, t| format!("{}“{}”", comment(w), t.trim_end_matches('。'));
    "reply quoting half", 40, |w, t| format!("引用 @{} 的发言：“{}……” {}", user(w), part(t, 50), comment(w));
    "headline of an article", 0, |w, t| { let more = w.text(400, None); let t = t.trim_end_matches('。'); format!("{t}\n本报讯（记者 {}）{t}。{more}", w.word("person")) };
    "first sentence of an article", 0, |w, t| { let more = w.text(300, None); format!("{}\n{t}{more}", headline(w)) };
    "video title and topics", 0, |w, t| format!("{} #{} #{} #热点 @{}", t.trim_end_matches('。'), topic(w), topic(w), user(w));
    "emoji strewn", 0, emoji;
    "topics and names changed", 0, |w, t| format!("#{}##{}#{t}@{} @{} ", topic(w), topic(w), user(w), user(w));
    "link added", 0, |w, t| format!("{t} http://t.cn/A6{:x} O网页链接", w.rng.u32(..));
    "numbers otherwise", 0, |_, t| numbers(t);
    "sentences moved", 100, moved;
    "read from a picture", 0, from_picture;
    "another headline", 60, |w, t| format!("{}\n{}\n{t}\n责任编辑：{}", headline(w), media(w), w.word("person"));
    "template of sharing", 0, |w, t| match w.rng.u8(..4) { 0 => format!("分享图片 {t}"), 1 => format!("我在看【{}】，快来一起看！http://t.cn/x", t.trim_end_matches('。')), 2 => format!("转发微博 {t} L{}的微博视频", user(w)), _ => format!("7.43 复制打开抖音，看看【{}的作品】{t} https://v.douyin.com/iJ{:x}/", user(w), w.rng.u16(..)) };
    "signature", 0, |w, t| format!("{t}\n—— 发自我的{}", w.pick(&["iPhone", "华为手机", "小米手机", "安卓客户端"]));
}

fn comment(w: &mut Writer) -> String {
    let text = w.pick(&[
        "太气人了",
        "转给大家看看",
        "有人管吗",
        "我也遇到过，真的无语",
        "关注一下",
        "这都第几次了",
        "求扩散",
        "说得太对了",
        "看哭了",
        "昨天我也在现场，情况属实",
        "怎么又是这样",
        "必须给个说法",
        "同感",
        "本地人表示确实如此",
        "已经转到群里了",
        "支持维权，别怕",
    ]);
    let mark = ["！", "，", " ", "。", "？？"][w.rng.usize(..5)];
    format!("{text}{mark}")
}

fn user(w: &mut Writer) -> String {
    format!(
        "{}{}",
        w.pick(&[
            "小城故事",
            "路人甲",
            "爱吃鱼的猫",
            "本地通",
            "阳光少年",
            "老张说事",
            "momo_",
            "南方的风",
            "今天也要加油",
            "一棵树"
        ]),
        w.rng.u16(..999)
    )
}

fn media(w: &mut Writer) -> &'static str {
    w.pick(&[
        "大河网",
        "新浪微博",
        "今日头条",
        "澎湃新闻",
        "本地宝",
        "腾讯网",
        "县融媒体中心",
        "都市快报",
        "凤凰网",
        "网易新闻",
    ])
}

fn headline(w: &mut Writer) -> &'static str {
    w.pick(&[
        "网友反映的这件事有人管了吗",
        "居民：盼尽快解决",
        "真相到底是什么",
        "到底谁来负责",
        "突发！刚刚传来消息",
        "最新进展来了",
        "记者实地走访",
        "百姓心声",
        "身边事",
        "就在今天上午，全城都在转",
    ])
}

fn topic(w: &mut Writer) -> &'static str {
    w.pick(&[
        "同城热点",
        "本地新闻",
        "曝光",
        "维权",
        "民生",
        "身边事",
        "老百姓的事",
        "上热门",
        "求助",
        "正能量",
    ])
}

fn part(text: &str, percent: usize) -> String {
    let most = text.chars().count() * percent / 100;
    text.chars().take(most).collect()
}

fn marks(w: &mut Writer, text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '，' => out.push_str(["，", ",", " ", "\n", "、", "~"][w.rng.usize(..6)]),
            '。' => out.push_str(["。", "！", "!!!", "\n\n", "。。。", " "][w.rng.usize(..6)]),
            _ => out.push(c),
        }
        if w.rng.u8(..25) == 0 && !c.is_ascii() {
            out.push(' ');
        }
    }
    out
}

fn traditional(c: char) -> char {
    const SIMPLE: &str = "来诊从时没开个队伍说统坏让钱问费规医生钟药电话张床连输够楼厕经孩学级请师们长后厨门进换贴视频发业车边头里处过备动务证据转护区点场厂环变鱼层机监测叶还卖难卫气网书县东专亲产众优伤传价们会体余儿党关兴军农冲决况净减几出击划则刚创办加务劳势华协单卖卢压历县参双变号叹员响围国图圆块声处备复够头夺实审对导将尔层岁岛币师帮干广庄庆应库废开张强当录怀态总恼恶惊惧戏户执扩扫护报抢担拥择损换据敌数断无旧显晓暂术机杀杂权条极构标样档桥检楼欢欧步残段毁气汇没沟测济浓涛润涨渐湾湿满滚灭灯灵灾炉点热爱爷状独猪现环电画畅疗疯监盖盘码确离种积称稳穷窝竖笔签简类粮紧纪约级纳纸线练组细终绍经结给统继续维综绿编缘罗罚罢职联肤肿胜脉脏脑节苏药营虑虫补表袭装见观规视览觉订认讨让训议讯记讲许论设访证评识诉词译试话该详语误说请诸读课谁调谈谢谱贝负责败账货质贩贪贫贯贴费资赌赏赔赚赛赞赶趋跃车轨转轮软轻载较辆输达迁运还这进远违连迟适选递逻遗邓邻郑酱释里鉴针钟钢钱铁银错锁镇长门闭问间闹闻阳阴阵阶际陆陈险随难雾静韩页顶项顺须顾领频题颜额风飞饭饮馆马驻驾验骑骗鱼鲜鸟鸡黄龙龄";
    const FULL: &str = "來診從時沒開個隊伍說統壞讓錢問費規醫生鐘藥電話張床連輸夠樓廁經孩學級請師們長後廚門進換貼視頻發業車邊頭裡處過備動務證據轉護區點場廠環變魚層機監測葉還賣難衛氣網書縣東專親產眾優傷傳價們會體餘兒黨關興軍農衝決況淨減幾出擊劃則剛創辦加務勞勢華協單賣盧壓歷縣參雙變號嘆員響圍國圖圓塊聲處備複夠頭奪實審對導將爾層歲島幣師幫幹廣莊慶應庫廢開張強當錄懷態總惱惡驚懼戲戶執擴掃護報搶擔擁擇損換據敵數斷無舊顯曉暫術機殺雜權條極構標樣檔橋檢樓歡歐步殘段毀氣匯沒溝測濟濃濤潤漲漸灣濕滿滾滅燈靈災爐點熱愛爺狀獨豬現環電畫暢療瘋監蓋盤碼確離種積稱穩窮窩豎筆簽簡類糧緊紀約級納紙線練組細終紹經結給統繼續維綜綠編緣羅罰罷職聯膚腫勝脈髒腦節蘇藥營慮蟲補表襲裝見觀規視覽覺訂認討讓訓議訊記講許論設訪證評識訴詞譯試話該詳語誤說請諸讀課誰調談謝譜貝負責敗賬貨質販貪貧貫貼費資賭賞賠賺賽讚趕趨躍車軌轉輪軟輕載較輛輸達遷運還這進遠違連遲適選遞邏遺鄧鄰鄭醬釋裡鑑針鐘鋼錢鐵銀錯鎖鎮長門閉問間鬧聞陽陰陣階際陸陳險隨難霧靜韓頁頂項順須顧領頻題顏額風飛飯飲館馬駐駕驗騎騙魚鮮鳥雞黃龍齡";
    SIMPLE.chars().zip(FULL.chars()).find(|(simple, _)| *simple == c).map_or(c, |(_, full)| full)
}

const COMMON: &str = "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然于心学么之都好看起发当没成只如事把还用第样道想作种开美总从无情己面最女但现前些所同日手又行意动方期它头经长儿回位分爱老因很给名法间斯知世什两次使身者被高已亲其进此话常与活正感见明问力理尔点文几定本公特做外孩相西果走将月十实向声车全信重三机工物气每并别真打太新比才便夫再书部水像眼等体却加电主界门利海受听表德少克代员许先口由死安写性马光白或住难望教命花结乐色更拉东神记处让母父应直字场平报友关放至张认接告入笑内英军候民岁往何度山觉路带万男边风解叫任金快原吃妈变通师立象数四失满战远格士音轻目条呢";

fn changeable(c: char) -> bool {
    !c.is_ascii_digit() && !"零一二两三四五六七八九十百千万亿半不没未无非".contains(c) && c.is_alphanumeric()
}

fn few_characters(w: &mut Writer, text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let common: Vec<char> = COMMON.chars().filter(|&c| changeable(c)).collect();
    let most = (chars.len() / 20).max(1);
    for _ in 0..w.rng.usize(1..=most) {
        let at = w.rng.usize(..chars.len());
        let near = |at: usize| chars.get(at).is_none_or(|&c| changeable(c) || !c.is_alphanumeric());
        if !changeable(chars[at]) || !near(at + 1) || !near(at.wrapping_sub(1)) {
            continue;
        }
        let other = common[w.rng.usize(..common.len())];
        match w.rng.u8(..4) {
            0 => {
                chars.remove(at);
            }
            1 => chars.insert(at, other),
            _ => chars[at] = other,
        }
    }
    chars.into_iter().collect()
}

const SYNONYMS: &[(&str, &str)] = &[
    ("孩子", "小孩"),
    ("我妈", "我母亲"),
    ("说", "讲"),
    ("晚上", "夜里"),
    ("已经", "早已"),
    ("大家", "大伙"),
    ("没有人", "无人"),
    ("现在", "目前"),
    ("根本", "压根"),
    ("老人", "老年人"),
    ("现场", "当场"),
    ("知道", "晓得"),
    ("打了", "拨了"),
    ("全班", "整个班"),
    ("旁边", "边上"),
    ("村里", "村子里"),
    ("直接", "径直"),
    ("大雨", "大暴雨"),
    ("居民", "住户"),
    ("希望", "盼望"),
];

fn synonyms(w: &mut Writer, text: &str) -> String {
    let mut out = text.to_owned();
    let mut most = (text.chars().count() / 40).max(1);
    let start = w.rng.usize(..SYNONYMS.len());
    for i in 0..SYNONYMS.len() {
        let (from, to) = SYNONYMS[(start + i) % SYNONYMS.len()];
        if from == "大雨" {
            continue;
        }
        if most > 0 && out.contains(from) {
            out = out.replacen(from, to, 1);
            most -= 1;
        }
    }
    out
}

fn emoji(w: &mut Writer, text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        out.push(c);
        if !c.is_ascii_digit() && w.rng.u8(..8) == 0 {
            out.push_str(["😡", "🙏", "[泪]", "😭😭", "❗", "[怒]", "👍", "[doge]", "💔"][w.rng.usize(..9)]);
        }
    }
    out
}

fn numbers(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < chars.len() {
        let run: String = chars[at..].iter().take_while(|c| c.is_ascii_digit()).collect();
        let next = chars.get(at + run.chars().count()).copied().unwrap_or(' ');
        let is_alone = !matches!(next, '.' | ':' | '月' | '-')
            && (at == 0 || !matches!(chars[at - 1], '十' | '百' | '.' | '月' | '-' | ':'));
        if let (Ok(value), true) = (run.parse::<u64>(), is_alone) {
            if value > 0 && value < 100 && next != '%' {
                out.push_str(&chinese(value));
            } else if value >= 10_000 && value.is_multiple_of(1000) {
                out.push_str(&format!("{}万", value as f64 / 10_000.0));
            } else {
                out.push_str(&run);
            }
            at += run.chars().count();
            continue;
        }
        if !run.is_empty() {
            // A date: 3月12日 becomes 2026-03-12 or 3.12.
            let rest: String = chars[at..].iter().take(6).collect();
            if let Some((month, after)) = rest.split_once('月')
                && let Some((day, _)) = after.split_once('日')
                && let (Ok(m), Ok(d)) = (month.parse::<u8>(), day.parse::<u8>())
            {
                out.push_str(&if d % 2 == 0 { format!("2026-{m:02}-{d:02}") } else { format!("{m}.{d:02}") });
                at += month.len() + 1 + day.len() + 1;
                continue;
            }
            out.push_str(&run);
            at += run.chars().count();
            continue;
        }
        out.push(chars[at]);
        at += 1;
    }
    out
}

fn chinese(value: u64) -> String {
    const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |n: u64| DIGITS[usize::try_from(n).expect("a digit")];
    match (value / 10, value % 10) {
        (0, n) => digit(n).to_owned(),
        (1, 0) => "十".to_owned(),
        (1, n) => format!("十{}", digit(n)),
        (tens, 0) => format!("{}十", digit(tens)),
        (tens, n) => format!("{}十{}", digit(tens), digit(n)),
    }
}

fn moved(w: &mut Writer, text: &str) -> String {
    let mut sentences: Vec<&str> = text.split_inclusive(['。', '，']).collect();
    let at = w.rng.usize(1..sentences.len().max(2));
    let at = at.min(sentences.len() - 1);
    sentences.rotate_left(at);
    sentences.concat()
}

fn from_picture(w: &mut Writer, text: &str) -> String {
    let mut out = String::new();
    let width = w.rng.usize(12..22);
    let len = text.chars().count();
    let mut wrong = len / 50 + 1;
    for (i, c) in text.chars().enumerate() {
        if wrong > 0 && changeable(c) && w.rng.usize(..len) < 3 {
            wrong -= 1;
            out.push_str(["", "口", "曰", "|", "丶", "廾"][w.rng.usize(..6)]);
        } else {
            out.push(c);
        }
        if i % width == width - 1 {
            out.push('\n');
        }
    }
    out
}
