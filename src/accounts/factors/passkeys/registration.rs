//! Registers passkeys.

use serde_json::json;

use crate::accounts::audit::AuditKind;
use crate::accounts::factors::passkeys::error::{MAX_PASSKEYS, PasskeyError};
use crate::accounts::factors::passkeys::public_keys;
use crate::accounts::factors::passkeys::store::{
    MAX_NAME_LEN, PATIENCE, Passkey, Passkeys, bytes, credentials, list, otherwise,
};
use crate::accounts::factors::passkeys::webauthn::Made;
use crate::accounts::sessions::current::CurrentSession;
use crate::accounts::sessions::step_up::StepUpError;
use crate::accounts::viewer::Person;
use crate::platform::text::Line;

impl Passkeys {
    /// Returns the suggested name for a new passkey: the browser's.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.client_info.browser
    }

    /// Returns the WebAuthn creation options (section 5.4) as JSON, with byte strings as `{"bytes":
    /// "…"}`.
    ///
    /// # Errors
    /// [`PasskeyError::LoggedOut`] without a session.
    pub fn creation_options(
        &self,
        person: &Person,
        session: &CurrentSession,
        known: &[Passkey],
    ) -> Result<String, PasskeyError> {
        let kinds =
            public_keys::algorithms().map(|alg| json!({ "type": "public-key", "alg": alg }));
        let options = json!({
            "rp": { "id": self.config.origin.host(), "name": self.config.brand },
            "user": { "id": bytes(&self.keys.passkey_owner(person.id)), "name": person.username, "displayName": person.username },
            "challenge": bytes(&self.challenge("create", session)?),
            "pubKeyCredParams": kinds.collect::<Vec<_>>(),
            "excludeCredentials": credentials(known),
            // Without `residentKey`, some devices create passkeys that aren't transferred to a new
            // device.
            "authenticatorSelection": { "residentKey": "preferred", "userVerification": "preferred" },
            "attestation": "none",
            "timeout": PATIENCE,
        });
        Ok(options.to_string())
    }

    /// Adds a passkey that a browser has created, and marks the session as verified.
    pub async fn add(
        &self,
        person: &Person,
        session: &CurrentSession,
        name: &str,
        made: Made,
    ) -> Result<(), PasskeyError> {
        let counter = self
            .relying_party()?
            .made(&self.challenge("create", session)?, &made)?;
        let name = self.named(name);
        let change = "INSERT INTO passkey (id, account_id, public_key, counter, name, created_at)
                      SELECT $1, id, $3, CAST($4 AS BIGINT), CAST($5 AS TEXT), CAST($6 AS BIGINT) FROM account
                      WHERE id = $2 AND (SELECT COUNT(*) FROM passkey WHERE account_id = $2) < $7 ON CONFLICT DO NOTHING";
        let values = [
            made.credential.into(),
            person.id.into(),
            made.public_key.into(),
            i64::from(counter).into(),
            name.as_str().into(),
            self.now.into(),
            i64::try_from(MAX_PASSKEYS).unwrap_or(i64::MAX).into(),
        ];
        let taken = self
            .proof(person, session, AuditKind::PasskeyAdded, &name, false)
            .take(&self.db, change, values)
            .await;
        match taken {
            Ok(_) => Ok(()),
            Err(StepUpError::Unchanged)
                if list(self.db.write(), person.id).await?.len() >= MAX_PASSKEYS =>
            {
                Err(PasskeyError::TooMany)
            }
            Err(unproved) => Err(otherwise(unproved, PasskeyError::Taken)),
        }
    }

    /// Returns the beginning of the typed name, or the browser's name if it is blank.
    pub(super) fn named(&self, name: &str) -> String {
        let name = Line::cut(name, MAX_NAME_LEN);
        if name.is_blank() {
            self.client_info.browser.clone()
        } else {
            name.into()
        }
    }
}
