//! Rows of active codes: one per account, with the number, the provider's request and the tries.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter,
};

use crate::platform::clock::Seconds;
use crate::platform::db::{Db, execute};
use crate::verification::TRIES_PER_CODE;

pub mod verification {
    //! A code that is out for an account.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "verification")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub account_id: i64,
        /// The number it was sent to, encrypted.
        pub number: Vec<u8>,
        pub number_mac: Vec<u8>,
        /// The provider's name for it; none while it is being sent.
        pub request_id: Option<String>,
        pub sent_at: i64,
        /// How many codes were tried.
        pub tries: i64,
        /// A word of [`Purpose`](super::Purpose).
        pub purpose: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a code that is out is for. It is good for nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// To make a session a verified one, with the number of its account, or its first.
    #[default]
    Session,
    /// To put another number in the place of the account's.
    Number,
}

impl Purpose {
    /// As it stands in the row.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Number => "number",
        }
    }
}

impl verification::Model {
    /// Whether it is for this.
    #[must_use]
    pub fn is_for(&self, purpose: Purpose) -> bool {
        self.purpose == purpose.word()
    }

    /// Whether no code can be the right one any more: it is too old, or was tried too often.
    #[must_use]
    pub fn is_dead(&self, now: Seconds, code_life: Seconds) -> bool {
        now >= self.sent_at + code_life || self.tries >= TRIES_PER_CODE
    }

    /// How many more codes may be tried.
    #[must_use]
    pub fn tries_left(&self) -> i64 {
        TRIES_PER_CODE
            .saturating_sub(self.tries)
            .clamp(0, TRIES_PER_CODE)
    }
}

/// The code that is out for an account.
pub async fn find_verification(
    db: &impl ConnectionTrait,
    account: i64,
) -> Result<Option<verification::Model>, DbErr> {
    verification::Entity::find_by_id(account).one(db).await
}

/// Puts a verification in the place of whatever was there for the account.
pub async fn put_verification(
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

/// Whether anybody but this account has had a code sent to a phone since then, or is about to.
pub async fn others_await(
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

/// Writes down the provider's name for the code that was sent to a number at `sent_at`. An account may send to two in one second.
pub async fn name_verification(
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

/// Takes one of the tries of a code. False when there is none left: of a hundred at once, three are let through.
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

/// Gives a try back that was no fault of the person's.
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

/// Uses a code up: no try is left.
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

/// Forgets codes that were sent more than a day ago, with the numbers they went to.
pub async fn forget_verifications(db: &Db, now: Seconds) -> Result<(), DbErr> {
    execute(
        db.write(),
        "DELETE FROM verification WHERE sent_at <= $1",
        [(now - 24 * 3_600).into()],
    )
    .await
    .map(drop)
}

/// Ends a verification. True for the one who ended it: a code is good once.
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
