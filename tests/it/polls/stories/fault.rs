//! Faults in the database during votes.

use pollstr::platform::db::Db;
use sea_orm::ConnectionTrait;

use crate::polls::stories::dice::Dice;

/// A fault in the database during votes.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// A statement that makes SQLite roll back on its own, as on a full disk.
    RolledBack,
    /// A refused COMMIT.
    NotCommitted,
    /// A file that can't grow.
    Full,
    /// An interrupted statement.
    Interrupted,
}

impl Fault {
    pub(crate) const ALL: [Self; 4] = [
        Self::RolledBack,
        Self::NotCommitted,
        Self::Full,
        Self::Interrupted,
    ];

    /// Starts the fault. Triggers fire for a few votes and spoil every batch that contains them.
    pub(crate) async fn begin(self, db: &Db, dice: &mut Dice) {
        let write = db.write();
        let trigger = |what: &str| {
            format!(
                "CREATE TRIGGER fault BEFORE INSERT ON ballot WHEN NEW.id < X'04' BEGIN {what}; END"
            )
        };
        match self {
            Self::RolledBack => write
                .execute_unprepared(&trigger("SELECT RAISE(ROLLBACK, 'as on a full disk')"))
                .await
                .map(drop)
                .unwrap(),
            Self::NotCommitted => write
                .execute_unprepared(&trigger("INSERT INTO orphan VALUES (-1)"))
                .await
                .map(drop)
                .unwrap(),
            // Not below the current size.
            Self::Full => write
                .execute_unprepared("PRAGMA max_page_count = 1")
                .await
                .map(drop)
                .unwrap(),
            Self::Interrupted => {
                let steps = i32::try_from(1 + dice.below(20_000)).unwrap();
                let mut connection = db
                    .migrations()
                    .get_sqlite_connection_pool()
                    .acquire()
                    .await
                    .unwrap();
                connection
                    .lock_handle()
                    .await
                    .unwrap()
                    .set_progress_handler(steps, || false);
            }
        }
    }

    pub(crate) async fn end(self, db: &Db) {
        match self {
            Self::RolledBack | Self::NotCommitted => db
                .write()
                .execute_unprepared("DROP TRIGGER fault")
                .await
                .map(drop)
                .unwrap(),
            Self::Full => db
                .write()
                .execute_unprepared("PRAGMA max_page_count = 4294967294")
                .await
                .map(drop)
                .unwrap(),
            Self::Interrupted => {
                let mut connection = db
                    .migrations()
                    .get_sqlite_connection_pool()
                    .acquire()
                    .await
                    .unwrap();
                connection
                    .lock_handle()
                    .await
                    .unwrap()
                    .remove_progress_handler();
            }
        }
    }
}
