//! Sends codes. Each is first claimed in the database, so that fifty concurrent requests send one
//! message.
//!
//! Failures on the provider's side use nothing up: neither one of the user's messages nor the
//! previous code.

mod claim;
pub mod error;
mod state;

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::expect_context;
use tokio::time::timeout;

use crate::accounts::limits;
use crate::accounts::limits::sends::SendDenied;
use crate::accounts::limits::{BETWEEN_SENDS, Limit, TooOften};
use crate::accounts::phone::sender::error::SendError;
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
    CANCEL_LINGER, Cancel, Channel, Fault, Provider, RequestId, Start, TRIES_PER_CODE,
};
use crate::web::context::Ctx;
use crate::web::http::client_ip::ClientIp;
use crate::web::hypermedia::outcome::Refusal;

/// Timeout for cancelling the old code and sending a new one: a page must be served within six
/// seconds.
const PATIENCE: Duration = Duration::from_millis(5_500);

/// Sends codes through the provider.
#[derive(Clone, Debug)]
pub struct CodeSender {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// Keys that numbers are sealed with.
    pub keys: Keys,
    /// The verification provider.
    pub provider: Arc<dyn Provider>,
    /// The client IP.
    pub address: ClientIp,
    /// Which numbers are accepted.
    pub policy: Arc<Policy>,
    /// The configuration, with its ceilings.
    pub config: Arc<Config>,
    /// The purpose of the codes.
    pub purpose: Purpose,
}

/// Whether this is the first request for a code or one for another code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// On the number page: a code sent a moment ago will do.
    First,
    /// On "Send a new code": a code sent a moment ago means it is too soon.
    Again,
}

/// A claim to send one message.
pub(super) struct Claim {
    /// The ID of the message's row in `send`.
    pub(super) send: i64,
    /// When it was claimed.
    pub(super) at: Seconds,
    /// The previous code; used up once cancelled.
    pub(super) before: Option<verification::Model>,
    /// Codes of other accounts that must be cancelled first: account IDs and the provider's request
    /// IDs.
    pub(super) blocking_codes: Vec<(i64, RequestId)>,
}

/// Builds the error for another account's code blocking this one. It reads like an ordinary limit.
fn too_often(wait: Seconds) -> TooOften {
    TooOften {
        limit: Limit::SendToNumber,
        wait,
    }
}

pub(super) fn just_now(wait: Seconds) -> SendError {
    SendError::JustNow { wait }
}

/// The site's way to verify numbers, which sending and checking codes share.
#[derive(Clone, Debug)]
pub struct Verification {
    /// The verification provider.
    pub provider: Arc<dyn Provider>,
    /// Which numbers are accepted.
    pub policy: Arc<Policy>,
}

impl CodeSender {
    /// Returns the sender of the current request, for the codes of a session.
    ///
    /// # Panics
    /// Outside of a request.
    #[must_use]
    pub fn from_context() -> Self {
        let ctx = Ctx::from_context();
        let Verification { provider, policy } = expect_context();
        Self {
            db: ctx.db,
            clock: ctx.clock,
            keys: ctx.keys,
            provider,
            address: ctx.address,
            policy,
            config: ctx.config,
            purpose: Purpose::Session,
        }
    }

    /// Sets the purpose of the codes.
    #[must_use]
    pub fn of(self, purpose: Purpose) -> Self {
        Self { purpose, ..self }
    }

    /// Parses a number that codes may be sent to.
    ///
    /// # Errors
    /// A refusal at the phone field.
    pub fn number(&self, typed: &str, country: &str) -> Result<Phone, Refusal> {
        let phone = Phone::parse(typed, Some(country), Policy::clone(&self.policy))
            .map_err(|error| Refusal::field("phone", error))?;
        self.check_destination(&phone)?;
        Ok(phone)
    }

    /// Sends a code to the user at this number, unless one was sent a moment ago.
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
        // Not this user's code, but a message was sent anyway.
        let counts = matches!(answer, Ok(Start::Resent(_)));
        let why = match answer {
            Ok(Start::Sent(request)) => {
                verifications::set_request_id(
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
                SendDenied::number_in_use(self.provider.code_lifetime()).into()
            }
            Ok(Start::NumberRefused(refusal)) => SendError::Number(refusal),
            Ok(Start::Fault(fault)) => SendError::Provider(fault),
            Err(why) => why,
        };
        self.undo(person, phone, &claim, counts).await?;
        Err(why)
    }

    /// Cancels the outstanding code, if any, and has another sent.
    async fn replace(
        &self,
        person: &Person,
        phone: &Phone,
        channel: Channel,
        claim: &mut Claim,
    ) -> Result<Start, SendError> {
        let (at, life) = (claim.at, self.provider.code_lifetime());
        // An expired code doesn't block a new one.
        let old = claim
            .before
            .as_ref()
            .filter(|before| at < before.sent_at + life);
        let same = old.is_some_and(|before| before.number_mac == self.line(phone));
        let old = old
            .and_then(|before| before.request_id.clone())
            .map(RequestId::new);
        if let Some(old) = &old {
            // A code to another number doesn't block this one, and can't be cancelled yet if that
            // number was a typo.
            if same {
                self.cancel_code(old, 5).await?;
            } else {
                self.provider.cancel(old).await;
            }
        }
        if let Some(before) = &mut claim.before {
            before.tries = TRIES_PER_CODE;
        }
        for (account, code) in &claim.blocking_codes {
            match self.provider.cancel(code).await {
                Cancel::Done | Cancel::Gone => {
                    verifications::use_up(self.db.write(), *account, code.as_str()).await?;
                }
                Cancel::NotNow => return Err(SendDenied::number_in_use(life).into()),
                Cancel::Fault(fault) => return Err(SendError::Provider(fault)),
            }
        }
        let start = self.provider.start(phone, channel).await;
        let (Start::Running(Some(running)) | Start::Resent(running)) = &start else {
            return Ok(start);
        };
        if old.as_ref() == Some(running) {
            return Err(SendError::Cancelled {
                wait: CANCEL_LINGER,
            });
        }
        if claim.blocking_codes.iter().any(|(_, code)| code == running) {
            return Err(too_often(CANCEL_LINGER).into());
        }
        // If another user is waiting for a code to this number, this may be theirs and is left
        // alone: with its ID one user could check another's code. If not, its ID was lost in
        // transit, and it would block the number until it expires.
        if verifications::is_awaited_by_others(
            self.db.write(),
            person.id,
            &self.line(phone),
            claim.at - self.provider.code_lifetime(),
        )
        .await?
        {
            return Ok(start);
        }
        let called_off = self.cancel_code(running, BETWEEN_SENDS).await;
        // It isn't known whose it was, so the message is that of an ordinary limit.
        called_off.map_err(|why| {
            if let SendError::JustNow { wait } = why {
                too_often(wait).into()
            } else {
                why
            }
        })?;
        if matches!(start, Start::Resent(_)) {
            limits::sends::count_resend(self.db.write(), claim.send).await?;
        }
        match self.provider.start(phone, channel).await {
            Start::Running(_) => Err(SendError::Cancelled {
                wait: CANCEL_LINGER,
            }),
            start => Ok(start),
        }
    }

    /// Returns the HMAC by which codes and messages are looked up, the same for every spelling of
    /// the number.
    pub(super) fn line(&self, phone: &Phone) -> Mac32 {
        self.keys.number(&spellings::common(phone.e164()))
    }

    /// Whether a verified number's HMAC matches any spelling of this number.
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
