//! How people are reached: the mail server, SMS, group robots, other programs, ntfy, calls. Checked values,
//! secrets resolved; one file a kind of table.

mod cloud;
mod email;
mod gateway;
mod instances;

use std::time::Duration;

use super::sheet::Table;

pub use cloud::{Cloud, CloudSettings, SmsService, SmsSettings};
pub use email::{BounceSettings, DkimSettings, EmailSettings, MailSecurity};
pub use gateway::{GatewaySettings, NAMES, SuccessRule};
pub use instances::{HookFormat, NtfySettings, RobotKind, RobotSettings, WebhookSettings};

pub(super) use cloud::read_sms;
pub(super) use email::read_email;
pub(super) use gateway::read_voice;
pub(super) use instances::{read_ntfy, read_robots, read_webhooks};

fn timeout(table: &Table<'_>, default_secs: u64) -> Duration {
    let written = table.duration("timeout");
    written.map_or(Duration::from_secs(default_secs), |length| length.get_ref().unsigned_abs())
}
