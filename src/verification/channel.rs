//! How a code is sent.

/// How a code is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// A text message.
    Sms,
    /// A phone call in which a voice reads the code out.
    Voice,
}
