//! Signing up, logging in and logging out.

pub mod login;
pub mod logout;
pub mod register;
