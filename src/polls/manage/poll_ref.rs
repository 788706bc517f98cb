//! The form that names a poll and nothing else.

use serde::{Deserialize, Serialize};

/// The poll that is meant.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PollRef {
    /// Its id.
    pub poll: String,
}
