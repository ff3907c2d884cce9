//! What 谐音 costs in false alarms on ordinary text: all Chinese text among the test data, none of which is about
//! these words.

use std::path::Path;

use yuqing::model::Certainty;
use yuqing::text::decode;

use super::matcher;

/// Words as an office has them.
const WORDS: &str = "强拆 讨薪 维权 投诉 上访 罢工 污染 中毒 停水 爆炸 火灾 坍塌 贪污 受贿 医闹 猝死 举报 黑心 乱收费 市医院 \
    县医院 人民医院 食物中毒 强制拆迁 拖欠工资 青川县人民医院";

fn is_han(c: &char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(c)
}

fn texts(folder: &Path, out: &mut Vec<String>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            texts(&path, out);
        } else if !["evasions.jsonl", "handmade_variants.jsonl"].contains(&name.as_str()) {
            let html = name.ends_with(".html");
            let text = decode(&std::fs::read(&path).unwrap(), None, html).text;
            // What is mostly Latin or markup proves little and takes long.
            if text.chars().filter(is_han).count() > 500 {
                out.push(text);
            }
        }
    }
}

#[test]
fn ordinary_text_is_rarely_met_by_sound() {
    let mut all = Vec::new();
    texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data"), &mut all);
    let n_han: usize = all.iter().map(|text| text.chars().filter(is_han).count()).sum();
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let list: String = words.iter().map(|word| format!("谐音: 是\n{word}\n\n")).collect();
    let matcher = matcher(&list);
    let mut alarms = Vec::new();
    for text in &all {
        let hits = matcher.hits(text, "");
        let unsure = hits.into_iter().filter(|hit| hit.certainty == Certainty::Homophone);
        alarms.extend(unsure.map(|hit| format!("{}: {}", hit.rule, hit.surface)));
    }
    alarms.sort();
    println!("{} false alarms of {} words in {n_han} characters: {alarms:#?}", alarms.len(), words.len());
    assert!(n_han > 40_000, "{n_han} characters");
    assert!(alarms.len() <= 5, "{} false alarms", alarms.len());
}
