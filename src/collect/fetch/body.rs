//! Reads a body within caps that count bytes after decompression, so that neither two gigabytes nor a gzip
//! bomb fill the memory. Decompression is done here and not by the client, because only so the bytes on the
//! line, the ratio and an encoding within an encoding can be seen.

use std::io::{self, Write};

use flate2::write::{DeflateDecoder, GzDecoder, ZlibDecoder};
use futures_util::StreamExt;
use reqwest::{
    Response,
    header::{self, HeaderMap},
};

use super::FetchError;

/// What we say that we can read.
pub(super) const ACCEPTED: &str = "gzip, deflate";
/// A body of more than [`RATIO_FROM`] bytes that is this many times what came over the line is a bomb:
/// lists of a thousand equal rows reach about fifty.
const MOST_RATIO: u64 = 200;
const RATIO_FROM: u64 = 1024 * 1024;

/// How much of a body is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// All of it, or an error.
    Whole,
    /// What fits under the cap (robots.txt); a broken body is an error.
    Start,
    /// Whatever can be had (the evidence of a refusal).
    Anything,
}

/// A body and what it cost.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub bytes: Vec<u8>,
    /// Bytes on the line.
    pub received: u64,
}

/// The body, at most `limit` bytes.
pub(super) async fn read(response: Response, limit: usize, want: Want) -> Result<Body, FetchError> {
    let announced = response.content_length().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    if want == Want::Whole && announced > limit {
        return Err(FetchError::TooLarge { limit });
    }
    let room = announced.min(limit).min(1024 * 1024);
    let mut decoder = match Decoder::of(response.headers(), Sink { bytes: Vec::with_capacity(room), limit }) {
        Ok(decoder) => decoder,
        Err(_) if want == Want::Anything => return Ok(Body::default()),
        Err(error) => return Err(error),
    };
    let mut received = 0;
    let read = fill(response, &mut decoder, &mut received).await;
    let ended = match read {
        Ok(()) => decoder.finish().map_err(|error| decoder.fault(&error)),
        Err(error) => Err(error),
    };
    match (ended, want) {
        (Ok(()), _) | (Err(_), Want::Anything) | (Err(FetchError::TooLarge { .. }), Want::Start) => {
            Ok(Body { bytes: decoder.into_bytes(), received })
        }
        (Err(error), _) => Err(error),
    }
}

async fn fill(response: Response, decoder: &mut Decoder, received: &mut u64) -> Result<(), FetchError> {
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| FetchError::BrokenBody(root_cause(&error)))?;
        *received += chunk.len() as u64;
        decoder.take(&chunk).map_err(|error| decoder.fault(&error))?;
        let given = decoder.sink().bytes.len() as u64;
        if given > RATIO_FROM && given > received.saturating_mul(MOST_RATIO) {
            return Err(FetchError::Overpacked { times: given / (*received).max(1) });
        }
    }
    Ok(())
}

/// Where decompressed bytes go, up to the cap.
struct Sink {
    bytes: Vec<u8>,
    limit: usize,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.limit - self.bytes.len();
        if room == 0 && !bytes.is_empty() {
            return Err(io::Error::other(Full));
        }
        let taken = bytes.get(..room).unwrap_or(bytes);
        self.bytes.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the cap is reached")]
struct Full;

enum Decoder {
    Plain(Sink),
    Gzip(GzDecoder<Sink>),
    /// `deflate` means zlib, but some servers send it without zlib's two bytes: the first two tell.
    Deflate(Sink, Vec<u8>),
    Zlib(ZlibDecoder<Sink>),
    Raw(DeflateDecoder<Sink>),
}

impl Decoder {
    /// By `Content-Encoding`. One encoding that we asked for, or none: two are a way to hide a bomb.
    fn of(headers: &HeaderMap, sink: Sink) -> Result<Self, FetchError> {
        let written: Vec<String> = headers
            .get_all(header::CONTENT_ENCODING)
            .iter()
            .flat_map(|value| {
                String::from_utf8_lossy(value.as_bytes())
                    .to_ascii_lowercase()
                    .split(',')
                    .map(|one| one.trim().to_owned())
                    .collect::<Vec<_>>()
            })
            .filter(|one| !one.is_empty() && one != "identity")
            .collect();
        match written.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => Ok(Self::Plain(sink)),
            ["gzip" | "x-gzip"] => Ok(Self::Gzip(GzDecoder::new(sink))),
            ["deflate"] => Ok(Self::Deflate(sink, Vec::new())),
            _ => Err(FetchError::Encoding(written.join(", "))),
        }
    }

    fn take(&mut self, chunk: &[u8]) -> io::Result<()> {
        if let Self::Deflate(sink, held) = self {
            held.extend_from_slice(chunk);
            let &[first, second, ..] = held.as_slice() else { return Ok(()) };
            let is_zlib = first & 0x0f == 8 && u16::from_be_bytes([first, second]).is_multiple_of(31);
            let sink = Sink { bytes: std::mem::take(&mut sink.bytes), limit: sink.limit };
            let held = std::mem::take(held);
            *self = if is_zlib {
                Self::Zlib(ZlibDecoder::new(sink))
            } else {
                Self::Raw(DeflateDecoder::new(sink))
            };
            return write_until_end(self.writer(), &held);
        }
        write_until_end(self.writer(), chunk)
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Plain(sink) | Self::Deflate(sink, _) => sink,
            Self::Gzip(decoder) => decoder,
            Self::Zlib(decoder) => decoder,
            Self::Raw(decoder) => decoder,
        }
    }

    fn sink(&self) -> &Sink {
        match self {
            Self::Plain(sink) | Self::Deflate(sink, _) => sink,
            Self::Gzip(decoder) => decoder.get_ref(),
            Self::Zlib(decoder) => decoder.get_ref(),
            Self::Raw(decoder) => decoder.get_ref(),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Deflate(_, held) if held.is_empty() => Ok(()),
            Self::Deflate(..) => Err(io::ErrorKind::UnexpectedEof.into()),
            Self::Gzip(decoder) => decoder.try_finish(),
            Self::Zlib(decoder) => decoder.try_finish(),
            Self::Raw(decoder) => decoder.try_finish(),
        }
    }

    /// The failure behind an error of the decoder.
    fn fault(&self, error: &io::Error) -> FetchError {
        if error.get_ref().is_some_and(|inner| inner.is::<Full>()) {
            return FetchError::TooLarge { limit: self.sink().limit };
        }
        FetchError::BrokenBody(error.to_string())
    }

    fn into_bytes(mut self) -> Vec<u8> {
        // What the decoder still holds; at the cap it has nowhere to go.
        let _ = self.writer().flush();
        match &mut self {
            Self::Plain(sink) | Self::Deflate(sink, _) => std::mem::take(&mut sink.bytes),
            Self::Gzip(decoder) => std::mem::take(&mut decoder.get_mut().bytes),
            Self::Zlib(decoder) => std::mem::take(&mut decoder.get_mut().bytes),
            Self::Raw(decoder) => std::mem::take(&mut decoder.get_mut().bytes),
        }
    }
}

/// Writes a chunk; what follows the end of a compressed stream is passed over, as browsers do.
fn write_until_end(writer: &mut dyn Write, mut chunk: &[u8]) -> io::Result<()> {
    while !chunk.is_empty() {
        let taken = writer.write(chunk)?;
        if taken == 0 {
            break;
        }
        chunk = chunk.get(taken..).unwrap_or_default();
    }
    Ok(())
}

/// The innermost cause: the outer ones repeat the address, which may hold a key.
pub(super) fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
