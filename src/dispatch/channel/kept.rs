//! Mail connections that are kept for a moment after a mail, so that the next one need not connect and log in anew: in
//! a storm that is most of the work, and mail providers count logins. After a few seconds they are ended politely.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use lettre::transport::smtp::client::AsyncSmtpConnection;

/// Shorter than any server's patience (RFC 5321, 4.5.3.2.7: five minutes; some allow ten seconds).
const KEPT_FOR: Duration = Duration::from_secs(5);
/// How long a farewell may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// Connections on which a mail was accepted and nothing is under way.
#[derive(Default)]
pub(super) struct Kept(Arc<Mutex<Connections>>);

#[derive(Default)]
struct Connections {
    /// Each with its number.
    idle: Vec<(u64, AsyncSmtpConnection)>,
    next: u64,
}

impl Kept {
    /// The one that was used last.
    pub(super) fn take(&self) -> Option<AsyncSmtpConnection> {
        let mut connections = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        connections.idle.pop().map(|(_, connection)| connection)
    }

    /// Keeps a connection; it is ended when nobody takes it.
    pub(super) fn keep(&self, connection: AsyncSmtpConnection) {
        let number = {
            let mut connections = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            connections.next += 1;
            let number = connections.next;
            connections.idle.push((number, connection));
            number
        };
        let connections = Arc::clone(&self.0);
        tokio::spawn(async move {
            tokio::time::sleep(KEPT_FOR).await;
            let unused = {
                let mut connections = connections.lock().unwrap_or_else(PoisonError::into_inner);
                let at = connections.idle.iter().position(|(one, _)| *one == number);
                at.map(|at| connections.idle.remove(at).1)
            };
            if let Some(mut unused) = unused {
                let _ = tokio::time::timeout(FAREWELL, unused.quit()).await;
            }
        });
    }
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("kept connections")
    }
}
