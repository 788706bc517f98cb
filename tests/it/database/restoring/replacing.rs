//! Databases that are replaced by backups, and what becomes of them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::database::restoring::{has_account, names, seeded, works};
use crate::database::upgrade::{folder_with_secret, sqlite_copy};
use crate::support::environment::folder;
use crate::support::operator::run_in;

#[tokio::test]
async fn a_backup_is_restored_into_an_empty_folder() {
    let (old, new) = (seeded(), folder());
    let copy = old.join("copy.db").display().to_string();
    // A backup is of no use without its secret.
    let missing = run_in(&new, &["restore", &copy, "--yes"]);
    assert!(
        missing.fails(1).starts_with("POLLSTR_SECRET_FILE: ")
            && missing
                .err
                .contains("is missing, but this database was created with it"),
        "{missing:?}"
    );
    fs::create_dir(new.join("data")).unwrap();
    fs::copy(old.join("data/secret.key"), new.join("data/secret.key")).unwrap();
    let asked = run_in(&new, &["restore", &copy]);
    let database = new.join("data/pollstr.db");
    assert_eq!(
        asked.fails(4),
        format!(
            "nothing was changed; add --yes to replace {} by this backup",
            database.display()
        )
    );
    assert!(
        asked
            .out
            .starts_with(&format!("{copy} is a whole backup of this site, made on "))
            && !asked.out.contains("is kept as"),
        "{asked:?}"
    );
    assert_eq!(names(&new), ["secret.key"]);
    assert_eq!(
        works(&new, &["restore", &copy, "--yes"]),
        format!("Restored {} from {copy}.\n", database.display())
    );
    assert_eq!(names(&new), ["pollstr.db", "secret.key"]);
    let mode = fs::metadata(&database).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(has_account(&new, "test"));
    assert!(works(&new, &["recount"]).ends_with("3 recounted, all correct.\n"));
    // A backup of it is as new as itself.
    works(&new, &["backup", "again.db"]);
    let again = run_in(&new, &["restore", "again.db"]);
    assert!(
        again.out.contains(", a moment ago.") || again.out.contains(" seconds ago."),
        "{again:?}"
    );
}

#[tokio::test]
async fn the_replaced_database_is_kept_and_can_be_restored_itself() {
    let folder = seeded();
    works(&folder, &["user", "create", "amy"]);
    let said = works(&folder, &["restore", "copy.db", "--yes"]);
    let kept = folder.join("data/pollstr.db.before-restore");
    assert!(
        said.contains(&format!("The replaced database is {}; ", kept.display())),
        "{said}"
    );
    assert_eq!(
        names(&folder),
        ["pollstr.db", "pollstr.db.before-restore", "secret.key"]
    );
    assert!(!has_account(&folder, "amy") && has_account(&folder, "test"));
    // It doesn't say when it was made, but what is in it does.
    let asked = run_in(&folder, &["restore", "data/pollstr.db.before-restore"]);
    asked.fails(4);
    assert!(
        asked.out.contains("of this site, not older than "),
        "{asked:?}"
    );
    works(
        &folder,
        &["restore", "data/pollstr.db.before-restore", "--yes"],
    );
    assert!(has_account(&folder, "amy"));
    // Nothing is overwritten.
    let all = [
        "pollstr.db",
        "pollstr.db.before-restore",
        "pollstr.db.before-restore.2",
        "secret.key",
    ];
    assert_eq!(names(&folder), all);
}

#[tokio::test]
async fn a_damaged_database_is_replaced_and_kept_with_its_log() {
    let folder = seeded();
    let database = folder.join("data/pollstr.db");
    fs::write(&database, "not a database").unwrap();
    fs::write(folder.join("data/pollstr.db-wal"), "frames").unwrap();
    works(&folder, &["restore", "copy.db", "--yes"]);
    assert_eq!(
        names(&folder),
        [
            "pollstr.db",
            "pollstr.db.before-restore",
            "pollstr.db.before-restore-wal",
            "secret.key"
        ]
    );
    let kept = |ending: &str| {
        fs::read(folder.join(format!("data/pollstr.db.before-restore{ending}"))).unwrap()
    };
    assert_eq!(
        (kept(""), kept("-wal")),
        (b"not a database".to_vec(), b"frames".to_vec())
    );
    assert!(has_account(&folder, "test"));
}

#[tokio::test]
async fn a_backup_of_an_earlier_version_is_restored_and_the_next_start_upgrades_it() {
    let (source, folder) = (folder_with_secret(), folder());
    sqlite_copy(&source);
    let backup = source.join("pollstr.db").display().to_string();
    fs::create_dir(folder.join("data")).unwrap();
    fs::copy(source.join("secret.key"), folder.join("data/secret.key")).unwrap();
    let asked = run_in(&folder, &["restore", &backup]);
    asked.fails(4);
    assert!(
        asked.out.contains("not older than ")
            && asked
                .out
                .ends_with("It is from an earlier version; the next start upgrades it.\n"),
        "{asked:?}"
    );
    works(&folder, &["restore", &backup, "--yes"]);
    let earlier = run_in(&folder, &["user", "list"]);
    assert!(
        earlier.fails(1).ends_with("run `pollstr migrate` first"),
        "{earlier:?}"
    );
    works(&folder, &["migrate"]);
    assert!(works(&folder, &["recount"]).ends_with("recounted, all correct.\n"));
}
