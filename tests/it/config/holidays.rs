//! `holidays.toml`: how its lines are written, and what is said of a wrong one.

use std::path::Path;

use jiff::civil::date;
use yuqing::{
    config::{holidays, sheet::Sheet},
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
