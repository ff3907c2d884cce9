//! What the bytes of a connection go through: the socket itself, or TLS over it. The greeting, in which the certificate
//! is shown, is driven by whoever reads or writes, so that a peer who greets slowly holds up nobody else.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{Accept, TlsAcceptor, server::TlsStream};

/// A connection's stream.
pub(super) enum Stream {
    /// The socket.
    Plain(TcpStream),
    /// The greeting is under way.
    Greeting(Box<Accept<TcpStream>>),
    /// TLS.
    Secure(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Over this socket, by TLS where there is a certificate.
    pub fn of(socket: TcpStream, tls: Option<Arc<ServerConfig>>) -> Self {
        match tls {
            Some(server) => Self::Greeting(Box::new(TlsAcceptor::from(server).accept(socket))),
            None => Self::Plain(socket),
        }
    }

    /// Ready when the greeting is over.
    fn poll_greeted(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Self::Greeting(greeting) = self {
            let secure = ready!(Pin::new(greeting.as_mut()).poll(cx))?;
            *self = Self::Secure(Box::new(secure));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_greeted(cx))?;
        match &mut *self {
            Self::Plain(socket) => Pin::new(socket).poll_read(cx, buf),
            Self::Secure(secure) => Pin::new(secure.as_mut()).poll_read(cx, buf),
            Self::Greeting(_) => Poll::Pending,
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_greeted(cx))?;
        match &mut *self {
            Self::Plain(socket) => Pin::new(socket).poll_write(cx, bytes),
            Self::Secure(secure) => Pin::new(secure.as_mut()).poll_write(cx, bytes),
            Self::Greeting(_) => Poll::Pending,
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(socket) => Pin::new(socket).poll_flush(cx),
            Self::Secure(secure) => Pin::new(secure.as_mut()).poll_flush(cx),
            // Nothing was written yet.
            Self::Greeting(_) => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Plain(socket) => Pin::new(socket).poll_shutdown(cx),
            Self::Secure(secure) => Pin::new(secure.as_mut()).poll_shutdown(cx),
            Self::Greeting(_) => Poll::Ready(Ok(())),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_greeted(cx))?;
        match &mut *self {
            Self::Plain(socket) => Pin::new(socket).poll_write_vectored(cx, parts),
            Self::Secure(secure) => Pin::new(secure.as_mut()).poll_write_vectored(cx, parts),
            Self::Greeting(_) => Poll::Pending,
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(socket) => socket.is_write_vectored(),
            Self::Greeting(_) | Self::Secure(_) => true,
        }
    }
}
