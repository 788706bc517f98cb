//! Who you are: register, log in, log out, prove a number; and the guard that stands before what needs it.

pub mod account;
pub mod activity;
pub mod check_code;
pub mod confirm_password;
pub mod guard;
pub mod login;
pub mod logout;
pub mod number;
pub mod register;
pub mod send_code;
pub mod viewer;

#[cfg(feature = "ssr")]
pub mod audit;
#[cfg(feature = "ssr")]
pub mod browser;
#[cfg(feature = "ssr")]
pub mod checking;
#[cfg(feature = "ssr")]
pub mod limits;
#[cfg(feature = "ssr")]
pub mod password;
#[cfg(feature = "ssr")]
pub mod retyped;
#[cfg(feature = "ssr")]
pub mod seed;
#[cfg(feature = "ssr")]
pub mod sending;
#[cfg(feature = "ssr")]
pub mod session;
#[cfg(feature = "ssr")]
pub mod session_store;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod username;
