//! Counts the slots in use per client IP: connections, or requests in flight.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};

use crate::web::http::client_ip::ClientIp;

/// The slots in use, by client IP. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Slots(Arc<Mutex<HashMap<ClientIp, usize>>>);

/// A slot in use, released on drop.
#[derive(Debug)]
pub struct Place {
    places: Slots,
    address: ClientIp,
}

impl Slots {
    /// Takes a slot for a client IP, unless it has `most` already.
    #[must_use]
    pub fn take(&self, address: ClientIp, most: usize) -> Option<Place> {
        let mut taken = self.taken();
        let held = taken.get(&address).copied().unwrap_or_default();
        if held >= most {
            return None;
        }
        taken.insert(address.clone(), held + 1);
        Some(Place {
            places: self.clone(),
            address,
        })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<ClientIp, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        if let Some(held) = taken.get_mut(&self.address) {
            *held -= 1;
            if *held == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

/// A response body that holds a slot until it has been sent.
#[derive(Debug)]
pub struct BodyWithSlot {
    /// The body.
    pub body: Body,
    /// The slot.
    pub place: Option<Place>,
}

impl HttpBody for BodyWithSlot {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
#[path = "connection_slots_tests.rs"]
mod tests;
