//! Architecture tests, checked against the source: which module may import which, no cycles, and
//! limits on the size of files and folders.

mod documents;
mod imports;
mod sizes;

use imports::{Source, circles, imports, room, sources};

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
