//! What keeps apart two texts that differ in one place only, and what does not: each guard by itself, both ways round,
//! in several frames. Where nothing else is said, every pair is tried at the beginning and in the middle of a post.

use yuqing::{
    desk::statement::{Comparison, Fingerprint, Index, Verdict, compare},
    locale::Locale,
    model::IncidentId,
};

const FRAMES: [&str; 3] = [
    "今天上午{}门口发生一起交通事故，一辆货车撞倒两名学生，消防和救护车都到了现场，请大家绕行。",
    "反映{}食堂饭菜里吃出虫子，家长投诉一个星期没有人回复，希望有关部门尽快调查处理。",
    "停水通知：因管道抢修，{}自今晚八点起停水，恢复时间另行通知，请居民提前储水。",
];

fn print_of(text: &str) -> Fingerprint {
    Fingerprint::of(text, ["青川县人民医院"])
}

fn both_ways(a: &str, b: &str) -> [Comparison; 2] {
    let (a, b) = (print_of(a), print_of(b));
    [compare(&a, &b), compare(&b, &a)]
}

#[track_caller]
fn same(a: &str, b: &str) {
    for compared in both_ways(a, b) {
        assert_eq!(compared.verdict, Verdict::Same, "{a}\n{b}\n{compared:?}");
    }
}

#[track_caller]
fn apart(a: &str, b: &str, kind: &str) {
    for compared in both_ways(a, b) {
        assert_eq!(compared.verdict, Verdict::Contradicts, "{a}\n{b}\n{compared:?}");
        let difference = compared.difference.expect("a reason");
        assert_eq!(difference.kind(Locale::ZhCn), kind, "{}\n{a}\n{b}", difference.sentence(Locale::ZhCn));
    }
}

#[track_caller]
fn slots_apart(pairs: &[[&str; 2]], kind: &str) {
    for frame in FRAMES {
        for [x, y] in pairs {
            apart(&frame.replace("{}", x), &frame.replace("{}", y), kind);
        }
    }
}

#[track_caller]
fn slots_same(pairs: &[[&str; 2]]) {
    for frame in FRAMES {
        for [x, y] in pairs {
            same(&frame.replace("{}", x), &frame.replace("{}", y));
        }
    }
}

#[test]
fn another_numeral_in_a_name_is_another_place() {
    slots_apart(
        &[
            ["第一实验小学", "第二实验小学"],
            ["县一中", "县三中"],
            ["市一院", "市二院"],
            ["医大附一院", "医大附二院"],
            ["内一科", "内二科"],
            ["三年级", "五年级"],
            ["三号楼", "5号楼"],
            ["A座", "B座"],
        ],
        "数字不同",
    );
    slots_apart(&[["市第二人民医院", "市人民医院"], ["县第三中学", "县中学"]], "地点或单位不同");
}

#[test]
fn a_numeral_written_otherwise_is_none() {
    slots_same(&[
        ["第1小学", "第一小学"],
        ["六号楼", "6号楼"],
        ["市一院", "市第一医院"],
        ["县一中", "县第一中学"],
        ["县第一人民医院", "县人民医院"],
    ]);
}

#[test]
fn another_name_before_an_ending_is_another_place() {
    slots_apart(
        &[
            ["翠湖花园", "翠竹花园"],
            ["光明小区", "碧水小区"],
            ["石桥镇", "柳河镇"],
            ["解放路", "建设路"],
            ["育才学校", "希望学校"],
            ["锦绣华庭", "碧桂名苑"],
            ["教育局", "民政局"],
            ["巡特警大队", "交警大队"],
            ["刘家湾", "陈家湾"],
            ["大王村", "小王村"],
            ["骨科", "内科"],
            ["红旗村", "红星村"],
            ["东风社区", "东方社区"],
            ["前进村", "前锋村"],
        ],
        "地点或单位不同",
    );
}

#[test]
fn another_quarter_or_institution_is_another_place() {
    slots_apart(
        &[
            ["东院区", "西院区"],
            ["老院区", "新院区"],
            ["东门", "西门"],
            ["汽车南站", "汽车北站"],
            ["实验小学", "实验中学"],
            ["县人民医院", "县人民法院"],
            ["三中校区", "县中医院"],
        ],
        "地点或单位不同",
    );
}

#[test]
fn a_slip_of_the_hand_an_abbreviation_or_another_script_is_the_same_place() {
    slots_same(&[
        ["阳光小区", "陽光小區"],
        ["红旗村", "红旗 村"],
        ["阳光小区", "洋光小区"],
        ["阳光小区", "阳光小曲"],
        ["清河小学", "清廾小学"],
        ["石桥村", "石将村"],
        ["第三幼儿园", "曰三幼儿园"],
        ["解放路", "解放璐"],
        ["石桥镇", "青川县石桥镇"],
        ["建设路", "建设路中段"],
        ["县人民医院", "县医院"],
        ["张某某家", "张某家"],
        ["大家知道路口", "大家晓得路口"],
    ]);
}

#[test]
fn a_place_in_a_comment_is_no_contradiction() {
    for (x, y) in [("红旗村", "红星村"), ("县一中", "县三中"), ("东门", "西门"), ("解放路", "建设路")]
    {
        for frame in FRAMES {
            let post = frame.replace("{}", x);
            same(&format!("我们这边{y}也是这样。{post}"), &post);
            same(&format!("{post}我家在{y}也一样，没人管"), &post);
        }
    }
}

/// The first words of the core stand behind a comment of the copy, or something else does.
#[test]
fn a_comment_before_another_place_hides_nothing() {
    let post = "{}食堂饭菜里吃出虫子，家长投诉一个星期没有人回复，希望有关部门尽快调查处理。";
    for (x, y, kind) in [
        ("县一中", "县三中", "数字不同"),
        ("城东小学", "城西小学", "地点或单位不同"),
        ("石桥镇", "柳河镇", "地点或单位不同"),
    ] {
        let (x, y) = (post.replace("{}", x), post.replace("{}", y));
        apart(&format!("太气人了！{x}"), &y, kind);
        same(&format!("太气人了！{x}"), &x);
    }
}

/// A tenth of a long text was misread: a name that differs by two characters is no other place then, and two characters
/// are no other name; with nothing else misread they are.
#[test]
fn among_many_misread_characters_a_name_tells_nothing() {
    let post = "昨天下午县城东街菜市场旁边，阳光小区的业主拦住施工车辆，保安说工期是上面定的，联系人王建国一直不接电话，\
                家属在物业办公室等到天黑，最后派出所来人登记才散，大家希望有关部门给一个说法，不要再互相推诿。";
    apart(&post.replace("阳光小区", "碧水小区"), post, "地点或单位不同");
    apart(&post.replace("王建国", "李海涛"), post, "人名不同");
    let misread =
        post.replace("旁边", "劳边").replace("施工", "拖工").replace("保安", "保妥").replace("办公", "办会");
    same(&misread, post);
    same(&misread.replace("阳光小区", "阴兆小区"), post);
    same(&misread.replace("王建国", "王逮固"), post);
}

#[test]
fn other_vehicles_are_another_accident() {
    let post = "滨河路与建设大街交叉口发生一起交通事故，一辆{}冲上人行道，无人受伤，请过往车辆绕行。";
    apart(&post.replace("{}", "渣土车"), &post.replace("{}", "公交车"), "套话相同，内容不同");
    same(&post.replace("{}", "大货车"), &post.replace("{}", "货车"));
}

#[test]
fn figures_are_read_to_their_end() {
    same(
        "网友说凌晨一点\n12户居民家里同时停电，物业电话一直没有人接，大家都在楼下等着。",
        "网友说凌晨一点，12户居民家里同时停电，物业电话一直没有人接，大家都在楼下等着。",
    );
    apart(
        "网友说凌晨1点12分居民家里同时停电，物业电话一直没有人接，大家都在楼下等着。",
        "网友说凌晨1点居民家里同时停电，物业电话一直没有人接，大家都在楼下等着。",
        "数字不同",
    );
    same(
        "早上六两个穿制服的人在公园门口吵了起来，围观的人很多，后来都散了。",
        "早上六点两个穿制服的人在公园门口吵了起来，围观的人很多，后来都散了。",
    );
    // The site cut it off in the middle of 1200.
    let post = "城关镇卫生院体检中心乱收费，单位组织体检，每人多收了1200元，问起来说是上面的规定。";
    same("城关镇卫生院体检中心乱收费，单位组织体检，每人多收了12…全文", post);
}

#[test]
fn a_letter_in_a_word_is_mistyped_and_alone_it_names_something() {
    let post = "业主反映iphone手机在旗舰店维修以后无法开机，店员让再等一个星期，没有任何书面说明。";
    same(&post.replace("iphone", "iphane"), post);
    let block = "业主反映幸福家园C座电梯坏了半个月，物业让再等一个星期，没有任何书面说明。";
    apart(&block.replace("C座", "D座"), block, "数字不同");
}

#[test]
fn a_comment_that_uses_a_word_of_the_rest_is_no_other_matter() {
    let post = "千佛洞的门票涨了一倍，里面一半的项目在维修，节前我同事站在雨里等到散场，节前带队的干部在群里发了四条语音，\
                只好自认倒霉，退票的窗口一直没有开。";
    same(
        "引用 @小城故事 的发言：“千佛洞的门票涨了一倍，里面一半的项目在维修，节前我同事站在雨里等到散场，……” 已经转到群里了，",
        post,
    );
}

/// What is cut was cut behind, and an article is about the longest of what stands in it.
#[test]
fn the_closest_of_equally_like_ones_is_found() {
    let clause = "施工队半夜还在打桩整栋楼的人都睡不着";
    let middle = format!("前几天物业经理贴出告示，说工期已经调整，{clause}，大家都很生气。");
    let first = format!("{clause}，水费倒是一分没少，通知贴在楼道里没有人看。");
    let mut index = Index::default();
    index.insert(IncidentId(1), print_of(&middle));
    index.insert(IncidentId(2), print_of(&first));
    index.insert(IncidentId(3), print_of(clause));
    let found = |text: &str| index.find(&print_of(text)).map(|found| found.incident);
    assert_eq!(found("施工队半夜还在打桩整栋楼的人…全文"), Some(IncidentId(2)));
    let article = format!(
        "身边事\n{first}{}",
        "记者随后联系了当地住建部门，对方表示将派人核实，结果会及时向社会公布。"
    );
    assert_eq!(found(&article), Some(IncidentId(2)), "not the shorter one");
}

/// What sites ask of their readers is no part of a post.
#[test]
fn an_appeal_of_the_site_joins_nobody() {
    let ends = [
        "欢迎向本报提供新闻线索，热线电话0839-12345678，一经采用即有稿酬，感谢您的支持。",
        "（本文来源于网络，版权归原作者所有，如有侵权请联系我们删除，转载请注明出处。）",
    ];
    for end in ends {
        let a = format!("物业说是水厂的事，水厂说是物业的泵坏了。\n{end}");
        let b = format!("入冬以来抱孩子的妇女顺手把探头拧歪了。\n{end}");
        assert!(both_ways(&a, &b).iter().all(|compared| compared.verdict == Verdict::Unlike), "{end}");
    }
}

const POST: &str = "昨天下午县城东街菜市场里，卖菜的张建国和城管发生争执，一位大妈被推倒在地，事后没有人道歉，市场方面说监控坏了，\
                    家属要求查清事实，已经向成都的媒体求助。";

#[track_caller]
fn other_word(kind: &str, pairs: &[[&str; 2]]) {
    for [from, to] in pairs {
        assert!(POST.contains(from), "{from}");
        apart(&POST.replace(from, to), POST, kind);
    }
}

#[test]
fn words_that_exclude_each_other() {
    other_word("日期不同", &[["昨天", "前天"], ["下午", "上午"]]);
    other_word("人名不同", &[["城管", "保安"], ["张建国", "李志强"]]);
    other_word("地点或单位不同", &[["成都", "武汉"], ["东街", "西街"]]);
    other_word("说法相反", &[["没有人道歉", "有人道歉"], ["要求", "不要求"], ["坏了", "没坏"]]);
    let post = "县自来水厂通知，城区今天起恢复供水，请居民相互转告，收费标准不变。";
    apart(&post.replace("恢复", "暂停"), post, "说法相反");
}

#[test]
fn a_word_that_holds_a_negation_negates_nothing() {
    same(&POST.replace("事后", "事后不久"), POST);
    same(&POST.replace("要求", "不断要求"), POST);
}

#[test]
fn another_given_name_is_another_person_and_a_masked_one_is_none() {
    let post = "群众来信反映，城关镇王建国主任在拆迁补偿中优亲厚友，多次上访没有结果，请纪委调查。";
    apart(&post.replace("王建国", "王建军"), post, "人名不同");
    apart(&post.replace("王建国", "李建国"), post, "人名不同");
    same(&post.replace("王建国", "王某某"), &post.replace("王建国", "王某"));
}

#[test]
fn another_matter_in_the_same_words_is_another_statement() {
    let job = "本店因业务扩大，急招{}数名，男女不限，有经验者优先，工资面议，包吃住，地址在老车站对面。";
    apart(&job.replace("{}", "保安"), &job.replace("{}", "厨师"), "套话相同，内容不同");
    let notice = "关于{}的通知：各科室、各下属单位，现就有关事项通知如下，请认真组织学习，结合实际抓好贯彻落实，情况请于月底前报办公室。";
    apart(&notice.replace("{}", "加强消防安全"), &notice.replace("{}", "规范停车秩序"), "套话相同，内容不同");
    let letter =
        "您好，您所说的{}一事已经收悉，我们立即安排有关人员核实，现已责成有关单位处理，感谢您的关心和支持。";
    apart(&letter.replace("{}", "路灯损坏"), &letter.replace("{}", "污水横流"), "套话相同，内容不同");
    let walk = "周末带孩子去了{}，人不算多，风景很好，停车也方便，就是吃饭的地方少了点，下次还来。";
    apart(&walk.replace("{}", "桃花岛"), &walk.replace("{}", "千佛洞"), "地点或单位不同");
}

#[test]
fn another_year_is_another_date() {
    let post = "审计发现该公司{}前共拖欠货款若干，多家供货商已经联名起诉，法院择日开庭。";
    let of = |date: &str| post.replace("{}", date);
    apart(&of("2025年11月21日"), &of("2026年11月21日"), "日期不同");
    apart(&of("11月20日"), &of("2026年11月21日"), "日期不同");
    same(&of("11月21日"), &of("2026-11-21"));
    let edited = of("2025年11月21日").replace("若干", "多笔");
    apart(&edited, &of("2026年11月21日"), "日期不同");
}
