//! The command line as clap parses it.

pub(crate) mod allow;
pub(crate) mod poll;
pub(crate) mod user;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::cli::args::allow::AllowArgs;
use crate::cli::args::poll::Poll;
use crate::cli::args::user::User;

/// Fair polls: one vote per phone number.
#[derive(Parser)]
#[command(version, about)]
pub(crate) struct Cli {
    /// Read settings from this file instead of Leptos.toml in the working directory.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Default, Subcommand)]
pub(crate) enum Command {
    /// Serve the site (the default).
    #[default]
    #[command(after_help = "Example: pollstr serve --config /etc/pollstr/pollstr.toml")]
    Serve,
    /// Bring the database up to date.
    #[command(after_help = "Example: pollstr migrate")]
    Migrate,
    /// Create the demo account and polls in an empty database.
    #[command(after_help = "Example: pollstr seed")]
    Seed,
    /// Check settings, addresses, database, secret and provider without changing anything.
    #[command(after_help = "Example: pollstr check")]
    Check {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show how many codes were sent where, how many were entered, and what is paused.
    #[command(after_help = "Example: pollstr status --json")]
    Status {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Allow more new accounts and codes per hour from one IP address, for example for an event. Plan
    /// for two codes per person.
    #[command(
        args_conflicts_with_subcommands = true,
        subcommand_negates_reqs = true,
        after_help = "Example: pollstr allow 203.0.113.9 600 4"
    )]
    Allow(AllowArgs),
    /// End a pause on codes to new numbers that `pollstr status` shows.
    #[command(after_help = "Example: pollstr resume GB")]
    Resume {
        /// A country such as GB, the start of a number such as +44770090, an IP address such as
        /// 203.0.113.9, or all.
        what: String,
    },
    /// Recount all polls in the database, one poll, or a downloaded recount file.
    #[command(after_help = "Example: pollstr recount k3m7qw9xzd")]
    Recount {
        /// A poll id or a file; all polls if omitted.
        what: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Copy an SQLite database to a new file while the site is running.
    #[command(after_help = "Example: pollstr backup /var/backups/pollstr-monday.db")]
    Backup {
        /// The new file.
        file: PathBuf,
    },
    /// Replace the SQLite database by a backup while the site is stopped. The replaced database is kept
    /// beside it.
    #[command(after_help = "Example: pollstr restore /var/backups/pollstr-monday.db")]
    Restore {
        /// A file that `pollstr backup` wrote.
        file: PathBuf,
        /// Replace the database. Without it, only the backup is checked, and what would be lost is
        /// said.
        #[arg(long)]
        yes: bool,
    },
    /// Copy the database into an empty one of the other kind, SQLite or PostgreSQL, while the site is
    /// stopped.
    #[command(
        after_help = "Example: pollstr move-database sqlite://data/pollstr.db postgres://pollstr@db/pollstr"
    )]
    MoveDatabase {
        /// The URL of the database, or `DATABASE_URL` for that of the settings.
        from: String,
        /// The URL of the empty database, or `DATABASE_URL` for that of the settings.
        to: String,
    },
    /// Print the settings in force and where each comes from, without secrets.
    #[command(after_help = "Example: pollstr config --json")]
    Config {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Ask the running server whether it is ready, for 3 seconds at most.
    #[command(after_help = "Example: pollstr healthcheck")]
    Healthcheck,
    /// Manage accounts.
    #[command(subcommand)]
    User(User),
    /// Manage polls.
    #[command(subcommand)]
    Poll(Poll),
    /// Show what happened lately in accounts, in the words of their account pages.
    #[command(after_help = "Example: pollstr events amy --limit 100")]
    Events {
        /// The username; all accounts if omitted.
        name: Option<String>,
        /// The most events to show, newest first.
        #[arg(long, value_name = "NUMBER", default_value_t = 20)]
        limit: u32,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print completions for a shell.
    #[command(after_help = "Example: pollstr completions bash")]
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page.
    #[command(after_help = "Example: pollstr man | man -l -")]
    Man,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}
