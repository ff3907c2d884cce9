//! `yuqing statements explain`: why two posts are or are not one statement.

mod show;

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use super::{Common, Masking, WrongInput, name_of, posts_of, stored};
use crate::{
    app::statements::{Input, Options, Placed, Subject, explain, group},
    config::{self, Folder, Office, plan_named},
    keyword::Matcher,
};

pub(super) use show::role;

/// Arguments of `statements explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Two posts are named: in the office's store by `site/id`, address, or `#12` (the first post of incident 12); with \
--file by `site/id`, address or line (12); or given as they are with --text or --text-file, each up to twice.\n\
It prints the hard evidence that was tried; the compared text of each after folding, without boilerplate, masked \
words as ▢; what both share; what each guard found; and what decides. Of posts in the store also where each stands \
and by what reason or whose decision; of posts in a file also where the whole file puts them.\n\
The earlier post is the one that the other is compared with. With --json one object:\n  \
{\"a\",\"b\":{\"post\",\"text\",\"informative\",\"anchors\"},\"core\":\"a|b\",\"evidence\":[{\"kind\",\"by\"}],\n   \
\"likeness\",\"threshold\",\"shared_anchors\",\"guards\":[{\"kind\",\"a\",\"b\"}],\"same\",\"role\",\"decided\",\"reason\",\n   \
\"stored\":[{\"incident\",\"unit\",\"role\",\"why\",\"decisions\"}],\"file\":[{\"statement\",\"role\",\"why\"}]} \
decided: joined, same_post, too_short, unlike, contradicts, too_few_anchors.\n\
Exit codes: 0 explained, 1 failed, 2 wrong arguments, or a post that is not there.")]
pub(super) struct Explain {
    /// The two posts.
    #[arg(value_name = "POST", num_args = 0..=2)]
    posts: Vec<String>,
    /// Look the posts up in this replay file; `-` reads standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "database")]
    file: Option<PathBuf>,
    /// Look the posts up in this database; otherwise in the one that `run` uses for this office.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
    /// A text as it is, instead of a post.
    #[arg(long, value_name = "TEXT")]
    text: Vec<String>,
    /// A file with a text, instead of a post.
    #[arg(long, value_name = "FILE")]
    text_file: Vec<PathBuf>,
    #[command(flatten)]
    masking: Masking,
}

/// Runs it.
pub(super) fn run(common: &Common, args: &Explain) -> anyhow::Result<ExitCode> {
    if args.posts.len() + args.text.len() + args.text_file.len() != 2 {
        let words = "要对照的是两篇: 写两个 站点/编号、网址或 #事件编号，或 --text 甲 --text 乙";
        return Err(WrongInput(words.to_owned()).into());
    }
    let file = args.file.as_deref().map_or_else(|| "-".to_owned(), name_of);
    let mut masked = args.masking.read(common, &file)?;
    let matcher = Matcher::new(std::mem::take(&mut masked.lists));
    let plan = plan_named(&Folder::Shipped, "work-safety").map_err(|faults| super::wrong(&faults))?;
    let mut options = Options { unit: masked.unit, plan, window: None, locale: masked.locale };

    let mut found = Found { subjects: Vec::new(), stored: Vec::new(), placed: Vec::new() };
    match &args.file {
        Some(file) => {
            let input = posts_of(file, options.locale)?;
            found.of_file(input, &args.posts, &matcher, &options)?;
        }
        None if !args.posts.is_empty() => {
            let named = args.masking.unit.as_deref();
            found.of_store(common, args.database.as_deref(), &args.posts, named, &mut options)?;
        }
        None => {}
    }
    found.of_texts(args, &matcher)?;
    let [one, other] = found.subjects.as_slice() else {
        return Err(WrongInput("要对照的是两篇".to_owned()).into());
    };
    let explained = explain(one, other, &options);
    let shown = show::Shown { found: &found, explained: &explained, locale: options.locale };
    let mut out = io::stdout().lock();
    if common.json {
        writeln!(out, "{}", shown.json())?;
    } else {
        shown.print(&mut out)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The posts, and what is known of them beside.
struct Found {
    subjects: Vec<Subject>,
    /// As the store keeps them, when they come from there.
    stored: Vec<stored::Stored>,
    /// Where the whole file puts them, when they come from one.
    placed: Vec<Placed>,
}

impl Found {
    fn of_file(
        &mut self,
        input: Input,
        posts: &[String],
        matcher: &Matcher,
        options: &Options,
    ) -> anyhow::Result<()> {
        for named in posts {
            let Some(subject) = input.subject(named, matcher) else {
                let words = format!("{named}: 文件中没有这篇帖文\n  改法: 写 站点/编号、网址，或行号");
                return Err(WrongInput(words).into());
            };
            self.subjects.push(subject);
        }
        let keys: Vec<_> = self.subjects.iter().map(|subject| subject.post.key.clone()).collect();
        let placed = group(input, matcher, options);
        for key in &keys {
            let one = placed.iter().find(|one| one.site == key.site && one.id == key.id);
            self.placed.extend(one.cloned());
        }
        Ok(())
    }

    fn of_store(
        &mut self,
        common: &Common,
        database: Option<&std::path::Path>,
        posts: &[String],
        unit: Option<&str>,
        options: &mut Options,
    ) -> anyhow::Result<()> {
        let folder = Folder::find(common.office.as_deref());
        // What is stored must be explained even when a file of the office is wrong just now.
        let office = config::load(&folder).ok().map(|(office, _)| office);
        let usual = || office.as_ref().map_or_else(|| folder.usual_database(), Office::database);
        let path = database.map_or_else(usual, std::path::Path::to_owned);
        self.stored = stored::find(&path, posts, unit, true)?;
        self.subjects = self.stored.iter().map(stored::Stored::subject).collect();
        if let Some(office) = &office {
            options.locale = office.settings.locale;
        }
        let Some(first) = self.stored.first() else { return Ok(()) };
        // The desk masks the names of the unit that keeps them.
        let units = office.iter().flat_map(|office| &office.units);
        if let Some(unit) = units.into_iter().find(|unit| unit.name == first.row.unit) {
            options.unit = unit.clone();
        } else {
            options.unit.name.clone_from(&first.row.unit);
        }
        Ok(())
    }

    fn of_texts(&mut self, args: &Explain, matcher: &Matcher) -> anyhow::Result<()> {
        let mut texts = args.text.clone();
        for file in &args.text_file {
            let bytes = std::fs::read(file).map_err(|error| WrongInput::unreadable(file, &error))?;
            texts.push(crate::text::decode_office_file(&bytes).text);
        }
        for text in texts {
            let name = if self.subjects.is_empty() { "1" } else { "2" };
            self.subjects.push(Subject::of_text(name, &text, matcher));
        }
        Ok(())
    }
}
