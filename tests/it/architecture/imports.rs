//! The graph of imports in `src`, read from the source text.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A source file: its module path, such as `polls::voting::writer`, and its code without comments
/// and unit tests.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) module: String,
    pub(super) code: String,
}

impl Source {
    /// The module that the import rules apply to: `polls::voting`, or the top-level module outside
    /// accounts and polls.
    pub(super) fn room(&self) -> String {
        room(&self.module)
    }
}

/// Returns the module that the import rules apply to.
pub(super) fn room(module: &str) -> String {
    let mut steps = module.split("::");
    let first = steps.next().unwrap();
    match steps.next() {
        Some(second) if ["accounts", "polls"].contains(&first) => format!("{first}::{second}"),
        _ => first.to_owned(),
    }
}

/// Reads every file below `src`.
pub(super) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources: Vec<_> = rust_files(&root)
        .into_iter()
        .filter(|file| !is_unit_test(file.strip_prefix(&root).unwrap()))
        .map(|file| {
            let path = file.strip_prefix(&root).unwrap().display().to_string();
            let code = fs::read_to_string(&file).unwrap();
            let code = code.split("\n#[cfg(test)]\n").next().unwrap();
            let code = code
                .lines()
                .map(without_comment)
                .collect::<Vec<_>>()
                .join("\n");
            let module = path
                .trim_end_matches(".rs")
                .trim_end_matches("/mod")
                .replace('/', "::");
            Source { path, module, code }
        })
        .collect();
    assert!(sources.len() > 100);
    sources
}

/// Returns the Rust files below a folder.
pub(super) fn rust_files(root: &Path) -> Vec<PathBuf> {
    let (mut folders, mut files) = (vec![root.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                files.push(path);
            }
        }
    }
    files
}

/// Whether a path below `src` is that of a file with unit tests only.
pub(super) fn is_unit_test(path: &Path) -> bool {
    let path = path.with_extension("");
    path.iter().any(|part| {
        let part = part.to_string_lossy();
        part == "tests" || part.ends_with("_tests")
    })
}

fn without_comment(line: &str) -> &str {
    let trimmed = line.trim_start();
    if trimmed.starts_with("//") {
        ""
    } else {
        line.split(" // ").next().unwrap()
    }
}

/// Returns which file imports which, as module paths. A re-export counts as the file that defines
/// the item.
pub(super) fn imports(sources: &[Source]) -> BTreeMap<String, BTreeSet<String>> {
    let modules: BTreeSet<&str> = sources
        .iter()
        .map(|source| source.module.as_str())
        .collect();
    let mut reexports = BTreeMap::new();
    for source in sources {
        for (path, public) in paths(&source.code) {
            if public && let Some(name) = path.rsplit("::").next() {
                reexports.insert(format!("{}::{name}", source.module), path.clone());
            }
        }
    }
    let mut graph = BTreeMap::new();
    for source in sources {
        let targets = paths(&source.code)
            .into_iter()
            .filter_map(|(path, _)| defining_module(&path, &modules, &reexports))
            .filter(|module| *module != source.module)
            .collect();
        graph.insert(source.module.clone(), targets);
    }
    graph
}

fn defining_module(
    path: &str,
    modules: &BTreeSet<&str>,
    reexports: &BTreeMap<String, String>,
) -> Option<String> {
    let mut found = path;
    loop {
        // A module and a re-export of an item in it may share a name; then the module is meant.
        let own = |target: &&String| !target.starts_with(&format!("{found}::"));
        if let Some(target) = reexports.get(found).filter(own) {
            let rest = &path[found.len()..];
            return defining_module(&format!("{target}{rest}"), modules, reexports);
        }
        if modules.contains(found) {
            return Some(found.to_owned());
        }
        found = found.rsplit_once("::")?.0;
    }
}

/// Returns every `crate::…` path in some code, without the `crate::`, and whether a `pub use` names
/// it.
fn paths(code: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let mut public_until = 0;
    for (at, _) in code.match_indices("crate::") {
        let before = &code[..at];
        if before.ends_with(|sign: char| sign.is_alphanumeric() || sign == '_' || sign == ':') {
            continue;
        }
        let statement = before.rsplit([';', '}']).next().unwrap();
        let public = statement.contains("pub use ") || statement.contains("pub(crate) use ");
        if public {
            public_until = at;
        }
        let public = public || at < public_until;
        expand("", &code[at + "crate::".len()..], &mut |path| {
            found.push((path, public));
        });
    }
    found
}

/// Expands `a::{b, c::{d}}` and reports `a::b` and `a::c::d`. Returns how much of the text it read.
fn expand(prefix: &str, text: &str, report: &mut dyn FnMut(String)) -> usize {
    let word: usize = text
        .find(|sign: char| !(sign.is_alphanumeric() || sign == '_' || sign == ':' || sign == '*'))
        .unwrap_or(text.len());
    let path = format!("{prefix}{}", &text[..word]);
    if !text[word..].starts_with('{') {
        let path = path
            .trim_end_matches("::self")
            .trim_end_matches("::*")
            .trim_end_matches("::");
        report(path.to_owned());
        return word;
    }
    let mut at = word + 1;
    while !text[at..].starts_with('}') {
        at += text[at..]
            .find(|sign: char| !sign.is_whitespace() && sign != ',')
            .unwrap();
        if text[at..].starts_with('}') {
            break;
        }
        at += expand(&path, &text[at..], report);
        // `as alias` follows the path.
        at += text[at..].find([',', '}']).unwrap();
    }
    at + 1
}

/// Returns the cycles of a graph: groups of modules that reach each other.
pub(super) fn circles(graph: &BTreeMap<String, BTreeSet<String>>) -> Vec<BTreeSet<String>> {
    let reaches = |from: &String| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(node) = open.pop() {
            for next in graph.get(node).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    open.push(next);
                }
            }
        }
        seen
    };
    let reach: BTreeMap<&String, BTreeSet<String>> =
        graph.keys().map(|node| (node, reaches(node))).collect();
    let mut circles: Vec<BTreeSet<String>> = Vec::new();
    for (node, others) in &reach {
        if others.contains(*node) && !circles.iter().any(|circle| circle.contains(*node)) {
            let circle = others
                .iter()
                .filter(|other| reach.get(other).is_some_and(|back| back.contains(*node)))
                .cloned()
                .collect();
            circles.push(circle);
        }
    }
    circles
}

#[test]
fn paths_are_read_from_nested_groups_and_re_exports() {
    let code =
        "use crate::a::{b::{C, D}, e::F as G};\npub use crate::h::{I};\nlet x = crate::j::k();";
    let paths = paths(code);
    let named: Vec<_> = paths
        .iter()
        .map(|(path, public)| (path.as_str(), *public))
        .collect();
    assert_eq!(
        named,
        [
            ("a::b::C", false),
            ("a::b::D", false),
            ("a::e::F", false),
            ("h::I", true),
            ("j::k", false)
        ]
    );
}

#[test]
fn a_cycle_is_found_and_a_chain_is_not_one() {
    let graph = |edges: &[(&str, &str)]| {
        let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in edges {
            graph
                .entry((*from).to_owned())
                .or_default()
                .insert((*to).to_owned());
            graph.entry((*to).to_owned()).or_default();
        }
        graph
    };
    assert!(circles(&graph(&[("a", "b"), ("b", "c"), ("a", "c")])).is_empty());
    let found = circles(&graph(&[("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]));
    assert_eq!(found, [["a", "b", "c"].map(ToOwned::to_owned).into()]);
}
