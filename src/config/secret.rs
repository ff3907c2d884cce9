//! Secrets stand in the office's files by reference only: `env:NAME`, `file:/path` or
//! `credential:NAME` (systemd's `LoadCredential=`, found under `$CREDENTIALS_DIRECTORY`). They are read
//! when the files are loaded, kept in a [`SecretString`] that prints as `[REDACTED]`, and never written.

use std::{fs, ops::Range, path::Path};

use secrecy::SecretString;
use toml::de::{DeTable, DeValue};

use super::sheet::{Spot, Table};

const MAX_SECRET_BYTES: u64 = 64 * 1024;

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretRef {
    /// An environment variable.
    Env(String),
    /// A file that only the daemon can read.
    File(String),
    /// A systemd credential.
    Credential(String),
}

/// Why there is no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// It is written directly. The text is not repeated: it may be the secret.
    #[error("密钥不能直接写在文件里")]
    Written,
    /// The variable is not set.
    #[error("环境变量 {0} 没有设置")]
    NoVariable(String),
    /// The file cannot be read.
    #[error("读不到密钥文件 {path}: {why}")]
    NoFile {
        /// Which.
        path: String,
        /// What the system said.
        why: String,
    },
    /// There is no credentials directory: not started by systemd.
    #[error("没有 $CREDENTIALS_DIRECTORY，找不到凭据 {0}")]
    NoCredentials(String),
    /// It is there, and empty.
    #[error("密钥 {0} 是空的")]
    Empty(String),
}

impl SecretError {
    /// What to do.
    #[must_use]
    pub fn hint(&self, key: &str) -> String {
        match self {
            Self::Written => format!(
                "写引用: {key} = \"credential:名称\"（systemd 凭据）、\"file:/路径\" 或 \"env:变量名\"，并更换已经写出的密钥"
            ),
            Self::NoVariable(name) => format!("在启动前设置 {name}，或改用 \"file:/路径\""),
            Self::NoFile { .. } => "检查路径，以及运行 yuqing 的用户能否读取它".to_owned(),
            Self::NoCredentials(name) => format!(
                "在 yuqing.service 里写 LoadCredential={name}:/路径；手工检查时先设 CREDENTIALS_DIRECTORY=/存放凭据的目录"
            ),
            Self::Empty(_) => "把密钥写进它所指的地方".to_owned(),
        }
    }
}

impl SecretRef {
    /// Reads a reference.
    ///
    /// # Errors
    /// [`SecretError::Written`] for anything else.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let (kind, name) = text.split_once(':').ok_or(SecretError::Written)?;
        let plain =
            |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
        match kind {
            "env" if !name.is_empty() && plain(name) => Ok(Self::Env(name.to_owned())),
            "file" if name.starts_with('/') => Ok(Self::File(name.to_owned())),
            // A dot-dot or a slash would leave the credentials directory.
            "credential" if !name.is_empty() && plain(name) && !name.starts_with('.') => {
                Ok(Self::Credential(name.to_owned()))
            }
            _ => Err(SecretError::Written),
        }
    }

    /// Reads the secret; a line end at its end is cut.
    ///
    /// # Errors
    /// Which of variable, file or credential is missing or empty.
    pub fn resolve(&self) -> Result<SecretString, SecretError> {
        let value = match self {
            Self::Env(name) => std::env::var(name).map_err(|_| SecretError::NoVariable(name.clone()))?,
            Self::File(path) => read_file(Path::new(path))?,
            Self::Credential(name) => {
                let folder = std::env::var_os("CREDENTIALS_DIRECTORY")
                    .ok_or_else(|| SecretError::NoCredentials(name.clone()))?;
                read_file(&Path::new(&folder).join(name))?
            }
        };
        let value = value.trim_end_matches(['\r', '\n']);
        if value.is_empty() {
            return Err(SecretError::Empty(self.to_string()));
        }
        Ok(SecretString::from(value))
    }
}

impl std::fmt::Display for SecretRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{path}"),
            Self::Credential(name) => write!(f, "credential:{name}"),
        }
    }
}

/// Keys whose values are secrets, or as good as one (whoever knows an ntfy topic reads it).
const KEYS: [&str; 3] = ["key", "hmac_key", "ntfy"];

/// A text of the office's files as somebody may read it who may not change it: a secret that was written where a
/// reference belongs is `***`. References stay, for they say nothing.
#[must_use]
pub fn hidden(text: &str) -> String {
    let (table, _) = DeTable::parse_recoverable(text);
    let mut spans = Vec::new();
    secrets_in(table.get_ref(), &mut spans);
    spans.sort_by_key(|span| std::cmp::Reverse(span.start));
    let mut text = text.to_owned();
    for span in spans {
        if text.get(span.clone()).is_some() {
            text.replace_range(span, "\"***\"");
        }
    }
    text
}

fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    KEYS.contains(&key.as_str())
        || ["authorization", "cookie", "token", "secret", "password", "api-key"]
            .iter()
            .any(|part| key.contains(part))
}

fn secrets_in(table: &DeTable<'_>, spans: &mut Vec<Range<usize>>) {
    for (key, value) in table {
        match value.get_ref() {
            DeValue::String(text) => {
                // `{credential}` stands for a reference in the headers of a source.
                let said = SecretRef::parse(text).is_ok() || text.contains("{credential}");
                if is_secret(key.get_ref()) && !said && !text.is_empty() {
                    spans.push(value.span());
                }
            }
            DeValue::Table(table) => secrets_in(table, spans),
            DeValue::Array(array) => {
                array
                    .iter()
                    .filter_map(|one| one.get_ref().as_table())
                    .for_each(|one| secrets_in(one, spans));
            }
            _ => {}
        }
    }
}

fn read_file(path: &Path) -> Result<String, SecretError> {
    let failed = |why: String| SecretError::NoFile { path: path.display().to_string(), why };
    let size = fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if size > MAX_SECRET_BYTES {
        return Err(failed(format!("{size} 字节，不像密钥")));
    }
    fs::read_to_string(path).map_err(|error| failed(error.to_string()))
}

impl Table<'_> {
    /// A secret by reference, resolved; faults are noted, and a secret written directly is not shown.
    pub fn secret(&self, key: &'static str) -> Option<SecretString> {
        let text: Spot<String> = self.text(key)?;
        match SecretRef::parse(text.get_ref()).and_then(|reference| reference.resolve()) {
            Ok(secret) => Some(secret),
            Err(error @ SecretError::Written) => {
                self.sheet().fault_hiding(text.span(), format!("{key}: {error}"), error.hint(key));
                None
            }
            Err(error) => {
                self.sheet().fault(text.span(), format!("{key}: {error}"), error.hint(key));
                None
            }
        }
    }
}
