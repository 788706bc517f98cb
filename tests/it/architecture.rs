//! The picture of the house, held against its `use` lines.

use std::fs;
use std::path::{Path, PathBuf};

/// Which rooms must not know which others.
const NEVER: [(&str, &[&str]); 6] = [
    (
        "web",
        &[
            "accounts",
            "polls",
            "verification",
            "simulator",
            "start",
            "server",
            "app",
        ],
    ),
    (
        "verification",
        &[
            "accounts",
            "polls",
            "web",
            "simulator",
            "db",
            "keys",
            "start",
            "server",
            "app",
        ],
    ),
    (
        "accounts",
        &["polls", "simulator", "start", "server", "app"],
    ),
    ("polls", &["simulator", "start", "server", "app"]),
    (
        "simulator",
        &[
            "accounts",
            "polls",
            "verification",
            "db",
            "keys",
            "start",
            "server",
            "app",
        ],
    ),
    (
        "app.rs",
        &["simulator", "verification", "db", "keys", "start", "server"],
    ),
];

/// Words that belong to one file.
const AT_HOME: [(&str, &[&str]); 5] = [
    ("reqwest::", &["verification/http.rs"]),
    ("env::var", &["config.rs"]),
    ("SystemTime", &["clock.rs"]),
    (
        "tower_sessions::",
        &["accounts/session.rs", "accounts/session_store.rs"],
    ),
    ("INSERT INTO ballot", &["polls/batch.rs"]),
];

#[test]
fn imports_run_one_way() {
    for (path, code) in sources() {
        let room = path.split('/').next().unwrap();
        let Some((_, forbidden)) = NEVER.iter().find(|(name, _)| *name == room) else {
            continue;
        };
        for other in *forbidden {
            assert!(
                !code.contains(&format!("crate::{other}::")),
                "src/{path} must not know {other}"
            );
        }
    }
}

#[test]
fn what_belongs_to_one_file_stays_there() {
    for (path, code) in sources() {
        for (word, homes) in AT_HOME {
            assert!(
                !code.contains(word) || homes.contains(&path.as_str()),
                "src/{path} uses {word}, which belongs to {homes:?}"
            );
        }
    }
}

#[test]
fn components_know_neither_the_database_nor_the_session() {
    for (path, code) in sources() {
        // What stands at the top of a file that holds a component is compiled for browsers too.
        let top: Vec<&str> = code
            .lines()
            .filter(|line| line.starts_with("use "))
            .collect();
        if code.contains("#[component]") && path != "simulator/page.rs" {
            for line in top {
                let server = ["sea_orm", "axum", "::db", "::store", "session", "tokio"]
                    .iter()
                    .any(|word| line.contains(word));
                assert!(!server, "src/{path}: {line}");
            }
        }
    }
}

#[test]
fn every_test_that_the_documents_name_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: PathBuf| fs::read_to_string(path).unwrap();
    let document = read(root.join("docs/security.md"));
    let table = document
        .split("## Security requirements")
        .nth(1)
        .unwrap()
        .split("\n## ")
        .next()
        .unwrap();
    let code: String = ["src", "tests"]
        .into_iter()
        .flat_map(|folder| files(&root.join(folder)))
        .map(read)
        .collect();
    let named: Vec<&str> = table
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| name.matches('_').count() > 3)
        .collect();
    assert!(named.len() > 40);
    for name in named {
        assert!(
            code.contains(&format!("fn {name}(")),
            "there is no test {name}"
        );
    }
    let browser = |path: &&str| path.ends_with(".spec.ts");
    for path in table.split('`').filter(browser) {
        assert!(root.join(path).exists(), "{path}");
    }
}

/// The code of every file, without its tests.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = files(&root);
    assert!(files.len() > 30);
    let read = |path: PathBuf| {
        let code = fs::read_to_string(&path).unwrap();
        let code = code.split("#[cfg(test)]").next().unwrap().to_owned();
        (
            path.strip_prefix(&root).unwrap().display().to_string(),
            code,
        )
    };
    files.into_iter().map(read).collect()
}

/// Every file of Rust in a folder.
fn files(root: &Path) -> Vec<PathBuf> {
    let mut folders = vec![root.to_owned()];
    let mut files = Vec::new();
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
