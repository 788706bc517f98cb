//! Phone numbers: parsing them, and which of them can receive codes.

pub mod countries;
pub mod dialling;
pub mod fictional;
pub mod line_kind;
pub mod phone;
pub mod phone_error;
pub mod policy;
pub mod spellings;
pub mod unreachable;
