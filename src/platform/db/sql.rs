//! Small helpers for writing SQL that both databases understand.

use sea_orm::sqlx::Error as SqlxError;
use sea_orm::{ConnectionTrait, DbErr, Statement, Value};

#[expect(clippy::needless_pass_by_value, reason = "passed to map_err by name")]
pub(crate) fn failed(error: SqlxError) -> DbErr {
    DbErr::Custom(error.to_string())
}

/// Returns placeholders, starting at `$first`: `$3, $4, $5`.
#[must_use]
pub fn places(first: usize, count: usize) -> String {
    (first..first + count)
        .map(|number| format!("${number}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Returns placeholders for rows: `($1, $2), ($3, $4)`.
#[must_use]
pub fn rows(count: usize, columns: usize) -> String {
    (0..count)
        .map(|row| format!("({})", places(row * columns + 1, columns)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Returns a condition that two columns equal one of `pairs` pairs: `a = $1 AND b = $2 OR a = $3
/// AND b = $4`. Both databases use an index for this form.
#[must_use]
pub fn either([a, b]: [&str; 2], pairs: usize) -> String {
    (1..=pairs)
        .map(|pair| format!("{a} = ${} AND {b} = ${}", 2 * pair - 1, 2 * pair))
        .collect::<Vec<_>>()
        .join(" OR ")
}

/// Builds a statement with `$1`, `$2`, … placeholders, which both databases understand.
pub fn statement(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}

/// Executes a statement and returns the number of changed rows.
pub async fn execute(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, DbErr> {
    Ok(db
        .execute_raw(statement(db, sql, values))
        .await?
        .rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_its_place() {
        assert_eq!(places(3, 2), "$3, $4");
        assert_eq!(rows(2, 3), "($1, $2, $3), ($4, $5, $6)");
        assert_eq!(
            either(["a", "b"], 2),
            "a = $1 AND b = $2 OR a = $3 AND b = $4"
        );
    }
}
