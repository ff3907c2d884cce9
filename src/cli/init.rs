//! `yuqing init`: makes the office's folder, with the unit's name in it, ready for Notepad.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;

use super::{Common, WrongInput};
use crate::{
    config::starter::{self, NewFile},
    keyword,
};

/// Arguments of `init`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Name of the unit to watch for, such as 某某县人民医院.
    #[arg(long, value_name = "名称")]
    unit: String,
    /// Which shipped plan it begins with: government-affairs, archives-bureau, work-safety, county-office,
    /// development-zone, hospital, school, audit-bureau, college, primary-school, labor-school, general-office,
    /// national.
    #[arg(long, value_name = "预案", default_value = starter::USUAL_PLAN)]
    plan: String,
}

/// Runs it.
///
/// # Errors
/// A name that cannot be used, a folder that already holds an office, a disk that cannot be written.
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let Args { unit, plan } = args;
    let unit = starter::check_name(&unit)
        .map_err(|error| WrongInput(format!("{error}。写成 --unit 某某县人民医院")))?;
    let folder = common.office.clone().unwrap_or_else(|| PathBuf::from("office"));
    if !starter::plans().any(|known| known == plan) {
        let known: Vec<&str> = starter::plans().collect();
        return Err(WrongInput(format!("没有预案 {plan}。随包的预案: {}", known.join("、"))).into());
    }
    let files = starter::files_with(unit, &plan);
    refuse_existing(&folder, &files)?;
    for file in &files {
        write_new(&folder.join(&file.name), &file.bytes)?;
    }
    let warnings = warnings(unit);
    let next = format!("yuqing check --office {}", shell_word(&folder.display().to_string()));
    let mut out = io::stdout().lock();
    if common.json {
        let created: Vec<String> =
            files.iter().map(|file| folder.join(&file.name).display().to_string()).collect();
        let line =
            serde_json::json!({ "office": folder, "created": created, "warnings": warnings, "next": next });
        writeln!(out, "{line}")?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "已为 {unit} 建立文件夹 {}", folder.display())?;
    for file in &files {
        writeln!(out, "  {:<28}{}", file.name, purpose(&file.name))?;
    }
    for warning in &warnings {
        writeln!(out, "提醒: {warning}")?;
    }
    writeln!(out, "练习模式：通知只显示在控制台，不发给任何人。")?;
    writeln!(
        out,
        "下一步: 用记事本打开 {}，补上简称和业务词，然后运行",
        folder.join(format!("keywords/{unit}.txt")).display()
    )?;
    writeln!(out, "  {next}")?;
    Ok(ExitCode::SUCCESS)
}

fn refuse_existing(folder: &Path, files: &[NewFile]) -> Result<(), WrongInput> {
    let taken = files.iter().map(|file| folder.join(&file.name)).find(|path| path.exists());
    match taken {
        Some(path) => Err(WrongInput(format!(
            "{} 已经有了，没有改动任何文件。换一个文件夹: yuqing init --unit 名称 --office 新文件夹",
            path.display()
        ))),
        None => Ok(()),
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    // `create_new`: a file that appeared meanwhile is not overwritten.
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .with_context(|| format!("cannot make {}", path.display()))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .with_context(|| format!("cannot write {}", path.display()))
}

/// What the keyword language itself finds too common in the new list.
fn warnings(unit: &str) -> Vec<String> {
    match keyword::parse(unit, "keywords", starter::keywords(unit).as_bytes()) {
        Ok(list) => list.warnings.into_iter().map(|warning| warning.message).collect(),
        Err(faults) => faults.into_iter().map(|fault| fault.message).collect(),
    }
}

fn purpose(name: &str) -> &'static str {
    match name {
        "yuqing.toml" => "总设置: 单位、控制台、邮件、短信",
        "contacts.toml" => "联系人: 谁、邮箱、手机",
        "sources.d/sources.toml" => "信源: 论坛、微博、短视频、订阅",
        "presets/说明.txt" => "自己的站点预设放在这里",
        _ if name.starts_with("plans/") => "预案: 等级、报告线、时限",
        _ => "关键词: 用记事本改",
    }
}

fn shell_word(text: &str) -> String {
    if text.contains(char::is_whitespace) { format!("\"{text}\"") } else { text.to_owned() }
}
