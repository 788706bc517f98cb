//! Live results: the event stream, the hub that feeds it, and notifications between instances.

pub mod hub;
pub mod pg_notify;
pub mod stream;
