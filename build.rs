//! Gathers what browsers load: the files of `public/`, and the style sheets of `style/` joined into one.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The style sheets, in the order of their cascade layers.
const STYLES: [&str; 5] = ["reset.css", "tokens.css", "base.css", "components.css", "pages.css"];

#[expect(clippy::disallowed_methods, reason = "a build script is told its folder by cargo in this way alone")]
fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=style");
    println!("cargo::rerun-if-changed=public");
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?);
    let assets = out.join("assets");
    if assets.exists() {
        fs::remove_dir_all(&assets)?;
    }
    fs::create_dir_all(&assets)?;
    for file in fs::read_dir("public")? {
        let file = file?;
        // The list of where they come from is for readers of the source.
        if file.path().extension().is_some_and(|kind| kind == "md") {
            continue;
        }
        fs::copy(file.path(), assets.join(file.file_name()))?;
    }
    let sheets: io::Result<Vec<String>> = STYLES.iter().map(|name| fs::read_to_string(Path::new("style").join(name))).collect();
    fs::write(assets.join("pollstr.css"), sheets?.join("\n"))?;
    memory_serve::load_directory(assets);
    Ok(())
}
