//! The files of a new office, as `yuqing init` writes them: the shipped ones with the unit's name in
//! them, and a keyword file that teaches its own language.

use super::shipped;

/// A file to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Path below the office's folder.
    pub name: String,
    /// Its bytes: lines end in CR LF, which every Notepad shows.
    pub bytes: Vec<u8>,
}

/// Why a name cannot be that of a unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing in it.
    #[error("单位名称是空的")]
    Empty,
    /// Longer than any unit's name.
    #[error("单位名称超过 60 个字")]
    TooLong,
    /// It becomes a file name, and must be one on Windows too.
    #[error("单位名称里不能有 {0}")]
    Mark(char),
}

const PRESETS_NOTE: &str = "把自己的站点预设（*.toml）放在这个文件夹里；与随包的预设同名时，用这里的。\n\
    写法见说明书的“站点预设”一节。试取一次: yuqing probe 网址 --preset 名称\n";

/// Checks a unit's name.
///
/// # Errors
/// What is wrong with it.
pub fn check_name(name: &str) -> Result<&str, BadName> {
    let name = name.trim();
    if name.is_empty() {
        return Err(BadName::Empty);
    }
    if name.chars().count() > 60 {
        return Err(BadName::TooLong);
    }
    let forbidden = |c: &char| c.is_control() || r#"\/:*?"<>|#[]+!=@,;"#.contains(*c) || *c == '.';
    match name.chars().find(forbidden) {
        Some(mark) => Err(BadName::Mark(mark)),
        None => Ok(name),
    }
}

/// The plan of an office that names none.
pub const USUAL_PLAN: &str = "work-safety";

/// Plans whose document says how many rounds of looking a day owes at least.
const ROUNDS_A_DAY: [(&str, u32); 1] = [("college", 3)];

/// Names of the shipped plans that an office can begin with; the demo's is none of them.
pub fn plans() -> impl Iterator<Item = &'static str> {
    let names = shipped::names().filter_map(|name| name.strip_prefix("plans/")?.strip_suffix(".toml"));
    names.filter(|name| *name != "demo")
}

/// All files of a new office for `unit`, a name that [`check_name`] let pass.
#[must_use]
pub fn files(unit: &str) -> Vec<NewFile> {
    files_with(unit, USUAL_PLAN)
}

/// The same with one of [`plans`].
#[must_use]
pub fn files_with(unit: &str, plan: &str) -> Vec<NewFile> {
    let mut files = Vec::new();
    let plan_file = format!("plans/{plan}.toml");
    for name in ["yuqing.toml", "contacts.toml", &plan_file, "sources.d/sources.toml"] {
        let text = shipped::file(name).unwrap_or_default();
        let text = if name == "yuqing.toml" { settings(text, unit, plan) } else { text.to_owned() };
        files.push(NewFile { name: name.to_owned(), bytes: with_crlf(&text).into_bytes() });
    }
    files.push(NewFile { name: "presets/说明.txt".to_owned(), bytes: for_notepad(PRESETS_NOTE) });
    files.push(NewFile { name: format!("keywords/{unit}.txt"), bytes: for_notepad(&keywords(unit)) });
    files
}

/// The shipped settings with the unit's name, its plan, and the rounds that the plan's document asks for.
fn settings(shipped: &str, unit: &str, plan: &str) -> String {
    let text =
        shipped.replace("示范单位", unit).replace(&format!("\"{USUAL_PLAN}\""), &format!("\"{plan}\""));
    match ROUNDS_A_DAY.iter().find(|(name, _)| *name == plan) {
        Some((_, rounds)) => text.replace("# rounds_a_day = 3 ", &format!("rounds_a_day = {rounds} ")),
        None => text,
    }
}

/// The keyword file of a new office.
#[must_use]
pub fn keywords(unit: &str) -> String {
    include_str!("../../keywords/示范单位.txt").replace("示范单位", unit)
}

/// UTF-8 with byte order mark and CR LF, so that the oldest Notepad shows it rightly.
fn for_notepad(text: &str) -> Vec<u8> {
    let mut bytes = b"\xef\xbb\xbf".to_vec();
    bytes.extend(with_crlf(text).into_bytes());
    bytes
}

fn with_crlf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}
