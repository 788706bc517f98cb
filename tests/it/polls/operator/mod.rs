//! What the operator can find out about polls and do with them.

mod changes;
mod reading;
