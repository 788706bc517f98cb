//! What every page needs: HTTP, hypermedia and shared components.

pub mod components;
pub mod hypermedia;
pub mod location;
pub mod number;
pub mod time;

#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
pub mod http;
#[cfg(feature = "ssr")]
pub mod pagination;
