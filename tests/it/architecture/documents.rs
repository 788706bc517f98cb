//! Tests that are named in the documents exist.

use std::fs;
use std::path::{Path, PathBuf};

use crate::architecture::imports::rust_files;

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
