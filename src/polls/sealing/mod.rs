//! What happens to the ballots of a closed poll, and how it is recounted.

pub mod bundle;
pub mod recount;
pub mod seal;
pub mod vacuum;
