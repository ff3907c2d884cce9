//! Papers for tests: a special report, a registration form, a table of several pages, and what hostile people write.

use jiff::tz::TimeZone;
use yuqing::{
    desk::Change,
    locale::{Locale, When},
    model::IncidentId,
    report::{
        chart::{Chart, Figure},
        paper::{
            Density, Paper,
            docx::{Form, docx},
            markup::parse,
        },
    },
    store::IncidentView,
};

use crate::console::rows::{Outside, day, now};

/// The critical incident of the console's day.
fn view() -> IncidentView {
    let changes = day(&Outside::default());
    let mut incidents = changes.iter().filter_map(|change| match change {
        Change::Incident(incident) => Some((**incident).clone()),
        _ => None,
    });
    let mut view = IncidentView {
        incident: incidents.next().unwrap(),
        posts: Vec::new(),
        observations: Vec::new(),
        deadlines: Vec::new(),
        notices: Vec::new(),
        entries: Vec::new(),
    };
    for change in changes {
        match change {
            Change::Post(row) if row.incident == IncidentId(1) => view.posts.push(*row),
            Change::Observation(row) => view.observations.push(row),
            Change::Entry(entry) => view.entries.push(entry),
            _ => {}
        }
    }
    view
}

/// Views and reposts of the console's critical incident.
pub fn curves(locale: Locale) -> Vec<(String, Chart)> {
    let when = When { now: now(), locale, zone: TimeZone::get("Asia/Shanghai").unwrap() };
    let view = view();
    let curve = |(name, figure): (&str, Figure)| {
        (name.to_owned(), Chart::large(&view, &when, figure).expect("something is known"))
    };
    [("views", Figure::Views), ("reposts", Figure::Reposts)].map(curve).to_vec()
}

/// A paper of a text, with both curves.
pub fn paper(name: &str, text: &str) -> Paper {
    let (blocks, cut) = parse(text);
    assert!(!cut, "{name} is too long");
    Paper {
        name: name.to_owned(),
        locale: Locale::ZhCn,
        density: Density::Standard,
        blocks,
        drawings: curves(Locale::ZhCn),
    }
}

/// Its document in the usual form.
pub fn document(paper: &Paper) -> Vec<u8> {
    docx(paper, &Form::default()).expect("a document")
}

/// A special report with every block there is.
pub fn special() -> Paper {
    paper("舆情专报 2026-0012", SPECIAL)
}

/// A registration form of which half is left for the pen.
pub fn registration() -> Paper {
    paper("舆情处置登记表 2026-0012", REGISTRATION)
}

/// A month's table of so many rows.
pub fn monthly(rows: usize) -> Paper {
    let mut text = String::from(
        "# 2026 年 10 月舆情月报\n= 青禾县融媒体中心 | 2026 年 11 月 2 日\n## 一、全部事件\n\
         | 编号 | 首发时间 | 内容 | 等级 | 浏览 | 结果 |\n",
    );
    for number in 1..=rows {
        text.push_str(&format!(
            "| {number} | 10-{:02} 08:30 | 青禾县人民医院收费窗口排队三小时，自助机全部停用 | 较大 | {} | 已回应 |\n",
            number % 31 + 1,
            number * 1_237
        ));
    }
    text.push_str("\n~ 制表： | 审核：\n");
    paper("舆情月报 2026-10", &text)
}

/// A table of twelve columns, a form with long fields, a red head without a line, a table of two columns.
pub fn wide() -> Paper {
    let names: Vec<String> = (1..=12).map(|month| format!("{month} 月")).collect();
    let row = |name: &str, by: u32| {
        let figures: Vec<String> = (1..=12_u32).map(|month| (month * by).to_string()).collect();
        format!("| {name} | {} |\n", figures.join(" | "))
    };
    let text = format!(
        "! 青禾县文件\n# 全年情况\n## 一、逐月\n| 单位 | {} |\n{}{}\n{WIDE}",
        names.join(" | "),
        row("青禾县人民医院", 7),
        row("青禾县第一中学", 1_131)
    );
    paper("全年", &text)
}

/// The special report as an English office has it.
pub fn english() -> Paper {
    let made = paper("Special report 2026-0012", ENGLISH);
    Paper { locale: Locale::En, drawings: curves(Locale::En), ..made }
}

const WIDE: &str = "\
## 二、办理
: 单位 | 青禾县人民医院、青禾县第一中学、青禾县融媒体中心
: 三个以上单位共同办理时的牵头单位及其联系人 | 由县委宣传部牵头，联系人见通讯录。**办理时限**：自立案之日起五个工作日，遇节假日顺延；逾期的，由督查室书面催办并在月度通报中列明。
: 意见 |

| 项目 | 说明 |
| 来源 | 论坛、微博、抖音、留言板 |
| 链接 | https://luntan.example/forum.php?mod=viewthread&tid=104857&extra=page%3D1%26filter%3Dlastpost%26orderby%3Dlastpost |
";

const ENGLISH: &str = "\
# Three-hour queue at the cashiers of Qinghe County Hospital
= No. 12 | Hospital office | 21 November 2026
## 1. What is said
At 13:03 a post on the Qinghe forum said that people queue for **three hours** while all machines are out of order; it now stands on three sites.
> This morning I took my parents to the hospital; nobody explained anything.
@ views
| Site | First seen | Views |
| Qinghe forum | 11-21 13:05 | 30,000 |
- Why the machines stopped is not known.
~ Drafted by | Approved by
";

const SPECIAL: &str = "\
! 青禾县人民医院舆情专报
= 第 12 期 | 青禾县人民医院办公室 | 2026 年 11 月 21 日

# 关于网民反映收费窗口排队三小时、自助机全部停用的情况
= 特别重大 | 截至 14:05

## 一、基本情况
11 月 21 日 13 时 3 分，青禾论坛出现题为“青禾县人民医院收费窗口排队三小时，自助机全部停用”的帖子，此后微博、抖音相继出现相同内容。截至 14 时 5 分，共有 **3 个站点、5 条**，24 小时浏览 **52,310**，转发 **612**，评论 388。
> 今天上午带老人去看病，收费窗口排队三小时，没有一个工作人员出来解释。自助机上贴着“设备维护”，问了三个人都说不知道什么时候好——这样的服务……
链接：https://luntan.example/forum.php?mod=viewthread&tid=104857&extra=page%3D1%26filter%3Dlastpost%26orderby%3Dlastpost&page=1

## 二、传播情况
@ views

| 站点 | 首次发现 | 帖子 | 浏览 | 转发 | 说明 |
| 青禾论坛 | 11-21 13:05 | 3 | 30,000 | — | 首发；版主尚未处理，跟帖多为就医经历，另有两条要求公开自助机采购情况 |
| 微博 | 11-21 13:05 | 1 | — | 612 | 本地博主转发 |
| 抖音 | 11-21 13:11 | 1 | 22,310 | — | 视频，现场拍摄 |

@ reposts

## 三、尚未掌握
- 自助机停用的原因和恢复时间，设备科未答复；
- 帖子所说“没有工作人员解释”是否属实，须由门诊部核实后按程序在两小时内书面报办公室；
- 发帖人身份未知。

## 四、处置建议
1. 由门诊部立即增开人工窗口，并派人在现场说明；
2. 由宣传科在四小时内公开回应。

~ 拟稿： | 审核： | 签发：
";

const REGISTRATION: &str = "\
# 舆情处置登记表
= 编号：2026-0012 | 2026 年 11 月 21 日

: 单位 | 青禾县人民医院
: 发现时间 | 2026 年 11 月 21 日 13:05
: 等级 | **特别重大**（24 小时浏览 52,310，超过 50,000）
: 内容摘要 | 网民反映收费窗口排队三小时，自助机全部停用，没有一个工作人员出来解释。
: 核实情况 |
: 处置措施 |
: 领导批示 |
: 办理结果 |

~ 登记人： | 负责人：
";
