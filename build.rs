//! Collects the assets: the files of `public/`, its scripts joined into one, and the style sheets of
//! `style/` joined into one.
//! Comments and indentation are stripped from Pollstr's own script and style sheet.

use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, fs, io};

/// The style sheets, in the order of their cascade layers and of the rules within each.
const STYLES: &[&str] = &[
    "reset.css",
    "tokens.css",
    "base.css",
    "components/frame.css",
    "components/button.css",
    "components/menu.css",
    "components/notice.css",
    "components/field.css",
    "components/badge.css",
    "components/card.css",
    "components/choices.css",
    "components/results.css",
    "components/rounds.css",
    "components/live.css",
    "components/receipt.css",
    "components/qr.css",
    "components/empty.css",
    "components/animation.css",
    "components/forced_colors.css",
    "pages/home.css",
    "pages/poll.css",
    "pages/share.css",
    "pages/embed.css",
    "pages/hall.css",
    "pages/ballot.css",
    "pages/poll_form.css",
    "pages/manage.css",
    "pages/verify.css",
    "pages/account.css",
    "pages/second_factors.css",
    "pages/simulator.css",
    "pages/error.css",
    "pages/footer.css",
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
        let path = file?.path();
        // Scripts are joined below. Notes on where files come from are not served.
        let is_served = path
            .extension()
            .is_some_and(|kind| kind != "md" && kind != "js");
        if let Some(name) = path.file_name().filter(|_| is_served) {
            fs::copy(&path, assets.join(name))?;
        }
    }
    fs::write(assets.join("pollstr.js"), script()?)?;
    let sheets: io::Result<Vec<String>> = STYLES
        .iter()
        .map(|name| fs::read_to_string(Path::new("style").join(name)))
        .collect();
    fs::write(
        assets.join("pollstr.css"),
        packed(&without_comments(&sheets?.join("\n"))),
    )?;
    make_old(&assets)?;
    memory_serve::load_directory(assets);
    Ok(())
}

/// Removes the white space of a style sheet that only people need, outside of quoted texts.
fn packed(sheet: &str) -> String {
    let mut parts = sheet.split('"').enumerate();
    let pack = |part: &str| {
        let words: Vec<&str> = part.split_whitespace().collect();
        let (before, after) = (
            part.starts_with(char::is_whitespace),
            part.ends_with(char::is_whitespace),
        );
        let space = |needed: bool| if needed { " " } else { "" };
        let mut text = format!("{}{}{}", space(before), words.join(" "), space(after));
        for (long, short) in [
            (" {", "{"),
            ("{ ", "{"),
            ("; ", ";"),
            (" }", "}"),
            ("} ", "}"),
            (": ", ":"),
            (", ", ","),
        ] {
            text = text.replace(long, short);
        }
        text
    };
    parts
        .by_ref()
        .fold(String::new(), |sheet, (index, part)| match index {
            0 => pack(part),
            index if index % 2 == 0 => format!("{sheet}\"{}", pack(part)),
            _ => format!("{sheet}\"{part}"),
        })
}

/// Dates the assets long ago. memory-serve has cargo watch them, and cargo would take files younger
/// than the start of this script for a change, and compile everything again each time.
fn make_old(assets: &Path) -> io::Result<()> {
    for asset in fs::read_dir(assets)? {
        let file = fs::File::options().write(true).open(asset?.path())?;
        file.set_modified(SystemTime::UNIX_EPOCH)?;
    }
    fs::File::open(assets)?.set_modified(SystemTime::UNIX_EPOCH)
}

/// Joins htmx and `main.js` with its imports into one script. A function around the modules keeps
/// their names apart from htmx's.
fn script() -> io::Result<String> {
    let htmx = fs::read_to_string("public/htmx.min.js")?;
    let mut code = String::new();
    append_module("main.js", &mut Vec::new(), &mut code)?;
    Ok(format!("{htmx}\n;(() => {{\n'use strict';\n{code}}})();\n"))
}

/// Appends a module after those that it imports, as browsers would run them. Each import is one
/// line, as in `import { announce } from './announcer.js';`, and exports are declarations; so the
/// joined code needs neither, only names that differ between modules.
fn append_module(name: &str, appended: &mut Vec<String>, code: &mut String) -> io::Result<()> {
    if appended.iter().any(|other| other == name) {
        return Ok(());
    }
    appended.push(name.to_owned());
    let module = fs::read_to_string(Path::new("public/scripts").join(name))?;
    for line in lines(&without_comments(&module)) {
        if line.starts_with("import ") {
            let path = line
                .split('\'')
                .nth(1)
                .and_then(|path| path.strip_prefix("./"));
            let imported = path.ok_or_else(|| io::Error::other(format!("{name}: {line}")))?;
            append_module(imported, appended, code)?;
        } else if !line.starts_with("//") {
            code.push_str(line.strip_prefix("export ").unwrap_or(&line));
        }
    }
    Ok(())
}

/// Yields the non-empty lines of a text, trimmed.
fn lines(text: &str) -> impl Iterator<Item = String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| format!("{line}\n"))
}

/// Returns a script or style sheet without its block comments.
fn without_comments(source: &str) -> String {
    let mut parts = source.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| {
        kept + part.split_once("*/").map_or("", |(_comment, rest)| rest)
    })
}
