//! Databases with the current schema. Running the migrations takes a third of a second in an
//! unoptimised build, so each build of the tests runs them once and then copies the result.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use pollstr::platform::config::Config;
use pollstr::server::startup::open_database;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbErr};

use crate::support::environment::{folder, new_database, new_database_name, url_of};

/// Puts an SQLite file into the folder and returns its URL.
pub(crate) async fn sqlite(folder: &Path) -> String {
    let original = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.db", name()));
    if !original.exists() {
        migrate_file(&original).await;
    }
    let file = folder.join("pollstr.db");
    std::fs::copy(original, &file).unwrap();
    format!("sqlite://{}", file.display())
}

/// Creates a database on the PostgreSQL server and returns its URL.
pub(crate) async fn postgres(server: &str) -> String {
    let db = Database::connect(server).await.unwrap();
    let url = if let Ok(url) = copy(&db, server).await {
        url
    } else {
        migrate_database(&db, server).await;
        copy(&db, server).await.unwrap()
    };
    db.close().await.unwrap();
    url
}

async fn copy(db: &DatabaseConnection, server: &str) -> Result<String, DbErr> {
    let (copy, original) = (new_database_name(), name());
    db.execute_unprepared(&format!("CREATE DATABASE {copy} TEMPLATE {original}"))
        .await?;
    Ok(url_of(server, &copy))
}

/// Makes the original under a name of its own and renames it, because several tests may do so at
/// the same time.
async fn migrate_file(original: &Path) {
    let folder = folder();
    let file = folder.join("pollstr.db");
    migrate(&format!("sqlite://{}", file.display())).await;
    // Renaming doesn't work between file systems.
    let beside = original.with_extension(new_database_name());
    std::fs::copy(&file, &beside).unwrap();
    std::fs::rename(beside, original).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

/// Like [`migrate_file`]; of those that finish at the same time the first one stays.
async fn migrate_database(db: &DatabaseConnection, server: &str) {
    let url = new_database(server).await;
    migrate(&url).await;
    let (_, made) = url.rsplit_once('/').unwrap();
    let rename = format!("ALTER DATABASE {made} RENAME TO {}", name());
    if db.execute_unprepared(&rename).await.is_err() {
        db.execute_unprepared(&format!("DROP DATABASE {made}"))
            .await
            .unwrap();
    }
}

async fn migrate(url: &str) {
    let config = Config::from_sources("", |name| (name == "DATABASE_URL").then(|| url.to_owned()));
    open_database(&config.unwrap()).await.unwrap().close().await;
}

/// Names this build of the tests: another one may have other migrations.
fn name() -> String {
    let program: PathBuf = std::env::current_exe().unwrap();
    let built = program.metadata().unwrap().modified().unwrap();
    let built = built.duration_since(UNIX_EPOCH).unwrap().as_nanos();
    format!("it_migrated_{built:x}")
}
