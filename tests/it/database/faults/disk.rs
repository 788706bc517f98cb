//! Full disks, and database files that may not grow or were moved.

use std::path::{Path, PathBuf};
use std::process::Command;

use pollstr::polls::voting::vote::VoteError;
use sea_orm::ConnectionTrait;

use crate::database::faults::Election;
use crate::support::app::{Site, until};
use crate::support::environment::folder;

#[tokio::test]
async fn a_file_that_may_not_grow_spoils_no_later_vote() {
    let site = Site::new().await;
    let mut election = Election::at(&site).await;
    election.run("CREATE TABLE filler (x BLOB)").await;
    election.run("CREATE TRIGGER fault BEFORE INSERT ON ballot BEGIN INSERT INTO filler VALUES (zeroblob(100000)); END").await;
    // Not below the current size.
    site.state
        .db
        .write()
        .execute_unprepared("PRAGMA max_page_count = 1")
        .await
        .unwrap();
    assert_eq!(election.vote().await, Err(VoteError::Failed));
    election.is_not_ready().await;
    election.run("DROP TRIGGER fault").await;
    election.goes_on().await;
}

/// An 8 MiB file system, if this user may mount one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = folder();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"])
            .arg(&folder)
            .output();
        mounted
            .is_ok_and(|mounted| mounted.status.success())
            .then_some(Self(folder))
    }

    fn fill(&self) {
        let filler = self.0.join("filler");
        let mut file = std::fs::File::create(filler).unwrap();
        while std::io::Write::write_all(&mut file, &[1; 4096]).is_ok() {}
    }

    fn empty(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_loses_no_vote_that_was_acknowledged() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let site = Site::on(
        &format!("sqlite://{}/pollstr.db", disk.0.display()),
        folder(),
    )
    .await;
    let mut election = Election::at(&site).await;
    assert_eq!(election.vote().await, Ok(()));
    disk.fill();
    site.visitor().get("/readyz").await.says(503, "full");
    site.visitor().get("/readyz?read").await.says(200, "ready");
    // The write-ahead log has room for a few votes, then the disk is full.
    let mut refused = 0;
    while refused < 3 {
        refused += usize::from(election.vote().await.is_err());
        election.is_stored().await;
    }
    assert_eq!(site.visitor().get("/readyz").await.status, 503);
    disk.empty();
    election.goes_on().await;
}

#[tokio::test]
async fn a_database_file_that_was_moved_away_is_told_and_no_other_is_made() {
    let site = Site::new().await;
    let file = Path::new(
        site.state
            .config
            .database_url
            .trim_start_matches("sqlite://"),
    );
    let away = file.with_extension("away");
    std::fs::rename(file, &away).unwrap();
    site.visitor().get("/readyz").await.says(503, "moved");
    let mut connection = site
        .state
        .db
        .migrations()
        .get_sqlite_connection_pool()
        .acquire()
        .await
        .unwrap();
    connection.close_on_drop();
    drop(connection);
    assert!(site.state.db.begin().await.is_err());
    assert!(!file.exists());
    std::fs::rename(&away, file).unwrap();
    until(async || site.visitor().get("/readyz").await.status == 200).await;
}
