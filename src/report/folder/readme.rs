//! `README.txt` of a case folder: what is what, and how whoever gets it proves that it is whole.

use std::fmt::Write as _;

use super::{FolderRows, Manifest};
use crate::{
    locale::{Locale, When},
    report::paper::case,
    text::clean,
};

const ZH: &str = "\
papers/             材料（Word 文件），按导出时的数据写成；终报和总结评估在事件关闭后才有
incident.json       事件本身: 等级与依据、预案快照、签收、办理过程、回应；以及全部时限
posts.jsonl         全部帖文，一行一个 JSON 对象，与数据库所存一致
observations.csv    每次查看时各帖的浏览、转发、评论、点赞；空格是未知，不是 0
                    归档已久的事件，数字没有变化的各次查看不再保存；曲线和各种数字不受影响
evidence/           证据，一份一个 JSON 文件: 应答的网址、时间、状态、头部、整个应答的 SHA-256，和帖子自己的那一段
                    fragment 为空的，是文字已按规定删除，哈希仍在
files/              本案附件
deliveries.csv      通知了谁、用什么通道、何时决定、何时受理、是否送达；地址只显示一部分
timeline.csv        事件经过
audit.jsonl         本案的操作记录，带编号和校验值（哈希链）
manifest.json       清单: 其他每个文件的长度和 SHA-256

怎样核对
1. 有本程序: yuqing evidence verify 本文件.zip。加 --database 数据库，还会核对操作记录是否就是库里的那些行。
2. 没有本程序: 解压后用 sha256sum（Windows: certutil -hashfile 文件 SHA256）逐个计算，与 manifest.json 对照。
3. 清单本身也可能被换掉。导出时显示的“manifest.json 的 SHA-256”请另行记录（写进移交单、盖章），对得上才说明整卷未动。
4. 另存的原始应答可用 sha256sum 与 evidence/ 里的 sha256 对照。
";

const EN: &str = "\
papers/             papers (Word), from the rows as they were; final report and review once the case was closed
incident.json       the incident: tier and reason, snapshot of the plan, confirmations, handling, answers; and all limits
posts.jsonl         all posts, a JSON object a line, as the store has them
observations.csv    views, reposts, comments, likes of each post at each look; an empty cell is unknown, not 0
                    of what was archived long ago, looks at which nothing had changed are kept no more: no figure rests on them
evidence/           evidence, a JSON file a piece: the answer's address, instant, status, headers, SHA-256 of the whole
                    answer, and the post's own part; `fragment` is null where the words were taken out by law
files/              files of the case
deliveries.csv      who was told by which channel, decided when, accepted when, whether it arrived; addresses in part
timeline.csv        what happened
audit.jsonl         rows of the audit of this case, with number and hash (a chain)
manifest.json       length and SHA-256 of every other file

How to verify
1. With this program: yuqing evidence verify FILE.zip. With --database FILE it also says whether the audit rows are that
   database's own.
2. Without it: unpack, take `sha256sum` of each file (Windows: certutil -hashfile FILE SHA256), compare with manifest.json.
3. A manifest can be exchanged, too. Write the SHA-256 of manifest.json, which is shown at the export, down elsewhere.
4. A raw answer that was saved elsewhere is proved by `sha256sum` and the `sha256` in evidence/.
";

/// The text, with the line ends and the mark that Notepad wants.
pub(super) fn readme(rows: &FolderRows, manifest: &Manifest, when: &When) -> String {
    let locale = when.locale;
    let incident = &rows.view.incident;
    let mut text = String::from("\u{feff}");
    // Writing to a string cannot fail, hence the `let _`.
    let _ = writeln!(
        text,
        "{} {}",
        locale.pick("舆情案卷", "Case folder"),
        case::serial(&rows.view.incident, when)
    );
    let lines = [
        (("单位", "Unit"), clean(&incident.unit)),
        (("事件", "Incident"), format!("#{} {}", incident.id, clean(&incident.gist))),
        (("标记", "Mark"), incident.plan.exercise_mark.as_deref().map(clean).unwrap_or_default()),
        (("导出时间", "Made at"), when.in_full(when.now)),
        (("导出人", "Made by"), clean(&manifest.made_by)),
        (("程序", "Program"), manifest.program.clone()),
    ];
    for ((zh, en), value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(text, "{}: {value}", locale.pick(zh, en));
    }
    if let Some(head) = &manifest.audit_head {
        let name = locale.pick("操作记录末行", "Last row of the audit");
        let _ = writeln!(text, "{name}: {} {}", head.number, head.hash);
    }
    let _ = write!(text, "\n{}", if locale == Locale::ZhCn { ZH } else { EN });
    if !manifest.left_out.is_empty() {
        let name = locale.pick("没有收入本卷的", "Left out");
        let _ = writeln!(text, "\n{name}");
        for one in &manifest.left_out {
            let _ = writeln!(text, "- {}", one.words(locale));
        }
    }
    text.replace('\n', "\r\n")
}
