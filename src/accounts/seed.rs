//! The demo's account, whose password is printed for everybody to read. It exists in the demo alone.

use sea_orm::{DbErr, EntityTrait, PaginatorTrait};

use crate::accounts::names::username::{Username, UsernameError};
use crate::accounts::passwords::password::{Busy, Hasher, Password};
use crate::accounts::store::{Maker, account, insert_account};
use crate::platform::clock::Seconds;
use crate::platform::db::Db;

/// The demo's name.
pub const NAME: &str = "test";
/// The demo's password.
pub const PASSWORD: &str = "test1234";

/// Why the demo's account could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The name is none; it is a constant.
    #[error(transparent)]
    Name(#[from] UsernameError),
    /// The password could not be hashed.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Whether nobody has registered yet.
pub async fn nobody_yet(db: &Db) -> Result<bool, DbErr> {
    Ok(account::Entity::find().count(db.read()).await? == 0)
}

/// Makes the demo's account; false when it is there already.
///
/// # Errors
/// When it could not be made.
pub async fn demo_account(db: &Db, hasher: &Hasher, now: Seconds) -> Result<bool, SeedError> {
    let hash = hasher.hash(Password::of_the_demo(PASSWORD)).await?;
    let transaction = db.begin().await?;
    if insert_account(
        &transaction,
        &Username::parse(NAME)?,
        hash,
        Maker::Demo,
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
