//! One form submission: its key, its nonce, and the secret typed into it.

use sea_orm::{ConnectionTrait, DbErr};

use crate::accounts::code::Code;
use crate::accounts::sessions::store::Id;
use crate::platform::clock::Seconds;
use crate::platform::crypto::{Keys, Mac32, random};
use crate::platform::db::{execute, statement};
use crate::web::context::Ctx;

/// What was typed into a form and must be correct for it to be accepted.
pub enum Secret {
    /// Nothing; the session is enough.
    None,
    /// A number to send a code to: with another number it is another form.
    Number(String),
    /// A code sent by text or call.
    Code(String),
    /// A code from an authenticator app.
    AppCode(String),
    /// A recovery code.
    RecoveryCode(String),
    /// One or more passwords.
    Password(String),
    /// A username and a password, which are always compared.
    LogIn(String),
    /// A passkey's response.
    Passkey(String),
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// Normalises a numeric code, however its digits are grouped.
    #[must_use]
    pub fn digits(typed: &str) -> String {
        Code::parse(typed).map_or_else(|_| typed.to_owned(), |code| code.as_str().to_owned())
    }

    fn as_str(&self) -> &str {
        match self {
            Self::None => "",
            Self::Number(text)
            | Self::Code(text)
            | Self::AppCode(text)
            | Self::RecoveryCode(text)
            | Self::Password(text)
            | Self::LogIn(text)
            | Self::Passkey(text) => text,
        }
    }
}

/// A submitted form, from which everything is derived that the responses to both submissions share.
#[derive(Clone)]
pub struct FormSubmission {
    keys: Keys,
    nonce: [u8; 16],
    pub(super) salt: Vec<u8>,
    pub(super) key: Mac32,
    pub(super) proof: Mac32,
    pub(super) now: Seconds,
}

impl std::fmt::Debug for FormSubmission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SentForm")
    }
}

impl FormSubmission {
    pub(super) fn new(function: &str, nonce: [u8; 16], secret: &Secret, now: Seconds) -> Self {
        let keys = Ctx::from_context().keys;
        let key = keys.sent_form("form", &[function.as_bytes(), b"\0", &nonce]);
        Self {
            keys,
            nonce,
            salt: Vec::new(),
            key,
            proof: Mac32::default(),
            now,
        }
        .salted(random::<16>().to_vec(), secret)
    }

    pub(super) fn salted(mut self, salt: Vec<u8>, secret: &Secret) -> Self {
        self.salt = salt;
        self.proof = self.derive("secret", secret.as_str().as_bytes());
        self
    }

    /// Derives bytes for one purpose. This takes the server's key, the form and its row.
    #[must_use]
    pub fn derive(&self, purpose: &str, more: &[u8]) -> Mac32 {
        self.keys
            .sent_form(purpose, &[&self.nonce, &self.salt, more])
    }

    /// Returns the ID under which the former session continues.
    #[must_use]
    pub fn session_id(&self, former: Option<Id>) -> Id {
        let former = former.map(|id| id.0.to_le_bytes());
        let derived = self.derive(
            "session",
            former.as_ref().map_or(&[][..], |id| id.as_slice()),
        );
        Id(i128::from_le_bytes(
            derived.first_chunk().copied().unwrap_or_default(),
        ))
    }

    /// Records that the form was accepted and which session resulted: without that session the
    /// response isn't repeated. Runs in the transaction of the form's action, if there is one.
    pub async fn taken(
        &self,
        db: &impl ConnectionTrait,
        session: Option<&[u8]>,
    ) -> Result<(), DbErr> {
        let sql = "UPDATE form_submission SET proof = $2, session = $3, at = $4 WHERE id = $1 AND proof IS NULL";
        let session = session.map(<[u8]>::to_vec);
        execute(
            db,
            sql,
            [
                self.key.to_vec().into(),
                self.proof.to_vec().into(),
                session.into(),
                self.now.into(),
            ],
        )
        .await
        .map(drop)
    }

    /// Returns the account of the session that resulted.
    pub async fn account(&self, db: &impl ConnectionTrait) -> Result<Option<i64>, DbErr> {
        let sql = "SELECT account_id FROM form_submission JOIN session ON session.id = form_submission.session
                   WHERE form_submission.id = $1";
        let row = db
            .query_one_raw(statement(db, sql, [self.key.to_vec().into()]))
            .await?;
        row.map_or(Ok(None), |row| row.try_get("", "account_id"))
    }

    /// Releases a refused form, so that it can be submitted again.
    pub(super) async fn free(&self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        execute(
            db,
            "DELETE FROM form_submission WHERE id = $1 AND proof IS NULL",
            [self.key.to_vec().into()],
        )
        .await
        .map(drop)
    }
}
