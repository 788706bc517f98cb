//! A form that contains only a poll id.

use serde::{Deserialize, Serialize};

/// Refers to a poll.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PollRef {
    /// The poll's id.
    pub poll: String,
}
