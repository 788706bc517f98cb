//! Arguments of `pollstr allow`.

use std::net::IpAddr;

use clap::{Args, Subcommand};

#[derive(Args)]
pub(crate) struct AllowArgs {
    #[command(subcommand)]
    pub(crate) command: Option<Allowance>,
    /// The venue's public IP address, such as 203.0.113.9.
    #[arg(required = true)]
    pub(crate) address: Option<IpAddr>,
    /// The number of new accounts, and of codes, per hour.
    #[arg(required = true, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) an_hour: Option<u32>,
    /// The number of hours from now.
    #[arg(required = true, value_parser = clap::value_parser!(u32).range(1..=720))]
    pub(crate) hours: Option<u32>,
}

#[derive(Subcommand)]
pub(crate) enum Allowance {
    /// List the addresses with a raised limit.
    #[command(after_help = "Example: pollstr allow list")]
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Give an address the usual limit again.
    #[command(after_help = "Example: pollstr allow remove 203.0.113.9")]
    Remove {
        /// An address that `pollstr allow list` shows.
        address: IpAddr,
    },
}
