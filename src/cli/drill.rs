//! `yuqing drill PLAN`: a made-up story, marked 演练, through the real chain: the contacts of the plan are really
//! told. `yuqing drill report INCIDENT` says who was told and who confirmed when.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use serde_json::json;

use super::{Common, WrongInput, act, audit, incident, why};
use crate::{
    locale::{Locale, words},
    model::{Act, HandEntry, IncidentId, NoticeState},
    store::Store as _,
};

/// Arguments of `drill`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 begun or reported, 1 refused, or in the report somebody has not confirmed, 2 wrong arguments.\n\
    --json: begun {done,incident}; report prints one object a contact {contact,told_at,channels,confirmed_at}."
)]
pub struct Args {
    /// The plan that is tried, by its file's name; or `report`.
    plan: String,
    /// After `report`: the drill's incident.
    id: Option<u64>,
    /// The unit, when several run under the plan.
    #[arg(long, value_name = "NAME")]
    unit: Option<String>,
    /// The tier that is tried; the highest when left out.
    #[arg(long)]
    tier: Option<String>,
    /// Who holds the drill.
    #[arg(long, value_name = "NAME", default_value = "")]
    by: String,
    /// The console of the running daemon, instead of what yuqing.toml says.
    #[arg(long, value_name = "ADDRESS")]
    console: Option<SocketAddr>,
    /// `report`: the database; otherwise the one that `run` uses for this office.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// A plan that no unit has, a desk that says no.
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    if args.plan == "report" {
        return report(common, args);
    }
    if args.by.trim().is_empty() {
        return Err(WrongInput("用 --by 写明谁组织演练".to_owned()).into());
    }
    let office = act::office(common)?;
    let under: Vec<&str> = office
        .units
        .iter()
        .filter(|unit| unit.plan == args.plan && args.unit.as_ref().is_none_or(|name| *name == unit.name))
        .map(|unit| unit.name.as_str())
        .collect();
    let (Some(unit), Some(plan)) = (under.first(), office.plans.get(&args.plan)) else {
        return Err(WrongInput(format!("没有单位执行预案 {}", args.plan)).into());
    };
    let highest = plan.tiers.last().map(|tier| tier.id.clone());
    let id = incident::new_id();
    // Made up, and unlike any other text, so that it joins nothing and nothing joins it.
    let entry = HandEntry {
        unit: (*unit).to_owned(),
        gist: format!("演练：{} 应急响应演练（{id}）", plan.title),
        text: format!("这是一次演练，不是真实舆情。演练编号 {id}。请按预案签收、逐级报告。"),
        source: "演练".to_owned(),
        tier: args.tier.or(highest),
        url: None,
        views: None,
        reposts: None,
        comments: None,
        happened_at: None,
        by: args.by,
        missed: String::new(),
        drill: true,
        id,
    };
    let key = entry.key();
    act::put(&office, args.console, &Act::Enter { entry: Box::new(entry) })?;
    let number = incident::number_of(&office, &key)?;
    let mut out = io::stdout();
    if common.json {
        writeln!(out, "{}", json!({ "done": true, "incident": number }))?;
    } else {
        let number = number.map_or_else(String::new, |id| id.to_string());
        writeln!(out, "演练已开始: 舆情第 {number} 号。结果: yuqing drill report {number}")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn report(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let Some(id) = args.id else {
        return Err(WrongInput("写明演练的编号: drill report 12".to_owned()).into());
    };
    let store = audit::open(common, args.database)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let found = runtime.block_on(store.incident(IncidentId(id)))?;
    let Some(view) = found.filter(|view| view.incident.course.entered.as_ref().is_some_and(|one| one.drill))
    else {
        return Err(WrongInput(format!("第 {id} 号不是演练")).into());
    };
    let zone = why::zone(&view.incident);
    let time = |at: jiff::Timestamp| at.to_zoned(zone.clone()).strftime("%m-%d %H:%M:%S").to_string();
    let mut names: Vec<&str> = Vec::new();
    for notice in view.notices.iter().filter(|notice| !notice.contact.is_empty()) {
        if !names.contains(&notice.contact.as_str()) {
            names.push(&notice.contact);
        }
    }
    let mut out = io::stdout();
    let mut missing = false;
    for name in names {
        let mine = || view.notices.iter().filter(|notice| notice.contact == name);
        let told = mine().filter_map(|notice| match &notice.state {
            NoticeState::Accepted { at, .. } => Some((*at, notice.channel)),
            _ => None,
        });
        let told: Vec<_> = told.collect();
        let first = told.iter().map(|(at, _)| *at).min();
        let confirmed = view.incident.acks.iter().find(|ack| ack.contact == name).map(|ack| ack.at);
        let asked = mine().any(|notice| notice.facts.confirm);
        missing |= asked && confirmed.is_none();
        let mut ways: Vec<&str> = told.iter().map(|(_, way)| words::channel(*way, Locale::ZhCn)).collect();
        ways.dedup();
        if common.json {
            let line = json!({
                "contact": name, "told_at": first, "channels": told.iter().map(|(_, way)| way.id()).collect::<Vec<_>>(),
                "asked": asked, "confirmed_at": confirmed,
            });
            writeln!(out, "{line}")?;
        } else {
            let told =
                first.map_or_else(|| "未送达".to_owned(), |at| format!("{} {}", time(at), ways.join("、")));
            let answer = match (confirmed, asked) {
                (Some(at), _) => format!("签收 {}", time(at)),
                (None, true) => "未签收".to_owned(),
                (None, false) => "无须签收".to_owned(),
            };
            writeln!(out, "{name}: {told}；{answer}")?;
        }
    }
    Ok(ExitCode::from(u8::from(missing)))
}
