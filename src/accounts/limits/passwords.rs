//! Wrong passwords. Guessers are slowed down by the address they guess from and by the account they guess at, and its owner goes on.
//!
//! After a hundred failures in a row at one account, strangers wait longer and longer (NIST SP 800-63B-4, 3.2.2). Never for good, and
//! never the owner on a device that the account knows: an address it has logged in from, a browser it remembers, a session.

use data_encoding::HEXLOWER;
use sea_orm::{ConnectionTrait, DbErr};

use crate::accounts::limits::counting::{
    CountedFailure, LONGEST_KEY, LimitError, around, count_in, failures, lock, longest,
};
use crate::accounts::limits::rules::{
    DAY, FIRST_WAIT_OF_STRANGERS, LONGEST_WAIT_OF_STRANGERS, MOST_IN_A_ROW, Rate,
    WRONG_PASSWORD_FOR_ACCOUNT, WRONG_PASSWORD_FROM_ADDRESS, WRONG_PASSWORD_ON_KNOWN_DEVICE,
};
use crate::accounts::limits::{clock_set_back, overrides};
use crate::platform::clock::Seconds;
use crate::platform::crypto::{Keys, digest};
use crate::platform::db::{Db, Transaction, execute, statement, take_turns};
use crate::web::http::client_ip::ClientIp;

/// How long an account knows an address that it has logged in from.
const KNOWN_FOR: Seconds = 90 * DAY;

/// A password that is tried.
#[derive(Clone, Copy, Debug)]
pub struct Guess<'a> {
    /// The name that was typed, as names are compared.
    pub name: &'a str,
    /// Where it was typed.
    pub address: &'a ClientIp,
    /// Whether the account knows the device.
    pub known: bool,
}

/// Counts a password that may be wrong.
///
/// An account that is being guessed at is closed to the guessers only: a network without a failure of its own has one try at any
/// account.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn password_try(
    db: &Db,
    guess: Guess<'_>,
    now: Seconds,
) -> Result<Result<CountedFailure, LimitError>, DbErr> {
    let Guess {
        name,
        address,
        known,
    } = guess;
    clock_set_back::failures(db.write(), now).await?;
    let transaction = db.begin().await?;
    take_turns(&transaction, lock("password")).await?;
    let most = overrides::at_least(
        &transaction,
        &address.0,
        WRONG_PASSWORD_FROM_ADDRESS.rate.most,
        now,
    )
    .await?;
    let from = around(WRONG_PASSWORD_FROM_ADDRESS, most, address);
    // What is longer than any name is none: a digest counts as well, and fits into the index.
    let name = if name.len() > LONGEST_KEY {
        HEXLOWER.encode(&digest(name.as_bytes()))
    } else {
        name.to_owned()
    };
    let device = HEXLOWER.encode(&digest(format!("{name}\n{}", address.0).as_bytes()));
    let at_account = if known {
        (WRONG_PASSWORD_ON_KNOWN_DEVICE, device.clone())
    } else {
        (WRONG_PASSWORD_FOR_ACCOUNT, name.clone())
    };
    let none_yet = Rate {
        most: 1,
        ..WRONG_PASSWORD_FROM_ADDRESS.rate
    };
    let first = failures(
        &transaction,
        (WRONG_PASSWORD_FROM_ADDRESS, &address.network()),
        none_yet,
        now,
    )
    .await?
    .is_ok();
    let in_a_row = if known { device } else { name };
    let waits = wait_of_strangers(&transaction, &in_a_row, now).await?;
    let all = [from.clone(), vec![at_account]].concat();
    let asked = if first { &from } else { &all };
    match count_in(&transaction, asked, &all, now).await? {
        Ok(mut counted) if waits.is_ok() => {
            let sql = "INSERT INTO password_failure (name, failures, last_at) VALUES ($1, 1, $2)
                ON CONFLICT (name) DO UPDATE SET failures = password_failure.failures + 1, last_at = excluded.last_at";
            execute(&transaction, sql, [in_a_row.as_str().into(), now.into()]).await?;
            transaction.commit().await?;
            counted.in_a_row = Some(in_a_row);
            Ok(Ok(counted))
        }
        // Refused tries are not counted: the transaction is rolled back.
        other => Ok(Err(match longest(other.map(drop), waits) {
            Err(too_often) => too_often,
            Ok(()) => LimitError { wait: 1 },
        })),
    }
}

/// How long the next failure in a row must wait.
async fn wait_of_strangers(
    transaction: &Transaction,
    name: &str,
    now: Seconds,
) -> Result<Result<(), LimitError>, DbErr> {
    let row = transaction
        .query_one_raw(statement(
            transaction,
            "SELECT failures, last_at FROM password_failure WHERE name = $1",
            [name.into()],
        ))
        .await?;
    let Some(row) = row else { return Ok(Ok(())) };
    let (failures, last): (i64, Seconds) =
        (row.try_get("", "failures")?, row.try_get("", "last_at")?);
    let next = last.min(now) + wait_after(failures);
    Ok(if now < next {
        Err(LimitError { wait: next - now })
    } else {
        Ok(())
    })
}

/// The wait after so many failures in a row: none at first, then doubling.
fn wait_after(failures: i64) -> Seconds {
    let past = failures - MOST_IN_A_ROW;
    if past < 0 {
        0
    } else {
        (FIRST_WAIT_OF_STRANGERS << past.min(16)).min(LONGEST_WAIT_OF_STRANGERS)
    }
}

/// Forgets the failures in a row at an account whose password was right.
pub(super) async fn was_right(db: &Db, name: &str, in_a_row: &str) -> Result<(), DbErr> {
    execute(
        db.write(),
        "DELETE FROM password_failure WHERE name = $1 OR name = $2",
        [name.into(), in_a_row.into()],
    )
    .await
    .map(drop)
}

/// Whether an account has logged in from this IP address lately. Unknown accounts, `0`, cost the same
/// query.
pub async fn knows_address(
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

/// Notes that an account has logged in from an address.
pub async fn get_to_know(
    db: &impl ConnectionTrait,
    keys: &Keys,
    account: i64,
    address: &ClientIp,
    now: Seconds,
) -> Result<(), DbErr> {
    // The account may be gone already.
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

/// Forgets what counts no longer.
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

impl CountedFailure {
    /// It was none, and the password of this name was right.
    pub async fn was_right(self, db: &Db, name: &str) -> Result<(), DbErr> {
        if let Some(in_a_row) = &self.in_a_row {
            was_right(db, name, in_a_row).await?;
        }
        Self {
            in_a_row: None,
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
        assert_eq!(wait_after(i64::MAX), LONGEST_WAIT_OF_STRANGERS);
    }
}
