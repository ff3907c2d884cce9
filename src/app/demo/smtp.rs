//! The receiving side of SMTP, as small as it can be and still be a true conversation: EHLO, HELO, MAIL,
//! RCPT, DATA with its dots unstuffed, RSET, NOOP, QUIT; with bounds on everything.

use std::time::Duration;

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

const LONGEST_LINE: usize = 4_096;
const LARGEST_MAIL: usize = 2 * 1_024 * 1_024;
const MOST_RECIPIENTS: usize = 50;
const IDLE: Duration = Duration::from_secs(60);

/// A mail as it was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Received {
    pub from: String,
    pub to: Vec<String>,
    pub raw: Vec<u8>,
}

/// Talks with one client until QUIT, the end of the stream, or a breach of the bounds. Each mail is kept
/// by `keep` before its 250 is said.
pub(super) async fn converse(stream: TcpStream, mut keep: impl FnMut(Received)) -> std::io::Result<()> {
    let mut talk = Talk { stream: BufReader::new(stream), from: None, to: Vec::new() };
    talk.say("220 yanshi.invalid ESMTP yuqing demo mailbox").await?;
    while let Some(line) = talk.line().await? {
        let line = String::from_utf8_lossy(&line).trim().to_owned();
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => talk.greet().await?,
            "HELO" => talk.say("250 yanshi.invalid").await?,
            "MAIL" => talk.sender(&line).await?,
            "RCPT" => talk.recipient(&line).await?,
            "DATA" => {
                if let Some(mail) = talk.data().await? {
                    keep(mail);
                    talk.say("250 2.0.0 kept").await?;
                }
            }
            "RSET" => {
                talk.forget();
                talk.say("250 2.0.0 forgotten").await?;
            }
            "NOOP" => talk.say("250 2.0.0 ok").await?,
            "QUIT" => {
                talk.say("221 2.0.0 bye").await?;
                return Ok(());
            }
            _ => talk.say("500 5.5.1 unknown command").await?,
        }
    }
    Ok(())
}

struct Talk {
    stream: BufReader<TcpStream>,
    from: Option<String>,
    to: Vec<String>,
}

impl Talk {
    async fn say(&mut self, line: &str) -> std::io::Result<()> {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await
    }

    async fn greet(&mut self) -> std::io::Result<()> {
        self.forget();
        self.say(&format!("250-yanshi.invalid\r\n250-SIZE {LARGEST_MAIL}\r\n250-8BITMIME\r\n250 SMTPUTF8"))
            .await
    }

    async fn sender(&mut self, line: &str) -> std::io::Result<()> {
        self.forget();
        self.from = Some(address(line));
        self.say("250 2.1.0 ok").await
    }

    async fn recipient(&mut self, line: &str) -> std::io::Result<()> {
        if self.from.is_none() {
            return self.say("503 5.5.1 MAIL first").await;
        }
        let address = address(line);
        if !address.contains('@') {
            return self.say("501 5.1.3 no such address form").await;
        }
        if self.to.len() >= MOST_RECIPIENTS {
            return self.say("452 4.5.3 too many recipients").await;
        }
        self.to.push(address);
        self.say("250 2.1.5 ok").await
    }

    async fn data(&mut self) -> std::io::Result<Option<Received>> {
        let Some(from) = self.from.clone().filter(|_| !self.to.is_empty()) else {
            self.say("503 5.5.1 RCPT first").await?;
            return Ok(None);
        };
        self.say("354 end with a dot").await?;
        let mut raw = Vec::new();
        let mut too_large = false;
        loop {
            let Some(line) = self.line().await? else {
                // The client went away in the middle: nothing was taken.
                return Ok(None);
            };
            if line == b"." {
                break;
            }
            too_large |= raw.len() + line.len() > LARGEST_MAIL;
            if !too_large {
                raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
                raw.extend_from_slice(b"\r\n");
            }
        }
        let to = std::mem::take(&mut self.to);
        self.forget();
        if too_large {
            self.say("552 5.3.4 too large").await?;
            return Ok(None);
        }
        Ok(Some(Received { from, to, raw }))
    }

    fn forget(&mut self) {
        self.from = None;
        self.to.clear();
    }

    /// One line without its end; `None` at the end of the stream.
    async fn line(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        loop {
            let available = tokio::time::timeout(IDLE, self.stream.fill_buf())
                .await
                .map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
            if available.is_empty() {
                return Ok(None);
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(available.len(), |end| end + 1);
            line.extend(available.iter().take(taken));
            self.stream.consume(taken);
            if line.len() > LONGEST_LINE {
                return Err(std::io::Error::other("the line is too long"));
            }
            if end.is_some() {
                let kept = line.trim_ascii_end().len();
                // Blanks at the end of a line belong to the mail; only the line end goes.
                let cut =
                    line.strip_suffix(b"\r\n").or_else(|| line.strip_suffix(b"\n")).map_or(kept, <[u8]>::len);
                line.truncate(cut);
                return Ok(Some(line));
            }
        }
    }
}

/// What stands between the angle brackets of `MAIL FROM:<…>` or `RCPT TO:<…>`.
fn address(line: &str) -> String {
    line.split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or_else(String::new, |(address, _)| address.trim().to_owned())
}
