//! A mail server for measurements: it takes everything, keeps nothing but the number of mails, and costs next
//! to nothing beside its clients: a connection is a thread. `VRFY` answers with the number.
//!
//! [`Sink`] runs it as a process of its own, so that its time is nobody's: the benchmark calls
//! [`serve_if_child`] first thing in `main`.

#![allow(dead_code, clippy::print_stdout, reason = "a part of measurements")]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::{Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
};

/// Set for the process that serves.
const CHILD: &str = "YUQING_BENCH_SINK";

static MAILS: AtomicU64 = AtomicU64::new(0);

/// The server as a process of its own; it ends when this is dropped.
#[derive(Debug)]
pub struct Sink {
    process: std::process::Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Sink {
    /// Starts this very program again as the mail server, on the named processor.
    ///
    /// # Errors
    /// The program cannot be started, or says no address.
    pub fn start(processor: usize) -> std::io::Result<Self> {
        let mut process = Command::new("taskset")
            .args(["-c", &processor.to_string()])
            .arg(std::env::current_exe()?)
            .env(CHILD, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut said = String::new();
        if let Some(out) = process.stdout.take() {
            BufReader::new(out).read_line(&mut said)?;
        }
        let address = said.trim().parse().map_err(|_| std::io::Error::other("the sink says no address"))?;
        Ok(Self { process, address })
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Mails that the server at `address` has taken.
///
/// # Errors
/// What the system says when it does not answer.
pub fn mails(address: SocketAddr) -> std::io::Result<u64> {
    let mut stream = TcpStream::connect(address)?;
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    lines.read_line(&mut line)?;
    stream.write_all(b"VRFY\r\n")?;
    line.clear();
    lines.read_line(&mut line)?;
    line.trim().rsplit(' ').next().and_then(|n| n.parse().ok()).ok_or_else(|| std::io::Error::other(line))
}

/// First thing in a benchmark's `main`: the process that was started as the mail server never comes back.
pub fn serve_if_child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let Ok((listener, address)) = listener.and_then(|one| one.local_addr().map(|address| (one, address)))
    else {
        std::process::exit(1)
    };
    println!("{address}");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that goes away ends its thread, and nobody else's.
            std::thread::spawn(move || converse(&stream));
        }
    });
    // The parent holds the other end: when it dies by whatever cause, this ends.
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    std::process::exit(0);
}

fn converse(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut lines, mut out) = (BufReader::with_capacity(32 * 1024, stream), stream);
    let mut line = Vec::new();
    let mut say = |words: &str| out.write_all(words.as_bytes());
    say("220 sink ESMTP\r\n")?;
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_slice() {
            b"EHLO" => say("250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")?,
            b"DATA" => {
                say("354 go on\r\n")?;
                while line != b".\r\n" {
                    line.clear();
                    if lines.read_until(b'\n', &mut line)? == 0 {
                        return Ok(());
                    }
                }
                MAILS.fetch_add(1, Ordering::SeqCst);
                say("250 kept\r\n")?;
            }
            b"VRFY" => say(&format!("252 {}\r\n", MAILS.load(Ordering::SeqCst)))?,
            b"QUIT" => return say("221 bye\r\n"),
            _ => say("250 fine\r\n")?,
        }
    }
}
