//! Handles forms that are submitted twice, for example by a second click when the first response is
//! slow.
//!
//! The second submission gets the same response as the first and has no further effect. Nothing
//! secret is stored for that: session IDs, codes and cookies are derived from the form's nonce,
//! which is in no row, and a salt, which is only in the row. The response is repeated only to a
//! request that has the session the form was sent in, the form itself, and the secret that was
//! correct in it.

use std::time::Duration;

use axum::http::request::Parts;
use leptos::prelude::use_context;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use tokio::time::{Instant, sleep};

use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::limits::Limit;
use crate::accounts::limits::passwords::PasswordAttempt;
use crate::accounts::names::confusables;
use crate::accounts::sessions::current::CurrentSession;
use crate::accounts::sessions::sent_form::{FormSubmission, Secret};
use crate::accounts::viewer::Viewer;
use crate::accounts::{audit, limits};
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, execute, statement};
use crate::web::context::Ctx;
use crate::web::http::csrf::FormNonce;
use crate::web::hypermedia::outcome::Refusal;

/// Seconds for which the response to an accepted form is repeated.
const REPEAT_WINDOW: Seconds = 30;
/// How many times the response is repeated.
const MAX_REPEATS: i64 = 3;
/// How long a second submission waits for the first to finish: longer than a provider may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// How often it polls for that.
const POLL_INTERVAL: Duration = Duration::from_millis(25);

/// A request's claim on the form it submits.
#[derive(Debug)]
pub struct FormClaim {
    session: CurrentSession,
    repeated: bool,
}

impl FormClaim {
    /// Claims the form of the current request. If another request is already processing it, waits
    /// for that to finish.
    pub async fn take(function: &'static str, secret: Secret) -> Result<Self, Refusal> {
        let (session, nonce) = (
            CurrentSession::from_context()?,
            use_context::<Parts>().and_then(|parts| parts.extensions.get::<FormNonce>().copied()),
        );
        let Some(FormNonce(nonce)) = nonce else {
            return Ok(Self {
                session,
                repeated: false,
            });
        };
        let (db, now) = (Ctx::from_context().db, Ctx::from_context().now());
        let form = FormSubmission::new(function, nonce, &secret, now);
        if claim(&db, &form, &session).await? {
            return Ok(Self {
                session: session.answering(form),
                repeated: false,
            });
        }
        let ended = wait(&db, &form).await?;
        let answer = if ended {
            repeat_response(&db, &form, &session).await?
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

    /// Returns the session of the request.
    #[must_use]
    pub fn session(&self) -> &CurrentSession {
        &self.session
    }

    /// Returns the form, if the request came from a page's form.
    #[must_use]
    pub fn form(&self) -> Option<&FormSubmission> {
        self.session.form()
    }

    /// Runs the form's action, or returns `None` if that was done before. A refused form can be
    /// submitted again.
    ///
    /// # Errors
    /// The action's refusal.
    pub async fn act<T>(
        &self,
        act: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<Option<T>, Refusal> {
        if self.repeated {
            return Ok(None);
        }
        let outcome = act.await;
        if let Some(form) = self.form() {
            let db = Ctx::from_context().db;
            let noted = match &outcome {
                Ok(_) => form.taken(db.write(), self.session.key().as_deref()).await,
                Err(_) => form.free(db.write()).await,
            };
            // The action has taken effect, so its outcome is returned even if recording it failed.
            if let Err(error) = noted {
                tracing::warn!(%error, "what became of a form was not noted");
            }
        }
        outcome.map(Some)
    }
}

/// Claims a form for the first request. A form that was answered too long ago is claimed as if it
/// were new.
async fn claim(db: &Db, form: &FormSubmission, session: &CurrentSession) -> Result<bool, DbErr> {
    let sql = "INSERT INTO form_submission (id, former, salt, at) VALUES ($1, $2, $3, $4)
               ON CONFLICT (id) DO UPDATE SET former = $2, salt = $3, at = $4, proof = NULL, session = NULL, answers = 0
               WHERE form_submission.at <= $5 OR form_submission.at > $6";
    let former = session.key().unwrap_or_default();
    let times = [
        form.now.into(),
        (form.now - REPEAT_WINDOW).into(),
        (form.now + REPEAT_WINDOW).into(),
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

/// Waits for the first submission to finish. False if it was refused or doesn't finish in time.
async fn wait(db: &Db, form: &FormSubmission) -> Result<bool, DbErr> {
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
            Some(false) => sleep(POLL_INTERVAL).await,
        }
    }
    Ok(false)
}

/// A form that was already accepted.
#[derive(Debug, FromQueryResult)]
struct Taken {
    salt: Vec<u8>,
    proof: Vec<u8>,
    session: Option<Vec<u8>>,
}

/// Uses up one of a form's remaining repeats. `None` if there are none left, or the resulting
/// session has ended.
async fn repeat_response(
    db: &Db,
    form: &FormSubmission,
    session: &CurrentSession,
) -> Result<Option<Taken>, DbErr> {
    let sql = "UPDATE form_submission SET answers = answers + 1
               WHERE id = $1 AND (former = $2 OR session = $2) AND at > $3 AND answers < $4 AND proof IS NOT NULL
               AND (session IS NULL OR EXISTS (SELECT 1 FROM session WHERE session.id = form_submission.session))
               RETURNING salt, proof, session";
    let values = [
        form.key.to_vec().into(),
        session.key().unwrap_or_default().into(),
        (form.now - REPEAT_WINDOW).into(),
        MAX_REPEATS.into(),
    ];
    Taken::find_by_statement(statement(db.write(), sql, values))
        .one(db.write())
        .await
}

#[derive(FromQueryResult)]
struct SessionOwner {
    id: i64,
    username: String,
}

impl Taken {
    /// Whether the form gave the browser's session a new ID that this request doesn't have yet.
    fn moved_from(&self, session: &CurrentSession) -> bool {
        self.session.is_some() && self.session != session.key()
    }

    /// Counts a wrong secret. The session that the form was sent in has ended, so the form's action
    /// won't check it.
    async fn count_wrong(&self, db: &Db, secret: &Secret, now: Seconds) -> Result<(), Refusal> {
        if Viewer::from_context().person().is_some() {
            return Ok(());
        }
        let sql = "SELECT account.id, username FROM session JOIN account ON account.id = account_id WHERE session.id = $1";
        let whose = statement(
            db.read(),
            sql,
            [self.session.clone().unwrap_or_default().into()],
        );
        let Some(SessionOwner { id, username }) = SessionOwner::find_by_statement(whose)
            .one(db.read())
            .await?
        else {
            return Ok(());
        };
        let (limit, what) = match secret {
            Secret::None | Secret::Number(_) | Secret::LogIn(_) => return Ok(()),
            Secret::Code(_) => (Some(Limit::Code), AuditKind::CodeWrong),
            Secret::AppCode(_) => (Some(Limit::AppCode), AuditKind::CodeWrong),
            Secret::Passkey(_) => (Some(Limit::Passkey), AuditKind::PasskeyWrong),
            Secret::RecoveryCode(_) => (Some(Limit::RecoveryCode), AuditKind::CodeWrong),
            Secret::Password(_) => (None, AuditKind::PasswordWrong),
        };
        // The count stays: the secret is wrong.
        let _ = if let Some(limit) = limit {
            limits::count_try(db, limit, id, now).await?
        } else {
            let guess = PasswordAttempt {
                name: &confusables::folded(&username),
                address: &Ctx::from_context().address,
                known: true,
            };
            limits::passwords::count_password(db, guess, now).await?
        };
        Ok(audit::record(
            db.write(),
            AuditEvent::of(id, what),
            &ClientInfo::from_context(),
            now,
        )
        .await?)
    }
}

/// Deletes expired form submissions.
pub async fn forget(db: &Db, now: Seconds) -> Result<(), DbErr> {
    execute(
        db.write(),
        "DELETE FROM form_submission WHERE at <= $1",
        [(now - 2 * REPEAT_WINDOW).into()],
    )
    .await
    .map(drop)
}
