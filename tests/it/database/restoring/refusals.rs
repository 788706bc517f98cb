//! Backups that are refused, and databases that can't be replaced now.

use std::fs;
use std::process::Stdio;

use crate::database::crashes::Process;
use crate::database::restoring::{change, has_account, names, seeded, works};
use crate::support::environment::{free_address, new_database, program, server_url};
use crate::support::operator::{ran, run_in};

#[tokio::test]
async fn what_is_no_whole_backup_of_this_site_is_refused_and_nothing_changes() {
    let folder = seeded();
    let copy = folder.join("copy.db");
    let bytes = fs::read(&copy).unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    write("text.db", b"These are not the rows you are looking for.");
    write("empty.db", b"");
    write("half.db", &bytes[..bytes.len() / 2]);
    let mut damaged = bytes.clone();
    damaged[4_096..12_288].fill(0xab);
    write("damaged.db", &damaged);
    write("copied.db", &bytes);
    write("copied.db-wal", b"some frames");
    write("later.db", &bytes);
    let later = "INSERT INTO seaql_migrations VALUES ('m9999_later', 0)";
    change(&folder.join("later.db"), later, Vec::new()).await;
    write("foreign.db", &bytes);
    let foreign = "DELETE FROM seaql_migrations WHERE version LIKE 'm0001%'";
    change(&folder.join("foreign.db"), foreign, Vec::new()).await;
    write("other.db", &bytes);
    let other = "UPDATE setting SET value = 'x' WHERE name = 'secret check value'";
    change(&folder.join("other.db"), other, Vec::new()).await;
    let database = folder.join("data/pollstr.db");
    let before = (fs::read(&database).unwrap(), names(&folder));
    for (file, says) in [
        ("none.db", "none.db: No such file or directory (os error 2)"),
        ("data", "data: Is a directory (os error 21)"),
        (
            "text.db",
            "text.db: not an SQLite database; name a file that `pollstr backup` wrote",
        ),
        (
            "empty.db",
            "empty.db: not an SQLite database; name a file that `pollstr backup` wrote",
        ),
        ("half.db", "half.db: damaged ("),
        ("damaged.db", "damaged.db: damaged ("),
        (
            "copied.db",
            "copied.db: has a log beside it, so it isn't a finished backup; make one with `pollstr backup`",
        ),
        (
            "later.db",
            "later.db: from a later version of Pollstr; use that version to restore it",
        ),
        (
            "foreign.db",
            "foreign.db: not a Pollstr database; name a file that `pollstr backup` wrote",
        ),
        (
            "data/pollstr.db",
            "data/pollstr.db: this is the database itself, not a backup of it",
        ),
    ] {
        let refused = run_in(&folder, &["restore", file, "--yes"]);
        let says = format!("{}/{says}", folder.display());
        assert!(refused.fails(1).starts_with(&says), "{refused:?}");
    }
    let refused = run_in(&folder, &["restore", "other.db", "--yes"]);
    assert!(
        refused
            .fails(1)
            .ends_with("is not the secret this database was created with; restore the right file"),
        "{refused:?}"
    );
    assert_eq!((fs::read(&database).unwrap(), names(&folder)), before);
    // The log of a database that is gone would be applied to the backup.
    fs::remove_file(&database).unwrap();
    fs::write(folder.join("data/pollstr.db-wal"), "frames").unwrap();
    let refused = run_in(&folder, &["restore", "copy.db", "--yes"]);
    assert_eq!(
        refused.fails(1),
        format!(
            "{}-wal: left over from a database that is gone; move it away and try again",
            database.display()
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_is_refused_while_a_site_serves_the_database() {
    let folder = seeded();
    let address = free_address();
    let serve =
        async || Process::run(&mut program(&folder), &address, "error", Stdio::null()).await;
    let mut site = serve().await;
    works(&folder, &["user", "create", "amy"]);
    let database = folder.join("data/pollstr.db");
    for arguments in [
        &["restore", "copy.db"][..],
        &["restore", "copy.db", "--yes"],
    ] {
        assert_eq!(
            run_in(&folder, arguments).fails(1),
            format!(
                "another process has {} open; stop the site first",
                database.display()
            )
        );
    }
    assert!(has_account(&folder, "amy"));
    // What a killed process left in its log is kept with the database.
    site.kill();
    assert!(names(&folder).contains(&"pollstr.db-wal".to_owned()));
    works(&folder, &["restore", "copy.db", "--yes"]);
    assert_eq!(
        names(&folder),
        ["pollstr.db", "pollstr.db.before-restore", "secret.key"]
    );
    assert!(!has_account(&folder, "amy"));
    let _site = serve().await;
    let kept = "sqlite://data/pollstr.db.before-restore";
    let amy = ran(program(&folder)
        .args(["user", "show", "amy"])
        .env("DATABASE_URL", kept));
    assert_eq!(amy.code, 0, "{amy:?}");
}

#[tokio::test]
async fn postgresql_is_restored_by_its_own_tool() {
    let Some(server) = server_url() else { return };
    let (folder, url) = (seeded(), new_database(&server).await);
    let refused = ran(program(&folder)
        .args(["restore", "copy.db", "--yes"])
        .env("DATABASE_URL", url));
    assert!(
        refused
            .fails(1)
            .starts_with("use PostgreSQL's own tool: pg_restore "),
        "{refused:?}"
    );
}
