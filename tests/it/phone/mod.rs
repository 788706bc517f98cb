//! Verifying phone numbers: sending codes, checking them, limits, providers.

pub(crate) mod change_number;
pub(crate) mod dialling;
pub(crate) mod landlines;
pub(crate) mod pasted;
pub(crate) mod provider_outages;
pub(crate) mod providers;
pub(crate) mod sending_codes;
pub(crate) mod spellings;
pub(crate) mod toll_fraud;
pub(crate) mod turns;
pub(crate) mod wrong_codes;
