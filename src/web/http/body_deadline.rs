//! A deadline for reading a request body, so that a slow sender cannot hold a connection open.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use thiserror::Error;
use tokio::time::{Instant, Sleep, sleep_until};

/// The body was incomplete at its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the body did not arrive in time")]
pub struct DeadlineExceeded;

/// A body that fails with [`DeadlineExceeded`] unless all of it arrives before the deadline.
#[derive(Debug)]
pub struct BodyDeadline {
    body: Body,
    until: Instant,
    /// Created on the first pending read; most bodies need none.
    late: Option<Pin<Box<Sleep>>>,
}

impl BodyDeadline {
    /// Wraps a body and starts its deadline.
    #[must_use]
    pub fn new(body: Body, patience: Duration) -> Self {
        Self {
            body,
            until: Instant::now() + patience,
            late: None,
        }
    }
}

impl HttpBody for BodyDeadline {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let until = self.until;
        let late = self
            .late
            .get_or_insert_with(|| Box::pin(sleep_until(until)));
        late.as_mut()
            .poll(context)
            .map(|()| Some(Err(DeadlineExceeded.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Returns whether a body error was caused by its deadline.
#[must_use]
pub fn is_deadline_exceeded(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source())
        .any(<dyn std::error::Error>::is::<DeadlineExceeded>)
}
