//! QR codes, as inline SVG.

use std::fmt::Write;

use leptos::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};

/// Width of the quiet zone around a code, in modules.
const MARGIN: i32 = 4;

/// Renders a text as a QR code: dark on a card that stays white in dark mode, since many readers
/// can't read inverted codes. CSS sets its size. A text of more than about 2,000 bytes doesn't fit
/// into a code; then nothing is rendered, so the text must also be readable beside it.
#[component]
pub fn Qr(
    /// The text.
    #[prop(into)]
    text: String,
    /// The accessible name.
    label: &'static str,
    /// The CSS class, which sets the size.
    #[prop(default = "qr")]
    class: &'static str,
) -> impl IntoView {
    draw(&text).map(|Drawing { size, path }| {
        let (corner, side) = (-MARGIN, (size + 2 * MARGIN).to_string());
        let view_box = format!("{corner} {corner} {side} {side}");
        view! {
            <svg class=class viewBox=view_box role="img" aria-label=label shape-rendering="crispEdges">
                <rect x=corner.to_string() y=corner.to_string() width=side.clone() height=side fill="#fff"></rect>
                <path stroke="#1c120b" d=path></path>
            </svg>
        }
    })
}

/// A code as it is drawn.
struct Drawing {
    /// Width, in modules.
    size: i32,
    /// The SVG path.
    path: String,
}

/// Draws a text.
fn draw(text: &str) -> Option<Drawing> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    Some(Drawing {
        size: code.size(),
        path: strokes(&code),
    })
}

/// Returns the dark modules as an SVG path: one horizontal stroke per run, row by row.
fn strokes(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let (mut pen, mut x) = (None, 0);
        while x < code.size() {
            let run = (x..code.size())
                .take_while(|&x| code.get_module(x, y))
                .count();
            let Ok(run @ 1..) = i32::try_from(run) else {
                x += 1;
                continue;
            };
            // Writing to a `String` cannot fail.
            let _ = match pen {
                None => write!(path, "M{x} {y}.5h{run}"),
                Some(pen) => write!(path, "m{} 0h{run}", x - pen),
            };
            x += run;
            pen = Some(x);
        }
    }
    path
}

#[cfg(test)]
#[path = "qr_tests.rs"]
mod tests;
