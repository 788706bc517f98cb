//! Ways to link marks and ballots for someone who reads the whole database.

use std::path::PathBuf;

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::support::app::Site;

pub(super) type Bytes = Vec<u8>;

/// A mark and the receipt of the same vote.
pub(super) type Pair = (Bytes, Bytes);

/// Ways to link marks and ballots for someone who reads the whole database.
pub(super) async fn guesses(site: &Site, pairs: &[Pair]) -> Vec<Vec<Pair>> {
    if site.state.db.backend() == DbBackend::Sqlite {
        by_files(site, pairs)
    } else {
        by_rows(site).await
    }
}

/// By the position in the database files where a mark and a receipt first appear.
fn by_files(site: &Site, pairs: &[Pair]) -> Vec<Vec<Pair>> {
    let (marks, receipts): (Vec<_>, Vec<_>) = pairs.iter().cloned().unzip();
    let guess = |file: Bytes| {
        let in_order = |mut values: Vec<Bytes>| {
            values.retain(|value| place(&file, value).is_some());
            values.sort_by_key(|value| place(&file, value));
            values
        };
        in_order(marks.clone())
            .into_iter()
            .zip(in_order(receipts.clone()))
            .collect()
    };
    [path(site, ""), path(site, "-wal")]
        .into_iter()
        .map(|path| guess(std::fs::read(path).unwrap_or_default()))
        .collect()
}

pub(super) fn path(site: &Site, end: &str) -> PathBuf {
    PathBuf::from(format!(
        "{}{end}",
        site.state
            .config
            .database_url
            .trim_start_matches("sqlite://")
    ))
}

pub(super) fn place(file: &[u8], value: &[u8]) -> Option<usize> {
    file.windows(value.len()).position(|window| window == value)
}

/// By the transaction that wrote a row, and the row's position in its table.
async fn by_rows(site: &Site) -> Vec<Vec<Pair>> {
    let rows = async |table: &str, column: &str| {
        let sql =
            format!("SELECT {column} AS value, xmin::text AS author FROM {table} ORDER BY ctid");
        let rows = site
            .state
            .db
            .read()
            .query_all_raw(Statement::from_string(DbBackend::Postgres, sql))
            .await
            .unwrap();
        rows.iter()
            .map(|row| {
                (
                    row.try_get("", "author").unwrap(),
                    row.try_get("", "value").unwrap(),
                )
            })
            .collect::<Vec<(String, Bytes)>>()
    };
    let (marks, ballots) = (
        rows("participation", "voter").await,
        rows("ballot", "receipt").await,
    );
    let by_author = marks.iter().filter_map(|(author, mark)| {
        let mut same = ballots.iter().filter(|(other, _)| other == author);
        let (_, receipt) = same.next()?;
        same.next()
            .is_none()
            .then(|| (mark.clone(), receipt.clone()))
    });
    let by_place = marks
        .iter()
        .zip(&ballots)
        .map(|((_, mark), (_, receipt))| (mark.clone(), receipt.clone()));
    vec![by_author.collect(), by_place.collect()]
}
