//! The simulated phone network: its verifications, and the messages they sent.
//!
//! It holds at most one running verification per number and vendor, in bounded memory. It knows
//! nothing of the wire protocols (forms, JSON, HTTP).

use std::collections::VecDeque;

use crate::platform::clock::Seconds;
use crate::simulator::verification::{Checked, Message, Order, Request, State, deliver};

/// Maximum number of verifications kept.
const MAX_VERIFICATIONS: usize = 1_000;

#[derive(PartialEq, Eq, Debug)]
pub(super) enum Started {
    /// A new verification began, with the requested id.
    New,
    /// A verification of this number is running or was just cancelled; its id.
    Running(String),
    /// The running verification's code was sent again: its id, and the number of starts so far.
    Again(String, usize),
    /// The code was sent again too often.
    TooOften,
}

#[derive(PartialEq, Eq, Debug)]
pub(super) enum Controlled {
    Done,
    NotNow,
    Unknown,
}

/// The state of the network.
#[derive(Default)]
pub(super) struct Network {
    /// Oldest first.
    requests: VecDeque<Request>,
    /// Oldest first.
    messages: VecDeque<Message>,
}

impl Network {
    /// Begins a verification and sends its first message, unless one is running for that number.
    pub(super) fn start(
        &mut self,
        order: Order,
        now: Seconds,
    ) -> Result<Started, getrandom::Error> {
        self.process_due(now);
        if let Some(request) = self
            .requests
            .iter_mut()
            .find(|request| request.blocks(&order, now))
        {
            let id = request.order.id.clone();
            return Ok(match order.rules.most_starts {
                0 | 1 => Started::Running(id),
                most if request.starts >= most => Started::TooOften,
                _ => {
                    request.send_again(&order, now, &mut self.messages);
                    Started::Again(id, request.starts)
                }
            });
        }
        let request = Request::new(order, now)?;
        deliver(&mut self.messages, request.message());
        self.evict_one();
        self.requests.push_back(request);
        Ok(Started::New)
    }

    /// Checks a code.
    pub(super) fn check(&mut self, id: &str, code: &str, now: Seconds) -> Checked {
        self.process_due(now);
        self.find(id)
            .map_or(Checked::Unknown, |request| request.try_code(code, now))
    }

    /// Cancels a verification, if its vendor allows that now.
    pub(super) fn cancel(&mut self, id: &str, now: Seconds) -> Controlled {
        self.process_due(now);
        let Some(request) = self.find(id).filter(|request| request.is_running()) else {
            return Controlled::Unknown;
        };
        let rules = request.order.rules;
        if now - request.started < rules.cancel_from || (request.event > 0 && !rules.cancel_late) {
            return Controlled::NotNow;
        }
        request.state = State::Cancelled { at: now };
        Controlled::Done
    }

    /// Sends the next message of a verification immediately.
    pub(super) fn next(&mut self, id: &str, now: Seconds) -> Controlled {
        self.process_due(now);
        let Some(request) = self
            .requests
            .iter_mut()
            .find(|request| request.order.id == id && request.is_running())
        else {
            return Controlled::Unknown;
        };
        if request.event + 1 >= request.order.events.len() {
            return Controlled::NotNow;
        }
        request.send_next(now, &mut self.messages);
        Controlled::Done
    }

    /// Returns the state of a verification and its number.
    pub(super) fn search(&mut self, id: &str, now: Seconds) -> Option<(State, &str)> {
        self.process_due(now);
        self.find(id)
            .map(|request| (request.state, request.order.number.as_str()))
    }

    /// Returns the delivered messages, newest first.
    pub(super) fn messages(&mut self, now: Seconds) -> Vec<Message> {
        self.process_due(now);
        self.messages.iter().rev().cloned().collect()
    }

    fn find(&mut self, id: &str) -> Option<&mut Request> {
        self.requests
            .iter_mut()
            .find(|request| request.order.id == id)
    }

    fn process_due(&mut self, now: Seconds) {
        // If the clock was ahead and has been corrected, future times become now.
        self.messages
            .iter_mut()
            .for_each(|message| message.at = message.at.min(now));
        for request in &mut self.requests {
            request.set_back(now);
            request.process_due(now, &mut self.messages);
        }
    }

    /// Drops a verification if the limit is reached: the oldest that has ended, or else the oldest.
    fn evict_one(&mut self) {
        if self.requests.len() >= MAX_VERIFICATIONS {
            let over = self
                .requests
                .iter()
                .position(|request| !request.is_running())
                .unwrap_or(0);
            self.requests.remove(over);
        }
    }
}

#[cfg(test)]
#[path = "network_tests.rs"]
mod tests;
