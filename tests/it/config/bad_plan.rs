//! A plan can be wrong in these ways; each must say this.

use super::office::Stage;

const PLAN: &str = "plans/work-safety.toml";

fn plan(from: &str, to: &str) -> String {
    Stage::new().edit(PLAN, from, to).faults()
}

#[test]
fn an_unknown_key_names_the_one_that_was_meant() {
    insta::assert_snapshot!(plan("views_over = 50000", "view_over = 50000"), @r#"
    plans/work-safety.toml:34:1: 没有 view_over 这个键
       |
    34 | view_over = 50000
       | ^^^^^^^^^
      改法: 是不是 views_over？这里可以写: acknowledge、channels、comments_over、copies、emergency、everyone、growth_over、id、kinds、led_by、limit、lines、name、overdue_to、paper、quiet、remind、report、reposts_over、response、sites_at_least、telling、views_over、when
    "#);
}

#[test]
fn a_threshold_that_does_not_descend() {
    insta::assert_snapshot!(plan("views_over = 10000", "views_over = 500"), @r#"
    plans/work-safety.toml:69:14: 较大 的 views_over = 1000 不低于 重大 的 500
       |
    69 | views_over = 1000
       |              ^^^^
      改法: 等级从重到轻写，较大 的 views_over 要小于 500
    "#);
}

#[test]
fn a_threshold_in_quotes() {
    insta::assert_snapshot!(plan("views_over = 10000", "views_over = \"10,000\""), @r#"
    plans/work-safety.toml:52:14: views_over 应当是整数（不加引号、不加逗号），这里写的是文字
       |
    52 | views_over = "10,000"
       |              ^^^^^^^^
      改法: 写成 views_over = 10000
    "#);
}

#[test]
fn a_contact_that_is_not_there() {
    insta::assert_snapshot!(plan("[[\"值班员\"], [\"带班领导\"]", "[[\"值班员\"], [\"带班局长\"]"), @r#"
    plans/work-safety.toml:38:40: contacts.toml 里没有联系人 带班局长
       |
    38 |     { name = "本单位", steps = [["值班员"], ["带班局长"], ["领导小组办公室主任"], ["领导小组组长"]] },
       |                                              ^^^^^^^^^^
      改法: 改成已有的联系人（上级主管部门、上级总值班室、值班员、分管领导、协同处置单位、县委办公室、县政府办公室、各部门、带班领导、总值班室、新闻发言人、系统管理员、考核部门、责任部门、责任部门负责人、领导小组、领导小组办公室主任、领导小组组长），或在 contacts.toml 里加上他
    "#);
}

#[test]
fn an_empty_line_of_reporting() {
    insta::assert_snapshot!(plan("{ name = \"上级\", steps = [[\"上级总值班室\"]] }", "{ name = \"上级\", steps = [] }"), @r#"
    plans/work-safety.toml:39:28: 报告线里没有人
       |
    39 |     { name = "上级", steps = [] },
       |                              ^^
      改法: 写成 steps = [["值班员"], ["带班领导"]]，先通知前一步，无人签收再通知后一步
    "#);
}

#[test]
fn an_empty_step() {
    insta::assert_snapshot!(plan("steps = [[\"上级总值班室\"]]", "steps = [[]]"), @r#"
    plans/work-safety.toml:39:29: 这一步是空的
       |
    39 |     { name = "上级", steps = [[]] },
       |                               ^^
      改法: 写上联系人，或删去这对方括号
    "#);
}

#[test]
fn two_lines_of_one_name() {
    insta::assert_snapshot!(plan("name = \"上级\"", "name = \"本单位\""), @r#"
    plans/work-safety.toml:39:14: 报告线 本单位 写了两次
       |
    39 |     { name = "本单位", steps = [["上级总值班室"]] },
       |              ^^^^^^^^
      改法: 改一个名字
    "#);
}

#[test]
fn two_tiers_of_one_id() {
    insta::assert_snapshot!(plan("id = \"major\"", "id = \"critical\""), @r#"
    plans/work-safety.toml:50:6: 等级 id critical 写了两次
       |
    50 | id = "critical"
       |      ^^^^^^^^^^
      改法: 每个等级的 id 不同: critical、major、elevated、general、minor
    "#);
}

#[test]
fn too_few_tiers() {
    let stage = Stage::new();
    let text = std::fs::read_to_string(stage.file(PLAN)).unwrap();
    let (two, _) = text.split_once("# 较大").unwrap();
    insta::assert_snapshot!(stage.write(PLAN, two).faults(), @r#"
    plans/work-safety.toml:31:1: 预案应当有三到五个等级，这里有 2 个
       |
    31 | [[tier]]
       | ^^^^^^^^
      改法: 每个等级前写 [[tier]]，从重到轻: 特别重大、重大、较大、一般（、影响较小）
    "#);
}

#[test]
fn acknowledge_without_report() {
    insta::assert_snapshot!(plan("report = \"15min\" ", "# "), @r#"
    plans/work-safety.toml:68:8: 较大 写了签收时限，却没有写报告时限（report）
       |
    68 | name = "较大"
       |        ^^^^^^
      改法: 加一行 report = "5min"：定级后多久之内必须报到
    "#);
}

#[test]
fn steps_without_acknowledge() {
    insta::assert_snapshot!(plan("acknowledge = \"60min\" ", "# "), @r#"
    plans/work-safety.toml:72:9: 较大 没有写签收时限（acknowledge），第二步以后的人永远不会被通知
       |
    72 | lines = [
       |         ^
      改法: 加一行 acknowledge = "10min"
    "#);
}

#[test]
fn acknowledge_shorter_than_report() {
    insta::assert_snapshot!(plan("acknowledge = \"60min\"", "acknowledge = \"12min\""), @r#"
    plans/work-safety.toml:78:15: 较大 的签收时限比报告时限还短
       |
    78 | acknowledge = "12min"                           # 本单位可改
       |               ^^^^^^^
      改法: acknowledge 写成不短于 "15min"
    "#);
}

#[test]
fn a_lighter_tier_that_is_told_faster() {
    insta::assert_snapshot!(plan("report = \"15min\"", "report = \"2min\""), @r#"
    plans/work-safety.toml:77:10: 较大 的 report 时限比 重大 的还短
       |
    77 | report = "2min"                                # 本单位可改
       |          ^^^^^^
      改法: 写成不短于 "5min"
    "#);
}

#[test]
fn a_limit_on_a_digest_tier() {
    insta::assert_snapshot!(plan("paper = \"动态\"", "report = \"5min\"\npaper = \"动态\""), @r#"
    plans/work-safety.toml:89:10: 一般 随动态发送，report 不起作用
       |
    89 | report = "5min"
       |          ^^^^^^
      改法: 删去这一行，或把 telling 改为 "及时"
    "#);
}

#[test]
fn a_limit_without_unit() {
    insta::assert_snapshot!(plan("report = \"5min\"", "report = \"5\""), @r#"
    plans/work-safety.toml:43:10: report: "5" 没有写单位
       |
    43 | report = "5"                                 # 本单位可改
       |          ^^^
      改法: 加上单位，例如 "5min"（分钟）、"5s"（秒）
    "#);
}

#[test]
fn a_limit_of_zero() {
    insta::assert_snapshot!(plan("report = \"5min\"", "report = \"0min\""), @r#"
    plans/work-safety.toml:43:10: report: 时长 0min 必须大于零，且不超过十年
       |
    43 | report = "0min"                                 # 本单位可改
       |          ^^^^^^
      改法: 写成 "90s"（秒）、"5min"（分钟）、"2h"（小时）或 "1d"（天）
    "#);
}

#[test]
fn a_word_that_is_no_way_of_telling() {
    insta::assert_snapshot!(plan("telling = \"及时\"", "telling = \"尽快\""), @r#"
    plans/work-safety.toml:71:11: telling 不认识 "尽快"
       |
    71 | telling = "尽快"
       |           ^^^^^^
      改法: 写下列之一: "立即"（at_once）、"及时"（promptly）、"动态"（digest）、"每周"（weekly）
    "#);
}

#[test]
fn a_response_without_its_start() {
    insta::assert_snapshot!(plan("{ within = \"24h\", from = \"发现\" }", "{ within = \"24h\" }"), @r#"
    plans/work-safety.toml:79:12: 时限要写明多久（within，或 "当日"）和从何时算起（from）
       |
    79 | response = { within = "24h" }    # 本单位可改
       |            ^^^^^^^^^^^^^^^^^^
      改法: 写成 response = { within = "5h", from = "发现" }
    "#);
}

#[test]
fn an_hour_that_does_not_exist() {
    insta::assert_snapshot!(plan("\"17:00\"", "\"25:00\""), @r#"
    plans/work-safety.toml:28:16: "25:00" 不是时刻
       |
    28 | at = ["08:30", "25:00"]             # 舆情动态每天几点发送；本单位可改
       |                ^^^^^^^
      改法: 写成 "08:30"（二十四小时制，英文冒号）
    "#);
}

#[test]
fn a_zone_that_does_not_exist() {
    insta::assert_snapshot!(plan("Asia/Shanghai", "Asia/Beijing"), @r#"
    plans/work-safety.toml:17:8: 没有 "Asia/Beijing" 这个时区
       |
    17 | zone = "Asia/Beijing"
       |        ^^^^^^^^^^^^^^
      改法: 写成 "Asia/Shanghai"
    "#);
}

#[test]
fn full_width_quotes() {
    insta::assert_snapshot!(plan("telling = \"及时\"", "telling = “及时”"), @r#"
    plans/work-safety.toml:71:11: 用了全角符号 “
       |
    71 | telling = “及时”
       |           ^^^^^^^^
      改法: 改成半角（英文输入法下的） "
    "#);
}

#[test]
fn a_channel_that_a_contact_does_not_have() {
    let stage = Stage::new();
    stage.edit(
        "contacts.toml",
        "name = \"值班员\"\nperson = \"\"\nchannels = [\"练习\"]",
        "name = \"值班员\"\nphone = \"13800138000\"\nchannels = [\"电话\"]",
    );
    insta::assert_snapshot!(stage.faults(), @r#"
    plans/work-safety.toml:38:31: 特别重大 要用邮件、短信通知 值班员，他没有这个通道
       |
    38 |     { name = "本单位", steps = [["值班员"], ["带班领导"], ["领导小组办公室主任"], ["领导小组组长"]] },
       |                                  ^^^^^^^^
      改法: 在 contacts.toml 里给 值班员 的 channels 加上邮件、短信，或改这一级的 channels

    plans/work-safety.toml:56:31: 重大 要用邮件、短信通知 值班员，他没有这个通道
       |
    56 |     { name = "本单位", steps = [["值班员"], ["带班领导"], ["领导小组办公室主任"], ["领导小组组长"]] },
       |                                  ^^^^^^^^
      改法: 在 contacts.toml 里给 值班员 的 channels 加上邮件、短信，或改这一级的 channels

    plans/work-safety.toml:73:31: 较大 要用邮件通知 值班员，他没有这个通道
       |
    73 |     { name = "本单位", steps = [["值班员"], ["带班领导"], ["领导小组办公室主任"], ["领导小组组长"]] },
       |                                  ^^^^^^^^
      改法: 在 contacts.toml 里给 值班员 的 channels 加上邮件，或改这一级的 channels

    plans/work-safety.toml:87:36: 一般 要用邮件通知 值班员，他没有这个通道
       |
    87 | lines = [{ name = "本单位", steps = [["值班员", "领导小组办公室主任"]] }]
       |                                       ^^^^^^^^
      改法: 在 contacts.toml 里给 值班员 的 channels 加上邮件，或改这一级的 channels
    "#);
}

#[test]
fn a_state_that_means_none_of_the_shipped_ones_is_a_fault() {
    let stage = Stage::new();
    stage.edit(
        PLAN,
        "min_sites = 1 ",
        "states = [\"线索\", \"上报 = 报告\", \"办结 = 平息\"]\nmin_sites = 1 ",
    );
    insta::assert_snapshot!(stage.faults(), @r#"
    plans/work-safety.toml:18:17: 没有随包的状态 报告
       |
    18 | states = ["线索", "上报 = 报告", "办结 = 平息"]
       |                   ^^^^^^^^^^^^^
      改法: “=”后面写随包的状态之一: 发现、已报、已签收、会商、批办、处置中、审定、已回应、跟踪、平息、归档
    "#);
}

#[test]
fn all_faults_of_a_file_are_told_at_once() {
    let stage = Stage::new();
    stage.edit(PLAN, "min_sites = 1 ", "min_site = 1 ");
    stage.edit(PLAN, "reposts_over = 300", "reposts_over = -3");
    stage.edit(PLAN, "administrators = [\"系统管理员\"]", "administrators = []");
    insta::assert_snapshot!(stage.faults(), @r#"
    plans/work-safety.toml:18:1: 没有 min_site 这个键
       |
    18 | min_site = 1                       # 至少在几个站点出现，浏览量才参加定级；本单位可改
       | ^^^^^^^^
      改法: 是不是 min_sites？这里可以写: administrators、count_shares、digest、limit、mark、min_sites、monthly、office_hours、same_day_cutoff、statement_window、states、subsides、tier、title、warn_at、zone

    plans/work-safety.toml:21:18: 没有管理员
       |
    21 | administrators = []      # 系统故障、无人签收时通知
       |                  ^^
      改法: 加一行 administrators = ["系统管理员"]：信源中断、无人签收时通知他

    plans/work-safety.toml:53:16: reposts_over = -3 超出范围
       |
    53 | reposts_over = -3
       |                ^^
      改法: 写 0 到 10000000000 之间的整数
    "#);
}

#[test]
fn a_limit_that_no_act_can_meet_or_that_names_nobody_assigned() {
    let limit = |written: &str| {
        let head = "[[limit]]\nid = \"x\"\nname = \"审定\"\nwithin = \"1h\"\n";
        plan("[[tier]]\nid = \"critical\"", &format!("{head}{written}\n[[tier]]\nid = \"critical\""))
    };
    let said = limit("from = \"办结\"\nmet_by = \"批办\"");
    assert!(
        said.contains("办结以后不再有批办、审定，只能登记完成") && said.contains("删去 met_by"),
        "{said}"
    );
    assert!(limit("from = \"回应\"\nmet_by = \"回应\"").contains("不能由回应来完成"));
    assert!(limit("from = \"定级\"\nmet_by = \"批\"").contains("met_by"), "no such act");
    let said = limit("from = \"定级\"\nto = [\"责任部门\"]\nunassigned = [\"值班员\"]");
    assert!(said.contains("unassigned 只在 to 里写了“主办”或“协办”时起作用"), "{said}");
    assert!(limit("from = \"定级\"\nto = [\"主办\", \"主办\"]").contains("同一个人写了两次"));
    assert!(limit("from = \"定级\"\nto = [\"主办\"]\nunassigned = [\"没有此人\"]").contains("没有此人"));
}
