//! How a poll is shown elsewhere: links, embeds, oEmbed and preview images.

pub mod embed;
pub mod share;

#[cfg(feature = "ssr")]
pub mod og_image;
#[cfg(feature = "ssr")]
pub mod outlines;
#[cfg(feature = "ssr")]
pub mod public_router;
