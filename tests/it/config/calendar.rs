//! `sensitive-dates.txt`: how people write it, what is said of a wrong line, and when a day holds.

use jiff::civil::date;
use yuqing::config::{Folder, load, load_after};

use super::office::Stage;

const OFFICE_UNIT: &str = "青川县人民医院";

#[test]
fn spans_days_years_and_units_as_people_write_them() {
    let folder = Stage::new();
    let lines = format!(
        "# 敏感日期\r\n2026-06-07 ~ 2026-06-10 高考 {OFFICE_UNIT}\r\n2026年10月1日至2026年10月7日 国庆\n03-15 消费者权益日\n12-30～01-02　跨年\n2026/6/21 夏至\n"
    );
    // As an old Notepad saves it.
    let (bytes, ..) = encoding_rs::GB18030.encode(&lines);
    std::fs::write(folder.path().join("sensitive-dates.txt"), &bytes).unwrap();
    let (loaded, _) = load(&Folder::Disk(folder.path().to_owned())).unwrap();
    let names = |day| loaded.calendar.on(day).map(|span| span.name.as_str()).collect::<Vec<_>>();
    assert_eq!(names(date(2026, 6, 7)), ["高考"]);
    assert_eq!(names(date(2026, 6, 10)), ["高考"]);
    assert_eq!(names(date(2027, 6, 7)), [""; 0]);
    assert_eq!(names(date(2026, 10, 3)), ["国庆"]);
    assert_eq!(
        (names(date(2026, 3, 15)), names(date(2030, 3, 15))),
        (vec!["消费者权益日"], vec!["消费者权益日"])
    );
    assert_eq!((names(date(2026, 12, 31)), names(date(2027, 1, 2))), (vec!["跨年"], vec!["跨年"]));
    assert_eq!(names(date(2026, 6, 21)), ["夏至"]);
    let of = |units: &[&str], day| {
        let units: Vec<String> = units.iter().map(|unit| (*unit).to_owned()).collect();
        loaded.calendar.on_for(day, &units).is_some()
    };
    assert!(of(&[OFFICE_UNIT], date(2026, 6, 8)) && of(&[], date(2026, 6, 8)));
    assert!(!of(&["别的单位"], date(2026, 6, 8)) && of(&["别的单位"], date(2026, 10, 3)));
}

#[test]
fn a_wrong_line_names_place_and_mend_and_keeps_the_last_good_file() {
    let folder = Stage::new();
    let file = folder.path().join("sensitive-dates.txt");
    let disk = Folder::Disk(folder.path().to_owned());
    std::fs::write(&file, "03-15 消费者权益日\n").unwrap();
    let (good, _) = load(&disk).unwrap();
    let bad = "03-15 消费者权益日\n2026-02-30 没有这天\n2026-06-10 ~ 2026-06-07 高考\n06-07 ~ 2026-06-10 高考\n06-07\n06-07 高考 无此单位\n高考\n";
    std::fs::write(&file, bad).unwrap();
    let faults = load(&disk).unwrap_err();
    let said: Vec<_> = faults.iter().map(|fault| (fault.line, fault.message.as_str())).collect();
    assert_eq!(
        said,
        [
            (2, "没有 2026-02-30 这个日期"),
            (3, "结束日期 2026-06-07 早于开始日期 2026-06-10"),
            (4, "两个日期要么都写年份，要么都不写"),
            (5, "没有写名称"),
            (6, "没有单位 无此单位"),
            (7, "看不懂的日期 高考"),
        ]
    );
    assert!(faults.iter().all(|fault| fault.hint.is_some() && fault.file == file));
    let after = load_after(&disk, &good);
    assert_eq!((after.faults.len(), after.office.calendar.spans.len()), (6, 1));
}
