//! Sending a code: claimed in the database first, so that fifty requests at once make one message.
//!
//! Whatever goes wrong on the provider's side uses nothing up: neither a message of the person's, nor the code that was out before.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::accounts::limits;
use crate::accounts::limits::area::Kind;
use crate::accounts::limits::{BETWEEN_SENDS, LimitError, SendDenied};
use crate::accounts::phone::send_error::SendError;
use crate::accounts::phone::verifications;
use crate::accounts::phone::verifications::{Purpose, verification};
use crate::accounts::viewer::Person;
use crate::platform::clock::{Clock, Seconds};
use crate::platform::config::Config;
use crate::platform::crypto::{Keys, Mac32};
use crate::platform::db::Db;
use crate::verification::numbers::phone::Phone;
use crate::verification::numbers::policy::Policy;
use crate::verification::numbers::spellings;
use crate::verification::{
    Cancel, Channel, Fault, LINGERS, Provider, RequestId, Start, TRIES_PER_CODE,
};
use crate::web::http::client_ip::ClientIp;
use crate::web::hypermedia::outcome::Refusal;

/// How long calling off an old code and having a new one sent may take together: a page is owed within six seconds.
const PATIENCE: Duration = Duration::from_millis(5_500);

/// The turn in which messages are claimed, one after the other, where several instances share a database.
pub(super) const TURN: i64 = 0x5E4D;

/// What sending needs.
#[derive(Clone, Debug)]
pub struct CodeSender {
    /// Where the rows are.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// What numbers are sealed with.
    pub keys: Keys,
    /// Who sends.
    pub provider: Arc<dyn Provider>,
    /// Where the request comes from.
    pub address: ClientIp,
    /// Which numbers are taken.
    pub policy: Policy,
    /// The ceilings.
    pub config: Arc<Config>,
    /// What the codes are for.
    pub purpose: Purpose,
}

/// Whether a code was asked for the first time, or another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// On the page of the number: a code that went out a moment ago is what was asked for.
    First,
    /// "Send a new code": a moment ago is too soon.
    Again,
}

impl From<SendDenied> for Refusal {
    fn from(stop: SendDenied) -> Self {
        match stop {
            SendDenied::Limited(too_often) => {
                too_often.refusal("We have sent as many codes as we may for now.")
            }
            SendDenied::Country(country) => Self::field(
                "phone",
                format!("Codes are not sent to numbers from {country} here. Use another number."),
            ),
            SendDenied::JustNow(LimitError { wait }) => SendError::JustNow { wait }.into(),
            SendDenied::Paused { country, wait } => {
                let which = if wait.kind == Kind::Country {
                    ""
                } else {
                    " that begin like this one"
                };
                let lot = if wait.by_lot {
                    " A few get one all the same, by lot."
                } else {
                    ""
                };
                let what = format!(
                    "Codes to new numbers from {country}{which} hardly ever arrive just now, so we have paused them.{lot}"
                );
                LimitError { wait: wait.seconds }.refusal(&what)
            }
            SendDenied::Spent(too_often) => {
                too_often.refusal("So many codes were sent today that we must stop for a while.")
            }
        }
    }
}

/// What was claimed for one message.
pub(super) struct Claim {
    /// The row of the message that counts.
    pub(super) send: i64,
    /// When it was claimed.
    pub(super) at: Seconds,
    /// What was out before; used up, once it was called off.
    pub(super) before: Option<verification::Model>,
    /// Codes of other accounts that must make way: whose they are, and the provider's names for them.
    pub(super) in_the_way: Vec<(i64, RequestId)>,
}

pub(super) fn just_now(wait: Seconds) -> SendError {
    SendError::JustNow { wait }
}

impl CodeSender {
    /// The same, for codes of this purpose.
    #[must_use]
    pub fn of(self, purpose: Purpose) -> Self {
        Self { purpose, ..self }
    }

    /// Reads a number that codes may go to.
    ///
    /// # Errors
    /// What is wrong with it, at its field.
    pub fn number(&self, typed: &str, country: &str) -> Result<Phone, Refusal> {
        let phone = Phone::parse(typed, Some(country), self.policy.clone())
            .map_err(|error| Refusal::field("phone", error))?;
        self.may_go_to(&phone)?;
        Ok(phone)
    }

    /// Sends a code to the person at this number, unless one went out a moment ago.
    ///
    /// # Errors
    /// Why none was sent.
    pub async fn send(
        &self,
        person: &Person,
        phone: &Phone,
        channel: Channel,
        asked: Asked,
    ) -> Result<(), SendError> {
        let Some(mut claim) = self.claim(person, phone, channel, asked).await? else {
            return Ok(());
        };
        let answer = timeout(PATIENCE, self.replace(person, phone, channel, &mut claim)).await;
        let answer = answer.unwrap_or(Ok(Start::Fault(Fault::Unreachable)));
        // Not this person's code, but a message all the same.
        let counts = matches!(answer, Ok(Start::Resent(_)));
        let why = match answer {
            Ok(Start::Sent(request)) => {
                verifications::name_verification(
                    self.db.write(),
                    person.id,
                    &self.line(phone),
                    claim.at,
                    request.as_str(),
                )
                .await?;
                return Ok(());
            }
            Ok(Start::Running(_) | Start::Resent(_)) => {
                SendDenied::of_others(self.provider.code_life()).into()
            }
            Ok(Start::NumberRefused(refusal)) => SendError::Number(refusal),
            Ok(Start::Fault(fault)) => SendError::Provider(fault),
            Err(why) => why,
        };
        self.undo(person, phone, &claim, counts).await?;
        Err(why)
    }

    /// Calls off the code that is out, if there is one, and has another sent.
    async fn replace(
        &self,
        person: &Person,
        phone: &Phone,
        channel: Channel,
        claim: &mut Claim,
    ) -> Result<Start, SendError> {
        let (at, life) = (claim.at, self.provider.code_life());
        // One that has expired is in nobody's way.
        let old = claim
            .before
            .as_ref()
            .filter(|before| at < before.sent_at + life);
        let same = old.is_some_and(|before| before.number_mac == self.line(phone));
        let old = old
            .and_then(|before| before.request_id.clone())
            .map(RequestId::new);
        if let Some(old) = &old {
            // One to another number is not in the way of this one, and cannot be called off yet where it was a typing error.
            if same {
                self.call_off(old, 5).await?;
            } else {
                self.provider.cancel(old).await;
            }
        }
        if let Some(before) = &mut claim.before {
            before.tries = TRIES_PER_CODE;
        }
        for (account, code) in &claim.in_the_way {
            match self.provider.cancel(code).await {
                Cancel::Done | Cancel::Gone => {
                    verifications::use_up(self.db.write(), *account, code.as_str()).await?;
                }
                Cancel::NotNow => return Err(SendDenied::of_others(life).into()),
                Cancel::Fault(fault) => return Err(SendError::Provider(fault)),
            }
        }
        let start = self.provider.start(phone, channel).await;
        let (Start::Running(Some(running)) | Start::Resent(running)) = &start else {
            return Ok(start);
        };
        if old.as_ref() == Some(running) {
            return Err(SendError::CalledOff { wait: LINGERS });
        }
        if claim.in_the_way.iter().any(|(_, code)| code == running) {
            return Err(SendDenied::Limited(LimitError { wait: LINGERS }).into());
        }
        // Where somebody else waits for a code to this number, this may be theirs, and is left alone: its name would let one person
        // check another's. Where nobody does, its name was lost on the way, and it would be in the way until it expires.
        if verifications::others_await(
            self.db.write(),
            person.id,
            &self.line(phone),
            claim.at - self.provider.code_life(),
        )
        .await?
        {
            return Ok(start);
        }
        let called_off = self.call_off(running, BETWEEN_SENDS).await;
        // Whose it was is not known, so the words are those of an ordinary limit.
        called_off.map_err(|why| {
            if let SendError::JustNow { wait } = why {
                SendDenied::Limited(LimitError { wait }).into()
            } else {
                why
            }
        })?;
        if matches!(start, Start::Resent(_)) {
            limits::sent_once_more(self.db.write(), claim.send).await?;
        }
        match self.provider.start(phone, channel).await {
            Start::Running(_) => Err(SendError::CalledOff { wait: LINGERS }),
            start => Ok(start),
        }
    }

    /// What a phone is found by among codes and messages, however its number is spelled.
    pub(super) fn line(&self, phone: &Phone) -> Mac32 {
        self.keys.number(&spellings::common(phone.e164()))
    }

    /// Whether a proved number, by its mark, is a spelling of this phone's.
    pub(super) fn is_of(&self, phone: &Phone, number_mac: &[u8]) -> bool {
        spellings::of(phone.e164())
            .iter()
            .any(|spelling| self.keys.number(spelling) == number_mac)
    }

    pub(super) fn open(&self, person: &Person, sealed: &[u8]) -> Option<Phone> {
        self.keys
            .open_sealed(person.id, sealed)
            .and_then(Phone::from_stored)
    }
}
