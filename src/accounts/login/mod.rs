//! Register, log in and log out.

pub mod login;
pub mod logout;
pub mod register;
