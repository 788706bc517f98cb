//! Collects the assets: the files of `public/`, and the style sheets of `style/` joined into one.
//! Comments and indentation are stripped from Pollstr's own script and style sheet.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The style sheets, in the order of their cascade layers.
const STYLES: [&str; 5] = [
    "reset.css",
    "tokens.css",
    "base.css",
    "components.css",
    "pages.css",
];

#[expect(
    clippy::disallowed_methods,
    reason = "a build script is told its folder by cargo in this way alone"
)]
fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=style");
    println!("cargo::rerun-if-changed=public");
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(
        env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?,
    );
    let assets = out.join("assets");
    if assets.exists() {
        fs::remove_dir_all(&assets)?;
    }
    fs::create_dir_all(&assets)?;
    for file in fs::read_dir("public")? {
        let file = file?;
        // Notes on where the files come from; not served.
        if file.path().extension().is_some_and(|kind| kind == "md") {
            continue;
        }
        fs::copy(file.path(), assets.join(file.file_name()))?;
    }
    let script = fs::read_to_string("public/pollstr.js")?;
    fs::write(
        assets.join("pollstr.js"),
        lines(&script)
            .filter(|line| !line.starts_with("//"))
            .collect::<String>(),
    )?;
    let sheets: io::Result<Vec<String>> = STYLES
        .iter()
        .map(|name| fs::read_to_string(Path::new("style").join(name)))
        .collect();
    fs::write(
        assets.join("pollstr.css"),
        lines(&without_comments(&sheets?.join("\n"))).collect::<String>(),
    )?;
    memory_serve::load_directory(assets);
    Ok(())
}

/// Yields the non-empty lines of a text, trimmed.
fn lines(text: &str) -> impl Iterator<Item = String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| format!("{line}\n"))
}

/// Returns a style sheet without its comments.
fn without_comments(sheet: &str) -> String {
    let mut parts = sheet.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |sheet, part| {
        sheet + part.split_once("*/").map_or("", |(_comment, rest)| rest)
    })
}
