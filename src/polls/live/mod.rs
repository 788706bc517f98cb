//! Live results: the event stream, the hub that feeds it, and notifications between instances.

#[cfg(feature = "ssr")]
pub mod channels;
#[cfg(feature = "ssr")]
pub mod frame;
#[cfg(feature = "ssr")]
pub mod grants;
pub mod hub;
pub mod pg_notify;
pub mod stream;
#[cfg(feature = "ssr")]
pub mod tasks;
