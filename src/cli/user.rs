//! `pollstr user`: manages accounts.

use pollstr::accounts::admin::commands::AccountAdmin;
use pollstr::accounts::passwords::password::Hasher;
use pollstr::platform::clock::Clock;
use pollstr::platform::config::Config;
use pollstr::server::startup::update_existing;

use crate::cli::args::{Role, User};
use crate::cli::output::Outcome;

pub(crate) async fn manage_user(config: Config, user: User) -> Outcome {
    let operator = AccountAdmin {
        db: update_existing(&config).await?,
        now: Clock::system().now(),
    };
    let message = match user {
        User::Create { name, admin } => operator.create(&Hasher::new(), &name, admin).await,
        User::Role { name, role } => operator.set_role(&name, role == Role::Admin).await,
        User::ResetPassword { name } => operator.reset_password(&Hasher::new(), &name).await,
        User::ResetPhone { name } => operator.reset_phone(&name).await,
        User::Suspend { name, reason } => operator.suspend(&name, &reason).await,
        User::Restore { name } => operator.restore(&name).await,
    };
    operator.db.close().await;
    Ok(message?)
}
