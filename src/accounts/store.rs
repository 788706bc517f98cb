//! The tables of accounts, and what is asked of them.
//!
//! Whoever holds a number, a name or a code is decided by the database: by its constraints, and by single statements that change a
//! row only while it is as expected.

pub mod account {
    //! Somebody who registered.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "account")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub username: String,
        pub username_key: String,
        pub password_hash: String,
        /// The proved number, encrypted.
        pub number: Option<Vec<u8>>,
        /// The proved number, to be found by.
        pub number_mac: Option<Vec<u8>>,
        /// Whether it is the demo's, whose password everybody knows.
        pub demo: bool,
        pub created_at: i64,
        /// `member`, or `admin` for those who look after the site.
        pub role: String,
        /// Why nobody can log in; none for an account that is open.
        pub suspended_reason: Option<String>,
        /// When the password was chosen.
        pub password_at: i64,
        /// Whether it was made by whoever runs the site, and is still to be changed.
        pub must_change_password: bool,
        /// The last event whose notice was read.
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
use crate::platform::db::{Db, Transaction, execute, take_turns};
use crate::web::hypermedia::error::is_duplicate;

/// The role of most.
pub const MEMBER: &str = "member";
/// The role of those who look after the site.
pub const ADMIN: &str = "admin";

/// Makes the rest of a transaction wait for every other that changes how this account is entered: its password, its state, its end.
pub async fn take_turn_of(transaction: &Transaction, account: i64) -> Result<(), DbErr> {
    take_turns(transaction, 0xACC0_0000_0000 + account).await
}

/// Makes the rest of a transaction wait for every other in which numbers change hands.
pub async fn take_turn_of_numbers(transaction: &Transaction) -> Result<(), DbErr> {
    take_turns(transaction, 0x4E55).await
}

/// Puts another hash in the place of the one that was compared. False when that was changed meanwhile.
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

/// Puts a hash of the same password in the place of the one that it was compared with.
pub async fn keep_anew(
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

/// Puts the hash of a password that its owner is to change in the place of whatever there is.
pub async fn give_password(
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

/// The accounts whose names begin like this, newest first, older than the one of this row number.
pub async fn beginning_with(
    db: &impl ConnectionTrait,
    beginning: &str,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<account::Model>, DbErr> {
    let like = |name: String| {
        let beginning = name
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        LikeExpr::new(format!("{beginning}%")).escape('\\')
    };
    let spelled = spelled(Expr::col("form").like(like(confusables::folded(beginning))));
    let named = Expr::col(account::Column::UsernameKey).like(like(confusables::key(beginning)));
    let accounts =
        account::Entity::find().filter(account::Column::Id.lt(before.unwrap_or(i64::MAX)));
    let accounts = accounts.filter(named.or(account::Column::Id.in_subquery(spelled)));
    accounts
        .order_by_desc(account::Column::Id)
        .limit(limit)
        .all(db)
        .await
}

/// The accounts whose names have a folded form like this.
fn spelled(form: Expr) -> SelectStatement {
    Query::select()
        .column("account_id")
        .from("username_form")
        .and_where(form)
        .and_where(Expr::col("is_username").eq(true))
        .to_owned()
}

/// Gives an account a role, [`MEMBER`] or [`ADMIN`].
pub async fn set_role(db: &impl ConnectionTrait, id: i64, role: &str) -> Result<(), DbErr> {
    execute(
        db,
        "UPDATE account SET role = $1 WHERE id = $2",
        [role.into(), id.into()],
    )
    .await
    .map(drop)
}

/// Closes an account for a reason, or opens it again.
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

/// Takes the number off an account, and ends the verification that is under way. False when it had none.
pub async fn take_number(db: &impl ConnectionTrait, id: i64) -> Result<bool, DbErr> {
    execute(
        db,
        "DELETE FROM verification WHERE account_id = $1",
        [id.into()],
    )
    .await?;
    let sql = "UPDATE account SET number = NULL, number_mac = NULL WHERE id = $1 AND number_mac IS NOT NULL";
    Ok(execute(db, sql, [id.into()]).await? == 1)
}

/// Deletes an account with everything that is its own. False when it is gone, or its password was changed since its hash was compared.
pub async fn delete_account(db: &impl ConnectionTrait, id: i64, hash: &str) -> Result<bool, DbErr> {
    Ok(execute(
        db,
        "DELETE FROM account WHERE id = $1 AND password_hash = $2",
        [id.into(), hash.into()],
    )
    .await?
        == 1)
}

/// The account of this name: the one that has always had it, else the one whose name it is in another spelling.
pub async fn find_by_name(
    db: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<account::Model>, DbErr> {
    let named = account::Column::UsernameKey.eq(confusables::key(name));
    // At most one, and asked for as one: so both halves of the question are answered by an index.
    let spelled = spelled(Expr::col("form").eq(confusables::folded(name)));
    let spelled = Expr::col(account::Column::Id).eq(Expr::SubQuery(None, Box::new(spelled.into())));
    account::Entity::find()
        .filter(named.clone().or(spelled))
        .order_by(named, Order::Desc)
        .one(db)
        .await
}

/// The account of this row number.
pub async fn find_account(
    db: &impl ConnectionTrait,
    id: i64,
) -> Result<Option<account::Model>, DbErr> {
    account::Entity::find_by_id(id).one(db).await
}

/// The number that an account has proved, in E.164.
pub async fn proved_number(db: &Db, keys: &Keys, id: i64) -> Result<Option<String>, DbErr> {
    let account = find_account(db.read(), id).await?;
    Ok(account.and_then(|account| keys.open_sealed(id, &account.number?)))
}

/// Who makes an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// Whoever registers.
    Owner,
    /// Whoever runs the site: the password is one to be changed.
    Operator,
    /// Pollstr, so that a new site has something to show.
    Demo,
}

/// Makes an account; `None` when its name is taken, or looks like one that is. The transaction is then to be rolled back.
pub async fn insert_account(
    transaction: &Transaction,
    name: &Username,
    password_hash: String,
    maker: Maker,
    now: Seconds,
) -> Result<Option<i64>, DbErr> {
    let row = account::ActiveModel {
        id: NotSet,
        username: Set(name.as_str().to_owned()),
        username_key: Set(confusables::key(name.as_str())),
        password_hash: Set(password_hash),
        number: Set(None),
        number_mac: Set(None),
        demo: Set(maker == Maker::Demo),
        created_at: Set(now),
        role: Set(MEMBER.to_owned()),
        suspended_reason: Set(None),
        password_at: Set(now),
        must_change_password: Set(maker == Maker::Operator),
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

/// Gives a number to the account that proved it, and takes it, in whatever spelling, from any others, which lose nothing else. Tells
/// which these were.
pub async fn give_number(
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
