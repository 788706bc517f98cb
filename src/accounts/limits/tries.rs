//! Rate limits on attempts: codes, passkeys, sign-ups, new polls, taken names.

use sea_orm::{ConnectionTrait, DbErr};

use crate::accounts::limits::counting::{CountedTry, Counter, LimitError, count, count_rows};
use crate::accounts::limits::limit::{Limit, MIN_TRIES_LEFT};
use crate::accounts::limits::overrides;
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, Transaction, execute};
use crate::web::http::client_ip::ClientIp;

/// Returns the seconds until a new code would have the usual number of attempts. Until then none is
/// sent.
pub async fn wait_for_tries(
    db: &impl ConnectionTrait,
    account: i64,
    now: Seconds,
) -> Result<Seconds, DbErr> {
    let counter = Counter::new(Limit::Code, account);
    let most = counter.most - MIN_TRIES_LEFT + 1;
    Counter { most, ..counter }.wait(db, now).await
}

/// Returns how many more wrong codes the account may type today.
pub async fn codes_left(
    db: &impl ConnectionTrait,
    account: i64,
    now: Seconds,
) -> Result<i64, DbErr> {
    let rate = Limit::Code.rate();
    let values = vec![
        Limit::Code.name().into(),
        account.to_string().into(),
        (now - rate.window).into(),
    ];
    let which = "failure WHERE rule = $1 AND key = $2 AND at > $3";
    let wrong = count_rows(db, which, values).await?;
    Ok((rate.most - wrong).max(0))
}

/// Deletes an account's wrong codes of every kind, after an admin has helped its owner, and returns
/// how many there were.
pub async fn forget_wrong_codes(transaction: &Transaction, account: i64) -> Result<u64, DbErr> {
    let mut wrong = 0;
    for limit in [Limit::Code, Limit::AppCode, Limit::RecoveryCode] {
        let sql = "DELETE FROM failure WHERE rule = $1 AND key = $2";
        let values = [limit.name().into(), account.to_string().into()];
        wrong += execute(transaction, sql, values).await?;
    }
    Ok(wrong)
}

/// Counts an account's attempt at a code, passkey or recovery code before it is checked.
///
/// # Errors
/// If too many have failed already.
pub async fn count_try(
    db: &Db,
    limit: Limit,
    account: i64,
    now: Seconds,
) -> Result<CountedTry, LimitError> {
    count(db, limit, &[Counter::new(limit, account)], now).await
}

/// Counts a sign-up.
///
/// # Errors
/// If there were too many from this address.
pub async fn count_registration(
    db: &Db,
    address: &str,
    now: Seconds,
) -> Result<CountedTry, LimitError> {
    let limit = Limit::RegistrationFromAddress;
    let counter = Counter::new(limit, address);
    let most = overrides::at_least(db.read(), address, counter.most, now).await?;
    count(db, limit, &[Counter { most, ..counter }], now).await
}

/// Counts a new or duplicated poll. An account may make at most `most` a day.
pub async fn count_new_poll(
    db: &Db,
    account: i64,
    most: i64,
    now: Seconds,
) -> Result<CountedTry, LimitError> {
    let counter = Counter::new(Limit::PollByAccount, account);
    count(
        db,
        Limit::PollByAccount,
        &[Counter { most, ..counter }],
        now,
    )
    .await
}

/// Counts a sign-up with a name that may be taken. A free name is given back: it reveals nothing,
/// and its sign-up is counted.
///
/// # Errors
/// If there were too many from this address.
pub async fn count_taken_name(
    db: &Db,
    address: &ClientIp,
    now: Seconds,
) -> Result<CountedTry, LimitError> {
    let limit = Limit::TakenNameFromAddress;
    let most = overrides::at_least(db.read(), &address.0, limit.rate().most, now).await?;
    count(db, limit, &Counter::around(limit, most, address), now).await
}
