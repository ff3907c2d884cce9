//! `holidays.toml`: how its lines are written, and what is said of a wrong one.

use std::path::Path;

use jiff::civil::date;
use yuqing::{
    config::{Folder, fitness, holidays, sheet::Sheet},
    model::Workdays,
};

/// What is read of a file, and the messages of its faults.
fn read(text: &str) -> (Workdays, Vec<String>) {
    let sheet = Sheet::new(Path::new("holidays.toml"), text);
    let days = holidays::read(&sheet);
    let (faults, _) = sheet.into_findings();
    (days, faults.into_iter().map(|fault| format!("{}: {}", fault.line, fault.message)).collect())
}

#[test]
fn days_are_written_as_people_write_them() {
    let (days, faults) = read(
        "[[year]]\nyear = 2026\noff = [\"2026-05-01 ~ 2026-05-02 劳动节\", \"2026年6月19日 端午节\", \
         \"2026/6/21 夏至\"]\nwork = [\"2026-05-09\", \"2026年2月14日\"]\n",
    );
    assert_eq!(faults, [""; 0]);
    let off: Vec<_> = days.off.iter().map(|(day, name)| (*day, name.as_str())).collect();
    assert_eq!(
        off,
        [
            (date(2026, 5, 1), "劳动节"),
            (date(2026, 5, 2), "劳动节"),
            (date(2026, 6, 19), "端午节"),
            (date(2026, 6, 21), "夏至")
        ]
    );
    assert_eq!(days.worked.into_iter().collect::<Vec<_>>(), [date(2026, 2, 14), date(2026, 5, 9)]);
}

#[test]
fn a_wrong_line_says_what_is_wrong_with_it() {
    let (_, faults) = read(
        "[[year]]\nyear = 2026\noff = [\n\"2026-05-05 ~ 2026-05-01 劳动节\",\n\"05-01 劳动节\",\n\"2026-05-01\",\n\
         \"2026-05-01 劳动节 三天\",\n\"2026-05-01 ~ 2026-06-01 劳动节\",\n\"五一 劳动节\",\n\"2027-01-01 元旦\",\n]\n\
         work = [\"05-09\"]\n",
    );
    assert_eq!(
        faults,
        [
            "4: 放假日期 \"2026-05-05 ~ 2026-05-01 劳动节\": 结束日期 2026-05-01 早于开始日期 2026-05-05",
            "5: 放假日期 \"05-01 劳动节\": 没有写年份",
            "6: 放假日期 \"2026-05-01\": 没有写名称",
            "7: 放假日期 \"2026-05-01 劳动节 三天\": 名称后面多了 三天",
            "8: \"2026-05-01 ~ 2026-06-01 劳动节\" 的起止日期不对",
            "9: 放假日期 \"五一 劳动节\": 看不懂的日期 五一",
            "10: 2027-01-01 不在 2026 年",
            "12: 看不懂的上班日期 \"05-09\"",
        ]
    );
}

#[test]
fn an_own_file_adds_a_year_and_replaces_the_years_that_it_writes() {
    let stage = super::office::Stage::new();
    let own = "[[year]]\nyear = 2026\noff = [\"2026-01-02 元旦\"]\n\n[[year]]\nyear = 2027\noff = [\"2027-01-01 元旦\"]\n";
    stage.write(holidays::FILE, own);
    let (days, _) = holidays::of(&Folder::Disk(stage.path().to_owned())).unwrap();
    assert!(days.works_on(date(2026, 10, 5)), "the office's own 2026 stands alone");
    assert!(!days.works_on(date(2025, 10, 3)), "2025 is the shipped one");
    assert!(days.works_on(date(2025, 10, 11)), "and so are its worked weekends");
    assert!(!days.works_on(date(2027, 1, 1)));
    assert_eq!(days.years.into_iter().collect::<Vec<_>>(), [2025, 2026, 2027]);
}

#[test]
fn a_year_is_missed_from_the_december_before_it() {
    let years = |years: &[i16]| Workdays { years: years.iter().copied().collect(), ..Workdays::default() };
    for (known, today, missing) in [
        (&[2025, 2026][..], date(2026, 11, 30), None),
        (&[2025, 2026], date(2026, 12, 1), Some(2027)),
        (&[2025, 2026], date(2027, 1, 1), Some(2027)),
        (&[2025, 2026], date(2027, 6, 1), Some(2027)),
        (&[2025, 2026, 2027], date(2026, 12, 1), None),
        (&[2025, 2026, 2027], date(2027, 1, 1), None),
        // The present year is missed first.
        (&[2025], date(2026, 12, 31), Some(2026)),
        (&[], date(2026, 3, 1), Some(2026)),
    ] {
        assert_eq!(holidays::missing_year(&years(known), today), missing, "{known:?} on {today}");
    }
}

#[test]
fn check_warns_of_a_missing_year_with_the_mend() {
    let stage = super::office::Stage::new();
    let warned = |at: &str| -> Vec<String> {
        let (office, _) = yuqing::config::load(&Folder::Disk(stage.path().to_owned())).unwrap();
        let warnings = fitness::overtaken(&office, at.parse().unwrap());
        warnings.iter().map(ToString::to_string).collect()
    };
    // In the office's time zone it is November for one second more.
    assert_eq!(warned("2026-11-30T23:59:59+08:00"), [""; 0]);
    let lines = warned("2026-12-01T00:00:00+08:00");
    assert_eq!(lines.len(), 1, "{lines:#?}");
    for words in [
        "提醒: ",
        "holidays.toml 没有 2027 年的放假与调休安排",
        "只按周末计算",
        "国务院办公厅关于2027年部分节假日安排的通知",
        "year = 2027",
    ] {
        assert!(lines[0].contains(words), "{words}: {}", lines[0]);
    }
    stage.write(holidays::FILE, "[[year]]\nyear = 2027\noff = [\"2027-01-01 元旦\"]\n");
    assert_eq!(warned("2026-12-01T00:00:00+08:00"), [""; 0]);
    assert_eq!(warned("2028-01-01T00:00:00+08:00").len(), 1);
}
