//! The console's listener: so many connections at one time and no connection that stays silent for ever, in TLS where
//! the office has a certificate. A greeting that does not come to its end is silence like any other.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{Instant, Sleep},
};

use super::{Bounds, Settings, stream::Stream};

/// The address at the other end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub SocketAddr);

impl Connected<IncomingStream<'_, Bounded>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Bounded>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// A listener with bounds.
pub(super) struct Bounded {
    inner: TcpListener,
    places: Arc<Semaphore>,
    bounds: Bounds,
    settings: watch::Receiver<Arc<Settings>>,
}

impl Bounded {
    pub fn new(inner: TcpListener, bounds: Bounds, settings: watch::Receiver<Arc<Settings>>) -> Self {
        Self { inner, places: Arc::new(Semaphore::new(bounds.connections)), bounds, settings }
    }
}

impl Listener for Bounded {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        // A closed semaphore is impossible here; without a place the connection simply has none to give back.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        let (stream, peer) = Listener::accept(&mut self.inner).await;
        let wait = |bound| Box::pin(tokio::time::sleep(bound));
        let (silence, unanswered) = (wait(self.bounds.silence), wait(self.bounds.unanswered));
        let tls = self.settings.borrow().tls.clone();
        let stream = Stream::of(stream, tls);
        (Connection { stream, silence, unanswered, bounds: self.bounds, _place: place }, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }
}

/// A connection that ends after too long a silence, or too long without any answer, and gives its place back.
pub(super) struct Connection {
    stream: Stream,
    silence: Pin<Box<Sleep>>,
    unanswered: Pin<Box<Sleep>>,
    bounds: Bounds,
    _place: Option<OwnedSemaphorePermit>,
}

impl Connection {
    fn heard(&mut self) {
        self.silence.as_mut().reset(Instant::now() + self.bounds.silence);
    }

    fn answered(&mut self) {
        self.heard();
        self.unanswered.as_mut().reset(Instant::now() + self.bounds.unanswered);
    }

    /// Whether nothing moved for too long.
    fn poll_silence<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        ready!(self.silence.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // Asked before the bytes are: there may always be another one.
        if self.unanswered.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        match Pin::new(&mut self.stream).poll_read(cx, buf) {
            Poll::Ready(done) => {
                self.heard();
                Poll::Ready(done)
            }
            Poll::Pending => self.poll_silence(cx),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(cx, bytes) {
            Poll::Ready(done) => {
                self.answered();
                Poll::Ready(done)
            }
            Poll::Pending => self.poll_silence(cx),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write_vectored(cx, parts) {
            Poll::Ready(done) => {
                self.answered();
                Poll::Ready(done)
            }
            Poll::Pending => self.poll_silence(cx),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
