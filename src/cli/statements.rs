//! `yuqing statements`: tries what belongs to one statement (同一言论), on files and on single posts.

mod explain;
mod group;
mod stored;

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use super::{Common, WrongInput};
use crate::{
    app::statements::{Input, InputError, MOST_POSTS},
    config::{self, Folder},
    keyword::{self, List},
    locale::Locale,
    model::Unit,
};

/// Arguments of `statements`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Say why two posts are or are not one statement.
    Explain(explain::Explain),
    /// Group the posts of a replay file into statements, by the code that decides in the daemon.
    Group(group::Group),
}

/// Runs it.
///
/// # Errors
/// What a person can mend, with context.
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let done = match args.action {
        Action::Explain(args) => explain::run(common, &args),
        Action::Group(args) => group::run(common, &args),
    };
    match done {
        // The reader of our output has seen enough.
        Err(error) if broken_pipe(&error) => Ok(ExitCode::SUCCESS),
        other => other,
    }
}

fn broken_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Whose names are masked, and which keywords.
#[derive(Debug, clap::Args)]
struct Masking {
    /// Name of the unit, masked when texts are compared. With --office, one of its units (default: all).
    #[arg(long, value_name = "NAME")]
    unit: Option<String>,
    /// A keyword list; what meets it is masked. Without it the lists of --office, else none.
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
}

/// What is masked, and the language.
struct Masked {
    unit: Unit,
    lists: Vec<Arc<List>>,
    locale: Locale,
}

impl Masking {
    /// The unit is an own one, called like `file`, unless an office or a name is given.
    fn read(&self, common: &Common, file: &str) -> anyhow::Result<Masked> {
        let mut masked = Masked {
            unit: Unit {
                name: self.unit.clone().unwrap_or_else(|| file.to_owned()),
                aliases: Vec::new(),
                plan: String::new(),
                emergency: false,
            },
            lists: Vec::new(),
            locale: Locale::default(),
        };
        if let Some(folder) = &common.office {
            self.of_office(&Folder::Disk(folder.clone()), &mut masked)?;
        }
        if let Some(file) = &self.list {
            masked.lists = vec![Arc::new(read_list(&masked.unit.name, file)?)];
        }
        Ok(masked)
    }

    fn of_office(&self, folder: &Folder, masked: &mut Masked) -> anyhow::Result<()> {
        let (office, _) = config::load(folder).map_err(|faults| wrong(&faults))?;
        masked.locale = office.settings.locale;
        masked.lists.clone_from(&office.lists);
        let named = office.units.iter().find(|unit| Some(&unit.name) == self.unit.as_ref());
        if let Some(unit) = named {
            masked.unit.aliases.clone_from(&unit.aliases);
            masked.lists.retain(|list| list.unit == unit.name);
        } else if let Some(name) = &self.unit {
            let known: Vec<&str> = office.units.iter().map(|unit| unit.name.as_str()).collect();
            let words = format!("{name}: 没有这个单位\n  改法: 用其中之一: {}", known.join("、"));
            return Err(WrongInput(words).into());
        } else {
            let names = office.units.iter().flat_map(|unit| std::iter::once(&unit.name).chain(&unit.aliases));
            masked.unit.aliases = names.cloned().collect();
        }
        Ok(())
    }
}

fn wrong<T: ToString>(faults: &[T]) -> WrongInput {
    WrongInput(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n"))
}

fn read_list(unit: &str, file: &Path) -> anyhow::Result<List> {
    let bytes = std::fs::read(file).map_err(|error| WrongInput::unreadable(file, &error))?;
    let list = keyword::parse(unit, &file.display().to_string(), &bytes).map_err(|faults| {
        let faults: Vec<_> = faults.into_iter().map(|fault| config::Fault::of_list(file, fault)).collect();
        wrong(&faults)
    })?;
    Ok(list)
}

/// A file, or standard input for `-`.
fn open(file: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    if file.as_os_str() == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    let wrong = |error: io::Error| WrongInput::unreadable(file, &error);
    let opened = File::open(file).map_err(wrong)?;
    if opened.metadata().map_err(wrong)?.is_dir() {
        return Err(wrong(io::ErrorKind::IsADirectory.into()).into());
    }
    Ok(Box::new(BufReader::with_capacity(1 << 16, opened)))
}

/// The posts of a file.
fn posts_of(file: &Path, locale: Locale) -> anyhow::Result<Input> {
    let read = Input::read(open(file)?);
    Ok(read.map_err(|error| match error {
        InputError::Read(error) => WrongInput::unreadable(file, &error),
        InputError::TooMany => WrongInput(match locale {
            Locale::ZhCn => format!("{}: 超过 {MOST_POSTS} 篇\n  改法: 分成几个文件", file.display()),
            Locale::En => format!("{}: {error}", file.display()),
        }),
    })?)
}

/// The name of a file without its folder.
fn name_of(file: &Path) -> String {
    file.file_name().map_or_else(|| "-".to_owned(), |name| name.to_string_lossy().into_owned())
}
