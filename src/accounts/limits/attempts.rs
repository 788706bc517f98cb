//! Limits of tries: codes, recovery codes, new accounts, new polls, taken names.

use sea_orm::{ConnectionTrait, DbErr};

use crate::accounts::limits::counting::{
    CountedFailure, LimitError, around, count, failures, how_many, one,
};
use crate::accounts::limits::overrides;
use crate::accounts::limits::rules::{
    DAY, FEWEST_TRIES, NAME_TAKEN_FROM_ADDRESS, NEW_POLL_OF_ACCOUNT, REGISTER_FROM_ADDRESS, Rate,
    Rule, WRONG_APP_CODE_OF_ACCOUNT, WRONG_CODE_OF_ACCOUNT, WRONG_RECOVERY_CODE_OF_ACCOUNT,
    at_most,
};
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, Transaction, execute};
use crate::web::http::client_ip::ClientIp;

/// Whether another code could be typed as often as any: a message whose code has fewer tries left is not sent.
///
/// # Errors
/// When there were too many wrong ones, or the database fails.
pub async fn may_type_codes(
    db: &impl ConnectionTrait,
    account: i64,
    now: Seconds,
) -> Result<Result<(), LimitError>, DbErr> {
    let (rule, key) = (WRONG_CODE_OF_ACCOUNT, account.to_string());
    let most = rule.rate.most - FEWEST_TRIES + 1;
    failures(db, (rule, &key), at_most(most, rule.rate.window), now).await
}

/// How many more codes may be wrong today.
pub async fn codes_left(
    db: &impl ConnectionTrait,
    account: i64,
    now: Seconds,
) -> Result<i64, DbErr> {
    let Rule { name, rate } = WRONG_CODE_OF_ACCOUNT;
    let values = vec![
        name.into(),
        account.to_string().into(),
        (now - rate.window).into(),
    ];
    let wrong = how_many(
        db,
        "failure WHERE rule = $1 AND key = $2 AND at > $3",
        values,
    )
    .await?;
    Ok((rate.most - wrong).max(0))
}

/// Forgets the wrong codes of an account, of whatever kind: whoever runs the site has helped its owner.
pub async fn forget_wrong_codes(transaction: &Transaction, account: i64) -> Result<(), DbErr> {
    for rule in [
        WRONG_CODE_OF_ACCOUNT,
        WRONG_APP_CODE_OF_ACCOUNT,
        WRONG_RECOVERY_CODE_OF_ACCOUNT,
    ] {
        let sql = "DELETE FROM failure WHERE rule = $1 AND key = $2";
        execute(
            transaction,
            sql,
            [rule.name.into(), account.to_string().into()],
        )
        .await?;
    }
    Ok(())
}

/// Counts a code that may be wrong.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn code_try(
    db: &Db,
    account: i64,
    now: Seconds,
) -> Result<Result<CountedFailure, LimitError>, DbErr> {
    one(db, WRONG_CODE_OF_ACCOUNT, &account.to_string(), now).await
}

/// Counts an app's code that may be wrong.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn app_code_try(
    db: &Db,
    account: i64,
    now: Seconds,
) -> Result<Result<CountedFailure, LimitError>, DbErr> {
    one(db, WRONG_APP_CODE_OF_ACCOUNT, &account.to_string(), now).await
}

/// Counts a recovery code that may be wrong.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn recovery_code_try(
    db: &Db,
    account: i64,
    now: Seconds,
) -> Result<Result<CountedFailure, LimitError>, DbErr> {
    one(
        db,
        WRONG_RECOVERY_CODE_OF_ACCOUNT,
        &account.to_string(),
        now,
    )
    .await
}

/// Counts a new account.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn registration(
    db: &Db,
    address: &str,
    now: Seconds,
) -> Result<Result<CountedFailure, LimitError>, DbErr> {
    let Rate { most, window } = REGISTER_FROM_ADDRESS.rate;
    let most = overrides::at_least(db.read(), address, most, now).await?;
    one(
        db,
        Rule {
            rate: at_most(most, window),
            ..REGISTER_FROM_ADDRESS
        },
        address,
        now,
    )
    .await
}

/// Counts a new poll, or the copy of one; so many a day may be made.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn new_poll(
    db: &Db,
    account: i64,
    most: i64,
    now: Seconds,
) -> Result<Result<CountedFailure, LimitError>, DbErr> {
    one(
        db,
        Rule {
            rate: at_most(most, DAY),
            ..NEW_POLL_OF_ACCOUNT
        },
        &account.to_string(),
        now,
    )
    .await
}

/// Counts a username that may be taken: a name that is free is no finding, and its account is counted.
///
/// # Errors
/// When there were too many, or the database fails.
pub async fn name_try(
    db: &Db,
    address: &ClientIp,
    now: Seconds,
) -> Result<Result<CountedFailure, LimitError>, DbErr> {
    let most = overrides::at_least(
        db.read(),
        &address.0,
        NAME_TAKEN_FROM_ADDRESS.rate.most,
        now,
    )
    .await?;
    let rules = around(NAME_TAKEN_FROM_ADDRESS, most, address);
    count(db, NAME_TAKEN_FROM_ADDRESS.name, &rules, now).await
}
