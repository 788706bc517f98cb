//! Errors that no person could mend: written down once, with their cause; told calmly, without it.

use sea_orm::DbErr;

use crate::web::hypermedia::outcome::Refusal;

/// A database that does not answer is not our visitor's fault.
impl From<DbErr> for Refusal {
    fn from(error: DbErr) -> Self {
        tracing::error!(%error, "the database failed");
        Self::unavailable()
    }
}

/// Whether an insert was turned down because the row is there already.
#[must_use]
pub fn is_duplicate(error: &DbErr) -> bool {
    matches!(
        error.sql_err(),
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_))
    )
}
