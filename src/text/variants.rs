//! Characters that are read as another one: variants that are simplified inside words only, forms of other
//! countries, radicals with a code of their own (⺠ out of PDFs), letters of other scripts that look Latin, kana
//! that look Han. Own work; what OpenCC knows stands in the table beside this one.

use std::{collections::HashMap, sync::LazyLock};

static TABLE: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let mut table = HashMap::new();
    for pair in PAIRS.split_whitespace() {
        let mut chars = pair.chars();
        if let (Some(from), Some(to)) = (chars.next(), chars.next()) {
            table.insert(from, to);
        }
    }
    table
});

/// What a character is read as, where OpenCC leaves it alone or simplifies it inside words only.
#[must_use]
pub fn variant(c: char) -> Option<char> {
    TABLE.get(&c).copied().or_else(|| negative_letter(c))
}

/// White letters on black, in a circle or square, that Unicode takes for signs. Four of them are blood groups and
/// a car park, which stand as emoji between other words.
fn negative_letter(c: char) -> Option<char> {
    let first = match c {
        '🅰' | '🅱' | '🅾' | '🅿' => return None,
        '\u{1F150}'..='\u{1F169}' => 0x1F150,
        '\u{1F170}'..='\u{1F189}' => 0x1F170,
        _ => return None,
    };
    char::from_u32(u32::from(c) - first + u32::from('a'))
}

/// The letter in brackets that stands for a whole sign (⒦, 🄚): normalising would keep the brackets.
#[must_use]
pub fn unbracketed(c: char) -> char {
    let first = match c {
        '\u{249C}'..='\u{24B5}' => 0x249C,
        '\u{1F110}'..='\u{1F129}' => 0x1F110,
        _ => return c,
    };
    char::from_u32(u32::from(c) - first + u32::from('a')).unwrap_or(c)
}

/// A character and what it is read as, after folding of width and case.
#[rustfmt::skip]
const PAIRS: &str = "\
    擡抬 貍狸 扞捍 遶绕 幺么 著着 喫吃 嚐尝 牀床 羣群 峯峰 畧略 恠怪 葢盖 嶽岳 疎疏 讐仇 兎兔 鬪斗 舘馆 堦阶 凴凭 暎映 菸烟 姦奸 \
    妳你 牠它 祂他 衹只 祇只 佈布 佔占 慾欲 甯宁 敎教 旣既 卽即 徧遍 徃往 皁皂 粧妆 糉粽 綑捆 緜绵 蹤踪 躱躲 迴回 鉤钩 閒闲 \
    隷隶 靣面 饍膳 駡骂 髙高 黃黄 黒黑 槪概 竝并 併并 仝同 僞伪 勅敕 勦剿 叅参 吿告 呪咒 咲笑 啓启 墻墙 嬭奶 寀采 寃冤 岀出 \
    嵗岁 帋纸 幷并 庻庶 恊协 慙惭 戱戏 抛抛 揑捏 搃总 攷考 敍叙 斈学 晢晰 曺曹 朶朵 栁柳 桒桑 棊棋 楽乐 欝郁 殻壳 氷冰 汚污 \
    泝溯 洩泄 涙泪 淨净 溼湿 滙汇 災灾 炤照 烱炯 煑煮 牋笺 犂犁 獘毙 珎珍 甎砖 畂亩 痐蛔 癡痴 盃杯 砲炮 礮炮 秊年 秌秋 稾稿 \
    穽阱 筭算 箇个 粇糠 絃弦 纎纤 缽钵 罎坛 肎肯 胷胸 脗吻 臋臀 艢樯 蔴麻 虵蛇 蠭蜂 衂衄 襍杂 覔觅 觧解 註注 誖悖 豔艳 賍赃 \
    跥跺 踈疏 軆体 迯逃 逩奔 遯遁 酧酬 醻酬 鈎钩 鑑鉴 陞升 隄堤 雞鸡 霛灵 韈袜 頫俯 餧喂 騐验 髣仿 鬦斗 魰渔 鵞鹅 麤粗 鼇鳌 \
    気气 発发 権权 検检 県县 団团 圧压 図图 対对 応应 労劳 児儿 済济 実实 処处 銭钱 転转 伝传 売卖 読读 変变 辺边 歩步 毎每 \
    満满 両两 鉄铁 広广 拡扩 帯带 単单 営营 厳严 覚觉 薬药 総总 沢泽 択择 訳译 釈释 経经 軽轻 継继 験验 険险 剣剑 悪恶 亜亚 \
    囲围 脳脑 悩恼 仏佛 払拂 豊丰 髪发 抜拔 恵惠 弾弹 戦战 縄绳 壌壤 嬢娘 譲让 醸酿 畳叠 粛肃 渋涩 塩盐 桜樱 駆驱 鶏鸡 渓溪 \
    効效 雑杂 蔵藏 臓脏 増增 続续 瀬濑 聴听 庁厅 懲惩 鎮镇 闘斗 徳德 廃废 様样 謡谣 頼赖 覧览 竜龙 緑绿 霊灵 齢龄 録录 仮假 \
    価价 撃击 拠据 挙举 暁晓 斉齐 斎斋 駅驿 歯齿 亀龟 戸户 巻卷 査查 収收 従从 縦纵 揺摇 窓窗 焼烧 状状 倹俭 勧劝 歓欢 観观 \
    関关 顕显 鉱矿 砕碎 酔醉 捜搜 掃扫 桟栈 残残 浅浅 践践 穏稳 隠隐 隣邻 涼凉 猟猎 静静 清清 絶绝 繊纤 餅饼 遅迟 逓递 鋳铸 \
    ⺁厂 ⺅亻 ⺇几 ⺉刂 ⺊卜 ⺋㔾 ⺌小 ⺍小 ⺎兀 ⺐尢 ⺑尢 ⺒巳 ⺓么 ⺔彐 ⺕彐 ⺖忄 ⺗心 ⺘扌 ⺙攵 ⺛旡 ⺜日 ⺝月 ⺞歹 ⺠民 ⺡氵 ⺢水 ⺣灬 \
    ⺤爫 ⺥爪 ⺦丬 ⺧牛 ⺨犭 ⺩王 ⺪疋 ⺫罒 ⺬礻 ⺭礻 ⺮竹 ⺯糸 ⺰纟 ⺱网 ⺲罒 ⺳网 ⺴网 ⺵网 ⺶羊 ⺷羊 ⺸羊 ⺹耂 ⺺肀 ⺻聿 ⺼月 ⺽臼 ⺾艹 \
    ⺿艹 ⻀艹 ⻁虎 ⻂衤 ⻃西 ⻄西 ⻅见 ⻆角 ⻇角 ⻈讠 ⻉贝 ⻊足 ⻋车 ⻌辶 ⻍辶 ⻎辶 ⻏阝 ⻐钅 ⻑长 ⻒长 ⻓长 ⻔门 ⻖阝 ⻗雨 ⻘青 ⻙韦 ⻚页 \
    ⻛风 ⻜飞 ⻝食 ⻟饣 ⻠饣 ⻢马 ⻣骨 ⻤鬼 ⻥鱼 ⻦鸟 ⻧卤 ⻨麦 ⻩黄 ⻪黾 ⻬齐 ⻮齿 ⻯龙 ⻰龙 ⻱龟 ⻲龟 ⻳龟 \
    カ力 ロ口 エ工 ニ二 ハ八 タ夕 ト卜 ヶ个 \
    аa еe оo рp сc уy хx іi ѕs јj һh ԁd ԛq ԝw вb нh кk мm тt αa οo ιi κk ρp τt \
    ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz ɡg ɑa \
    ";
