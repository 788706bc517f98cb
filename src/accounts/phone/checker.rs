//! Checking a code: a try is taken in the database first, so that of a hundred at once three reach the provider.
//!
//! Only the provider's plain word makes a code right. What fails on its side costs no try.

use std::sync::Arc;

use sea_orm::DbErr;
use thiserror::Error;

use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::code::Code;
use crate::accounts::phone::state::new_one;
use crate::accounts::phone::verifications;
use crate::accounts::phone::verifications::{Purpose, verification};
use crate::accounts::sessions::current::CurrentSession;
use crate::accounts::sessions::step_up::{StepUp, StepUpError};
use crate::accounts::sessions::trusted_browsers;
use crate::accounts::sessions::trusted_browsers::TrustToken;
use crate::accounts::viewer::Person;
use crate::accounts::{audit, limits, store};
use crate::platform::clock::{Clock, Seconds};
use crate::platform::crypto::Keys;
use crate::platform::db::Db;
use crate::platform::pasted::CodeError;
use crate::verification::numbers::spellings;
use crate::verification::{Check, Fault, Provider, RequestId};
use crate::web::hypermedia::outcome::Refusal;

/// What checking needs.
#[derive(Clone, Debug)]
pub struct CodeChecker {
    /// Where the rows are.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// What numbers are sealed with.
    pub keys: Keys,
    /// Who knows the code.
    pub provider: Arc<dyn Provider>,
}

/// What a code is typed for.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckOptions {
    /// It must have been sent for the same.
    pub purpose: Purpose,
    /// Whether the browser should be remembered.
    pub remember: bool,
}

/// Why a code did not prove the number.
#[derive(Debug, Error)]
pub enum CheckError {
    /// Not six digits; no try is taken.
    #[error("Enter the 6 digits of the code.")]
    NotACode,
    /// Several of them; no try is taken.
    #[error("There is more than one code in that. Enter only the newest.")]
    SeveralCodes,
    /// Another one.
    #[error("That code is not right. You have {} left.", tries(*.left))]
    Wrong {
        /// How often it can still be tried.
        left: i64,
    },
    /// Too old, tried too often, or used.
    #[error("That code is of no use any more. {}", new_one(*.wait))]
    Dead {
        /// Seconds until a new one can be sent.
        wait: Seconds,
    },
    /// Nothing is out.
    #[error("There is no code waiting for you. Please send one.")]
    None,
    /// The provider failed.
    #[error("{0}")]
    Provider(Fault),
    /// The session has ended meanwhile.
    #[error("You were logged out meanwhile.")]
    LoggedOut,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

fn tries(left: i64) -> String {
    if left == 1 {
        "1 try".to_owned()
    } else {
        format!("{left} tries")
    }
}

impl From<CodeError> for CheckError {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::None => Self::NotACode,
            CodeError::Several => Self::SeveralCodes,
        }
    }
}

impl From<StepUpError> for CheckError {
    fn from(unproved: StepUpError) -> Self {
        match unproved {
            StepUpError::Unchanged | StepUpError::NoNumber => Self::Dead { wait: 0 },
            StepUpError::LoggedOut => Self::LoggedOut,
            StepUpError::Database(error) => error.into(),
        }
    }
}

impl CheckError {
    /// What is said of it; `number_page` is where to go when nothing is out.
    pub(crate) fn refusal(self, number_page: String) -> Refusal {
        let message = self.to_string();
        match self {
            Self::NotACode | Self::SeveralCodes | Self::Wrong { .. } => {
                Refusal::field("code", message)
            }
            Self::Dead { .. } => Refusal::form(message),
            Self::None => Refusal::Elsewhere {
                message,
                path: number_page,
            },
            Self::Provider(_) => Refusal::Unavailable { message, wait: 10 },
            Self::LoggedOut => Refusal::LogIn,
            Self::Database(error) => error.into(),
        }
    }
}

impl CodeChecker {
    /// Checks a code; right, it proves the number, gives it to the account, and makes the session a verified one. Tells what the
    /// browser is to keep, if it should be remembered.
    ///
    /// # Errors
    /// Why it did not.
    pub async fn check(
        &self,
        person: &Person,
        session: &CurrentSession,
        code: &str,
        wish: CheckOptions,
    ) -> Result<Option<TrustToken>, CheckError> {
        let code = Code::parse(code)?;
        let (now, visit) = (self.clock.now(), ClientInfo::from_context());
        let row = verifications::find_verification(self.db.write(), person.id)
            .await?
            .filter(|row| row.is_for(wish.purpose));
        let row = row.ok_or(CheckError::None)?;
        let Some(request) = row
            .request_id
            .clone()
            .filter(|_| !row.is_dead(now, self.provider.code_life()))
        else {
            return Err(self.dead(person, &row, now).await?);
        };
        let Ok(counted) = limits::code_try(&self.db, person.id, now).await? else {
            return Err(self.dead(person, &row, now).await?);
        };
        if !verifications::take_try(self.db.write(), person.id, &request).await? {
            counted.give_back(&self.db).await?;
            return Err(self.dead(person, &row, now).await?);
        }
        match self
            .provider
            .check(&RequestId::new(request.clone()), code.as_str())
            .await
        {
            Check::Approved => {
                counted.give_back(&self.db).await?;
                self.prove(person, session, &row, wish.remember, &visit)
                    .await
            }
            Check::Wrong => {
                audit::record(
                    self.db.write(),
                    AuditEvent::of(person.id, AuditKind::CodeWrong),
                    &visit,
                    now,
                )
                .await?;
                let left = verifications::find_verification(self.db.write(), person.id)
                    .await?
                    .map_or(0, |row| row.tries_left());
                let left = left.min(limits::codes_left(self.db.write(), person.id, now).await?);
                Err(if left > 0 {
                    CheckError::Wrong { left }
                } else {
                    self.dead(person, &row, now).await?
                })
            }
            gone @ (Check::TooManyWrong | Check::Gone) => {
                if gone == Check::Gone {
                    // It was no guess at a code that is good.
                    counted.give_back(&self.db).await?;
                }
                verifications::use_up(self.db.write(), person.id, &request).await?;
                Err(self.dead(person, &row, now).await?)
            }
            Check::Fault(fault) => {
                counted.give_back(&self.db).await?;
                verifications::give_try_back(self.db.write(), person.id, &request).await?;
                Err(CheckError::Provider(fault))
            }
        }
    }

    /// Says that no code can be right any more, and when another can be had.
    async fn dead(
        &self,
        person: &Person,
        row: &verification::Model,
        now: Seconds,
    ) -> Result<CheckError, DbErr> {
        let just_now = limits::just_now(self.db.write(), person.id, &row.number_mac, now).await?;
        let owner = person.has_number && row.is_for(Purpose::Session);
        let wait =
            limits::next_send(self.db.write(), person.id, &row.number_mac, owner, now).await?;
        Ok(CheckError::Dead {
            wait: wait.max(just_now.err().map_or(0, |too_often| too_often.wait)),
        })
    }

    /// The number is the person's: all of it in one transaction, or none.
    async fn prove(
        &self,
        person: &Person,
        session: &CurrentSession,
        row: &verification::Model,
        remember: bool,
        visit: &ClientInfo,
    ) -> Result<Option<TrustToken>, CheckError> {
        let now = self.clock.now();
        let number = self
            .keys
            .open_sealed(person.id, &row.number)
            .ok_or(CheckError::Dead { wait: 0 })?;
        let transaction = self.db.begin().await?;
        store::take_turn_of_numbers(&transaction).await?;
        store::take_turn_of(&transaction, person.id).await?;
        if !verifications::end_verification(&transaction, person.id, &row.number_mac, row.sent_at)
            .await?
        {
            return Err(CheckError::Dead { wait: 0 });
        }
        limits::confirmed(&transaction, person.id, &row.number_mac, row.sent_at).await?;
        let mac = self.keys.number(&number);
        let account = store::find_account(&transaction, person.id).await?;
        let known = account
            .and_then(|account| account.number_mac)
            .is_some_and(|own| own == mac);
        let spellings: Vec<_> = spellings::of(&number)
            .iter()
            .map(|spelling| self.keys.number(spelling).to_vec())
            .collect();
        let sealed = self.keys.seal(person.id, &number);
        let losers = store::give_number(&transaction, person.id, sealed, &mac, &spellings).await?;
        let changed = row.is_for(Purpose::Number);
        let what = match (changed, known) {
            (true, _) => AuditKind::NumberChanged,
            (false, true) => AuditKind::CodeUsed,
            (false, false) => AuditKind::NumberProved,
        };
        for loser in losers {
            trusted_browsers::forget_all(&transaction, loser).await?;
            // Where the new owner is, is none of the old one's business.
            audit::record(
                &transaction,
                AuditEvent::of(loser, AuditKind::NumberLeft),
                &ClientInfo::default(),
                now,
            )
            .await?;
        }
        let proof = StepUp {
            person,
            session,
            what,
            detail: "",
            remember,
            visit,
            now,
        };
        Ok(proof.end(transaction, &mac, changed).await?)
    }
}

#[cfg(test)]
#[path = "checker_tests.rs"]
mod tests;
