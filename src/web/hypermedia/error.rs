//! Maps database errors to `Refusal`: logs the cause, shows a neutral message.

use sea_orm::DbErr;

use crate::web::hypermedia::outcome::Refusal;

impl From<DbErr> for Refusal {
    fn from(error: DbErr) -> Self {
        tracing::error!(%error, "the database failed");
        Self::unavailable()
    }
}

/// Returns whether an insert failed because the row already exists.
#[must_use]
pub fn is_duplicate(error: &DbErr) -> bool {
    matches!(
        error.sql_err(),
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_))
    )
}
