//! The pretended network behind the wire: verifications that run by the clock, and the messages they sent.
//!
//! Promises the provider's timing to the second, at most one running verification per number, and bounded memory. Nothing runs in
//! the background: whoever looks first makes happen what was due. Must not know the wire (forms, JSON, HTTP). Workflows, waits and
//! rules are those the vendor publishes for Verify v1.

use std::collections::VecDeque;

use self::Channel::{Sms, Voice};
use crate::clock::Seconds;

/// What is kept at most; whatever is older is forgotten.
const MOST_MESSAGES: usize = 500;
const MOST_REQUESTS: usize = 1_000;

/// How old a verification must be to be cancelled, in seconds.
const MIN_CANCEL_AGE: Seconds = 30;

/// How many wrong codes are answered as wrong before the verification fails; counted anew for a new code.
const MOST_WRONG: u8 = 3;

/// How long a code lives unless the start says otherwise, in seconds.
const DEFAULT_EXPIRY: Seconds = 300;

/// The messages of each workflow, from 1 on, and how many seconds each is given before the next.
const WORKFLOWS: [&[(Channel, Seconds)]; 7] = [
    &[(Sms, 125), (Voice, 180), (Voice, 300)],
    &[(Sms, 125), (Sms, 180), (Voice, 300)],
    &[(Voice, 150), (Voice, 150)],
    &[(Sms, 120), (Sms, 180)],
    &[(Sms, 120), (Voice, 180)],
    &[(Sms, 300)],
    &[(Voice, 300)],
];

/// How many workflows there are, numbered from 1.
pub(super) const MOST_WORKFLOW: Seconds = 7;

/// How a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// A text message.
    Sms,
    /// A call.
    Voice,
}

/// A text or a call that the pretended network delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// When it was sent.
    pub at: Seconds,
    /// To which number: `+` and digits.
    pub to: String,
    /// As what it came.
    pub channel: Channel,
    /// What it says, the code included.
    pub text: String,
    /// The code alone, 4 or 6 digits.
    pub code: String,
}

/// A start, as ordered over the wire and found to be in order.
#[derive(Clone, Debug)]
pub(super) struct Order {
    /// Digits without `+`.
    pub number: String,
    pub brand: String,
    /// 4 or 6.
    pub code_length: u32,
    /// 1 to [`MOST_WORKFLOW`].
    pub workflow: usize,
    pub pin_expiry: Option<Seconds>,
    pub next_event_wait: Option<Seconds>,
}

impl Order {
    fn events(&self) -> &'static [(Channel, Seconds)] {
        WORKFLOWS.get(self.workflow.saturating_sub(1)).copied().unwrap_or_default()
    }

    /// The life of a code: what was ordered, unless that is no whole multiple of an ordered wait; then it is that wait.
    fn code_life(&self) -> Seconds {
        match (self.pin_expiry, self.next_event_wait) {
            (Some(expiry), Some(wait)) if expiry % wait.max(1) != 0 => wait,
            (Some(expiry), _) => expiry,
            (None, _) => DEFAULT_EXPIRY,
        }
    }
}

/// Where a verification stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Running,
    Verified,
    Failed,
    Cancelled,
    Expired,
}

#[derive(PartialEq, Eq, Debug)]
pub(super) enum Started {
    New(String),
    /// One runs already on this number; its id.
    Running(String),
}

#[derive(PartialEq, Eq, Debug)]
pub(super) enum Checked {
    Right,
    Wrong,
    TooOften,
    Unknown,
}

#[derive(PartialEq, Eq, Debug)]
pub(super) enum Controlled {
    Done,
    NotNow,
    Unknown,
}

struct Request {
    id: String,
    order: Order,
    state: State,
    started: Seconds,
    /// Which event of the workflow was the last, and when.
    event: usize,
    event_at: Seconds,
    code: String,
    code_ends: Seconds,
    wrong: u8,
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
    pub(super) fn start(&mut self, order: Order, now: Seconds) -> Result<Started, getrandom::Error> {
        self.catch_up(now);
        if let Some(running) = self.requests.iter().find(|request| request.is_running() && request.order.number == order.number) {
            return Ok(Started::Running(running.id.clone()));
        }
        let (id, code) = (random_id()?, random_code(order.code_length)?);
        let code_ends = now + order.code_life();
        let request =
            Request { id: id.clone(), state: State::Running, started: now, event: 0, event_at: now, code, code_ends, wrong: 0, order };
        deliver(&mut self.messages, request.message());
        self.make_room();
        self.requests.push_back(request);
        Ok(Started::New(id))
    }

    /// Tries a code.
    pub(super) fn check(&mut self, id: &str, code: &str, now: Seconds) -> Checked {
        self.catch_up(now);
        let Some(request) = self.find(id) else {
            return Checked::Unknown;
        };
        match request.state {
            State::Running => request.try_code(code, now),
            State::Failed => Checked::TooOften,
            State::Verified | State::Cancelled | State::Expired => Checked::Unknown,
        }
    }

    /// Calls a verification off: not in its first seconds, and not once a second message went out.
    pub(super) fn cancel(&mut self, id: &str, now: Seconds) -> Controlled {
        self.catch_up(now);
        match self.find(id) {
            Some(request) if !request.is_running() => Controlled::Unknown,
            Some(request) if request.event > 0 || now - request.started < MIN_CANCEL_AGE => Controlled::NotNow,
            Some(request) => {
                request.state = State::Cancelled;
                Controlled::Done
            }
            None => Controlled::Unknown,
        }
    }

    /// Sends the next message of a verification now.
    pub(super) fn next(&mut self, id: &str, now: Seconds) -> Controlled {
        self.catch_up(now);
        let Some(request) = self.requests.iter_mut().find(|request| request.id == id && request.is_running()) else {
            return Controlled::Unknown;
        };
        if request.event + 1 >= request.order.events().len() {
            return Controlled::NotNow;
        }
        request.send_next(now, &mut self.messages);
        Controlled::Done
    }

    /// The state of a verification and its number.
    pub(super) fn search(&mut self, id: &str, now: Seconds) -> Option<(State, &str)> {
        self.catch_up(now);
        self.find(id).map(|request| (request.state, request.order.number.as_str()))
    }

    /// What was delivered, newest first.
    pub(super) fn messages(&mut self, now: Seconds) -> Vec<Message> {
        self.catch_up(now);
        self.messages.iter().rev().cloned().collect()
    }

    fn find(&mut self, id: &str) -> Option<&mut Request> {
        self.requests.iter_mut().find(|request| request.id == id)
    }

    fn catch_up(&mut self, now: Seconds) {
        for request in &mut self.requests {
            request.catch_up(now, &mut self.messages);
        }
    }

    /// Forgets one verification when there are as many as may be: the oldest that is over, or else the oldest.
    fn make_room(&mut self) {
        if self.requests.len() >= MOST_REQUESTS {
            let over = self.requests.iter().position(|request| !request.is_running()).unwrap_or(0);
            self.requests.remove(over);
        }
    }
}

impl Request {
    fn is_running(&self) -> bool {
        self.state == State::Running
    }

    /// Lets happen what was due by now: messages in their order, and at last the end, when the last code expires.
    fn catch_up(&mut self, now: Seconds, messages: &mut VecDeque<Message>) {
        while self.is_running() {
            let events = self.order.events();
            if self.event + 1 < events.len() {
                let wait = self.order.next_event_wait.or_else(|| events.get(self.event).map(|(_, wait)| *wait)).unwrap_or_default();
                let due = self.event_at + wait;
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

    /// Sends the next message, with a new code if the last one has expired: so the third of workflows 1 and 2 brings a new one.
    fn send_next(&mut self, at: Seconds, messages: &mut VecDeque<Message>) {
        self.event += 1;
        self.event_at = at;
        if self.code_ends <= at {
            let Ok(code) = random_code(self.order.code_length) else {
                self.state = State::Failed;
                return;
            };
            (self.code, self.code_ends, self.wrong) = (code, at + self.order.code_life(), 0);
        }
        deliver(messages, self.message());
    }

    fn try_code(&mut self, code: &str, now: Seconds) -> Checked {
        if self.wrong >= MOST_WRONG {
            self.state = State::Failed;
            return Checked::TooOften;
        }
        if code == self.code && now < self.code_ends {
            self.state = State::Verified;
            return Checked::Right;
        }
        self.wrong += 1;
        Checked::Wrong
    }

    fn message(&self) -> Message {
        let brand = &self.order.brand;
        let channel = self.order.events().get(self.event).map_or(Sms, |(channel, _)| *channel);
        let text = match (channel, self.order.code_life().div_euclid(60)) {
            (Voice, _) => {
                format!("{brand} code: {}.", self.code.chars().map(String::from).collect::<Vec<_>>().join(", "))
            }
            (Sms, 1) => format!("{brand} code: {}. Valid for 1 minute.", self.code),
            (Sms, minutes) => format!("{brand} code: {}. Valid for {minutes} minutes.", self.code),
        };
        Message { at: self.event_at, to: format!("+{}", self.order.number), channel, text, code: self.code.clone() }
    }
}

/// Puts a message in its place by time, since one that was due long ago may be noticed late.
fn deliver(messages: &mut VecDeque<Message>, message: Message) {
    let place = messages.iter().rposition(|earlier| earlier.at <= message.at).map_or(0, |before| before + 1);
    messages.insert(place, message);
    if messages.len() > MOST_MESSAGES {
        messages.pop_front();
    }
}

/// 32 hexadecimal digits, as the vendor's ids have.
pub(super) fn random_id() -> Result<String, getrandom::Error> {
    Ok(format!("{:016x}{:016x}", getrandom::u64()?, getrandom::u64()?))
}

/// Digits of which each is as likely as any other.
fn random_code(length: u32) -> Result<String, getrandom::Error> {
    let codes = 10_u32.pow(length);
    // The numbers past the last whole multiple would make small codes likelier, so they are drawn again.
    let fair = u32::MAX - u32::MAX % codes;
    loop {
        let drawn = getrandom::u32()?;
        if drawn < fair {
            return Ok(format!("{:0width$}", drawn % codes, width = length as usize));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: Seconds = 1_000_000;

    fn order(number: &str, workflow: usize) -> Order {
        Order { number: number.to_owned(), brand: "Pollstr".to_owned(), code_length: 6, workflow, pin_expiry: None, next_event_wait: None }
    }

    fn begin(network: &mut Network, order: Order) -> String {
        match network.start(order, T).unwrap() {
            Started::New(id) => id,
            Started::Running(_) => panic!("one runs already"),
        }
    }

    /// When, as what, and whether with a new code, in the order of sending, over the next 5,000 seconds; and when it was over.
    fn course(order: Order) -> (Vec<(Seconds, Channel, bool)>, Seconds) {
        let mut network = Network::default();
        let id = begin(&mut network, order);
        let end = (0..5_000).find(|after| network.search(&id, T + after).unwrap().0 == State::Expired).unwrap();
        let mut sent = network.messages(T + 5_000);
        sent.reverse();
        let new = |index: usize| index == 0 || sent[index].code != sent[index - 1].code;
        (sent.iter().enumerate().map(|(index, message)| (message.at - T, message.channel, new(index))).collect(), end)
    }

    fn wrong_code(network: &mut Network, now: Seconds) -> String {
        if network.messages(now)[0].code == "000000" { "000001".to_owned() } else { "000000".to_owned() }
    }

    #[test]
    fn each_workflow_runs_its_course() {
        assert_eq!(course(order("1", 1)), (vec![(0, Sms, true), (125, Voice, false), (305, Voice, true)], 605));
        assert_eq!(course(order("1", 2)), (vec![(0, Sms, true), (125, Sms, false), (305, Voice, true)], 605));
        assert_eq!(course(order("1", 3)), (vec![(0, Voice, true), (150, Voice, false)], 300));
        assert_eq!(course(order("1", 4)), (vec![(0, Sms, true), (120, Sms, false)], 300));
        assert_eq!(course(order("1", 5)), (vec![(0, Sms, true), (120, Voice, false)], 300));
        assert_eq!(course(order("1", 6)), (vec![(0, Sms, true)], 300));
        assert_eq!(course(order("1", 7)), (vec![(0, Voice, true)], 300));
    }

    #[test]
    fn ordered_times_decide_when_and_with_which_code() {
        let timed = |expiry, wait| course(Order { pin_expiry: expiry, next_event_wait: wait, ..order("1", 1) });
        assert_eq!(timed(Some(360), Some(120)), (vec![(0, Sms, true), (120, Voice, false), (240, Voice, false)], 360));
        assert_eq!(timed(Some(240), Some(120)), (vec![(0, Sms, true), (120, Voice, false), (240, Voice, true)], 480));
        for odd in [90, 120, 200] {
            assert_eq!(timed(Some(odd), Some(120)), (vec![(0, Sms, true), (120, Voice, true), (240, Voice, true)], 360));
        }
        assert_eq!(timed(None, Some(60)), (vec![(0, Sms, true), (60, Voice, false), (120, Voice, false)], 300));
        assert_eq!(course(Order { pin_expiry: Some(60), ..order("1", 6) }), (vec![(0, Sms, true)], 60));
    }

    #[test]
    fn a_code_is_good_to_the_last_second_and_once() {
        for (after, expected) in [(0, Checked::Right), (299, Checked::Right), (300, Checked::Unknown)] {
            let mut network = Network::default();
            let id = begin(&mut network, order("1", 6));
            let code = network.messages(T)[0].code.clone();
            assert_eq!(network.check(&id, &code, T + after), expected, "after {after} s");
            assert_eq!(network.check(&id, &code, T + after), Checked::Unknown);
        }
        assert_eq!(Network::default().check("", "123456", T), Checked::Unknown);
    }

    #[test]
    fn after_three_wrong_codes_even_the_right_one_is_too_late() {
        let mut network = Network::default();
        let id = begin(&mut network, order("1", 6));
        let (right, wrong) = (network.messages(T)[0].code.clone(), wrong_code(&mut network, T));
        let mut tries = [&wrong, &wrong, &wrong, &right, &right].map(|code| network.check(&id, code, T)).into_iter();
        for expected in [Checked::Wrong, Checked::Wrong, Checked::Wrong, Checked::TooOften, Checked::TooOften] {
            assert_eq!(tries.next(), Some(expected));
        }
        assert!(matches!(network.start(order("1", 6), T), Ok(Started::New(_))), "a dead one blocks nobody");
    }

    #[test]
    fn a_new_code_brings_new_tries_and_ends_the_old_one() {
        let mut network = Network::default();
        let id = begin(&mut network, order("1", 1));
        let (old, wrong) = (network.messages(T)[0].code.clone(), wrong_code(&mut network, T));
        for _ in 0..3 {
            assert_eq!(network.check(&id, &wrong, T + 304), Checked::Wrong);
        }
        let new = network.messages(T + 305)[0].code.clone();
        assert_eq!(network.check(&id, &old, T + 305), Checked::Wrong);
        assert_eq!(network.check(&id, &new, T + 604), Checked::Right);
    }

    #[test]
    fn one_number_has_one_running_verification() {
        let mut network = Network::default();
        let first = begin(&mut network, order("1", 6));
        begin(&mut network, order("2", 6));
        assert_eq!(network.start(order("1", 7), T + 299), Ok(Started::Running(first)));
        assert_eq!(network.messages(T + 299).len(), 2);
        assert!(matches!(network.start(order("1", 7), T + 300), Ok(Started::New(_))));
        assert_eq!(network.messages(T + 300).len(), 3);
    }

    #[test]
    fn calling_off_has_its_time() {
        let mut network = Network::default();
        let id = begin(&mut network, order("1", 4));
        assert_eq!(network.cancel(&id, T + 29), Controlled::NotNow);
        assert_eq!(network.cancel(&id, T + 120), Controlled::NotNow, "the second message went out");
        let id = begin(&mut network, order("2", 4));
        assert_eq!(network.cancel(&id, T + 30), Controlled::Done);
        assert_eq!(network.cancel(&id, T + 30), Controlled::Unknown);
        let code = network.messages(T + 30)[0].code.clone();
        assert_eq!(network.check(&id, &code, T + 30), Checked::Unknown);
        assert!(matches!(network.start(order("2", 4), T + 30), Ok(Started::New(_))));
        assert_eq!(network.cancel("nobody's", T), Controlled::Unknown);
    }

    #[test]
    fn the_next_message_comes_when_asked_for_and_shifts_the_rest() {
        let mut network = Network::default();
        let id = begin(&mut network, order("1", 1));
        assert_eq!(network.next(&id, T + 10), Controlled::Done);
        assert_eq!(network.cancel(&id, T + 40), Controlled::NotNow);
        let times = |network: &mut Network, now| network.messages(now).iter().map(|message| message.at - T).collect::<Vec<_>>();
        assert_eq!(times(&mut network, T + 189), [10, 0]);
        assert_eq!(times(&mut network, T + 190), [190, 10, 0]);
        assert_eq!(network.next(&id, T + 191), Controlled::NotNow);
        assert_eq!(network.next("nobody's", T), Controlled::Unknown);
    }

    #[test]
    fn messages_read_as_they_do_on_a_phone() {
        let mut network = Network::default();
        begin(&mut network, order("447700900123", 5));
        let (call, text) = (network.messages(T + 120)[0].clone(), network.messages(T + 120)[1].clone());
        assert_eq!(text.text, format!("Pollstr code: {}. Valid for 5 minutes.", text.code));
        assert_eq!((text.to.as_str(), text.channel, text.at), ("+447700900123", Sms, T));
        let spoken: Vec<_> = call.code.chars().map(String::from).collect();
        assert_eq!(call.text, format!("Pollstr code: {}.", spoken.join(", ")));
        begin(&mut network, Order { code_length: 4, pin_expiry: Some(60), ..order("2", 6) });
        let short = network.messages(T + 120).into_iter().find(|message| message.to == "+2").unwrap();
        assert_eq!((short.code.len(), short.text), (4, format!("Pollstr code: {}. Valid for 1 minute.", short.code)));
    }

    #[test]
    fn memory_is_bounded_and_the_newest_are_kept() {
        let mut network = Network::default();
        let ids: Vec<_> = (0..1_001).map(|number| begin(&mut network, order(&number.to_string(), 6))).collect();
        assert_eq!((network.requests.len(), network.messages.len()), (MOST_REQUESTS, MOST_MESSAGES));
        assert_eq!(network.messages(T)[0].to, "+1000");
        assert_eq!(network.search(&ids[0], T), None);
        assert_eq!(network.cancel(&ids[7], T + 30), Controlled::Done);
        begin(&mut network, order("1001", 6));
        assert_eq!(network.search(&ids[7], T), None, "one that is over goes before one that runs");
        assert_eq!(network.search(&ids[1], T), Some((State::Running, "1")));
    }

    #[test]
    fn codes_have_their_length_and_use_every_digit() {
        let drawn: Vec<_> = (0..2_000).map(|_| random_code(4).unwrap()).collect();
        assert!(drawn.iter().all(|code| code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit())));
        for place in 0..4 {
            let seen: std::collections::HashSet<_> = drawn.iter().map(|code| code.as_bytes()[place]).collect();
            assert_eq!(seen.len(), 10);
        }
    }
}
