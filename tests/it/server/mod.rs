//! The process and its HTTP surface: startup, shutdown, connections, logs, access.

pub(crate) mod access;
pub(crate) mod clock_set_back;
pub(crate) mod closed_outputs;
pub(crate) mod connections;
pub(crate) mod contact;
pub(crate) mod first_view;
pub(crate) mod logs;
pub(crate) mod malformed_requests;
pub(crate) mod responses;
pub(crate) mod service;
pub(crate) mod sessions;
pub(crate) mod shutdown;
pub(crate) mod startup;
