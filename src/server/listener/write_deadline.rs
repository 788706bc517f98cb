//! Write deadline: closes connections of peers that don't read their responses.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::either::Either;

use crate::server::listener::socket::Stream;

/// Slowest read rate that is tolerated, in bytes a second.
const SLOWEST: u32 = 1_024;

/// A connection with a write deadline that progress extends.
///
/// Time runs only while data waits to be written, so an event stream lasts as long as its reader
/// keeps up.
#[derive(Debug)]
pub(super) struct WriteDeadline {
    stream: Stream,
    patience: Duration,
    /// Time left.
    left: Duration,
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl WriteDeadline {
    /// Wraps a connection.
    #[must_use]
    pub(super) fn new(stream: Stream, patience: Duration) -> Self {
        Self {
            stream,
            patience,
            left: patience,
            waiting: None,
        }
    }

    /// Records the outcome of a write; a write that waits too long fails.
    fn note(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => {
                if let Some((since, _)) = self.waiting.take() {
                    self.left = self.left.saturating_sub(since.elapsed());
                }
                let earned =
                    Duration::from_secs(1) / SLOWEST * u32::try_from(bytes).unwrap_or(u32::MAX);
                self.left = self.patience.min(self.left + earned);
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let left = self.left;
                let (_, over) = self
                    .waiting
                    .get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
                over.as_mut().poll(context).map(|()| {
                    // Linger is off: data in the kernel's buffer is discarded with the connection.
                    if let Either::Left(tcp) = &self.stream {
                        let _ = tcp.set_zero_linger();
                    }
                    Err(io::ErrorKind::TimedOut.into())
                })
            }
        }
    }
}

impl AsyncRead for WriteDeadline {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for WriteDeadline {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, buffer);
        self.note(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        self.note(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
