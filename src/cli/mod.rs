//! The commands of `pollstr`, one file for each group.

mod args;
mod codes;
mod config;
mod database;
mod health;
mod manual;
mod output;
mod recount;
mod serve;
mod user;

use std::path::Path;

use pollstr::platform::config::Config;

use crate::cli::args::Command;
use crate::cli::output::Outcome;

pub(crate) use crate::cli::args::Cli;
pub(crate) use crate::cli::output::print_line;

/// Runs the given command, or `serve` by default.
pub(crate) async fn run(cli: Cli) -> Outcome {
    let command = cli.command.unwrap_or_default();
    if let Command::Recount { what: Some(file) } = &command
        && Path::new(file).is_file()
    {
        return recount::recount_bundle(file);
    }
    let file = cli.config.as_deref();
    let config = || Config::load(file);
    match command {
        Command::Serve => serve::serve(config()?).await,
        Command::Migrate => database::migrate(&config()?).await,
        Command::Seed => database::seed(&config()?).await,
        Command::Check => database::check(&config()?).await,
        Command::Backup { file } => database::backup(&config()?, &file).await,
        Command::Recount { what } => recount::recount_polls(&config()?, what).await,
        Command::User(user) => user::manage_user(config()?, user).await,
        Command::Status => codes::status(&config()?).await,
        Command::Allow {
            address,
            an_hour,
            hours,
        } => codes::allow(&config()?, address, an_hour, hours).await,
        Command::Resume { what } => codes::resume(&config()?, &what).await,
        Command::Config { json } => config::print_settings(file, json),
        Command::Healthcheck => health::healthcheck(&config()?).await,
        Command::Completions { shell } => manual::completions(shell),
        Command::Man => manual::page(),
    }
}
