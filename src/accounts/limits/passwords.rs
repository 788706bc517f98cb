//! Rate limits on wrong passwords, by client IP and by account, that don't lock out the account's
//! owner.
//!
//! After a hundred consecutive failures at one account, unknown devices wait longer and longer
//! (NIST SP 800-63B-4, 3.2.2), but never indefinitely. This doesn't affect the owner on a device
//! known to the account: an address it has logged in from, a trusted browser, a session.

use data_encoding::HEXLOWER;
use sea_orm::{ConnectionTrait, DbErr};

use crate::accounts::limits::counting::{
    CountedTry, Counter, LimitError, MAX_KEY_LEN, insert, longest_wait,
};
use crate::accounts::limits::limit::{
    DAY, Limit, MAX_BACKOFF, MAX_CONSECUTIVE_FAILURES, MIN_BACKOFF,
};
use crate::accounts::limits::{clock_set_back, overrides};
use crate::platform::clock::Seconds;
use crate::platform::crypto::{Keys, digest};
use crate::platform::db::{Db, Lock, Transaction, execute, statement};
use crate::web::http::client_ip::ClientIp;

/// How long an address that an account has logged in from counts as known.
const KNOWN_FOR: Seconds = 90 * DAY;

/// A password attempt.
#[derive(Clone, Copy, Debug)]
pub struct PasswordAttempt<'a> {
    /// The typed name, normalised for comparison.
    pub name: &'a str,
    /// The client IP.
    pub address: &'a ClientIp,
    /// Whether the account knows the device.
    pub known: bool,
}

/// Counts a password attempt before it is checked.
///
/// During an attack on an account, only the attackers are locked out: a network without a failure
/// of its own has one attempt at any account.
///
/// # Errors
/// If too many were wrong already. A refused attempt isn't counted.
pub async fn count_password(
    db: &Db,
    guess: PasswordAttempt<'_>,
    now: Seconds,
) -> Result<CountedTry, LimitError> {
    let PasswordAttempt {
        name,
        address,
        known,
    } = guess;
    let limit = Limit::PasswordFromAddress;
    clock_set_back::failures(db.write(), now).await?;
    let transaction = db.begin().await?;
    Lock::Limit("password").wait(&transaction).await?;
    let most = overrides::at_least(&transaction, &address.0, limit.rate().most, now).await?;
    let from = Counter::around(limit, most, address);
    // No name is this long; use its digest, which fits into the index.
    let name = if name.len() > MAX_KEY_LEN {
        HEXLOWER.encode(&digest(name.as_bytes()))
    } else {
        name.to_owned()
    };
    let device = device_key(&name, address);
    let at_account = if known {
        Counter::new(Limit::PasswordOnKnownDevice, &device)
    } else {
        Counter::new(Limit::PasswordForAccount, &name)
    };
    let none_yet = Counter {
        most: 1,
        ..Counter::new(limit, address.network())
    };
    let first = none_yet.wait(&transaction, now).await? == 0;
    let streak_key = if known { device } else { name };
    let all = [from.clone(), vec![at_account]].concat();
    let asked = if first { &from } else { &all };
    let wait = longest_wait(&transaction, asked, now)
        .await?
        .max(streak_wait(&transaction, &streak_key, now).await?);
    limit.after(wait)?;
    let mut counted = insert(&transaction, &all, now).await?;
    let sql = "INSERT INTO password_failure (name, failures, last_at) VALUES ($1, 1, $2)
        ON CONFLICT (name) DO UPDATE SET failures = password_failure.failures + 1, last_at = excluded.last_at";
    execute(&transaction, sql, [streak_key.as_str().into(), now.into()]).await?;
    transaction.commit().await?;
    counted.streak_key = Some(streak_key);
    Ok(counted)
}

/// Returns the key of a name's failures on one known device.
fn device_key(name: &str, address: &ClientIp) -> String {
    let device = digest(format!("{name}\n{}", address.0).as_bytes());
    format!("{}{}", devices_prefix(name), HEXLOWER.encode(&device))
}

/// Returns how the keys of all known devices of a name begin.
fn devices_prefix(name: &str) -> String {
    let mut prefix = HEXLOWER.encode(&digest(name.as_bytes()));
    prefix.truncate(32);
    prefix
}

/// Returns the seconds until the next consecutive failure is allowed.
async fn streak_wait(
    transaction: &Transaction,
    name: &str,
    now: Seconds,
) -> Result<Seconds, DbErr> {
    let row = transaction
        .query_one_raw(statement(
            transaction,
            "SELECT failures, last_at FROM password_failure WHERE name = $1",
            [name.into()],
        ))
        .await?;
    let Some(row) = row else { return Ok(0) };
    let (failures, last): (i64, Seconds) =
        (row.try_get("", "failures")?, row.try_get("", "last_at")?);
    Ok((last.min(now) + wait_after(failures) - now).max(0))
}

/// Returns the wait after this many consecutive failures: none at first, then doubling.
fn wait_after(failures: i64) -> Seconds {
    let past = failures - MAX_CONSECUTIVE_FAILURES;
    if past < 0 {
        0
    } else {
        (MIN_BACKOFF << past.min(16)).min(MAX_BACKOFF)
    }
}

/// Clears the consecutive failures of an account after a correct password.
pub(super) async fn was_right(db: &Db, name: &str, streak_key: &str) -> Result<(), DbErr> {
    execute(
        db.write(),
        "DELETE FROM password_failure WHERE name = $1 OR name = $2",
        [name.into(), streak_key.into()],
    )
    .await
    .map(drop)
}

/// Clears the failures of a name, by strangers and on its known devices. Returns how many there were
/// in the last day, or in a row if that is more.
pub async fn clear(transaction: &Transaction, name: &str) -> Result<i64, DbErr> {
    let devices = format!("{}%", devices_prefix(name));
    let in_a_row = "SELECT CAST(COALESCE(SUM(failures), 0) AS BIGINT) AS n FROM password_failure WHERE name = $1 OR name LIKE $2";
    let names = || [name.into(), devices.as_str().into()];
    let in_a_row = transaction
        .query_one_raw(statement(transaction, in_a_row, names()))
        .await?;
    let in_a_row: i64 = in_a_row.map_or(Ok(0), |row| row.try_get("", "n"))?;
    let sql = "DELETE FROM password_failure WHERE name = $1 OR name LIKE $2";
    execute(transaction, sql, names()).await?;
    let sql = "DELETE FROM failure WHERE (rule = $1 AND key = $2) OR (rule = $3 AND key LIKE $4)";
    let values = [
        Limit::PasswordForAccount.name().into(),
        name.into(),
        Limit::PasswordOnKnownDevice.name().into(),
        devices.as_str().into(),
    ];
    let counted = execute(transaction, sql, values).await?;
    Ok(in_a_row.max(i64::try_from(counted).unwrap_or(i64::MAX)))
}

/// Whether an account has logged in from this IP address in the last 90 days. Unknown accounts
/// (`0`) cost the same query.
pub async fn is_known_address(
    db: &Db,
    keys: &Keys,
    account: i64,
    address: &ClientIp,
    now: Seconds,
) -> Result<bool, DbErr> {
    let sql = "SELECT 1 FROM known_address WHERE account_id = $1 AND address = $2 AND seen_at > $3";
    let mac = keys.known_address(account, &address.0).to_vec();
    let row = db
        .read()
        .query_one_raw(statement(
            db.read(),
            sql,
            [account.into(), mac.into(), (now - KNOWN_FOR).into()],
        ))
        .await?;
    Ok(row.is_some())
}

/// Records that an account has logged in from an address.
pub async fn remember_address(
    db: &impl ConnectionTrait,
    keys: &Keys,
    account: i64,
    address: &ClientIp,
    now: Seconds,
) -> Result<(), DbErr> {
    // The account may have been deleted meanwhile.
    let sql = "INSERT INTO known_address (account_id, address, seen_at) SELECT id, $2, $3 FROM account WHERE id = $1
        ON CONFLICT (account_id, address) DO UPDATE SET seen_at = excluded.seen_at";
    execute(
        db,
        sql,
        [
            account.into(),
            keys.known_address(account, &address.0).to_vec().into(),
            now.into(),
        ],
    )
    .await
    .map(drop)
}

/// Deletes expired failures and known addresses.
pub(super) async fn forget(db: &Db, now: Seconds) -> Result<(), DbErr> {
    execute(
        db.write(),
        "DELETE FROM password_failure WHERE last_at <= $1",
        [(now - KNOWN_FOR).into()],
    )
    .await?;
    execute(
        db.write(),
        "DELETE FROM known_address WHERE seen_at <= $1",
        [(now - KNOWN_FOR).into()],
    )
    .await
    .map(drop)
}

impl CountedTry {
    /// Gives the attempt back and clears the consecutive failures: the password of this name was
    /// correct.
    pub async fn was_right(self, db: &Db, name: &str) -> Result<(), DbErr> {
        if let Some(streak_key) = &self.streak_key {
            was_right(db, name, streak_key).await?;
        }
        Self {
            streak_key: None,
            ..self
        }
        .give_back(db)
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_wait_after_a_hundred_and_never_for_good() {
        assert_eq!([0, 99, 100, 101, 102].map(wait_after), [0, 0, 60, 120, 240]);
        assert_eq!(wait_after(i64::MAX), MAX_BACKOFF);
    }
}
