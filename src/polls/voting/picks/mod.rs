//! Choices that are picked on the poll page before the voter may vote, and kept until then.

pub mod pick;

#[cfg(feature = "ssr")]
pub(crate) mod cookie;
#[cfg(feature = "ssr")]
pub(crate) mod order;
