//! A form that is sent twice, as a second press of its button does where the first answer is late.
//!
//! The second is answered as the first was, and does nothing of its own. Nothing secret is kept for that: session ids, codes and cookies
//! are worked out from the form's nonce, which no row holds, and a salt, which only the row holds. Must not answer anybody who lacks the
//! session that the form was sent in, the form itself, or the secret that was right in it.

use std::time::Duration;

use axum::http::request::Parts;
use leptos::prelude::{expect_context, use_context};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use tokio::time::{Instant, sleep};

use crate::accounts::audit;
use crate::accounts::audit::{Event, Visit, What};
use crate::accounts::limits;
use crate::accounts::limits::passwords::Guess;
use crate::accounts::names::confusables;
use crate::accounts::phone::checker::Code;
use crate::accounts::sessions::session::Current;
use crate::accounts::sessions::store::Id;
use crate::accounts::viewer::Viewer;
use crate::platform::clock::{Clock, Seconds};
use crate::platform::crypto::{Keys, Mac32, random};
use crate::platform::db::{Db, execute, statement};
use crate::web::http::client_ip::Address;
use crate::web::http::csrf::FormNonce;
use crate::web::hypermedia::outcome::Refusal;

/// How long a form that was taken is answered again.
const ANSWERED_FOR: Seconds = 30;
/// How often it is answered again.
const ANSWERS: i64 = 3;
/// How long a second press waits for the end of the first: longer than a provider may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// How often it looks whether that has come.
const GLANCE: Duration = Duration::from_millis(25);

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
    salt: Vec<u8>,
    key: Mac32,
    proof: Mac32,
    now: Seconds,
}

impl std::fmt::Debug for SentForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SentForm")
    }
}

impl SentForm {
    fn new(function: &str, nonce: [u8; 16], secret: &Secret, now: Seconds) -> Self {
        let keys = expect_context::<Keys>();
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

    fn salted(mut self, salt: Vec<u8>, secret: &Secret) -> Self {
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
    ///
    /// # Errors
    /// When the database fails.
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
    async fn free(&self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        execute(
            db,
            "DELETE FROM form_submission WHERE id = $1 AND proof IS NULL",
            [self.key.to_vec().into()],
        )
        .await
        .map(drop)
    }
}

/// What a server function is to do about a form.
#[derive(Debug)]
pub struct Once {
    session: Current,
    repeated: bool,
}

impl Once {
    /// Takes hold of the form that is being answered. Where it is under way already, this waits until that has come to its end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take(function: &'static str, secret: Secret) -> Result<Self, Refusal> {
        let (session, nonce) = (
            Current::now()?,
            use_context::<Parts>().and_then(|parts| parts.extensions.get::<FormNonce>().copied()),
        );
        let Some(FormNonce(nonce)) = nonce else {
            return Ok(Self {
                session,
                repeated: false,
            });
        };
        let (db, now) = (expect_context::<Db>(), expect_context::<Clock>().now());
        let form = SentForm::new(function, nonce, &secret, now);
        if claim(&db, &form, &session).await? {
            return Ok(Self {
                session: session.answering(form),
                repeated: false,
            });
        }
        let ended = wait(&db, &form).await?;
        let answer = if ended {
            answer_again(&db, &form, &session).await?
        } else {
            None
        };
        let Some(answer) = answer else {
            return Ok(Self {
                session,
                repeated: false,
            });
        };
        let form = form.salted(answer.salt.clone(), &secret);
        if form.proof[..] == answer.proof[..] {
            if answer.moved_from(&session) {
                session.move_to(&form.session_id(session.id())).await?;
            }
            return Ok(Self {
                session: session.answering(form),
                repeated: true,
            });
        }
        answer.count_wrong(&db, &secret, now).await?;
        Ok(Self {
            session,
            repeated: false,
        })
    }

    /// The session that the form is answered in.
    #[must_use]
    pub fn session(&self) -> &Current {
        &self.session
    }

    /// What was sent, where it was a form of a page.
    #[must_use]
    pub fn form(&self) -> Option<&SentForm> {
        self.session.form()
    }

    /// Does what the form asks for; `None` where that was done before. A form that is refused may be sent again.
    ///
    /// # Errors
    /// Why it is refused.
    pub async fn act<T>(
        &self,
        act: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<Option<T>, Refusal> {
        if self.repeated {
            return Ok(None);
        }
        let outcome = act.await;
        if let Some(form) = self.form() {
            let db = expect_context::<Db>();
            let noted = match &outcome {
                Ok(_) => form.taken(db.write(), self.session.key().as_deref()).await,
                Err(_) => form.free(db.write()).await,
            };
            // What was done is done, and is told.
            if let Err(error) = noted {
                tracing::warn!(%error, "what became of a form was not noted");
            }
        }
        outcome.map(Some)
    }
}

/// Claims a form for the request that came first. One that was answered too long ago is claimed as if it had never been sent.
async fn claim(db: &Db, form: &SentForm, session: &Current) -> Result<bool, DbErr> {
    let sql = "INSERT INTO form_submission (id, former, salt, at) VALUES ($1, $2, $3, $4)
               ON CONFLICT (id) DO UPDATE SET former = $2, salt = $3, at = $4, proof = NULL, session = NULL, answers = 0
               WHERE form_submission.at <= $5 OR form_submission.at > $6";
    let former = session.key().unwrap_or_default();
    let times = [
        form.now.into(),
        (form.now - ANSWERED_FOR).into(),
        (form.now + ANSWERED_FOR).into(),
    ];
    let values = [
        form.key.to_vec().into(),
        former.into(),
        form.salt.clone().into(),
    ]
    .into_iter()
    .chain(times);
    Ok(execute(db.write(), sql, values).await? == 1)
}

/// Waits until the first press has come to its end. False where that was a refusal, or does not come.
async fn wait(db: &Db, form: &SentForm) -> Result<bool, DbErr> {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        let sql = "SELECT proof IS NOT NULL AS taken FROM form_submission WHERE id = $1";
        let row = db
            .read()
            .query_one_raw(statement(db.read(), sql, [form.key.to_vec().into()]))
            .await?;
        match row
            .map(|row| row.try_get::<bool>("", "taken"))
            .transpose()?
        {
            None => return Ok(false),
            Some(true) => return Ok(true),
            Some(false) => sleep(GLANCE).await,
        }
    }
    Ok(false)
}

/// A form that was taken before.
#[derive(Debug, FromQueryResult)]
struct Taken {
    salt: Vec<u8>,
    proof: Vec<u8>,
    session: Option<Vec<u8>>,
}

/// Uses up one of the answers that a form has left. `None` where there is none, or the session it led to has ended.
async fn answer_again(db: &Db, form: &SentForm, session: &Current) -> Result<Option<Taken>, DbErr> {
    let sql = "UPDATE form_submission SET answers = answers + 1
               WHERE id = $1 AND (former = $2 OR session = $2) AND at > $3 AND answers < $4 AND proof IS NOT NULL
               AND (session IS NULL OR EXISTS (SELECT 1 FROM session WHERE session.id = form_submission.session))
               RETURNING salt, proof, session";
    let values = [
        form.key.to_vec().into(),
        session.key().unwrap_or_default().into(),
        (form.now - ANSWERED_FOR).into(),
        ANSWERS.into(),
    ];
    Taken::find_by_statement(statement(db.write(), sql, values))
        .one(db.write())
        .await
}

#[derive(FromQueryResult)]
struct Whose {
    id: i64,
    username: String,
}

impl Taken {
    /// Whether the form has given the browser's session another id, which this request does not know yet.
    fn moved_from(&self, session: &Current) -> bool {
        self.session.is_some() && self.session != session.key()
    }

    /// Counts a wrong secret. The session that the form was sent in has ended, so the form itself will not compare it.
    async fn count_wrong(&self, db: &Db, secret: &Secret, now: Seconds) -> Result<(), Refusal> {
        if Viewer::now().person().is_some() {
            return Ok(());
        }
        let sql = "SELECT account.id, username FROM session JOIN account ON account.id = account_id WHERE session.id = $1";
        let whose = statement(
            db.read(),
            sql,
            [self.session.clone().unwrap_or_default().into()],
        );
        let Some(Whose { id, username }) = Whose::find_by_statement(whose).one(db.read()).await?
        else {
            return Ok(());
        };
        let too_often = |error: limits::TooOften| error.refusal("There were too many tries.");
        let (counted, what) = match secret {
            Secret::None | Secret::Number(_) | Secret::LogIn(_) => return Ok(()),
            Secret::Code(_) => (limits::code_try(db, id, now).await?, What::CodeWrong),
            Secret::AppCode(_) => (limits::app_code_try(db, id, now).await?, What::CodeWrong),
            Secret::Passkey(_) => (limits::app_code_try(db, id, now).await?, What::PasskeyWrong),
            Secret::RecoveryCode(_) => (
                limits::recovery_code_try(db, id, now).await?,
                What::CodeWrong,
            ),
            Secret::Password(_) => {
                let address = expect_context::<Address>();
                let guess = Guess {
                    name: &confusables::folded(&username),
                    address: &address,
                    known: true,
                };
                (
                    limits::passwords::password_try(db, guess, now).await?,
                    What::PasswordWrong,
                )
            }
        };
        drop(counted.map_err(too_often)?);
        Ok(audit::record(db.write(), Event::of(id, what), &Visit::now(), now).await?)
    }
}

/// Forgets forms that are answered no more.
///
/// # Errors
/// When the database fails.
pub async fn forget(db: &Db, now: Seconds) -> Result<(), DbErr> {
    execute(
        db.write(),
        "DELETE FROM form_submission WHERE at <= $1",
        [(now - 2 * ANSWERED_FOR).into()],
    )
    .await
    .map(drop)
}
