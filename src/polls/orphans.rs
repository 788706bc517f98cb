//! Drafts whose owner has left: nobody saw them, nobody can open them, so they go, too.

use sea_orm::DbErr;

use crate::db::{Db, execute};

/// Forgets the drafts of nobody.
///
/// # Errors
/// When the database fails.
pub async fn forget(db: &Db) -> Result<(), DbErr> {
    execute(db.write(), "DELETE FROM poll WHERE draft AND owner_id IS NULL", []).await.map(drop)
}
