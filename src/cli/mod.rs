//! The commands of `pollstr`, one file for each group.

mod args;
mod codes;
mod config;
mod database;
mod failure;
mod health;
mod manage;
mod manual;
mod output;
mod recount;
mod serve;
mod table;

use std::path::Path;

use pollstr::platform::config::Config;

use crate::cli::args::Command;
use crate::cli::output::Outcome;

pub(crate) use crate::cli::args::Cli;
pub(crate) use crate::cli::failure::exit_code;
pub(crate) use crate::cli::output::{harmless, print_line};

/// Runs the given command, or `serve` by default.
pub(crate) async fn run(cli: Cli) -> Outcome {
    let command = cli.command.unwrap_or_default();
    if let Command::Recount {
        what: Some(file),
        json,
    } = &command
        && Path::new(file).is_file()
    {
        return recount::recount_bundle(file, *json);
    }
    let file = cli.config.as_deref();
    let config = || Config::load(file);
    match command {
        Command::Serve => serve::serve(config()?).await,
        Command::Migrate => database::migrate(&config()?).await,
        Command::Seed => database::seed(&config()?).await,
        Command::Check { json } => database::check(&config()?, json).await,
        Command::Backup { file } => database::backup(&config()?, &file).await,
        Command::Restore { file, yes } => manage::restore::restore(&config()?, &file, yes).await,
        Command::MoveDatabase { from, to } => {
            manage::move_database::move_database(&config()?, &from, &to).await
        }
        Command::Recount { what, json } => recount::recount_polls(&config()?, what, json).await,
        Command::User(user) => manage::users::manage_users(&config()?, user).await,
        Command::Poll(poll) => manage::polls::manage_polls(&config()?, poll).await,
        Command::Events { name, limit, json } => {
            manage::events::events(&config()?, name.as_deref(), limit, json).await
        }
        Command::Status { json } => codes::status(&config()?, json).await,
        Command::Allow(allow) => manage::allowances::allow(&config()?, allow).await,
        Command::Resume { what } => codes::resume(&config()?, &what).await,
        Command::Config { json } => config::print_settings(file, json),
        Command::Healthcheck => health::healthcheck(&config()?).await,
        Command::Completions { shell } => manual::completions(shell),
        Command::Man => manual::page(),
    }
}
