//! Claims a message in the database before it is sent, and undoes the claim if it wasn't.

use sea_orm::DbErr;

use crate::accounts::limits::circuit_breaker::area::Areas;
use crate::accounts::limits::sends::{self, Send, SendDecision};
use crate::accounts::limits::{BETWEEN_SENDS, Limit, TooOften};
use crate::accounts::phone::sender::error::SendError;
use crate::accounts::phone::sender::{Asked, Claim, CodeSender, just_now};
use crate::accounts::phone::verifications;
use crate::accounts::phone::verifications::verification;
use crate::accounts::viewer::Person;
use crate::accounts::{limits, store};
use crate::platform::clock::Seconds;
use crate::platform::db::Lock;
use crate::verification::numbers::phone::Phone;
use crate::verification::{Cancel, Channel, RequestId};

impl CodeSender {
    pub(super) async fn cancel_code(
        &self,
        code: &RequestId,
        wait: Seconds,
    ) -> Result<(), SendError> {
        match self.provider.cancel(code).await {
            Cancel::Done | Cancel::Gone => Ok(()),
            Cancel::NotNow => Err(just_now(wait)),
            Cancel::Fault(fault) => Err(SendError::Provider(fault)),
        }
    }

    /// Claims the right to send one message. `None` if another request has just done so, which has
    /// the same effect.
    pub(super) async fn claim(
        &self,
        person: &Person,
        phone: &Phone,
        channel: Channel,
        asked: Asked,
    ) -> Result<Option<Claim>, SendError> {
        self.check_destination(phone)?;
        let line = self.line(phone);
        let transaction = self.db.begin().await?;
        Lock::Sending.wait(&transaction).await?;
        // Read the clock after acquiring the lock, so that times follow the order of claims.
        let at = self.clock.now();
        limits::clock_set_back::sends(&transaction, at).await?;
        limits::clock_set_back::failures(&transaction, at).await?;
        let before = verifications::find_verification(&transaction, person.id).await?;
        let account = store::find_account(&transaction, person.id).await?;
        let verified = account
            .and_then(|account| account.number_mac)
            .is_some_and(|own| self.is_of(phone, &own));
        let wait = sends::wait_between_sends(&transaction, person.id, &line, at).await?;
        if wait > 0 {
            let out = |row: &verification::Model| {
                row.number_mac == line
                    && row.is_for(self.purpose)
                    && at < row.sent_at + BETWEEN_SENDS
            };
            if asked == Asked::First && before.as_ref().is_some_and(out) {
                transaction.commit().await?;
                return Ok(None);
            }
            let wait =
                wait.max(sends::next_send(&transaction, person.id, &line, verified, at).await?);
            transaction.commit().await?;
            return Err(SendError::JustNow { wait });
        }
        let wait = limits::wait_for_tries(&transaction, person.id, at).await?;
        if wait > 0 {
            transaction.commit().await?;
            let limit = Limit::Code;
            return Err(TooOften { limit, wait }.into());
        }
        let code_lifetime = self.provider.code_lifetime();
        let areas = Areas::of(&self.keys, phone, &self.address);
        let send = Send {
            account: person.id,
            number_mac: &line,
            country: phone.country(),
            voice: channel == Channel::Voice,
            verified,
            address: &self.address.0,
            areas: &areas,
            life: code_lifetime,
        };
        let send = match sends::decide(&transaction, &self.config.ceilings, send, at).await? {
            SendDecision::Allowed(send) => send,
            SendDecision::Denied(denied) => {
                transaction.commit().await?;
                return Err(denied.into());
            }
        };
        // A code that was wrong too often counts as abandoned, not as replaced. So does one sent to
        // another number: otherwise typing the last code of many would clear all of them in the
        // eyes of the circuit breaker.
        if let Some(old) = before
            .as_ref()
            .filter(|old| old.tries_left() > 0 && old.number_mac == line)
        {
            sends::mark_replaced(
                &transaction,
                person.id,
                &line,
                old.sent_at,
                at - code_lifetime,
            )
            .await?;
        }
        let blocking_codes =
            sends::blocking_codes(&transaction, person.id, &line, code_lifetime, at).await?;
        let blocking_codes = blocking_codes
            .into_iter()
            .map(|(account, request)| (account, RequestId::new(request)))
            .collect();
        let number = self.keys.seal(person.id, phone.e164());
        let (number_mac, purpose) = (line.to_vec(), self.purpose.as_str().to_owned());
        let row = verification::Model {
            account_id: person.id,
            number,
            number_mac,
            request_id: None,
            sent_at: at,
            tries: 0,
            purpose,
        };
        verifications::upsert_verification(&transaction, row).await?;
        transaction.commit().await?;
        Ok(Some(Claim {
            send,
            at,
            before,
            blocking_codes,
        }))
    }

    /// Undoes a claim and restores the previous code. `counts` says whether a message was sent
    /// anyway.
    pub(super) async fn undo(
        &self,
        person: &Person,
        phone: &Phone,
        claim: &Claim,
        counts: bool,
    ) -> Result<(), DbErr> {
        let transaction = self.db.begin().await?;
        let line = self.line(phone);
        if !counts {
            sends::delete_send(&transaction, claim.send).await?;
        }
        if !claim.blocking_codes.is_empty() {
            // It was this account's turn, so it goes next.
            sends::wait_for_turn(
                &transaction,
                person.id,
                &line,
                self.provider.code_lifetime(),
                self.clock.now(),
            )
            .await?;
        }
        if verifications::end_verification(&transaction, person.id, &line, claim.at).await?
            && let Some(before) = claim.before.clone()
        {
            if before.tries_left() > 0 {
                sends::unmark_replaced(&transaction, person.id, &before.number_mac, before.sent_at)
                    .await?;
            }
            verifications::upsert_verification(&transaction, before).await?;
        }
        transaction.commit().await
    }
}
