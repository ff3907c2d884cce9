//! The stage: a new office in a temporary folder, and what reading it says.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use yuqing::config::{self, Fault, Folder, Office, starter};

/// An office as `yuqing init` makes it for 青川县人民医院.
pub struct Stage {
    folder: TempDir,
}

impl Stage {
    /// Makes it.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in starter::files("青川县人民医院") {
            let path = folder.path().join(&file.name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file.bytes).unwrap();
        }
        Self { folder }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A file of it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> &Self {
        fs::write(self.file(name), text).unwrap();
        self
    }

    /// Replaces the first occurrence in a file; it must be there.
    pub fn edit(&self, name: &str, from: &str, to: &str) -> &Self {
        let text = fs::read_to_string(self.file(name)).unwrap().replace("\r\n", "\n");
        assert!(text.contains(from), "{name} does not hold {from:?}");
        self.write(name, text.replacen(from, to, 1))
    }

    /// Reads it as the daemon does.
    pub fn load(&self) -> Result<Office, Vec<Fault>> {
        config::load(&Folder::Disk(self.folder.path().to_owned())).map(|(office, _)| office)
    }

    /// All faults as `check` prints them, with the temporary path cut away.
    pub fn faults(&self) -> String {
        let faults = self.load().expect_err("the office has a fault");
        self.shown(&faults)
    }

    /// All warnings, likewise.
    pub fn warnings(&self) -> String {
        let (_, warnings) = config::load(&Folder::Disk(self.path().to_owned())).expect("no faults");
        let shown: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        self.cut(&shown.join("\n\n"))
    }

    /// Faults as printed.
    pub fn shown(&self, faults: &[Fault]) -> String {
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        self.cut(&shown.join("\n\n"))
    }

    fn cut(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.folder.path().display()), "")
    }
}
