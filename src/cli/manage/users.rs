//! `pollstr user`: manages accounts.

use pollstr::accounts::admin::commands::AccountAdmin;
use pollstr::accounts::admin::operator::show::AccountDetails;
use pollstr::accounts::admin::pages::ManagedAccount;
use pollstr::accounts::passwords::password::Hasher;
use pollstr::accounts::sessions::active_sessions::Open;
use pollstr::platform::clock::Clock;
use pollstr::platform::config::Config;
use pollstr::polls::store::polls::published_by;
use pollstr::server::startup::{open_current, update_existing};
use pollstr::web::number::of;
use pollstr::web::time::{day, machine};
use serde_json::{Value, json};

use crate::cli::args::user::{Role, User};
use crate::cli::failure::confirm;
use crate::cli::output::{Outcome, json};
use crate::cli::table::{cell, fields, table};

pub(crate) async fn manage_users(config: &Config, user: User) -> Outcome {
    let reads = matches!(
        user,
        User::List { .. } | User::Show { .. } | User::Sessions { end: false, .. }
    );
    let operator = AccountAdmin {
        db: if reads {
            open_current(config).await?
        } else {
            update_existing(config).await?
        },
        now: Clock::system().now(),
    };
    let said = run(&operator, user).await;
    operator.db.close().await;
    said
}

async fn run(operator: &AccountAdmin, user: User) -> Outcome {
    Ok(match user {
        User::List {
            search,
            suspended,
            json,
        } => list(&operator.list(&search, suspended).await?, json)?,
        User::Show { name, json } => show(operator, &name, json).await?,
        User::Sessions {
            name, end: true, ..
        } => {
            let ended = of(
                i64::try_from(operator.end_sessions(&name).await?)?,
                "session",
            );
            format!("Ended {ended} of {name}.")
        }
        User::Sessions { name, json, .. } => sessions(&operator.sessions(&name).await?, json)?,
        User::Create { name, admin } => operator.create(&Hasher::new(), &name, admin).await?,
        User::Role { name, role } => operator.set_role(&name, role == Role::Admin).await?,
        User::ResetPassword { name } => operator.reset_password(&Hasher::new(), &name).await?,
        User::ResetPhone { name } => operator.reset_phone(&name).await?,
        User::Unlock { name } => operator.unlock(&name).await?,
        User::Suspend { name, reason } => operator.suspend(&name, &reason).await?,
        User::Restore { name } => operator.restore(&name).await?,
        User::Delete { name, yes } => delete(operator, &name, yes).await?,
    })
}

fn list(accounts: &[ManagedAccount], as_json: bool) -> Outcome {
    if as_json {
        return json(&accounts.iter().map(entry).collect());
    }
    if accounts.is_empty() {
        return Ok("No accounts found.".to_owned());
    }
    let row = |account: &ManagedAccount| {
        let state = account.suspended.as_ref().map_or("-", |_| "suspended");
        [
            day(account.created_at),
            number(account).to_owned(),
            role(account).to_owned(),
            state.to_owned(),
            cell(&account.username),
        ]
    };
    let rows: Vec<_> = accounts.iter().map(row).collect();
    Ok(table(["JOINED", "NUMBER", "ROLE", "STATE", "NAME"], &rows))
}

fn role(account: &ManagedAccount) -> &'static str {
    if account.admin { "admin" } else { "member" }
}

fn number(account: &ManagedAccount) -> &'static str {
    if account.verified { "verified" } else { "none" }
}

/// Returns an account as JSON. Fields keep their names and meanings.
fn entry(account: &ManagedAccount) -> Value {
    json!({
        "name": account.username,
        "joined_at": machine(account.created_at),
        "role": role(account),
        "number_verified": account.verified,
        "suspended_reason": account.suspended,
    })
}

async fn show(operator: &AccountAdmin, name: &str, as_json: bool) -> Outcome {
    let details = operator.show(name).await?;
    let polls = published_by(&operator.db, details.id).await?;
    let AccountDetails {
        account,
        password_at,
        must_change_password,
        factors,
        sessions,
        trusted_browsers,
        ..
    } = details;
    if as_json {
        let mut shown = entry(&account);
        let more = json!({
            "password_set_at": machine(password_at),
            "must_change_password": must_change_password,
            "authenticator_app": factors.apps > 0,
            "passkeys": factors.passkeys,
            "recovery_codes": factors.recovery_codes,
            "sessions": sessions,
            "trusted_browsers": trusted_browsers,
            "polls": polls,
        });
        if let (Value::Object(shown), Value::Object(more)) = (&mut shown, more) {
            shown.extend(more);
        }
        return json(&shown);
    }
    let set_by = if must_change_password {
        ", by an admin; it must be changed"
    } else {
        ""
    };
    let suspended = account
        .suspended
        .as_deref()
        .map_or("no".to_owned(), |reason| {
            format!("yes; the owner reads: {}", cell(reason))
        });
    let app = if factors.apps > 0 { "yes" } else { "no" };
    Ok(fields(
        &cell(&account.username),
        &[
            ("Joined", day(account.created_at)),
            ("Role", role(&account).to_owned()),
            ("Phone number", number(&account).to_owned()),
            ("Password", format!("set on {}{set_by}", day(password_at))),
            ("Suspended", suspended),
            ("Authenticator app", app.to_owned()),
            ("Passkeys", factors.passkeys.to_string()),
            ("Recovery codes", factors.recovery_codes.to_string()),
            ("Sessions", sessions.to_string()),
            ("Trusted browsers", trusted_browsers.to_string()),
            ("Published polls", polls.to_string()),
        ],
    ))
}

fn sessions(sessions: &[Open], as_json: bool) -> Outcome {
    if as_json {
        let session = |session: &Open| {
            json!({
                "began_at": machine(session.created_at),
                "last_seen_at": machine(session.seen_at),
                "ip_prefix": session.place,
                "browser": session.browser,
            })
        };
        return json(&sessions.iter().map(session).collect());
    }
    if sessions.is_empty() {
        return Ok("No browser is logged in.".to_owned());
    }
    let row = |session: &Open| {
        [
            day(session.seen_at),
            day(session.created_at),
            cell(&session.place),
            cell(&session.browser),
        ]
    };
    let rows: Vec<_> = sessions.iter().map(row).collect();
    Ok(table(["LAST SEEN", "BEGAN", "NETWORK", "BROWSER"], &rows))
}

async fn delete(operator: &AccountAdmin, name: &str, yes: bool) -> Outcome {
    let details = operator.show(name).await?;
    let polls = published_by(&operator.db, details.id).await?;
    let name = cell(&details.account.username);
    let polls = match i64::try_from(polls)? {
        0 => "It has published no polls.".to_owned(),
        polls => format!(
            "Its {} will have no owner; close open ones with `pollstr poll close`.",
            of(polls, "published poll")
        ),
    };
    let plan = format!(
        "This deletes the account {name} with its phone number, sessions and drafts. It can't be undone.\n\
         Its votes still count. {polls}"
    );
    confirm(yes, &plan, &format!("delete {name}"))?;
    Ok(operator.delete(&name).await?)
}
