//! What a robot's answer means. HTTP 200 says nothing: each has a code in the body.

use std::time::Duration;

use serde_json::Value;

use crate::config::channels::RobotKind;

/// A robot's judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RobotMeaning {
    /// Shown in the group.
    Accepted,
    /// The robot or its group is gone, or the words are forbidden: no second attempt mends that.
    Refused,
    /// Not now; how long to leave it alone, when that is known.
    Later(Option<Duration>),
}

/// Webhook address not valid, robot removed (<https://developer.work.weixin.qq.com/document/path/90313>).
const WECOM_FINAL: [i64; 3] = [93_000, 93_004, 93_008];
/// Group dissolved, token unknown, robot stopped, robot gone, unsafe links, words or pictures, too long
/// (<https://open.dingtalk.com/document/orgapp/custom-robot-access>).
const DINGTALK_FINAL: [i64; 9] =
    [300_001, 400_013, 400_101, 400_102, 400_106, 430_101, 430_102, 430_104, 460_101];
/// Token unknown, message too large (<https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot>).
const FEISHU_FINAL: [i64; 2] = [19_001, 19_036];

/// Reads an answer. The lists of codes were read 2026-11; wrong signatures, missing keywords and addresses that
/// are not allowed are the office's to mend, so they wait, and the desk fails over in time.
#[must_use]
pub fn robot_meaning(kind: RobotKind, json: Option<&Value>) -> RobotMeaning {
    let Some(json) = json else { return RobotMeaning::Later(None) };
    let number = |key: &str| json.get(key).and_then(Value::as_i64);
    let (code, last, hurry): (_, &[i64], _) = match kind {
        RobotKind::WeCom => (number("errcode"), &WECOM_FINAL, [(45_009, 60), (45_033, 5)]),
        // Who writes too fast is not heard for ten minutes.
        RobotKind::DingTalk => (number("errcode"), &DINGTALK_FINAL, [(130_101, 600), (410_100, 600)]),
        RobotKind::Feishu => {
            (number("code").or_else(|| number("StatusCode")), &FEISHU_FINAL, [(11_232, 60), (99_991_400, 60)])
        }
    };
    match code {
        Some(0) => RobotMeaning::Accepted,
        Some(code) if last.contains(&code) => RobotMeaning::Refused,
        Some(code) => {
            let wait = hurry.iter().find(|(known, _)| *known == code);
            RobotMeaning::Later(wait.map(|(_, seconds)| Duration::from_secs(*seconds)))
        }
        None => RobotMeaning::Later(None),
    }
}
