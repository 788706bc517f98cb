//! The secret file, the keys derived from it, and what they sign, hash and encrypt.
//!
//! The labels and inputs of the keys are a wire format: stored rows depend on them, and
//! known-answer tests pin them.

mod cipher;
mod hash;
mod keys;
mod secret_file;

pub use crate::platform::crypto::hash::{Mac32, digest, random};
pub use crate::platform::crypto::keys::Keys;
pub use crate::platform::crypto::secret_file::KeyError;

#[cfg(test)]
mod tests;
