//! Arguments of `pollstr user`.

use clap::{Subcommand, ValueEnum};

#[derive(Subcommand)]
pub(crate) enum User {
    /// List accounts, newest first.
    #[command(after_help = "Example: pollstr user list --search am --suspended")]
    List {
        /// Only names that begin like this.
        #[arg(
            long,
            value_name = "TEXT",
            default_value = "",
            hide_default_value = true
        )]
        search: String,
        /// Only suspended accounts.
        #[arg(long)]
        suspended: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show an account: role, second factors, sessions and polls, but not its phone number.
    #[command(after_help = "Example: pollstr user show amy")]
    Show {
        /// The username.
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the browsers in which an account is logged in, or log it out everywhere.
    #[command(after_help = "Example: pollstr user sessions amy --end")]
    Sessions {
        /// The username.
        name: String,
        /// End all its sessions. Trusted browsers stay trusted, but need the password.
        #[arg(long, conflicts_with = "json")]
        end: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Create an account and print its password once.
    #[command(after_help = "Example: pollstr user create amy --admin")]
    Create {
        /// The username.
        name: String,
        /// Make it an admin.
        #[arg(long)]
        admin: bool,
    },
    /// Make an account an admin or an ordinary member.
    #[command(after_help = "Example: pollstr user role amy admin")]
    Role {
        /// The username.
        name: String,
        /// The new role.
        role: Role,
    },
    /// Reset a forgotten password and print the new one once.
    #[command(after_help = "Example: pollstr user reset-password amy")]
    ResetPassword {
        /// The username.
        name: String,
    },
    /// Remove the phone number from an account whose owner can no longer get codes there.
    #[command(after_help = "Example: pollstr user reset-phone amy")]
    ResetPhone {
        /// The username.
        name: String,
    },
    /// Clear the wrong passwords and codes of an account, so that its owner need not wait.
    #[command(after_help = "Example: pollstr user unlock amy")]
    Unlock {
        /// The username.
        name: String,
    },
    /// Suspend an account and end its sessions.
    #[command(after_help = "Example: pollstr user suspend amy --reason \"Spam polls\"")]
    Suspend {
        /// The username.
        name: String,
        /// The reason, shown to the owner.
        #[arg(long)]
        reason: String,
    },
    /// Restore a suspended account.
    #[command(after_help = "Example: pollstr user restore amy")]
    Restore {
        /// The username.
        name: String,
    },
    /// Delete an account with its number, sessions and drafts. Its votes and published polls stay.
    #[command(after_help = "Example: pollstr user delete amy --yes")]
    Delete {
        /// The username.
        name: String,
        /// Delete it. Without it, what would be deleted is said.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Role {
    Member,
    Admin,
}
