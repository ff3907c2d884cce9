//! Publication times as sites write them.

use jiff::{Timestamp, civil, tz::TimeZone};
use proptest::prelude::*;
use yuqing::{model::Precision, text::parse_date};

fn shanghai() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

fn at(local: &str) -> Timestamp {
    local.parse::<civil::DateTime>().unwrap().to_zoned(shanghai()).unwrap().timestamp()
}

/// Reads `text` at a local time; the answer in local time.
fn read(text: &str, now: &str) -> Option<(String, Precision)> {
    parse_date(text, at(now), &shanghai()).map(|published| {
        let local = published.at.to_zoned(shanghai()).strftime("%Y-%m-%d %H:%M:%S").to_string();
        (local, published.precision)
    })
}

/// A Saturday.
const NOW: &str = "2026-11-21 10:00:00";

#[test]
fn every_form_gives_its_latest_instant_and_precision() {
    use Precision::{Day, Hour, Minute, Month, Second};
    let rows: &[(&str, &str, Precision)] = &[
        ("刚刚", NOW, Minute),
        ("30秒前", "2026-11-21 09:59:30", Second),
        ("3分钟前", "2026-11-21 09:57:00", Minute),
        ("3 分鐘前", "2026-11-21 09:57:00", Minute),
        ("几分钟前", "2026-11-21 09:57:00", Minute),
        ("半小时前", "2026-11-21 09:30:00", Hour),
        ("3小时前", "2026-11-21 07:00:00", Hour),
        ("1个半小时前", "2026-11-21 08:30:00", Hour),
        ("1小时30分钟前", "2026-11-21 08:30:00", Minute),
        ("两小时前", "2026-11-21 08:00:00", Hour),
        ("十二小时前", "2026-11-20 22:00:00", Hour),
        ("半天前", "2026-11-20 22:00:00", Hour),
        ("今天 08:15", "2026-11-21 08:15:00", Minute),
        ("今天08:15:30", "2026-11-21 08:15:30", Second),
        ("今天", NOW, Day),
        ("昨天 12:30", "2026-11-20 12:30:00", Minute),
        ("昨天12:30", "2026-11-20 12:30:00", Minute),
        ("昨天", "2026-11-20 23:59:59", Day),
        ("昨晚8点", "2026-11-20 20:00:00", Hour),
        ("昨天下午3点半", "2026-11-20 15:30:00", Minute),
        ("前天", "2026-11-19 23:59:59", Day),
        ("前天 21:38", "2026-11-19 21:38:00", Minute),
        ("大前天", "2026-11-18 23:59:59", Day),
        ("3天前", "2026-11-18 23:59:59", Day),
        ("3 天前", "2026-11-18 23:59:59", Day),
        ("3天前 12:30", "2026-11-18 12:30:00", Minute),
        ("2周前", "2026-11-07 23:59:59", Month),
        ("1个月前", "2026-10-21 23:59:59", Month),
        ("1年前", "2025-11-21 23:59:59", Month),
        ("10-21", "2026-10-21 23:59:59", Day),
        ("10月21日", "2026-10-21 23:59:59", Day),
        ("10-21 08:15", "2026-10-21 08:15:00", Minute),
        ("10月21日 08:15", "2026-10-21 08:15:00", Minute),
        ("11-21", NOW, Day),
        ("11-22", "2025-11-22 23:59:59", Day),
        ("12-31", "2025-12-31 23:59:59", Day),
        ("02-29", "2024-02-29 23:59:59", Day),
        ("2026-3-22", "2026-03-22 23:59:59", Day),
        ("2026-11-21", NOW, Day),
        ("2026/3/22 9:05", "2026-03-22 09:05:00", Minute),
        ("2026.03.22", "2026-03-22 23:59:59", Day),
        ("2026年11月21日 08:15", "2026-11-21 08:15:00", Minute),
        ("2026年11月21日08时15分", "2026-11-21 08:15:00", Minute),
        ("2026年11月21日 星期六 08:15:09", "2026-11-21 08:15:09", Second),
        ("２０２６年１１月２１日　０８：１５", "2026-11-21 08:15:00", Minute),
        ("2026年5月", "2026-05-31 23:59:59", Month),
        ("20261120", "2026-11-20 23:59:59", Day),
        ("20261120081530", "2026-11-20 08:15:30", Second),
        ("发表于 2026-11-20 08:15:30", "2026-11-20 08:15:30", Second),
        ("发布时间：2026-11-20 08:15 来源：县政府网", "2026-11-20 08:15:00", Minute),
        ("今天 08:15 来自 iPhone客户端", "2026-11-21 08:15:00", Minute),
        ("2026-11-20T08:15:30", "2026-11-20 08:15:30", Second),
        ("2026-11-20T08:15:30.123+08:00", "2026-11-20 08:15:30", Second),
        ("2026-11-20T00:15:30Z", "2026-11-20 08:15:30", Second),
        ("2026-11-20T00:15Z", "2026-11-20 08:15:00", Minute),
        ("2026-11-20 08:15:30 +0800", "2026-11-20 08:15:30", Second),
        ("更新：2026-11-20 00:15 UTC", "2026-11-20 08:15:00", Minute),
        ("Fri, 20 Nov 2026 00:15:30 GMT", "2026-11-20 08:15:30", Second),
        ("Fri, 20 Nov 2026 08:15:30 +0800", "2026-11-20 08:15:30", Second),
        ("20 Nov 2026 08:15 +0800", "2026-11-20 08:15:00", Minute),
        ("Mon Jun 14 15:00:57 +0800 2021", "2021-06-14 15:00:57", Second),
        ("Mon Jun 14 15:00:57 CST 2021", "2021-06-14 15:00:57", Second),
        ("1623654057", "2021-06-14 15:00:57", Second),
        ("1623654057000", "2021-06-14 15:00:57", Second),
        ("1623654057.5", "2021-06-14 15:00:57", Second),
        ("Nov 20, 2026", "2026-11-20 23:59:59", Day),
        ("Nov 20, 2026 3:05 pm", "2026-11-20 15:05:00", Minute),
        ("20 November 2026", "2026-11-20 23:59:59", Day),
        ("20 November 2026 - 14:25", "2026-11-20 14:25:00", Minute),
        ("Sept. 20, 2026", "2026-09-20 23:59:59", Day),
        ("Marvel 2026-11-20 08:15", "2026-11-20 08:15:00", Minute),
        ("Nov 20", "2026-11-20 23:59:59", Day),
        ("a minute ago", "2026-11-21 09:59:00", Minute),
        ("an hour ago", "2026-11-21 09:00:00", Hour),
        ("2 days ago", "2026-11-19 23:59:59", Day),
        ("5m", "2026-11-21 09:55:00", Minute),
        ("yesterday", "2026-11-20 23:59:59", Day),
        ("Today 3am", "2026-11-21 03:00:00", Hour),
        ("星期五", "2026-11-20 23:59:59", Day),
        ("周六", "2026-11-14 23:59:59", Day),
        ("上周五 08:15", "2026-11-13 08:15:00", Minute),
        ("08:15", "2026-11-21 08:15:00", Minute),
        ("22:15", "2026-11-20 22:15:00", Minute),
        // A source whose clock runs a little fast is not in the future.
        ("2026-11-21 10:05", NOW, Minute),
        ("今天 10:05", NOW, Minute),
        ("11-21 10:05", NOW, Minute),
    ];
    for (text, local, precision) in rows {
        assert_eq!(read(text, NOW), Some(((*local).to_owned(), *precision)), "{text:?}");
    }
}

#[test]
fn what_cannot_be_is_unknown() {
    let rows = [
        "",
        "-",
        "null",
        "未知",
        "2099-05-03",
        "2099年5月3日 08:15",
        "2026-11-22",
        "2026-11-21 10:11",
        "明天 08:00",
        "明早8点",
        "3天后",
        "2 分鐘後",
        "1989-12-31",
        "1939年9月1日",
        "2026-02-30",
        "2026-13-01",
        "0",
        "12",
        "-1623654057",
        "99999999999999",
        "253402300799",
        "3-5天前",
        "1.5小时前",
        "999999999999天前",
        "阅读 1.2万",
        "3楼",
        "2026",
        "in 3 days",
        "2026-05-031",
        "22 November 2026 - 11:15",
        "2026 - 11:15",
        "2026 - 14:25",
        "Mon, 31 Feb 2026 08:15:00 GMT",
    ];
    for text in rows {
        assert_eq!(read(text, NOW), None, "{text:?}");
    }
}

/// No hour of the day may be taken for a part of the date before it.
#[test]
fn every_minute_of_a_day_is_read_in_every_form() {
    let forms = [
        "20 November 2026 - {}",
        "Nov 20, 2026, {}",
        "20 Nov 2026 {}",
        "2026-11-20 {}",
        "2026.11.20 - {}",
        "2026年11月20日 {}",
        "11-20 {}",
        "昨天 {}",
    ];
    for minute in 0..24 * 60 {
        let time = format!("{:02}:{:02}", minute / 60, minute % 60);
        for form in forms {
            let text = form.replace("{}", &time);
            let expected = (format!("2026-11-20 {time}:00"), Precision::Minute);
            assert_eq!(read(&text, "2026-11-21 10:00:00"), Some(expected), "{text}");
        }
    }
}

#[test]
fn near_midnight_the_day_is_the_sources() {
    // 00:30 in Shanghai is still yesterday in UTC.
    let early = "2026-11-21 00:30:00";
    assert_eq!(read("今天 00:15", early).unwrap().0, "2026-11-21 00:15:00");
    assert_eq!(read("昨天 23:59", early).unwrap().0, "2026-11-20 23:59:00");
    assert_eq!(read("11-21", early).unwrap().0, early);
    assert_eq!(read("01-01", "2026-01-01 00:30:00").unwrap().0, "2026-01-01 00:30:00");
    assert_eq!(read("12-31 23:50", "2026-01-01 00:30:00").unwrap().0, "2025-12-31 23:50:00");
}

#[test]
fn dates_of_a_public_parser_agree() {
    let now = "2026-11-21 10:00:00";
    let mut checked = 0;
    for row in super::rows("text/dateparser_zh.jsonl") {
        let input = row["input"].as_str().unwrap();
        if let Some(expected) = row["expected"].as_str().filter(|_| row["kind"] == "absolute") {
            assert_eq!(read(input, now).unwrap().0, expected.replace('T', " "), "{input}");
            checked += 1;
        } else if row.get("in_future").is_some() {
            assert_eq!(read(input, now), None, "{input}");
            checked += 1;
        } else if let Some(ago) = row.get("ago") {
            let n = |unit: &str| ago[unit].as_i64().unwrap_or(0);
            let back = jiff::Span::new()
                .years(n("years"))
                .months(n("months"))
                .weeks(n("weeks"))
                .days(n("days"))
                .minutes(n("minutes"));
            let expected = now.parse::<civil::DateTime>().unwrap().checked_sub(back).unwrap();
            let (got, precision) = read(input, now).unwrap_or_else(|| panic!("{input}"));
            if precision == Precision::Minute {
                assert_eq!(got, expected.strftime("%Y-%m-%d %H:%M:%S").to_string(), "{input}");
            } else {
                assert_eq!(got, expected.strftime("%Y-%m-%d 23:59:59").to_string(), "{input}");
            }
            checked += 1;
        }
    }
    assert!(checked >= 10, "only {checked} rows were checked");
}

#[test]
fn weibo_times_agree() {
    for row in super::rows("text/weibo_dates.jsonl") {
        let input = row["input"].as_str().unwrap();
        let got = parse_date(input, at("2026-06-30 12:00:00"), &shanghai()).unwrap();
        if let Some(epoch) = row["epoch"].as_i64() {
            assert_eq!((got.at.as_second(), got.precision), (epoch, Precision::Second), "{input}");
        }
    }
}

/// What a Discuz! board shows and when the post was really made: the answer never lies before the true
/// instant (to the shown precision) and never after now.
#[test]
fn shown_ages_never_date_a_post_too_early() {
    let now = at("2016-04-24 01:14:25");
    let rows = [
        ("3 天前", "2016-04-21 11:52:11"),
        ("昨天 19:51", "2016-04-23 19:51:20"),
        ("半小时前", "2016-04-24 00:40:41"),
        ("1 小时前", "2016-04-23 23:33:10"),
        ("7 分钟前", "2016-04-24 01:07:24"),
        ("2015-10-18", "2015-10-18 22:53:04"),
    ];
    for (text, truth) in rows {
        let got = parse_date(text, now, &shanghai()).unwrap();
        let short = at(truth).duration_since(got.at).as_secs();
        assert!(short < 60 && got.at <= now, "{text}: {} against {truth}", got.at);
    }
}

proptest! {
    #[test]
    fn never_later_than_now_and_never_a_panic(text in ".{0,40}", second in 1_000_000_000i64..2_000_000_000) {
        let now = Timestamp::from_second(second).unwrap();
        if let Some(published) = parse_date(&text, now, &shanghai()) {
            prop_assert!(published.at <= now);
        }
    }

    #[test]
    fn near_dates_never_panic(text in "[0-9]{0,4}[-/.年月日天前昨今上周五小时分钟秒半个几: T+ap m]{0,3}[0-9]{0,3}[-/月日天前: ]{0,2}[0-9]{0,2}") {
        let now = at(NOW);
        if let Some(published) = parse_date(&text, now, &shanghai()) {
            prop_assert!(published.at <= now && published.at.as_second() >= 631_152_000);
        }
    }

    #[test]
    fn a_written_instant_reads_back(second in 700_000_000i64..1_790_000_000) {
        let then = Timestamp::from_second(second).unwrap();
        let local = then.to_zoned(shanghai());
        for format in ["%Y-%m-%d %H:%M:%S", "%Y年%m月%d日 %H:%M:%S", "%a %b %d %H:%M:%S %z %Y", "%Y/%m/%d %H:%M:%S"] {
            let text = local.strftime(format).to_string();
            prop_assert_eq!(parse_date(&text, at(NOW), &shanghai()).unwrap().at, then, "{}", text);
        }
    }
}
