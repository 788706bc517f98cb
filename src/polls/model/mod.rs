//! Domain types of polls, independent of the database and the web.

pub mod counting;
pub mod kind;
pub mod poll;
pub mod poll_view;
pub mod selection;
pub mod turnout;

#[cfg(feature = "ssr")]
pub mod draw;
#[cfg(feature = "ssr")]
pub mod nonce;
#[cfg(feature = "ssr")]
pub mod poll_id;
#[cfg(feature = "ssr")]
pub mod receipt;
#[cfg(feature = "ssr")]
pub mod time_zone;
