//! Limits on the size of files and folders.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::architecture::imports::{is_unit_test, rust_files};

/// Maximum lines of a file, and files in a folder.
const LARGEST_FILE: usize = 300;
const LARGEST_FOLDER: usize = 12;

#[test]
fn files_and_folders_stay_small() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: BTreeMap<PathBuf, usize> = BTreeMap::new();
    let mut lengths = Vec::new();
    let files = ["src", "tests", "migration/src"]
        .into_iter()
        .flat_map(|folder| rust_files(&root.join(folder)));
    for file in files {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(
            lines <= LARGEST_FILE,
            "{} has {lines} lines",
            file.display()
        );
        let path = file.strip_prefix(root).unwrap();
        // Unit tests are beside their code, and all migrations are in one folder.
        if path.starts_with("src") && !is_unit_test(path) {
            lengths.push(lines);
        } else if !path.starts_with("tests") {
            continue;
        }
        *folders
            .entry(path.parent().unwrap().to_owned())
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
