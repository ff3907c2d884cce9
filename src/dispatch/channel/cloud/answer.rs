//! What a cloud's answer means. Codes that concern the number or the words are final, so that the next
//! channel goes out at once; whatever the office can mend (money, signature, template, key) waits for it,
//! and the desk fails over in time.

use std::time::Duration;

use serde_json::Value;

use crate::config::channels::Cloud;

/// A cloud's judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// Taken.
    Accepted,
    /// Not this message to this number, now or later.
    Refused(String),
    /// Not now.
    Later(String, Option<Duration>),
}

/// Codes of Alibaba Cloud that no second attempt mends
/// (<https://help.aliyun.com/document_detail/101346.html>, read 2026-11).
const ALIYUN_FINAL: [&str; 14] = [
    "isv.MOBILE_NUMBER_ILLEGAL",
    "isv.MOBILE_COUNT_OVER_LIMIT",
    "isv.DOMESTIC_NUMBER_NOT_SUPPORTED",
    "isv.BLACK_KEY_CONTROL_LIMIT",
    "isv.SMS_CONTENT_ILLEGAL",
    "isv.CONTENT_KEYWORD_ILLEGAL",
    "isv.PARAM_LENGTH_LIMIT",
    "isv.PARAM_NOT_SUPPORT_URL",
    "isv.TEMPLATE_PARAMS_ILLEGAL",
    "isv.TEMPLATE_MISSING_PARAMETERS",
    "isv.INVALID_JSON_PARAM",
    "isv.DAY_LIMIT_CONTROL",
    "isv.MONTH_LIMIT_CONTROL",
    "isv.UNSUPPORTED_CONTENT",
];
/// Codes of Tencent Cloud of the same kind (<https://cloud.tencent.com/document/api/382/59177>, read 2026-11).
const TENCENT_FINAL: [&str; 12] = [
    "InvalidParameterValue.IncorrectPhoneNumber",
    "InvalidParameterValue.ContentLengthLimit",
    "InvalidParameterValue.TemplateParameterFormatError",
    "InvalidParameterValue.TemplateParameterLengthLimit",
    "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter",
    "FailedOperation.ContainSensitiveWord",
    "FailedOperation.PhoneNumberInBlacklist",
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
    "LimitExceeded.PhoneNumberDailyLimit",
    "LimitExceeded.PhoneNumberSameContentDailyLimit",
    "LimitExceeded.AppDailyLimit",
    "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone",
];

/// Reads an answer.
#[must_use]
pub fn meaning(cloud: Cloud, json: Option<&Value>) -> Meaning {
    let (code, message) = match (cloud, json) {
        (_, None) => return Meaning::Later("no JSON".to_owned(), None),
        (Cloud::Aliyun, Some(json)) => (text(json, "/Code"), text(json, "/Message")),
        (Cloud::Tencent, Some(json)) => match json.pointer("/Response/Error") {
            Some(error) => (text(error, "/Code"), text(error, "/Message")),
            None => (
                text(json, "/Response/SendStatusSet/0/Code"),
                text(json, "/Response/SendStatusSet/0/Message"),
            ),
        },
    };
    let (ok, last): (&str, &[&str]) = match cloud {
        Cloud::Aliyun => ("OK", &ALIYUN_FINAL),
        Cloud::Tencent => ("Ok", &TENCENT_FINAL),
    };
    if code == ok {
        return Meaning::Accepted;
    }
    let why = format!("{code} {message}");
    if last.contains(&code) {
        return Meaning::Refused(why);
    }
    Meaning::Later(why, wait(code))
}

/// How long a limit of frequency asks to wait; the clouds name the limit, not the wait.
fn wait(code: &str) -> Option<Duration> {
    let seconds = match code {
        "LimitExceeded.PhoneNumberThirtySecondLimit" => 30,
        "isv.BUSINESS_LIMIT_CONTROL"
        | "LimitExceeded.DeliveryFrequencyLimit"
        | "LimitExceeded.PhoneNumberOneHourLimit" => 60,
        code if code.starts_with("Throttling") || code.starts_with("RequestLimitExceeded") => 5,
        _ => return None,
    };
    Some(Duration::from_secs(seconds))
}

fn text<'a>(json: &'a Value, at: &str) -> &'a str {
    json.pointer(at).and_then(Value::as_str).unwrap_or_default()
}
