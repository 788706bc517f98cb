//! Passkeys in their rows: adding them, taking their answers, removing them.
//!
//! What a passkey is asked is worked out from the session's key and stored nowhere. An answer that is taken gives the session another
//! key, so that it is good once; and one statement moves the counter of the passkey forward, and only forward.

use std::sync::Arc;

use data_encoding::{BASE64, HEXLOWER};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde_json::{Value, json};
use thiserror::Error;

use crate::accounts::audit::{AuditEvent, AuditKind, ClientInfo};
use crate::accounts::factors::passkeys::webauthn;
use crate::accounts::factors::passkeys::webauthn::{Answered, Flaw, Made, RelyingParty};
use crate::accounts::limits::LimitError;
use crate::accounts::sessions::session::CurrentSession;
use crate::accounts::sessions::step_up::{StepUp, StepUpError};
use crate::accounts::sessions::store::SEEN_STEP;
use crate::accounts::sessions::trusted_browsers::TrustToken;
use crate::accounts::viewer::Person;
use crate::accounts::{audit, limits};
use crate::platform::clock::Seconds;
use crate::platform::config::Config;
use crate::platform::crypto::{Keys, digest};
use crate::platform::db::{Db, execute, statement};
use crate::web::context::Ctx;
use crate::web::hypermedia::outcome::Refusal;

/// How many an account may have.
pub const MOST: usize = 10;
/// How long a name may be, in characters.
const LONGEST_NAME: usize = 60;
/// How long the browser waits for somebody, in milliseconds.
const PATIENCE: u32 = 300_000;

/// What passkeys need.
#[derive(Clone, Debug)]
pub struct Passkeys {
    db: Db,
    keys: Keys,
    config: Arc<Config>,
    now: Seconds,
    visit: ClientInfo,
}

/// Why a passkey was not taken.
#[derive(Debug, Error)]
pub enum PasskeyError {
    /// The site's address is one that browsers make no passkeys for.
    #[error("Passkeys do not work at the address of this site.")]
    NotHere,
    /// The answer belongs to a page that is out of date.
    #[error("That took too long, or you went on in another window. Please try again.")]
    Old,
    /// Of a kind of key that was not asked for.
    #[error("Passkeys of this kind do not work here. Please use another one.")]
    Kind,
    /// Its counter goes back.
    #[error(
        "That passkey may have been copied, so it was not taken. Please use another way, and remove it from your account."
    )]
    Copied,
    /// Anything else that no browser and no passkey answers.
    #[error("That did not work with this passkey. Please try again, or use another way.")]
    Wrong,
    /// Somebody else's, or one that was removed.
    #[error("That passkey is not one of this account. Please use another one, or another way.")]
    Unknown,
    /// Added before, to this account or another.
    #[error("That passkey was added before.")]
    Taken,
    /// As many as there may be.
    #[error("An account has {MOST} passkeys at most. Please remove one first.")]
    TooMany,
    /// The account has no number any more.
    #[error("To continue we need to verify your phone number.")]
    NoNumber,
    /// A limit.
    #[error(transparent)]
    LimitError(#[from] LimitError),
    /// The session has ended meanwhile.
    #[error("You were logged out meanwhile.")]
    LoggedOut,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<Flaw> for PasskeyError {
    fn from(flaw: Flaw) -> Self {
        tracing::info!(%flaw, "a passkey was not taken");
        match flaw {
            Flaw::Challenge => Self::Old,
            Flaw::Key => Self::Kind,
            Flaw::Counter => Self::Copied,
            _ => Self::Wrong,
        }
    }
}

impl From<PasskeyError> for Refusal {
    fn from(error: PasskeyError) -> Self {
        let message = error.to_string();
        match error {
            PasskeyError::NotHere => Self::Forbidden { message },
            PasskeyError::NoNumber => Self::Elsewhere {
                message,
                path: "/verify".to_owned(),
            },
            PasskeyError::LimitError(too_often) => too_often.refusal("Too many tries went wrong."),
            PasskeyError::LoggedOut => Self::LogIn,
            PasskeyError::Database(error) => error.into(),
            _ => Self::form(message),
        }
    }
}

/// A passkey, as its account's owner sees it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Passkey {
    id: Vec<u8>,
    /// What its owner calls it.
    pub name: String,
    /// Since when it is there.
    pub created_at: Seconds,
    /// When it was last of use, to five minutes; none if never.
    pub used_at: Option<Seconds>,
}

impl Passkey {
    /// A name for it in a page.
    #[must_use]
    pub fn handle(&self) -> String {
        HEXLOWER.encode(digest(&self.id).get(..8).unwrap_or_default())
    }
}

#[derive(FromQueryResult)]
struct Row {
    public_key: Vec<u8>,
    counter: i64,
    name: String,
}

impl Passkeys {
    /// From the context of a server function.
    #[must_use]
    pub fn from_context() -> Self {
        let ctx = Ctx::from_context();
        let now = ctx.now();
        Self {
            db: ctx.db,
            keys: ctx.keys,
            config: ctx.config,
            now,
            visit: ClientInfo::from_context(),
        }
    }

    /// The passkeys of an account; none where the site's address is one that they do not work at.
    pub async fn of(&self, person: &Person) -> Result<Option<Vec<Passkey>>, DbErr> {
        if !self.config.origin.takes_passkeys() {
            return Ok(None);
        }
        list(self.db.read(), person.id).await.map(Some)
    }

    /// A name to begin with: the browser's.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.visit.browser
    }

    /// What the browser is asked to make a passkey by, in JSON: the options of section 5.4, strings of bytes as `{"bytes": "…"}`.
    ///
    /// # Errors
    /// Without a session.
    pub fn ask_to_create(
        &self,
        person: &Person,
        session: &CurrentSession,
        known: &[Passkey],
    ) -> Result<String, PasskeyError> {
        let kinds = webauthn::algorithms().map(|alg| json!({ "type": "public-key", "alg": alg }));
        let options = json!({
            "rp": { "id": self.config.origin.host(), "name": self.config.brand },
            "user": { "id": bytes(&self.keys.passkey_owner(person.id)), "name": person.username, "displayName": person.username },
            "challenge": bytes(&self.challenge("create", session)?),
            "pubKeyCredParams": kinds.collect::<Vec<_>>(),
            "excludeCredentials": credentials(known),
            // Without the first, some devices make passkeys that stay behind when one moves to another.
            "authenticatorSelection": { "residentKey": "preferred", "userVerification": "preferred" },
            "attestation": "none",
            "timeout": PATIENCE,
        });
        Ok(options.to_string())
    }

    /// What the browser is asked to have a passkey answer by, in JSON: the options of section 5.5. None for an account without one.
    ///
    /// # Errors
    /// Without a session, or when the database fails.
    pub async fn ask_to_answer(
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

    fn challenge(&self, purpose: &str, session: &CurrentSession) -> Result<[u8; 32], PasskeyError> {
        Ok(self
            .keys
            .passkey_challenge(purpose, &session.key().ok_or(PasskeyError::LoggedOut)?))
    }

    fn relying_party(&self) -> Result<RelyingParty<'_>, PasskeyError> {
        let origin = &self.config.origin;
        if origin.takes_passkeys() {
            Ok(RelyingParty {
                origin: origin.as_str(),
                id: origin.host(),
            })
        } else {
            Err(PasskeyError::NotHere)
        }
    }

    /// Adds a passkey that a browser has made. The session is verified by it.
    ///
    /// # Errors
    /// Why it is not added.
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
            i64::try_from(MOST).unwrap_or(i64::MAX).into(),
        ];
        let taken = self
            .proof(person, session, AuditKind::PasskeyAdded, &name, false)
            .take(&self.db, change, values)
            .await;
        match taken {
            Ok(_) => Ok(()),
            Err(StepUpError::Unchanged)
                if list(self.db.write(), person.id).await?.len() >= MOST =>
            {
                Err(PasskeyError::TooMany)
            }
            Err(unproved) => Err(otherwise(unproved, PasskeyError::Taken)),
        }
    }

    /// What a passkey is called: what was typed, or what the browser is.
    fn named(&self, name: &str) -> String {
        let name: String = name
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(LONGEST_NAME)
            .collect();
        if name.is_empty() {
            self.visit.browser.clone()
        } else {
            name
        }
    }

    /// Takes the answer of a passkey of the account, once; the session is verified by it. Tells what the browser is to keep, if it should
    /// be remembered.
    ///
    /// # Errors
    /// Why it is not taken.
    pub async fn check(
        &self,
        person: &Person,
        session: &CurrentSession,
        answer: Answered,
        remember: bool,
    ) -> Result<Option<TrustToken>, PasskeyError> {
        let (site, challenge) = (self.relying_party()?, self.challenge("get", session)?);
        let tried = limits::app_code_try(&self.db, person.id, self.now).await??;
        let (counter, name) = match self.recognise(person, site, &challenge, &answer).await {
            Ok(recognised) => recognised,
            Err(error) => {
                if matches!(
                    error,
                    PasskeyError::Wrong | PasskeyError::Unknown | PasskeyError::Copied
                ) {
                    audit::record(
                        self.db.write(),
                        AuditEvent::of(person.id, AuditKind::PasskeyWrong),
                        &self.visit,
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
        let rounded = self.now - self.now % SEEN_STEP;
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

    /// Which passkey of the account has answered: how many answers it has counted, and its name.
    async fn recognise(
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

    fn proof<'a>(
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
            visit: &self.visit,
            now: self.now,
        }
    }

    /// Removes a passkey, by its name in the page. False when there is none.
    pub async fn remove(&self, person: &Person, handle: &str) -> Result<bool, DbErr> {
        let known = list(self.db.write(), person.id).await?;
        let Some(passkey) = known.into_iter().find(|passkey| passkey.handle() == handle) else {
            return Ok(false);
        };
        let sql = "DELETE FROM passkey WHERE id = $1 AND account_id = $2";
        let removed =
            execute(self.db.write(), sql, [passkey.id.into(), person.id.into()]).await? == 1;
        if removed {
            let event = AuditEvent {
                detail: &passkey.name,
                ..AuditEvent::of(person.id, AuditKind::PasskeyRemoved)
            };
            audit::record(self.db.write(), event, &self.visit, self.now).await?;
        }
        Ok(removed)
    }
}

fn otherwise(unproved: StepUpError, unchanged: PasskeyError) -> PasskeyError {
    match unproved {
        StepUpError::Unchanged => unchanged,
        StepUpError::NoNumber => PasskeyError::NoNumber,
        StepUpError::LoggedOut => PasskeyError::LoggedOut,
        StepUpError::Database(error) => error.into(),
    }
}

/// The passkeys of an account, the oldest first.
pub async fn list(db: &impl ConnectionTrait, account: i64) -> Result<Vec<Passkey>, DbErr> {
    let sql = "SELECT id, name, created_at, used_at FROM passkey WHERE account_id = $1 ORDER BY created_at, id";
    Passkey::find_by_statement(statement(db, sql, [account.into()]))
        .all(db)
        .await
}

/// Reads what the script of the page has put into a field. What cannot be read is nothing, and refused as that.
#[must_use]
pub fn read(field: &str) -> Vec<u8> {
    BASE64.decode(field.as_bytes()).unwrap_or_default()
}

fn bytes(bytes: &[u8]) -> Value {
    json!({ "bytes": BASE64.encode(bytes) })
}

fn credentials(known: &[Passkey]) -> Vec<Value> {
    known
        .iter()
        .map(|passkey| json!({ "type": "public-key", "id": bytes(&passkey.id) }))
        .collect()
}
