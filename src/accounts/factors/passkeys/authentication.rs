//! Verifies passkey assertions as a second factor.

use sea_orm::FromQueryResult;
use serde_json::json;

use crate::accounts::audit::{AuditEvent, AuditKind};
use crate::accounts::factors::passkeys::error::PasskeyError;
use crate::accounts::factors::passkeys::store::{
    PATIENCE, Passkeys, Row, bytes, credentials, otherwise,
};
use crate::accounts::factors::passkeys::webauthn::{Answered, RelyingParty};
use crate::accounts::limits::Limit;
use crate::accounts::sessions::current::CurrentSession;
use crate::accounts::sessions::step_up::StepUp;
use crate::accounts::sessions::store::SEEN_PRECISION;
use crate::accounts::sessions::trusted_browsers::TrustToken;
use crate::accounts::viewer::Person;
use crate::accounts::{audit, limits};
use crate::platform::db::statement;

impl Passkeys {
    /// Returns the WebAuthn request options (section 5.5) as JSON. `None` if the account has no
    /// phone number or no passkeys.
    ///
    /// # Errors
    /// [`PasskeyError::LoggedOut`] without a session.
    pub async fn request_options(
        &self,
        person: &Person,
        session: &CurrentSession,
    ) -> Result<Option<String>, PasskeyError> {
        let known = self
            .of(person)
            .await?
            .filter(|known| person.has_number && !known.is_empty());
        let Some(known) = known else { return Ok(None) };
        let options = json!({
            "rpId": self.config.origin.host(),
            "challenge": bytes(&self.challenge("get", session)?),
            "allowCredentials": credentials(&known),
            "userVerification": "preferred",
            "timeout": PATIENCE,
        });
        Ok(Some(options.to_string()))
    }

    /// Verifies an assertion by one of the account's passkeys, at most once per challenge, and
    /// marks the session as verified. Returns the trust token for the browser if it should be
    /// remembered.
    pub async fn check(
        &self,
        person: &Person,
        session: &CurrentSession,
        answer: Answered,
        remember: bool,
    ) -> Result<Option<TrustToken>, PasskeyError> {
        let (site, challenge) = (self.relying_party()?, self.challenge("get", session)?);
        let tried = limits::count_try(&self.db, Limit::Passkey, person.id, self.now).await?;
        let (counter, name) = match self
            .verify_assertion(person, site, &challenge, &answer)
            .await
        {
            Ok(recognised) => recognised,
            Err(error) => {
                if matches!(
                    error,
                    PasskeyError::Wrong | PasskeyError::Unknown | PasskeyError::Copied
                ) {
                    audit::record(
                        self.db.write(),
                        AuditEvent::of(person.id, AuditKind::PasskeyWrong),
                        &self.client_info,
                        self.now,
                    )
                    .await?;
                }
                return Err(error);
            }
        };
        tried.give_back(&self.db).await?;
        let change = "UPDATE passkey SET counter = $3, used_at = $4
                      WHERE id = $1 AND account_id = $2 AND (counter < $3 OR (counter = 0 AND $3 = 0))";
        let rounded = self.now - self.now % SEEN_PRECISION;
        let values = [
            answer.credential.into(),
            person.id.into(),
            i64::from(counter).into(),
            rounded.into(),
        ];
        let proof = self.proof(person, session, AuditKind::PasskeyUsed, &name, remember);
        proof
            .take(&self.db, change, values)
            .await
            .map_err(|unproved| otherwise(unproved, PasskeyError::Copied))
    }

    /// Verifies an assertion by one of the account's passkeys. Returns its new signature counter
    /// and its name.
    pub(super) async fn verify_assertion(
        &self,
        person: &Person,
        site: RelyingParty<'_>,
        challenge: &[u8],
        answer: &Answered,
    ) -> Result<(u32, String), PasskeyError> {
        let sql = "SELECT public_key, counter, name FROM passkey WHERE id = $1 AND account_id = $2";
        let find = statement(
            self.db.write(),
            sql,
            [answer.credential.clone().into(), person.id.into()],
        );
        let row = Row::find_by_statement(find)
            .one(self.db.write())
            .await?
            .ok_or(PasskeyError::Unknown)?;
        let before = u32::try_from(row.counter).unwrap_or(u32::MAX);
        Ok((
            site.answered(challenge, &row.public_key, before, answer)?,
            row.name,
        ))
    }

    pub(super) fn proof<'a>(
        &'a self,
        person: &'a Person,
        session: &'a CurrentSession,
        what: AuditKind,
        detail: &'a str,
        remember: bool,
    ) -> StepUp<'a> {
        StepUp {
            person,
            session,
            what,
            detail,
            remember,
            client_info: &self.client_info,
            now: self.now,
        }
    }
}
