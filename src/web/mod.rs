//! What every page needs, and no page alone: forms, layout, answers, and how the server speaks to browsers.
//!
//! This slice knows no feature. What it must show of one, such as the account menu, is passed in.

pub mod answer;
pub mod contact;
pub mod field;
pub mod form;
pub mod head;
pub mod here;
pub mod layout;
pub mod qr;
pub mod refusal;
#[cfg(feature = "ssr")]
mod reply;
pub mod text;
pub mod time;

#[cfg(feature = "ssr")]
pub mod address;
#[cfg(feature = "ssr")]
pub mod assets;
#[cfg(feature = "ssr")]
pub mod body_deadline;
#[cfg(feature = "ssr")]
pub mod cookie;
#[cfg(feature = "ssr")]
pub mod csrf;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod front_door;
#[cfg(feature = "ssr")]
pub mod headers;
#[cfg(feature = "ssr")]
pub mod hypermedia;
#[cfg(feature = "ssr")]
pub mod log;
#[cfg(feature = "ssr")]
pub mod made_for;
#[cfg(feature = "ssr")]
pub mod paging;
#[cfg(feature = "ssr")]
pub mod places;
#[cfg(feature = "ssr")]
pub mod submission;
