//! Sharing a poll: links, embeds, oEmbed and preview images.

pub mod embed;
pub mod share;

#[cfg(feature = "ssr")]
pub mod og_image;
#[cfg(feature = "ssr")]
pub mod outlines;
#[cfg(feature = "ssr")]
pub mod public_router;
