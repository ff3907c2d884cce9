//! Where the office's files come from: a folder on disk, or the copies that ship inside the program.
//!
//! In a folder, `yuqing.toml`, `contacts.toml`, `plans/`, `presets/` and `sources.d/` stand at its top
//! or in `config/`; keyword lists are named by `yuqing.toml`, relative to the folder. A file that does
//! not exist in the folder is not replaced by a shipped one, but for the plans: an office may name a
//! shipped plan that it has no copy of.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Fault, shipped};

/// Larger than any file that people write by hand; a wrong file is refused before it is read.
const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// Where the office's files come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Folder {
    /// A folder on disk.
    Disk(PathBuf),
    /// What ships inside the program: exercise mode.
    Shipped,
    /// A folder on disk with one file as it would be: what is checked before it is saved.
    Draft(Arc<Draft>),
}

/// A folder on disk, and the content of one of its files that is not on disk.
#[derive(Debug, PartialEq, Eq)]
pub struct Draft {
    folder: PathBuf,
    /// Where the file would stand.
    path: PathBuf,
    content: Vec<u8>,
}

impl Folder {
    /// The folder to use: the one that was named; else `$STATE_DIRECTORY/office` of the service; else
    /// `./office` as `yuqing init` makes it; else what ships.
    #[must_use]
    pub fn find(named: Option<&Path>) -> Self {
        if let Some(named) = named {
            return Self::Disk(named.to_owned());
        }
        let of_service = std::env::var_os("STATE_DIRECTORY").map(|state| PathBuf::from(state).join("office"));
        of_service
            .into_iter()
            .chain([PathBuf::from("office")])
            .find(|folder| config_of(folder).join("yuqing.toml").is_file())
            .map_or(Self::Shipped, Self::Disk)
    }

    /// The same folder with one file's content in the place of what stands on disk; what ships is as it is.
    #[must_use]
    pub fn with(&self, name: &str, content: &[u8]) -> Self {
        let Some(folder) = self.disk().map(Path::to_owned) else { return self.clone() };
        Self::Draft(Arc::new(Draft { folder, path: self.path(name), content: content.to_owned() }))
    }

    /// The folder on disk, if it is one.
    #[must_use]
    pub fn disk(&self) -> Option<&Path> {
        match self {
            Self::Disk(path) => Some(path),
            Self::Draft(draft) => Some(&draft.folder),
            Self::Shipped => None,
        }
    }

    /// The folder that holds `yuqing.toml`, `plans/`, `presets/` and `sources.d/`, if on disk.
    #[must_use]
    pub fn config_dir(&self) -> Option<PathBuf> {
        self.disk().map(config_of)
    }

    /// Where the database stands unless `[daemon]` says otherwise: in `$STATE_DIRECTORY` of the service,
    /// else in `state` in the folder, else in `./yuqing-state`.
    #[must_use]
    pub fn usual_database(&self) -> PathBuf {
        let of_service = std::env::var_os("STATE_DIRECTORY").map(PathBuf::from);
        let beside =
            || self.disk().map_or_else(|| PathBuf::from("yuqing-state"), |folder| folder.join("state"));
        of_service.unwrap_or_else(beside).join("yuqing.db")
    }

    /// Whether the folder on disk holds a file of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.path(name).is_file()
    }

    /// The path under which faults name a file of the office (`plans/x.toml`, `keywords/x.txt`).
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        match self.disk() {
            Some(folder) if name.starts_with("keywords") || Path::new(name).is_absolute() => {
                folder.join(name)
            }
            Some(folder) => {
                let (in_config, at_top) = (config_of(folder).join(name), folder.join(name));
                let is_folder = |path: &Path| path.parent().is_some_and(Path::is_dir);
                // A file that is not there yet belongs beside yuqing.toml, or where the others of its folder stand.
                let above = at_top.exists() || (is_folder(&at_top) && !is_folder(&in_config));
                if in_config.exists() || !above { in_config } else { at_top }
            }
            None => PathBuf::from(name),
        }
    }

    /// The bytes of a file; `None` when there is no such file.
    ///
    /// # Errors
    /// What the system says, or that the file is far too large.
    pub fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        let path = self.path(name);
        match self {
            Self::Draft(draft) if draft.path == path => Ok(Some(draft.content.clone())),
            Self::Disk(_) | Self::Draft(_) => read_bounded(&path).map_err(|error| {
                let hint = "检查文件的权限、网络共享是否连着，以及是否被别的程序占用；会自动再试";
                let fault = Fault::of_file(&path, format!("读不到文件: {error}"), Some(hint.to_owned()));
                Fault { unread: true, ..fault }
            }),
            Self::Shipped => Ok(shipped::file(name).map(|text| text.as_bytes().to_vec())),
        }
    }

    /// The text of a TOML file (UTF-8, with or without byte order mark); `None` when there is no such
    /// file.
    ///
    /// # Errors
    /// That it cannot be read, or the line where it stops being UTF-8.
    pub fn text(&self, name: &str) -> Result<Option<String>, Fault> {
        let Some(bytes) = self.bytes(name)? else { return Ok(None) };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(error) => {
                let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
                // What an old Notepad saves; only to show the line.
                let (shown, _) = encoding_rs::GB18030.decode_without_bom_handling(bytes);
                let hint = "用记事本打开，“另存为”，编码选 UTF-8";
                let message = "文件不是 UTF-8 编码";
                Err(Fault::on_line(&self.path(name), &shown, line, message, Some(hint.to_owned())))
            }
        }
    }

    /// Names of the files with this ending in a sub-folder, sorted; files that editors leave behind
    /// are left out.
    #[must_use]
    pub fn list(&self, below: &str, ending: &str) -> Vec<String> {
        let mut names: Vec<String> = match self {
            Self::Disk(_) | Self::Draft(_) => fs::read_dir(self.path(below))
                .into_iter()
                .flatten()
                .flatten()
                .filter_map(|entry| entry.file_name().into_string().ok())
                .filter(|name| name.ends_with(ending) && !left_behind(name))
                .map(|name| format!("{below}/{name}"))
                .collect(),
            Self::Shipped => shipped::names()
                .filter(|name| name.starts_with(&format!("{below}/")) && name.ends_with(ending))
                .map(str::to_owned)
                .collect(),
        };
        if let Self::Draft(draft) = self
            && draft.path.parent() == Some(&self.path(below))
            && let Some(name) = draft.path.file_name().and_then(|name| name.to_str())
            && name.ends_with(ending)
        {
            names.push(format!("{below}/{name}"));
        }
        names.sort();
        names.dedup();
        names
    }
}

/// Whether a file is one that an editor or a share leaves behind: `~$名单.xlsx`, `x.tmp`, `x.bak`, `.x`.
#[must_use]
pub fn left_behind(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    name.starts_with("~$")
        || name.starts_with('.')
        || name.ends_with('~')
        || [".tmp", ".bak", ".swp"].iter().any(|ending| lower.ends_with(ending))
}

fn config_of(folder: &Path) -> PathBuf {
    let below = folder.join("config");
    if !folder.join("yuqing.toml").exists() && below.join("yuqing.toml").exists() {
        below
    } else {
        folder.to_owned()
    }
}

fn read_bounded(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let size = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Err(io::Error::other("这是文件夹，不是文件")),
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if size > MAX_FILE_BYTES {
        return Err(io::Error::other(format!("{size} 字节，超过 8 MB，不像配置文件")));
    }
    fs::read(path).map(Some)
}
