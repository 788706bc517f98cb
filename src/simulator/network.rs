//! The pretended network behind the wires: verifications that run by the clock, and the messages they sent.
//!
//! Promises at most one running verification per number and vendor, and bounded memory. Must not know the wires (forms, JSON, HTTP).

use std::collections::VecDeque;

use crate::platform::clock::Seconds;
use crate::simulator::verification::{Checked, Message, Order, Request, State, deliver};

/// What is kept at most; whatever is older is forgotten.
const MOST_REQUESTS: usize = 1_000;

#[derive(PartialEq, Eq, Debug)]
pub(super) enum Started {
    /// One begins, under the name that was ordered.
    New,
    /// One runs already on this number, or was called off just now; its id.
    Running(String),
    /// The code of the one that runs was sent again: its id, and how many starts that made.
    Again(String, usize),
    /// It was sent again too often.
    TooOften,
}

#[derive(PartialEq, Eq, Debug)]
pub(super) enum Controlled {
    Done,
    NotNow,
    Unknown,
}

/// Everything the network remembers.
#[derive(Default)]
pub(super) struct Network {
    /// Oldest first.
    requests: VecDeque<Request>,
    /// Oldest first.
    messages: VecDeque<Message>,
}

impl Network {
    /// Begins a verification and sends its first message, unless one runs on that number.
    pub(super) fn start(
        &mut self,
        order: Order,
        now: Seconds,
    ) -> Result<Started, getrandom::Error> {
        self.catch_up(now);
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
        self.make_room();
        self.requests.push_back(request);
        Ok(Started::New)
    }

    /// Tries a code.
    pub(super) fn check(&mut self, id: &str, code: &str, now: Seconds) -> Checked {
        self.catch_up(now);
        self.find(id)
            .map_or(Checked::Unknown, |request| request.try_code(code, now))
    }

    /// Calls a verification off, if its vendor does so now.
    pub(super) fn cancel(&mut self, id: &str, now: Seconds) -> Controlled {
        self.catch_up(now);
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

    /// Sends the next message of a verification now.
    pub(super) fn next(&mut self, id: &str, now: Seconds) -> Controlled {
        self.catch_up(now);
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

    /// The state of a verification and its number.
    pub(super) fn search(&mut self, id: &str, now: Seconds) -> Option<(State, &str)> {
        self.catch_up(now);
        self.find(id)
            .map(|request| (request.state, request.order.number.as_str()))
    }

    /// What was delivered, newest first.
    pub(super) fn messages(&mut self, now: Seconds) -> Vec<Message> {
        self.catch_up(now);
        self.messages.iter().rev().cloned().collect()
    }

    fn find(&mut self, id: &str) -> Option<&mut Request> {
        self.requests
            .iter_mut()
            .find(|request| request.order.id == id)
    }

    fn catch_up(&mut self, now: Seconds) {
        // Where the clock was ahead and has been set right, what came later than now came now.
        self.messages
            .iter_mut()
            .for_each(|message| message.at = message.at.min(now));
        for request in &mut self.requests {
            request.set_back(now);
            request.catch_up(now, &mut self.messages);
        }
    }

    /// Forgets one verification when there are as many as may be: the oldest that is over, or else the oldest.
    fn make_room(&mut self) {
        if self.requests.len() >= MOST_REQUESTS {
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
