//! The account table and its queries.
//!
//! The database decides which account holds a number, a name or a code: by constraints, and by
//! single statements that change a row only while it is as expected.

pub mod deletion;

pub mod account {
    //! A registered account.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "account")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub username: String,
        pub username_key: String,
        pub password_hash: String,
        /// The verified number, encrypted.
        pub number: Option<Vec<u8>>,
        /// The verified number's HMAC, for lookups.
        pub number_mac: Option<Vec<u8>>,
        /// Whether it is the demo account, whose password is public.
        pub demo: bool,
        pub created_at: i64,
        /// `member` or `admin`.
        pub role: String,
        /// Why the account is suspended; `None` if it isn't.
        pub suspended_reason: Option<String>,
        /// When the password was chosen.
        pub password_at: i64,
        /// Whether the password was set by the operator and must still be changed.
        pub must_change_password: bool,
        /// ID of the last audit event whose notice was read.
        pub notices_read: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, Order, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::accounts::names::confusables;
use crate::accounts::names::username::Username;
use crate::platform::clock::Seconds;
use crate::platform::crypto::Keys;
use crate::platform::db::{Db, Transaction, execute};
use crate::web::hypermedia::error::is_duplicate;

/// The default role.
pub const MEMBER: &str = "member";
/// The role of admins.
pub const ADMIN: &str = "admin";

/// Replaces the password hash that was compared with a new password's. False if it was changed
/// meanwhile.
pub async fn change_password(
    db: &impl ConnectionTrait,
    id: i64,
    old: &str,
    new: String,
    now: Seconds,
) -> Result<bool, DbErr> {
    let sql = "UPDATE account SET password_hash = $1, password_at = $2, must_change_password = FALSE WHERE id = $3 AND password_hash = $4";
    Ok(execute(db, sql, [new.into(), now.into(), id.into(), old.into()]).await? == 1)
}

/// Replaces a hash by another one of the same password.
pub async fn rehash_password(
    db: &impl ConnectionTrait,
    id: i64,
    old: &str,
    new: String,
) -> Result<(), DbErr> {
    let sql = "UPDATE account SET password_hash = $1 WHERE id = $2 AND password_hash = $3";
    execute(db, sql, [new.into(), id.into(), old.into()])
        .await
        .map(drop)
}

/// Sets a password that the owner has to change, replacing the current one.
pub async fn set_temporary_password(
    db: &impl ConnectionTrait,
    id: i64,
    hash: String,
    now: Seconds,
) -> Result<(), DbErr> {
    let sql = "UPDATE account SET password_hash = $1, password_at = $2, must_change_password = TRUE WHERE id = $3";
    execute(db, sql, [hash.into(), now.into(), id.into()])
        .await
        .map(drop)
}

/// Which accounts to list.
#[derive(Clone, Copy, Debug)]
pub struct AccountSearch<'a> {
    /// How their names begin.
    pub beginning: &'a str,
    /// Whether only suspended ones are wanted.
    pub suspended: bool,
    /// IDs below this one; `None` from the newest on.
    pub before: Option<i64>,
    /// How many at most.
    pub limit: u64,
}

/// Lists accounts, newest first.
pub async fn search(
    db: &impl ConnectionTrait,
    wanted: AccountSearch<'_>,
) -> Result<Vec<account::Model>, DbErr> {
    let like = |name: String| {
        let beginning = name
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        LikeExpr::new(format!("{beginning}%")).escape('\\')
    };
    let folded = confusables::folded(wanted.beginning);
    let spelled = spelled(Expr::col("form").like(like(folded)));
    let key = confusables::key(wanted.beginning);
    let named = Expr::col(account::Column::UsernameKey).like(like(key));
    let mut accounts = account::Entity::find()
        .filter(account::Column::Id.lt(wanted.before.unwrap_or(i64::MAX)))
        .filter(named.or(account::Column::Id.in_subquery(spelled)));
    if wanted.suspended {
        accounts = accounts.filter(account::Column::SuspendedReason.is_not_null());
    }
    accounts
        .order_by_desc(account::Column::Id)
        .limit(wanted.limit)
        .all(db)
        .await
}

/// Selects the accounts with a matching folded form of the name.
fn spelled(form: Expr) -> SelectStatement {
    Query::select()
        .column("account_id")
        .from("username_form")
        .and_where(form)
        .and_where(Expr::col("is_username").eq(true))
        .to_owned()
}

/// Sets an account's role, [`MEMBER`] or [`ADMIN`].
pub async fn set_role(db: &impl ConnectionTrait, id: i64, role: &str) -> Result<(), DbErr> {
    execute(
        db,
        "UPDATE account SET role = $1 WHERE id = $2",
        [role.into(), id.into()],
    )
    .await
    .map(drop)
}

/// Suspends an account for a reason, or lifts the suspension.
pub async fn set_suspended(
    db: &impl ConnectionTrait,
    id: i64,
    reason: Option<&str>,
) -> Result<(), DbErr> {
    execute(
        db,
        "UPDATE account SET suspended_reason = $1 WHERE id = $2",
        [reason.into(), id.into()],
    )
    .await
    .map(drop)
}

/// Removes the number from an account and ends its pending verification. False if it had none.
pub async fn remove_number(db: &impl ConnectionTrait, id: i64) -> Result<bool, DbErr> {
    execute(
        db,
        "DELETE FROM verification WHERE account_id = $1",
        [id.into()],
    )
    .await?;
    let sql = "UPDATE account SET number = NULL, number_mac = NULL WHERE id = $1 AND number_mac IS NOT NULL";
    Ok(execute(db, sql, [id.into()]).await? == 1)
}

/// Returns the account with this name, or else one whose name is another spelling of it.
pub async fn find_by_name(
    db: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<account::Model>, DbErr> {
    let named = account::Column::UsernameKey.eq(confusables::key(name));
    // At most one row, selected as a scalar, so that an index serves both halves of the `OR`.
    let spelled = spelled(Expr::col("form").eq(confusables::folded(name)));
    let spelled = Expr::col(account::Column::Id).eq(Expr::SubQuery(None, Box::new(spelled.into())));
    account::Entity::find()
        .filter(named.clone().or(spelled))
        .order_by(named, Order::Desc)
        .one(db)
        .await
}

/// Returns the account with this ID.
pub async fn find_account(
    db: &impl ConnectionTrait,
    id: i64,
) -> Result<Option<account::Model>, DbErr> {
    account::Entity::find_by_id(id).one(db).await
}

/// Returns an account's verified number, in E.164.
pub async fn verified_number(db: &Db, keys: &Keys, id: i64) -> Result<Option<String>, DbErr> {
    let account = find_account(db.read(), id).await?;
    Ok(account.and_then(|account| keys.open_sealed(id, &account.number?)))
}

/// Who creates an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creator {
    /// The user who signs up.
    Owner,
    /// The operator; the password must be changed.
    AccountAdmin,
    /// Pollstr itself, for the demo account.
    Demo,
}

/// Creates an account; `None` if its name is taken or looks like a taken one. Roll the transaction
/// back then.
pub async fn insert_account(
    transaction: &Transaction,
    name: &Username,
    password_hash: String,
    maker: Creator,
    now: Seconds,
) -> Result<Option<i64>, DbErr> {
    let row = account::ActiveModel {
        id: NotSet,
        username: Set(name.as_str().to_owned()),
        username_key: Set(confusables::key(name.as_str())),
        password_hash: Set(password_hash),
        number: Set(None),
        number_mac: Set(None),
        demo: Set(maker == Creator::Demo),
        created_at: Set(now),
        role: Set(MEMBER.to_owned()),
        suspended_reason: Set(None),
        password_at: Set(now),
        must_change_password: Set(maker == Creator::AccountAdmin),
        notices_read: Set(0),
    };
    let id = match account::Entity::insert(row).exec(transaction).await {
        Ok(inserted) => inserted.last_insert_id,
        Err(error) if is_duplicate(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(confusables::claim(transaction, id, name.as_str())
        .await?
        .then_some(id))
}

/// Assigns a number to the account that verified it, and removes it, in any spelling, from other
/// accounts, which lose nothing else. Returns the IDs of those.
pub async fn assign_number(
    transaction: &Transaction,
    id: i64,
    number: Vec<u8>,
    mac: &[u8],
    spellings: &[Vec<u8>],
) -> Result<Vec<i64>, DbErr> {
    let others = account::Column::NumberMac
        .is_in(spellings.iter().cloned())
        .and(account::Column::Id.ne(id));
    let losers = account::Entity::find()
        .filter(others.clone())
        .all(transaction)
        .await?;
    account::Entity::update_many()
        .col_expr(account::Column::Number, Expr::value(None::<Vec<u8>>))
        .col_expr(account::Column::NumberMac, Expr::value(None::<Vec<u8>>))
        .filter(others)
        .exec(transaction)
        .await?;
    account::Entity::update_many()
        .col_expr(account::Column::Number, Expr::value(number))
        .col_expr(account::Column::NumberMac, Expr::value(mac.to_vec()))
        .filter(account::Column::Id.eq(id))
        .exec(transaction)
        .await?;
    Ok(losers.into_iter().map(|account| account.id).collect())
}
