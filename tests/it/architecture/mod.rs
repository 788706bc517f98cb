//! Architecture tests, checked against the source: which module may import which, no cycles, and
//! limits on the size of files and folders.

mod imports;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use imports::{Source, circles, imports, room, rust_files, sources};

/// The modules, highest layer first. A file may import from its own module and from lower layers,
/// never from the same layer or above.
const ORDER: [&[&str]; 25] = [
    &["server"],
    &["app"],
    &["polls::browse"],
    &["polls::sharing", "polls::voting"],
    &[
        "polls::admin",
        "polls::results",
        "polls::live",
        "polls::seed",
    ],
    &["polls::manage"],
    &["polls::sealing"],
    &["polls::current_poll"],
    &["polls::components"],
    &["polls::store"],
    &["polls::model"],
    &["simulator"],
    &["accounts::settings"],
    &["accounts::phone", "accounts::login"],
    &["accounts::admin"],
    &["accounts::factors", "accounts::seed"],
    &["accounts::passwords"],
    &["accounts::sessions"],
    &["accounts::guard", "accounts::store"],
    &[
        "accounts::audit",
        "accounts::limits",
        "accounts::code",
        "accounts::requirements",
    ],
    &["accounts::names"],
    &["accounts::viewer"],
    &["web"],
    &["verification"],
    &["platform"],
];

/// Modules that must not import another, although it is in a lower layer.
const NEVER: [(&str, &[&str]); 3] = [
    ("app", &["simulator", "verification", "platform"]),
    ("simulator", &["accounts", "polls", "verification"]),
    ("polls::model", &["accounts", "web"]),
];

/// Names that only these files or folders may use.
const AT_HOME: [(&str, &[&str]); 5] = [
    ("reqwest::", &["verification/client.rs"]),
    ("env::var", &["platform/config/"]),
    ("SystemTime", &["platform/clock.rs"]),
    ("tower_sessions::", &["accounts/sessions/"]),
    ("INSERT INTO ballot", &["polls/voting/batch_write.rs"]),
];

/// Maximum lines of a file, and files in a folder.
const LARGEST_FILE: usize = 300;
const LARGEST_FOLDER: usize = 12;

#[test]
fn imports_run_down_the_rooms() {
    let sources = sources();
    let level = |room: &str| ORDER.iter().position(|rooms| rooms.contains(&room));
    let mut wrong = Vec::new();
    for (module, targets) in imports(&sources) {
        let from = room(&module);
        let Some(height) = level(&from) else {
            // The root of `accounts` or `polls` only declares submodules.
            assert!(
                ["accounts", "polls", "lib", "main", "cli"].contains(&from.as_str()),
                "{from} has no place in ORDER"
            );
            continue;
        };
        for target in targets {
            let to = room(&target);
            let below = level(&to).is_some_and(|depth| height < depth);
            let forbidden = NEVER.iter().any(|(room, others)| {
                *room == from
                    && others
                        .iter()
                        .any(|other| to == *other || to.starts_with(&format!("{other}::")))
            });
            if from != to && (!below || forbidden) {
                wrong.push(format!("{module} imports {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let circles = circles(&imports(&sources()));
    assert!(circles.is_empty(), "{circles:#?}");
}

fn path_of_tests(file: &Path) -> bool {
    let path = file.to_string_lossy();
    path.ends_with("tests.rs") || path.contains("/tests/")
}

#[test]
fn files_and_folders_stay_small() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders: BTreeMap<PathBuf, usize> = BTreeMap::new();
    let mut lengths = Vec::new();
    for file in rust_files(&root) {
        // Unit tests in separate files are exempt.
        if path_of_tests(&file) {
            continue;
        }
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(
            lines <= LARGEST_FILE,
            "{} has {lines} lines",
            file.display()
        );
        lengths.push(lines);
        *folders
            .entry(file.parent().unwrap().to_owned())
            .or_default() += 1;
    }
    lengths.sort_unstable();
    assert!(
        lengths[lengths.len() / 2] <= 100,
        "the median file has {} lines",
        lengths[lengths.len() / 2]
    );
    for (folder, files) in folders {
        assert!(
            files <= LARGEST_FOLDER,
            "{} holds {files} files",
            folder.display()
        );
    }
}

#[test]
fn nothing_is_imported_inside_a_function() {
    for Source { path, code, .. } in sources() {
        let inside = code
            .lines()
            .find(|line| line.starts_with(' ') && line.trim_start().starts_with("use "));
        let inside = inside.filter(|line| !line.contains("sea_orm::entity::prelude"));
        assert_eq!(inside, None, "src/{path}");
    }
}

#[test]
fn what_belongs_to_one_file_stays_there() {
    for Source { path, code, .. } in sources() {
        for (word, homes) in AT_HOME {
            let at_home = homes.iter().any(|home| path.starts_with(home));
            assert!(
                !code.contains(word) || at_home,
                "src/{path} uses {word}, which belongs to {homes:?}"
            );
        }
    }
}

#[test]
fn stores_and_types_do_not_read_the_context_of_a_request() {
    for source in sources() {
        let below = [
            "polls::model",
            "polls::store",
            "accounts::limits",
            "verification",
            "platform",
        ];
        if below.contains(&source.room().as_str()) {
            for word in ["use_context", "expect_context", "from_context()"] {
                assert!(
                    !source.code.contains(word),
                    "src/{} reads the context: {word}",
                    source.path
                );
            }
        }
    }
}

#[test]
fn components_know_neither_the_database_nor_the_session() {
    for Source { path, code, .. } in sources() {
        // Ungated imports of a file with a component are compiled for browsers too.
        if code.contains("#[component]") && path != "simulator/page.rs" {
            for line in code.lines().filter(|line| line.starts_with("use ")) {
                let server = [
                    "sea_orm",
                    "axum",
                    "::db::",
                    "::store::",
                    "::sessions::session",
                    "tokio",
                ];
                assert!(
                    !server.iter().any(|word| line.contains(word)),
                    "src/{path}: {line}"
                );
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
        .flat_map(|folder| rust_files(&root.join(folder)))
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
