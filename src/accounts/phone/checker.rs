//! Checks codes. An attempt is first taken in the database, so that of a hundred concurrent
//! requests only three reach the provider.
//!
//! A code is correct only if the provider explicitly says so. Failures on its side don't use up an
//! attempt.

use std::sync::Arc;

use leptos::prelude::expect_context;
use sea_orm::DbErr;

use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::code::Code;
use crate::accounts::limits::{Limit, LimitError, sends};
use crate::accounts::phone::check_error::CheckError;
use crate::accounts::phone::sender::Verification;
use crate::accounts::phone::verifications;
use crate::accounts::phone::verifications::{Purpose, verification};
use crate::accounts::sessions::current::CurrentSession;
use crate::accounts::sessions::step_up::StepUp;
use crate::accounts::sessions::trusted_browsers;
use crate::accounts::sessions::trusted_browsers::TrustToken;
use crate::accounts::viewer::Person;
use crate::accounts::{audit, limits, store};
use crate::platform::clock::{Clock, Seconds};
use crate::platform::crypto::Keys;
use crate::platform::db::{Db, Lock};
use crate::verification::numbers::spellings;
use crate::verification::{Check, Provider, RequestId};
use crate::web::context::Ctx;

/// Checks codes with the provider.
#[derive(Clone, Debug)]
pub struct CodeChecker {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// Keys that numbers are sealed with.
    pub keys: Keys,
    /// The verification provider.
    pub provider: Arc<dyn Provider>,
}

/// Options for checking a code.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckOptions {
    /// The purpose that the code must have been sent for.
    pub purpose: Purpose,
    /// Whether to trust the browser from now on.
    pub remember: bool,
}

impl CodeChecker {
    /// Returns the checker of the current request.
    ///
    /// # Panics
    /// Outside of a request.
    #[must_use]
    pub fn from_context() -> Self {
        let ctx = Ctx::from_context();
        Self {
            db: ctx.db,
            clock: ctx.clock,
            keys: ctx.keys,
            provider: expect_context::<Verification>().provider,
        }
    }

    /// Checks a code. If correct, verifies the number, assigns it to the account, and makes the
    /// session verified. Returns the browser's token if it is to be trusted.
    pub async fn check(
        &self,
        person: &Person,
        session: &CurrentSession,
        code: &str,
        options: CheckOptions,
    ) -> Result<Option<TrustToken>, CheckError> {
        let code = Code::parse(code)?;
        let (now, client_info) = (self.clock.now(), ClientInfo::from_context());
        let row = verifications::find_verification(self.db.write(), person.id)
            .await?
            .filter(|row| row.is_for(options.purpose));
        let row = row.ok_or(CheckError::None)?;
        let Some(request) = row
            .request_id
            .clone()
            .filter(|_| !row.is_unusable(now, self.provider.code_lifetime()))
        else {
            return Err(self.dead(person, &row, now).await?);
        };
        let counted = match limits::count_try(&self.db, Limit::Code, person.id, now).await {
            Ok(counted) => counted,
            Err(LimitError::TooOften(_)) => return Err(self.dead(person, &row, now).await?),
            Err(LimitError::Database(error)) => return Err(error.into()),
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
                self.prove(person, session, &row, options.remember, &client_info)
                    .await
            }
            Check::Wrong => {
                audit::record(
                    self.db.write(),
                    AuditEvent::of(person.id, AuditKind::CodeWrong),
                    &client_info,
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
                    // It wasn't a guess at a valid code.
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

    /// Builds the error for a code that can no longer succeed, with the wait until another can be
    /// sent.
    async fn dead(
        &self,
        person: &Person,
        row: &verification::Model,
        now: Seconds,
    ) -> Result<CheckError, DbErr> {
        let between =
            sends::wait_between_sends(self.db.write(), person.id, &row.number_mac, now).await?;
        let owner = person.has_number && row.is_for(Purpose::Session);
        let wait =
            sends::next_send(self.db.write(), person.id, &row.number_mac, owner, now).await?;
        Ok(CheckError::Dead {
            wait: wait.max(between),
        })
    }

    /// Assigns the number to the account, in one transaction.
    async fn prove(
        &self,
        person: &Person,
        session: &CurrentSession,
        row: &verification::Model,
        remember: bool,
        client_info: &ClientInfo,
    ) -> Result<Option<TrustToken>, CheckError> {
        let now = self.clock.now();
        let number = self
            .keys
            .open_sealed(person.id, &row.number)
            .ok_or(CheckError::Dead { wait: 0 })?;
        let transaction = self.db.begin().await?;
        Lock::Numbers.wait(&transaction).await?;
        Lock::Account(person.id).wait(&transaction).await?;
        if !verifications::end_verification(&transaction, person.id, &row.number_mac, row.sent_at)
            .await?
        {
            return Err(CheckError::Dead { wait: 0 });
        }
        sends::mark_confirmed(&transaction, person.id, &row.number_mac, row.sent_at).await?;
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
        let losers =
            store::assign_number(&transaction, person.id, sealed, &mac, &spellings).await?;
        let changed = row.is_for(Purpose::Number);
        let what = match (changed, known) {
            (true, _) => AuditKind::NumberChanged,
            (false, true) => AuditKind::CodeUsed,
            (false, false) => AuditKind::NumberProved,
        };
        for loser in losers {
            trusted_browsers::forget_all(&transaction, loser).await?;
            // Don't reveal the new owner's browser and location to the previous owner.
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
            client_info,
            now,
        };
        Ok(proof.end(transaction, &mac, changed).await?)
    }
}
