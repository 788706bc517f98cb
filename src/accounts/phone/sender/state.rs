//! State before a code is sent: the account's number, its country, and the outstanding code.

use sea_orm::DbErr;

use crate::accounts::limits::BETWEEN_SENDS;
use crate::accounts::limits::sends::{self, SendDenied};
use crate::accounts::phone::sender::CodeSender;
use crate::accounts::phone::sender::error::SendError;
use crate::accounts::phone::state::{CodeState, VerificationState};
use crate::accounts::phone::verifications;
use crate::accounts::phone::verifications::Purpose;
use crate::accounts::viewer::Person;
use crate::accounts::{limits, store};
use crate::verification::Channel;
use crate::verification::numbers::countries::Country;
use crate::verification::numbers::phone::Phone;

impl CodeSender {
    /// Checks that numbers of this kind and country get codes. Verified numbers are checked too,
    /// since the settings may have changed.
    pub(super) fn check_destination(&self, phone: &Phone) -> Result<(), SendError> {
        if let Some(error) = phone.shut(&self.policy) {
            return Err(error.into());
        }
        let country = phone.country();
        if self
            .config
            .ceilings
            .takes(country.map(|country| country.region), phone.digits())
        {
            return Ok(());
        }
        Err(SendDenied::Country(country.map_or("no country", |country| country.name)).into())
    }

    /// Returns the country of the last number typed.
    pub async fn last_country(&self, person: &Person) -> Result<Option<&'static Country>, DbErr> {
        let row = verifications::find_verification(self.db.read(), person.id).await?;
        Ok(row.and_then(|row| self.open(person, &row.number)?.country()))
    }

    /// Returns the account's verified number.
    pub async fn verified_number(&self, person: &Person) -> Result<Option<Phone>, DbErr> {
        Ok(store::verified_number(&self.db, &self.keys, person.id)
            .await?
            .and_then(Phone::from_stored))
    }

    /// Returns the number that a new code would be sent to: the account's own unless it is being
    /// changed, else the last one typed.
    pub async fn number_in_use(&self, person: &Person) -> Result<Option<Phone>, DbErr> {
        if self.purpose == Purpose::Session
            && let Some(phone) = self.verified_number(person).await?
        {
            return Ok(Some(phone));
        }
        let row = verifications::find_verification(self.db.read(), person.id)
            .await?
            .filter(|row| row.is_for(self.purpose));
        Ok(row.and_then(|row| self.open(person, &row.number)))
    }

    /// Returns the state of the verification.
    pub async fn state(&self, person: &Person) -> Result<VerificationState, DbErr> {
        let (now, life, number) = (
            self.clock.now(),
            self.provider.code_lifetime(),
            self.verified_number(person).await?,
        );
        let row = verifications::find_verification(self.db.read(), person.id)
            .await?
            .filter(|row| row.is_for(self.purpose));
        let own = number.is_some() && self.purpose == Purpose::Session;
        let typed_here = number.is_none() || self.purpose == Purpose::Number;
        let sent = row.and_then(|row| Some((self.open(person, &row.number)?, row)));
        let code = match sent {
            Some((phone, row)) => {
                // The clock may have been ahead and corrected since.
                let sent_at = row.sent_at.min(now);
                let tries_left = row
                    .tries_left()
                    .min(limits::codes_left(self.db.read(), person.id, now).await?);
                let dead = row.is_unusable(now, life) || tries_left == 0;
                Some(CodeState {
                    number: if typed_here && !dead {
                        phone.formatted()
                    } else {
                        phone.masked()
                    },
                    call: sends::was_call(self.db.read(), person.id, &row.number_mac, row.sent_at)
                        .await?,
                    now,
                    landline: phone.channel() == Channel::Voice,
                    sent_at,
                    expires_at: sent_at + life,
                    resend_at: (sent_at + BETWEEN_SENDS).max(
                        now + sends::next_send(
                            self.db.read(),
                            person.id,
                            &row.number_mac,
                            own,
                            now,
                        )
                        .await?,
                    ),
                    tries_left,
                    dead,
                })
            }
            None => None,
        };
        let landline = number
            .as_ref()
            .is_some_and(|number| number.channel() == Channel::Voice);
        Ok(VerificationState {
            number: number.map(|number| number.masked()),
            landline,
            code,
        })
    }
}
