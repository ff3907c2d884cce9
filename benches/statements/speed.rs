//! Speed and memory with 100,000 statements in the index: seconds of the processor, so that other work on the machine
//! does not count.

use std::fs;

use super::{
    UNIT, print_of,
    texts::{Side, Writer},
};
use yuqing::{
    desk::statement::{Index, Masks},
    model::IncidentId,
    text::fold,
};

const STATEMENTS: u64 = 100_000;
const POSTS: usize = 5_000;

pub fn speed() {
    println!("\nspeed, {STATEMENTS} statements of 120 characters in the index (seconds of the processor)");
    let mut writer = Writer::new(Side::Report, 99);
    let cores: Vec<String> = (0..STATEMENTS).map(|_| writer.text(120, None)).collect();
    let begin = processor_seconds();
    let mut index = Index::default();
    for (id, text) in (1..).zip(&cores) {
        index.insert(IncidentId(id), print_of(text));
    }
    let took = processor_seconds() - begin;
    println!(
        "build                           {took:>10.2} s     {:>10.0} statements/s",
        STATEMENTS as f64 / took
    );
    println!(
        "memory                          {:>10.1} MB    {:>10.0} bytes a statement",
        index.size_bytes() as f64 / 1e6,
        index.size_bytes() as f64 / STATEMENTS as f64
    );
    let mut other = Writer::new(Side::Tune, 7);
    let strangers: Vec<String> = (0..POSTS).map(|_| other.text(120, None)).collect();
    let kin: Vec<String> = (0..POSTS).map(|_| writer.text(120, None)).collect();
    let copies: Vec<String> = cores.iter().step_by(20).map(|text| format!("太气人了！{text}")).collect();
    let masks = Masks::of([UNIT]);
    for (name, posts) in
        [("strangers", &strangers), ("same sentences, other words", &kin), ("copies", &copies)]
    {
        let folded: Vec<String> = posts.iter().map(|text| fold(text).text).collect();
        let begin = processor_seconds();
        let held = folded.iter().filter(|text| index.holds(text, &masks)).count();
        let rate = posts.len() as f64 / (processor_seconds() - begin);
        println!(
            "holds, {name:<30}{rate:>12.0} posts/s {:>8.1} µs each, {held} of {} held",
            1e6 / rate,
            posts.len()
        );
        let begin = processor_seconds();
        let found = posts.iter().filter(|text| index.find(&print_of(text)).is_some()).count();
        let rate = posts.len() as f64 / (processor_seconds() - begin);
        println!("fold + find, {name:<24}{rate:>12.0} posts/s {:>8.1} µs each, {found} found", 1e6 / rate);
    }
    form_letters(&masks);
    let begin = processor_seconds();
    for id in 1..=STATEMENTS {
        index.remove(IncidentId(id));
    }
    println!(
        "remove all                      {:>10.2} s     {} ways left",
        (processor_seconds() - begin),
        index.n_ways()
    );
}

/// The worst case: letters that differ in their slots only.
fn form_letters(masks: &Masks) {
    let mut writer = Writer::new(Side::Report, 5);
    let letters: Vec<String> = (0..STATEMENTS).map(|_| letter(&mut writer)).collect();
    let mut index = Index::default();
    for (id, text) in (1..).zip(&letters) {
        index.insert(IncidentId(id), print_of(text));
    }
    println!("{STATEMENTS} form letters of {} characters in the index", letters[0].chars().count());
    let strangers: Vec<String> = (0..POSTS).map(|_| letter(&mut writer)).collect();
    let equal: Vec<String> = letters.iter().step_by(20).cloned().collect();
    let copies: Vec<String> = letters.iter().step_by(20).map(|text| format!("太气人了！{text}")).collect();
    let edited: Vec<String> = copies.iter().map(|text| text.replacen("请各单位", "请单位", 1)).collect();
    for (name, posts) in
        [("other letters", &strangers), ("equal", &equal), ("copies", &copies), ("edited copies", &edited)]
    {
        let folded: Vec<String> = posts.iter().map(|text| fold(text).text).collect();
        let begin = processor_seconds();
        let held = folded.iter().filter(|text| index.holds(text, masks)).count();
        let each = (processor_seconds() - begin) / posts.len() as f64;
        println!("holds, {name:<30}{:>27.1} µs each, {held} of {} held", 1e6 * each, posts.len());
    }
}

fn letter(writer: &mut Writer) -> String {
    let mut pick = |of: &str| {
        let all: Vec<char> = of.chars().collect();
        all[writer.rng.usize(..all.len())]
    };
    let name: String =
        ["王李张刘陈杨赵黄周吴徐孙胡朱高林何郭", "建国志强秀英桂兰明辉海燕", "华军平芳勇敏静磊洋艳杰涛"]
            .map(&mut pick)
            .iter()
            .collect();
    let school: String = ["东西南北中新", "河山桥坝坪关", "小中"].map(&mut pick).iter().collect();
    let rng = &mut writer.rng;
    let (no, month, day, phone) =
        (rng.u32(1..400), rng.u32(1..=12), rng.u32(1..=28), rng.u32(6_200_000..6_299_999));
    format!(
        "关于做好冬季安全工作的通知 青教发〔2026〕{no}号。{school}学校：为切实做好冬季安全工作，请各单位高度重视，加强组织领导，\
         落实工作责任，认真开展隐患排查，建立问题台账，限期整改到位，于{month}月{day}日前将自查报告报送办公室，\
         联系人{name}，联系电话{phone}。逾期不报的将予以通报批评。"
    )
}

/// Seconds of the processor that this program has taken.
fn processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks: f64 =
        after.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / 100.0
}
