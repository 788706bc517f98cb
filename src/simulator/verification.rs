//! A verification in the simulated network: its message schedule, its code and its end.
//!
//! Timing is exact to the second. Nothing runs in the background: each access first processes
//! whatever has become due. Differences between vendors are described by [`Rules`] only.

use std::collections::VecDeque;

use crate::platform::clock::Seconds;
use crate::simulator::verification::Channel::{Sms, Voice};

/// Maximum number of messages kept.
pub(super) const MOST_MESSAGES: usize = 500;

/// How a message was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// A text message.
    Sms,
    /// A call.
    Voice,
}

/// A text or call that the simulated network delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// When it was sent.
    pub at: Seconds,
    /// The recipient's number: `+` and digits.
    pub to: String,
    /// Text or call.
    pub channel: Channel,
    /// The text, including the code.
    pub text: String,
    /// The code, 4 to 10 digits.
    pub code: String,
}

/// How vendors differ. Each sees only its own verifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rules {
    /// Minimum age of a verification that is cancelled, in seconds.
    pub cancel_from: Seconds,
    /// Whether it can still be cancelled after its second message.
    pub cancel_late: bool,
    /// How long a cancelled verification still blocks a new one, in seconds.
    pub lingers: Seconds,
    /// Number of wrong codes before the verification fails; a new code resets the count.
    pub most_wrong: u8,
    /// Number of starts for one number that send the running code; with 1, a second start is
    /// refused.
    pub most_starts: usize,
}

/// A validated start request.
#[derive(Clone, Debug)]
pub(super) struct Order {
    /// The id of the verification, in the vendor's format.
    pub id: String,
    pub rules: Rules,
    /// Digits without `+`.
    pub number: String,
    pub brand: String,
    /// 4 to 10.
    pub code_length: u32,
    /// The messages, and the seconds until the next.
    pub events: Vec<(Channel, Seconds)>,
    pub code_lifetime: Seconds,
}

/// The state of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Running,
    Verified,
    Failed,
    Cancelled { at: Seconds },
    Expired,
}

#[derive(PartialEq, Eq, Debug)]
pub(super) enum Checked {
    Right,
    Wrong,
    TooOften,
    Unknown,
}

pub(super) struct Request {
    pub order: Order,
    pub state: State,
    pub started: Seconds,
    /// The number of starts so far.
    pub starts: usize,
    /// The index of the latest event of the workflow.
    pub event: usize,
    event_at: Seconds,
    code: String,
    code_ends: Seconds,
    wrong: u8,
}

impl Request {
    pub(super) fn new(order: Order, now: Seconds) -> Result<Self, getrandom::Error> {
        let code = random_code(order.code_length)?;
        let code_ends = now + order.code_lifetime;
        Ok(Self {
            order,
            state: State::Running,
            started: now,
            starts: 1,
            event: 0,
            event_at: now,
            code,
            code_ends,
            wrong: 0,
        })
    }

    pub(super) fn is_running(&self) -> bool {
        self.state == State::Running
    }

    /// Returns whether it blocks another start for its number.
    pub(super) fn blocks(&self, order: &Order, now: Seconds) -> bool {
        let lingers =
            matches!(self.state, State::Cancelled { at } if now < at + self.order.rules.lingers);
        (self.is_running() || lingers)
            && self.order.number == order.number
            && self.order.rules == order.rules
    }

    /// Moves future times to now, after a clock that was ahead has been corrected.
    pub(super) fn set_back(&mut self, now: Seconds) {
        (self.started, self.event_at) = (self.started.min(now), self.event_at.min(now));
        self.code_ends = self.code_ends.min(now + self.order.code_lifetime);
        if let State::Cancelled { at } = &mut self.state {
            *at = (*at).min(now);
        }
    }

    /// Processes everything due by now: messages in order, and finally the expiry of the last code.
    pub(super) fn process_due(&mut self, now: Seconds, messages: &mut VecDeque<Message>) {
        while self.is_running() {
            if self.event + 1 < self.order.events.len() {
                let due = self.event_at
                    + self
                        .order
                        .events
                        .get(self.event)
                        .map(|(_, wait)| *wait)
                        .unwrap_or_default();
                if due > now {
                    return;
                }
                self.send_next(due, messages);
            } else if self.code_ends <= now {
                self.state = State::Expired;
            } else {
                return;
            }
        }
    }

    /// Sends the next message, with a new code if the last one has expired. So the third message of
    /// workflows 1 and 2 of Verify v1 has a new code.
    pub(super) fn send_next(&mut self, at: Seconds, messages: &mut VecDeque<Message>) {
        self.event += 1;
        self.event_at = at;
        if self.code_ends <= at {
            let Ok(code) = random_code(self.order.code_length) else {
                self.state = State::Failed;
                return;
            };
            (self.code, self.code_ends, self.wrong) = (code, at + self.order.code_lifetime, 0);
        }
        deliver(messages, self.message());
    }

    /// Sends the current code again, through the channel that `order` requests.
    pub(super) fn send_again(
        &mut self,
        order: &Order,
        now: Seconds,
        messages: &mut VecDeque<Message>,
    ) {
        self.starts += 1;
        (self.order.events, self.event, self.event_at) = (order.events.clone(), 0, now);
        deliver(messages, self.message());
    }

    pub(super) fn try_code(&mut self, code: &str, now: Seconds) -> Checked {
        match self.state {
            State::Running if self.wrong >= self.order.rules.most_wrong => {
                self.state = State::Failed;
                Checked::TooOften
            }
            State::Running if code == self.code && now < self.code_ends => {
                self.state = State::Verified;
                Checked::Right
            }
            State::Running => {
                self.wrong += 1;
                Checked::Wrong
            }
            State::Failed => Checked::TooOften,
            State::Verified | State::Cancelled { .. } | State::Expired => Checked::Unknown,
        }
    }

    pub(super) fn message(&self) -> Message {
        let brand = &self.order.brand;
        let channel = self
            .order
            .events
            .get(self.event)
            .map_or(Sms, |(channel, _)| *channel);
        let text = match (channel, self.order.code_lifetime.div_euclid(60)) {
            (Voice, _) => {
                format!(
                    "{brand} code: {}.",
                    self.code
                        .chars()
                        .map(String::from)
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            }
            (Sms, 1) => format!("{brand} code: {}. Valid for 1 minute.", self.code),
            (Sms, minutes) => format!("{brand} code: {}. Valid for {minutes} minutes.", self.code),
        };
        Message {
            at: self.event_at,
            to: format!("+{}", self.order.number),
            channel,
            text,
            code: self.code.clone(),
        }
    }
}

/// Inserts a message by time, since an overdue one may be processed late.
pub(super) fn deliver(messages: &mut VecDeque<Message>, message: Message) {
    let place = messages
        .iter()
        .rposition(|earlier| earlier.at <= message.at)
        .map_or(0, |before| before + 1);
    messages.insert(place, message);
    if messages.len() > MOST_MESSAGES {
        messages.pop_front();
    }
}

/// Returns a uniformly random code.
fn random_code(length: u32) -> Result<String, getrandom::Error> {
    let codes = 10_u64.pow(length);
    // Numbers past the last whole multiple would bias towards small codes, so they are drawn again.
    let fair = u64::MAX - u64::MAX % codes;
    loop {
        let drawn = getrandom::u64()?;
        if drawn < fair {
            return Ok(format!(
                "{:0width$}",
                drawn % codes,
                width = length as usize
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_length_and_use_every_digit() {
        let drawn: Vec<_> = (0..2_000).map(|_| random_code(4).unwrap()).collect();
        assert!(
            drawn
                .iter()
                .all(|code| code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit()))
        );
        for place in 0..4 {
            let seen: std::collections::HashSet<_> =
                drawn.iter().map(|code| code.as_bytes()[place]).collect();
            assert_eq!(seen.len(), 10);
        }
        assert_eq!(random_code(10).unwrap().len(), 10);
    }
}
