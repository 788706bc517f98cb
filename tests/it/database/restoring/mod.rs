//! Restoring an SQLite database from a backup: what is kept, lost and refused.

mod losses;
mod refusals;
mod replacing;

use std::fs;
use std::path::{Path, PathBuf};

use pollstr::platform::db::{Db, execute};
use sea_orm::Value;

use crate::support::environment::folder;
use crate::support::operator::{Ran, run_in};

/// A folder with the demo's database and a backup of it, `copy.db`.
fn seeded() -> PathBuf {
    let folder = folder();
    works(&folder, &["seed"]);
    works(&folder, &["backup", "copy.db"]);
    folder
}

fn works(folder: &Path, arguments: &[&str]) -> String {
    let Ran { code, out, err } = run_in(folder, arguments);
    assert_eq!(code, 0, "{arguments:?}: {err}");
    out
}

/// Changes a database that no process has open.
async fn change(file: &Path, sql: &str, values: Vec<Value>) {
    let db = Db::connect(&format!("sqlite://{}", file.display()))
        .await
        .unwrap();
    execute(db.write(), sql, values).await.unwrap();
    db.close().await;
}

/// The names of the files in the folder of the database.
fn names(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder.join("data")).unwrap();
    let mut names: Vec<_> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

fn has_account(folder: &Path, name: &str) -> bool {
    run_in(folder, &["user", "show", name]).code == 0
}
