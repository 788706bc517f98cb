//! The command line as clap parses it.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Polls that cannot be stuffed.
#[derive(Parser)]
#[command(version, about)]
pub(crate) struct Cli {
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
    /// Make the demo's account and polls in an empty database.
    Seed,
    /// Look whether settings, addresses, database, secret and provider are right, without changing anything.
    Check,
    /// Tell how many codes were sent where, how many of them were typed, and what is paused.
    Status,
    /// Allow more new accounts and codes an hour from one address, as for an event in a hall. Plan for two codes a person.
    Allow {
        /// The address that the hall shows to the world, as in 203.0.113.9.
        address: IpAddr,
        /// How many new accounts, and how many codes, in an hour.
        #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
        an_hour: u32,
        /// For how many hours from now.
        #[arg(value_parser = clap::value_parser!(u32).range(1..=720))]
        hours: u32,
    },
    /// End a pause of codes to new numbers that `pollstr status` shows.
    Resume {
        /// A country such as GB, the beginning of a number such as +44770090, an address such as 203.0.113.9, or all.
        what: String,
    },
    /// Count again: the polls of the database from their ballots, one of them, or a recount bundle from its file alone.
    Recount {
        /// The id of a poll, or a file; all polls where there is none.
        what: Option<String>,
    },
    /// Copy an SQLite database into a new file, while the site is running.
    Backup { file: PathBuf },
    /// Look after accounts.
    #[command(subcommand)]
    User(User),
}

#[derive(Subcommand)]
pub(crate) enum User {
    /// Make an account, and a password that is printed once.
    Create {
        name: String,
        /// Let it look after the site.
        #[arg(long)]
        admin: bool,
    },
    /// Say whether an account looks after the site.
    Role { name: String, role: Role },
    /// Make another password for somebody who has forgotten theirs; it is printed once.
    ResetPassword { name: String },
    /// Take the number off the account of somebody who cannot get a code there any more.
    ResetPhone { name: String },
    /// Let nobody into an account, and end its sessions.
    Suspend {
        name: String,
        /// Why; its owner reads it.
        #[arg(long)]
        reason: String,
    },
    /// Open a suspended account again.
    Restore { name: String },
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Role {
    Member,
    Admin,
}
