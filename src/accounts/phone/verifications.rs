//! Rows of outstanding codes: one per account, with the number, the provider's request ID and the
//! attempts.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter,
};

use crate::platform::clock::Seconds;
use crate::platform::db::{Db, execute};
use crate::verification::TRIES_PER_CODE;

pub mod verification {
    //! An account's outstanding code.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "verification")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: i64,
        /// The number it was sent to, encrypted.
        pub number: Vec<u8>,
        pub number_mac: Vec<u8>,
        /// The provider's request ID; `None` while the code is being sent.
        pub request_id: Option<String>,
        pub sent_at: i64,
        /// Attempts used.
        pub tries: i64,
        /// The name of a [`Purpose`](super::Purpose).
        pub purpose: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a code was sent for. It is valid for nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// To verify a session, with the account's number or its first one.
    #[default]
    Session,
    /// To change the account's number.
    Number,
}

impl Purpose {
    /// Returns the name stored in the row.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Number => "number",
        }
    }
}

impl verification::Model {
    /// Whether the code was sent for this purpose.
    #[must_use]
    pub fn is_for(&self, purpose: Purpose) -> bool {
        self.purpose == purpose.as_str()
    }

    /// Whether the verification can no longer succeed: expired, or tried too often.
    #[must_use]
    pub fn is_unusable(&self, now: Seconds, code_lifetime: Seconds) -> bool {
        now >= self.sent_at + code_lifetime || self.tries >= TRIES_PER_CODE
    }

    /// Returns the attempts left.
    #[must_use]
    pub fn tries_left(&self) -> i64 {
        TRIES_PER_CODE
            .saturating_sub(self.tries)
            .clamp(0, TRIES_PER_CODE)
    }
}

/// Returns the account's outstanding code.
pub async fn find_verification(
    db: &impl ConnectionTrait,
    account: i64,
) -> Result<Option<verification::Model>, DbErr> {
    verification::Entity::find_by_id(account).one(db).await
}

/// Inserts a verification, replacing the account's previous one.
pub async fn upsert_verification(
    db: &impl ConnectionTrait,
    row: verification::Model,
) -> Result<(), DbErr> {
    let replace = OnConflict::column(verification::Column::AccountId)
        .update_columns([
            verification::Column::Number,
            verification::Column::NumberMac,
            verification::Column::RequestId,
            verification::Column::SentAt,
            verification::Column::Tries,
            verification::Column::Purpose,
        ])
        .to_owned();
    let row: verification::ActiveModel = row.into();
    verification::Entity::insert(row.reset_all())
        .on_conflict(replace)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Whether another account has had a code sent to this number since then, or is about to.
pub async fn is_awaited_by_others(
    db: &impl ConnectionTrait,
    account: i64,
    mac: &[u8],
    since: Seconds,
) -> Result<bool, DbErr> {
    let others = verification::Entity::find()
        .filter(verification::Column::NumberMac.eq(mac.to_vec()))
        .filter(verification::Column::AccountId.ne(account))
        .filter(verification::Column::SentAt.gt(since));
    Ok(others.one(db).await?.is_some())
}

/// Records the provider's request ID for the code sent to a number at `sent_at`. The number is
/// needed because an account may send to two in one second.
pub async fn set_request_id(
    db: &impl ConnectionTrait,
    account: i64,
    mac: &[u8],
    sent_at: Seconds,
    request: &str,
) -> Result<(), DbErr> {
    verification::Entity::update_many()
        .col_expr(verification::Column::RequestId, Expr::value(request))
        .filter(verification::Column::AccountId.eq(account))
        .filter(verification::Column::NumberMac.eq(mac.to_vec()))
        .filter(verification::Column::SentAt.eq(sent_at))
        .filter(verification::Column::RequestId.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Takes one of a code's attempts. False if none is left: of a hundred concurrent requests, three
/// succeed.
pub async fn take_try(
    db: &impl ConnectionTrait,
    account: i64,
    request: &str,
) -> Result<bool, DbErr> {
    let taken = tries(
        db,
        account,
        request,
        Expr::col(verification::Column::Tries).add(1),
        TRIES_PER_CODE,
    )
    .await?;
    Ok(taken == 1)
}

/// Gives an attempt back after a failure that wasn't the user's.
pub async fn give_try_back(
    db: &impl ConnectionTrait,
    account: i64,
    request: &str,
) -> Result<(), DbErr> {
    tries(
        db,
        account,
        request,
        Expr::col(verification::Column::Tries).sub(1),
        i64::MAX,
    )
    .await
    .map(drop)
}

/// Uses up all attempts of a code.
pub async fn use_up(db: &impl ConnectionTrait, account: i64, request: &str) -> Result<(), DbErr> {
    tries(db, account, request, Expr::value(TRIES_PER_CODE), i64::MAX)
        .await
        .map(drop)
}

pub(crate) async fn tries(
    db: &impl ConnectionTrait,
    account: i64,
    request: &str,
    tries: Expr,
    below: i64,
) -> Result<u64, DbErr> {
    let update = verification::Entity::update_many()
        .col_expr(verification::Column::Tries, tries)
        .filter(verification::Column::AccountId.eq(account))
        .filter(verification::Column::RequestId.eq(request))
        .filter(verification::Column::Tries.lt(below));
    Ok(update.exec(db).await?.rows_affected)
}

/// Deletes codes sent more than a day ago, with their numbers.
pub async fn forget_verifications(db: &Db, now: Seconds) -> Result<(), DbErr> {
    execute(
        db.write(),
        "DELETE FROM verification WHERE sent_at <= $1",
        [(now - 24 * 3_600).into()],
    )
    .await
    .map(drop)
}

/// Ends a verification. True only for the request that ended it, so a code works once.
pub async fn end_verification(
    db: &impl ConnectionTrait,
    account: i64,
    mac: &[u8],
    sent_at: Seconds,
) -> Result<bool, DbErr> {
    let deleted = verification::Entity::delete_many()
        .filter(verification::Column::AccountId.eq(account))
        .filter(verification::Column::NumberMac.eq(mac.to_vec()))
        .filter(verification::Column::SentAt.eq(sent_at))
        .exec(db)
        .await?;
    Ok(deleted.rows_affected == 1)
}
