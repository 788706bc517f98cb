//! One sent form: its key, its nonce, and the secret that was typed into it.

use sea_orm::{ConnectionTrait, DbErr};

use crate::accounts::code::Code;
use crate::accounts::sessions::store::Id;
use crate::platform::clock::Seconds;
use crate::platform::crypto::{Keys, Mac32, random};
use crate::platform::db::execute;
use crate::web::context::Ctx;

/// What was typed into a form and must be right for it to be taken.
pub enum Secret {
    /// Nothing but what the session itself opens.
    None,
    /// A number that a code goes to: the form with another number in it is another form.
    Number(String),
    /// A code that was sent.
    Code(String),
    /// A code of an app.
    AppCode(String),
    /// A recovery code.
    RecoveryCode(String),
    /// One password or several.
    Password(String),
    /// A name and a password, which are compared in any case.
    LogIn(String),
    /// What a passkey answers.
    Passkey(String),
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// A code of digits, however they are grouped.
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

/// A form that was sent, as everything is worked out that both its answers share.
#[derive(Clone)]
pub struct SentForm {
    keys: Keys,
    nonce: [u8; 16],
    pub(super) salt: Vec<u8>,
    pub(super) key: Mac32,
    pub(super) proof: Mac32,
    pub(super) now: Seconds,
}

impl std::fmt::Debug for SentForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SentForm")
    }
}

impl SentForm {
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

    /// Derives bytes for one purpose. It takes this server's key, the form and its row.
    #[must_use]
    pub fn derive(&self, purpose: &str, more: &[u8]) -> Mac32 {
        self.keys
            .sent_form(purpose, &[&self.nonce, &self.salt, more])
    }

    /// The id that this former session goes on under.
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

    /// Notes that the form was taken, and which session it has led to: without that one it is not answered again. In the transaction of
    /// what it does, where there is one.
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

    /// Sets a form free that was refused, so that it may be sent again.
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
