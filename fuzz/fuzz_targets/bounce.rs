//! Any bytes are a mail in the mailbox; what is taken for a report names messages and says little.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yuqing::{
    dispatch::channel::bounce::{may_be_report, report},
    locale::Locale,
    model::Fate,
};

fuzz_target!(|mail: &[u8]| {
    let _ = may_be_report(mail);
    let Some(report) = report(mail, Locale::ZhCn) else { return };
    assert!(!report.keys.is_empty() && report.keys.iter().all(|key| key.len() == 32 && mail.len() >= key.len()));
    if let Fate::Returned { why } = report.fate {
        assert!(why.chars().count() <= 210 && !why.contains(char::is_control), "{why}");
    }
});
