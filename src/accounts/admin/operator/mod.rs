//! What operators can find out and do about accounts beyond what admins can, with `pollstr user`.

pub mod delete;
pub mod list;
pub mod sessions;
pub mod show;
pub mod unlock;
