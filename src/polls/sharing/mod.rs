//! Sharing a poll: links, embeds, oEmbed, preview images and result cards.

pub mod embed;
pub mod share;

#[cfg(feature = "ssr")]
pub mod og_image;
#[cfg(feature = "ssr")]
pub mod outlines;
#[cfg(feature = "ssr")]
mod picture_response;
#[cfg(feature = "ssr")]
pub mod public_router;
#[cfg(feature = "ssr")]
pub mod result_card;
