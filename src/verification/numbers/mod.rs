//! Phone numbers: parsing them, and which of them can receive codes.

pub mod countries;
pub mod dialling;
pub mod phone;
pub mod spellings;
pub mod unreachable;
