//! The command line as clap parses it.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

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
    Serve,
    /// Bring the database up to date.
    Migrate,
    /// Create the demo account and polls in an empty database.
    Seed,
    /// Check settings, addresses, database, secret and provider without changing anything.
    Check,
    /// Show how many codes were sent where, how many were entered, and what is paused.
    Status,
    /// Allow more new accounts and codes per hour from one IP address, for example for an event. Plan
    /// for two codes per person.
    Allow {
        /// The venue's public IP address, such as 203.0.113.9.
        address: IpAddr,
        /// The number of new accounts, and of codes, per hour.
        #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
        an_hour: u32,
        /// The number of hours from now.
        #[arg(value_parser = clap::value_parser!(u32).range(1..=720))]
        hours: u32,
    },
    /// End a pause on codes to new numbers that `pollstr status` shows.
    Resume {
        /// A country such as GB, the start of a number such as +44770090, an IP address such as
        /// 203.0.113.9, or all.
        what: String,
    },
    /// Recount all polls in the database, one poll, or a downloaded recount file.
    Recount {
        /// A poll id or a file; all polls if omitted.
        what: Option<String>,
    },
    /// Copy an SQLite database to a new file while the site is running.
    Backup { file: PathBuf },
    /// Print the settings in force and where each comes from, without secrets.
    Config {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Ask the running server whether it is ready, for 3 seconds at most.
    Healthcheck,
    /// Manage accounts.
    #[command(subcommand)]
    User(User),
    /// Print completions for a shell.
    Completions { shell: Shell },
    /// Print the manual page.
    Man,
}

#[derive(Subcommand)]
pub(crate) enum User {
    /// Create an account and print its password once.
    Create {
        name: String,
        /// Make it an admin.
        #[arg(long)]
        admin: bool,
    },
    /// Make an account an admin or an ordinary member.
    Role { name: String, role: Role },
    /// Reset a forgotten password and print the new one once.
    ResetPassword { name: String },
    /// Remove the phone number from an account whose owner can no longer get codes there.
    ResetPhone { name: String },
    /// Suspend an account and end its sessions.
    Suspend {
        name: String,
        /// The reason, shown to the owner.
        #[arg(long)]
        reason: String,
    },
    /// Restore a suspended account.
    Restore { name: String },
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Role {
    Member,
    Admin,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}
