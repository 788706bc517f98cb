//! The demo account, whose password is public. It exists only in the demo.

use sea_orm::{DbErr, EntityTrait, PaginatorTrait};

use crate::accounts::names::username::{Username, UsernameError};
use crate::accounts::passwords::password::{Busy, Hasher, Password};
use crate::accounts::store::{Creator, account, insert_account};
use crate::platform::clock::Seconds;
use crate::platform::db::Db;

/// The demo account's username.
pub const NAME: &str = "test";
/// The demo account's password.
pub const PASSWORD: &str = "test1234";

/// Why the demo account could not be created.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The constant username is invalid.
    #[error(transparent)]
    Name(#[from] UsernameError),
    /// The password could not be hashed.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Whether there are no accounts yet.
pub async fn has_no_accounts(db: &Db) -> Result<bool, DbErr> {
    Ok(account::Entity::find().count(db.read()).await? == 0)
}

/// Creates the demo account; false if it already exists.
pub async fn demo_account(db: &Db, hasher: &Hasher, now: Seconds) -> Result<bool, SeedError> {
    let hash = hasher.hash(Password::of_the_demo(PASSWORD)).await?;
    let transaction = db.begin().await?;
    if insert_account(
        &transaction,
        &Username::parse(NAME)?,
        hash,
        Creator::Demo,
        now,
    )
    .await?
    .is_none()
    {
        transaction.rollback().await?;
        return Ok(false);
    }
    transaction.commit().await?;
    Ok(true)
}
