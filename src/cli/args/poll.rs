//! Arguments of `pollstr poll`.

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Poll {
    /// List published polls, newest first.
    #[command(after_help = "Example: pollstr poll list --open")]
    List {
        /// Only polls that take votes now.
        #[arg(long, conflicts_with_all = ["closed", "hidden"])]
        open: bool,
        /// Only polls that have closed.
        #[arg(long, conflicts_with = "hidden")]
        closed: bool,
        /// Only polls that were hidden by an admin.
        #[arg(long)]
        hidden: bool,
        /// Only polls with these words, or of this owner.
        #[arg(
            long,
            value_name = "TEXT",
            default_value = "",
            hide_default_value = true
        )]
        search: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show a published poll, with its votes if everyone may see its results.
    #[command(after_help = "Example: pollstr poll show k3m7qw9xzd")]
    Show {
        /// The poll's id, as in its address.
        id: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Close an open poll. Votes so far count.
    #[command(after_help = "Example: pollstr poll close k3m7qw9xzd")]
    Close {
        /// The poll's id, as in its address.
        id: String,
    },
    /// Hide a poll from all but its owner, and stop voting. Votes are kept.
    #[command(after_help = "Example: pollstr poll hide k3m7qw9xzd --reason \"Advertising\"")]
    Hide {
        /// The poll's id, as in its address.
        id: String,
        /// The reason, shown to the owner.
        #[arg(long)]
        reason: String,
    },
    /// Show a hidden poll to everyone again.
    #[command(after_help = "Example: pollstr poll unhide k3m7qw9xzd")]
    Unhide {
        /// The poll's id, as in its address.
        id: String,
    },
    /// Delete a poll with all its votes.
    #[command(after_help = "Example: pollstr poll delete k3m7qw9xzd --yes")]
    Delete {
        /// The poll's id, as in its address.
        id: String,
        /// Delete it. Without it, what would be deleted is said.
        #[arg(long)]
        yes: bool,
    },
}
