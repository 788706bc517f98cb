//! Claims a message in the database before it is sent, and undoes the claim when it was not.

use sea_orm::DbErr;

use crate::accounts::limits::area::Areas;
use crate::accounts::limits::{BETWEEN_SENDS, LimitError};
use crate::accounts::phone::send_error::SendError;
use crate::accounts::phone::sender::{Asked, Claim, CodeSender, TURN, just_now};
use crate::accounts::phone::verifications;
use crate::accounts::phone::verifications::verification;
use crate::accounts::viewer::Person;
use crate::accounts::{limits, store};
use crate::platform::clock::Seconds;
use crate::platform::db::take_turns;
use crate::verification::numbers::phone::Phone;
use crate::verification::{Cancel, Channel, RequestId};

impl CodeSender {
    pub(super) async fn call_off(&self, code: &RequestId, wait: Seconds) -> Result<(), SendError> {
        match self.provider.cancel(code).await {
            Cancel::Done | Cancel::Gone => Ok(()),
            Cancel::NotNow => Err(just_now(wait)),
            Cancel::Fault(fault) => Err(SendError::Provider(fault)),
        }
    }

    /// Claims the right to send one message. `None` when another request has just done so, and that is as good.
    pub(super) async fn claim(
        &self,
        person: &Person,
        phone: &Phone,
        channel: Channel,
        asked: Asked,
    ) -> Result<Option<Claim>, SendError> {
        self.may_go_to(phone)?;
        let line = self.line(phone);
        let transaction = self.db.begin().await?;
        take_turns(&transaction, TURN).await?;
        // The time is read when the turn has come: whoever waited is not earlier than whoever went before.
        let at = self.clock.now();
        limits::clock_set_back::sends(&transaction, at).await?;
        limits::clock_set_back::failures(&transaction, at).await?;
        let before = verifications::find_verification(&transaction, person.id).await?;
        let account = store::find_account(&transaction, person.id).await?;
        let proved = account
            .and_then(|account| account.number_mac)
            .is_some_and(|own| self.is_of(phone, &own));
        if let Err(LimitError { wait }) =
            limits::just_now(&transaction, person.id, &line, at).await?
        {
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
                wait.max(limits::next_send(&transaction, person.id, &line, proved, at).await?);
            transaction.commit().await?;
            return Err(SendError::JustNow { wait });
        }
        if let Err(too_often) = limits::may_type_codes(&transaction, person.id, at).await? {
            transaction.commit().await?;
            return Err(SendError::TooManyWrong(too_often));
        }
        let code_life = self.provider.code_life();
        let areas = Areas::of(&self.keys, phone, &self.address);
        let send = limits::Send {
            account: person.id,
            number_mac: &line,
            country: phone.country(),
            voice: channel == Channel::Voice,
            proved,
            address: &self.address.0,
            areas: &areas,
            life: code_life,
        };
        let send = match limits::send(&transaction, &self.config.ceilings, send, at).await? {
            Ok(send) => send,
            Err(stop) => {
                transaction.commit().await?;
                return Err(stop.into());
            }
        };
        // A code that was wrong too often has come to its end; it is not replaced. One to another number is as good as lost: else
        // whoever types the last of many would have paid for all of them in the eyes of the breaker.
        if let Some(old) = before
            .as_ref()
            .filter(|old| old.tries_left() > 0 && old.number_mac == line)
        {
            limits::replaced(&transaction, person.id, &line, old.sent_at, at - code_life).await?;
        }
        let in_the_way = limits::in_the_way(&transaction, person.id, &line, code_life, at).await?;
        let in_the_way = in_the_way
            .into_iter()
            .map(|(account, request)| (account, RequestId::new(request)))
            .collect();
        let number = self.keys.seal(person.id, phone.e164());
        let (number_mac, purpose) = (line.to_vec(), self.purpose.word().to_owned());
        let row = verification::Model {
            account_id: person.id,
            number,
            number_mac,
            request_id: None,
            sent_at: at,
            tries: 0,
            purpose,
        };
        verifications::put_verification(&transaction, row).await?;
        transaction.commit().await?;
        Ok(Some(Claim {
            send,
            at,
            before,
            in_the_way,
        }))
    }

    /// Makes a claim undone: what was out before stands there again, so that the person is where they were. `counts` says whether a
    /// message went out all the same.
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
            limits::unsend(&transaction, claim.send).await?;
        }
        if !claim.in_the_way.is_empty() {
            // It was this account's turn, and it shall be next.
            limits::wait_for_turn(
                &transaction,
                person.id,
                &line,
                self.provider.code_life(),
                self.clock.now(),
            )
            .await?;
        }
        if verifications::end_verification(&transaction, person.id, &line, claim.at).await?
            && let Some(before) = claim.before.clone()
        {
            if before.tries_left() > 0 {
                limits::restored(&transaction, person.id, &before.number_mac, before.sent_at)
                    .await?;
            }
            verifications::put_verification(&transaction, before).await?;
        }
        transaction.commit().await
    }
}
