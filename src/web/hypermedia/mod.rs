//! Pages and server functions over HTTP, for browsers, htmx and JSON clients.

#[cfg(feature = "ssr")]
pub mod middleware;
pub mod outcome;
#[cfg(feature = "ssr")]
pub mod refusals;
#[cfg(feature = "ssr")]
pub mod render;

#[cfg(feature = "ssr")]
pub mod dispatch;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod page_owner;
#[cfg(feature = "ssr")]
pub(crate) mod response;
#[cfg(feature = "ssr")]
pub mod submission;
