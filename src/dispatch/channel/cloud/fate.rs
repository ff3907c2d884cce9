//! What a cloud says became of the messages to one number, and why it does not say. Pure: from the bytes of
//! an answer to fates and words.

use serde_json::Value;

use crate::{config::channels::Cloud, locale::Locale, model::Fate};

/// Characters of a code or sentence of the cloud's that are kept.
const KEPT: usize = 120;

/// One message in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The key that we had sent along, if the cloud gives it back.
    pub key: Option<String>,
    /// The cloud's own number of the message.
    pub serial: Option<String>,
    /// What became of it; `None` while the cloud waits itself.
    pub fate: Option<Fate>,
}

/// A page of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipts {
    /// Its messages.
    pub told: Vec<Told>,
    /// Messages on all pages, when the cloud says so.
    pub total: Option<u64>,
}

/// Why a cloud did not answer the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// In the office's language, with what would mend it; not yet scrubbed.
    pub why: String,
    /// Whether it concerns only the number that was asked about.
    pub of_number: bool,
}

/// Reads an answer: `QuerySendDetails` of 2017-05-25
/// (<https://help.aliyun.com/document_detail/419277.html>, read 2026-11) or
/// `PullSmsSendStatusByPhoneNumber` of 2021-01-11
/// (<https://cloud.tencent.com/document/api/382/55976>, read 2026-11).
///
/// # Errors
/// What the cloud says is wrong with the question, or that it is no answer.
pub fn receipts(cloud: Cloud, body: &[u8], locale: Locale) -> Result<Receipts, Trouble> {
    let Ok(json) = serde_json::from_slice::<Value>(body) else {
        return Err(Trouble { why: "no JSON".to_owned(), of_number: false });
    };
    match cloud {
        Cloud::Aliyun => aliyun(&json, locale),
        Cloud::Tencent => tencent(&json, locale),
    }
}

fn aliyun(json: &Value, locale: Locale) -> Result<Receipts, Trouble> {
    let code = text(json, "Code").unwrap_or_default();
    if code != "OK" {
        return Err(trouble(Cloud::Aliyun, &code, &text(json, "Message").unwrap_or_default(), locale));
    }
    // A list in a field of an object in JSON; the documentation of some languages leaves the object out.
    let rows = json.pointer("/SmsSendDetailDTOs/SmsSendDetailDTO").or_else(|| json.get("SmsSendDetailDTOs"));
    let told = rows.and_then(Value::as_array).into_iter().flatten().map(|row| {
        // 1 waits for the carrier, 2 failed, 3 arrived.
        let fate = match text(row, "SendStatus").as_deref() {
            Some("2") => Some(returned(&text(row, "ErrCode").unwrap_or_default(), locale)),
            Some("3") => Some(Fate::Arrived),
            _ => None,
        };
        Told { key: text(row, "OutId"), serial: None, fate }
    });
    let total = text(json, "TotalCount").and_then(|total| total.parse().ok());
    Ok(Receipts { told: told.collect(), total })
}

fn tencent(json: &Value, locale: Locale) -> Result<Receipts, Trouble> {
    if let Some(error) = json.pointer("/Response/Error") {
        let said = |name| text(error, name).unwrap_or_default();
        return Err(trouble(Cloud::Tencent, &said("Code"), &said("Message"), locale));
    }
    let Some(rows) = json.pointer("/Response/PullSmsSendStatusSet") else {
        return Err(Trouble { why: "no PullSmsSendStatusSet".to_owned(), of_number: false });
    };
    // Only what the carrier has reported is listed, `null` when that is nothing.
    let told = rows.as_array().into_iter().flatten().map(|row| {
        let fate = match text(row, "ReportStatus").as_deref() {
            Some("SUCCESS") => Some(Fate::Arrived),
            Some("FAIL") => Some(returned(&text(row, "Description").unwrap_or_default(), locale)),
            _ => None,
        };
        Told { key: text(row, "SessionContext"), serial: text(row, "SerialNo"), fate }
    });
    Ok(Receipts { told: told.collect(), total: None })
}

/// A field as text, whether it is written as text or as a number; `None` when there is nothing in it.
fn text(json: &Value, name: &str) -> Option<String> {
    let written = match json.get(name)? {
        Value::String(text) => text.trim().chars().take(KEPT).collect(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!written.is_empty()).then_some(written)
}

fn returned(code: &str, locale: Locale) -> Fate {
    let why = match (meant(code, locale), code) {
        (Some(words), _) => format!("{words} ({code})"),
        (None, "") => locale.pick("运营商没有说明原因", "the carrier did not give a reason").to_owned(),
        (None, code) => format!("{}: {code}", locale.pick("运营商未送达", "the carrier did not deliver it")),
    };
    Fate::Returned { why }
}

/// The commonest codes of the carriers in words: Alibaba Cloud's list
/// (<https://help.aliyun.com/document_detail/101347.html>, read 2026-11) and the states of CMPP, which Tencent Cloud
/// hands on (<https://cloud.tencent.com/document/product/382/3771>, read 2026-11).
fn meant(code: &str, locale: Locale) -> Option<&'static str> {
    let (zh, en) = match code {
        "MOBILE_NOT_ON_SERVICE" | "UNDELIV" => (
            "停机、空号、关机或不在服务区",
            "the number is suspended, unassigned, switched off or out of reach",
        ),
        "EXPIRED" => ("长时间关机或不在服务区", "switched off or out of reach for too long"),
        "INVALID_NUMBER" => ("号码有误或状态异常", "the number is wrong or not in order"),
        "MOBILE_IN_BLACK" | "MBBLACK" | "DBBLACK" => ("号码在黑名单中", "the number is on a block list"),
        "USER_REJECT" => ("机主退订了短信", "the recipient has unsubscribed"),
        "MOBILE_SEND_LIMIT" => ("发给这个号码的短信太多", "too many messages to this number"),
        "MOBILE_ACCOUNT_ABNORMAL" => ("号码欠费或携号转网", "the number's account is not in order"),
        // So misspelt by the cloud.
        "MOBLLE_TERMINAL_ERROR" | "MOBILE_TERMINAL_ERROR" => {
            ("手机存储已满或有故障", "the telephone is full or defective")
        }
        "CONTENT_KEYWORD" => ("内容被运营商拦截", "the carrier does not let these words through"),
        "SIGNATURE_BLACKLIST" => ("短信签名被运营商拦截", "the carrier does not let this signature through"),
        "REJECTD" | "REJECT" => ("被运营商拒收", "refused by the carrier"),
        "NO_ROUTE" | "IS_CLOSE" => ("没有可用的短信通道", "no route to the carrier"),
        _ => return None,
    };
    Some(locale.pick(zh, en))
}

/// An error of the call, and what would mend it.
fn trouble(cloud: Cloud, code: &str, message: &str, locale: Locale) -> Trouble {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| code.starts_with(prefix));
    let of_number = begins(&["isv.MOBILE_NUMBER_ILLEGAL", "InvalidParameterValue.IncorrectPhoneNumber"]);
    let mend = if begins(&["UnauthorizedOperation.SmsSdkAppId", "UnauthorizedOperation.SdkAppId"]) {
        Some(locale.pick("请核对 [sms] 的 app_id", "check app_id in [sms]"))
    } else if begins(&["isp.RAM_PERMISSION_DENY", "Forbidden", "NoPermission"])
        || begins(&["AuthFailure.UnauthorizedOperation", "UnauthorizedOperation"])
    {
        Some(match cloud {
            Cloud::Aliyun => locale.pick(
                "缺少权限 dysms:QuerySendDetails，请在阿里云的访问控制 (RAM) 里授给 key_id 的用户",
                "the permission dysms:QuerySendDetails is missing; grant it to the user of key_id in Alibaba Cloud's RAM",
            ),
            Cloud::Tencent => locale.pick(
                "缺少权限 sms:PullSmsSendStatusByPhoneNumber，请在腾讯云的访问管理 (CAM) 里授给 key_id 的用户",
                "the permission sms:PullSmsSendStatusByPhoneNumber is missing; grant it to the user of key_id in \
                 Tencent Cloud's CAM",
            ),
        })
    } else if begins(&["InvalidTimeStamp", "AuthFailure.SignatureExpire"]) {
        Some(locale.pick("请校准本机的时钟", "set this machine's clock right"))
    } else if begins(&["InvalidAccessKeyId", "SignatureDoesNotMatch", "IncompleteSignature", "AuthFailure"]) {
        Some(locale.pick("请核对 [sms] 的 key_id 和 key_secret", "check key_id and key_secret in [sms]"))
    } else if begins(&["Throttling", "RequestLimitExceeded", "isv.BUSINESS_LIMIT_CONTROL"]) {
        Some(locale.pick("查询太频繁，稍后自动再查", "asked too often; it is asked again later"))
    } else {
        None
    };
    let said = format!("{code} {message}");
    let why = mend.map_or_else(|| said.clone(), |mend| format!("{mend} ({})", said.trim()));
    Trouble { why, of_number }
}
