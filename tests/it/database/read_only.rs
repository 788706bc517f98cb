//! A read-only database, such as a PostgreSQL standby: pages still work, for logged-in people too,
//! and writes are refused with a clear message.

use sea_orm::{ConnectionTrait, Database, DbBackend};

use crate::support::app::Site;
use crate::support::environment::server_url;
use crate::support::voters::asked;

/// Makes a site's database read-only, or writable again.
async fn only_read(site: &Site, only: bool) {
    let word = if only { "on" } else { "off" };
    if site.state.db.backend() == DbBackend::Sqlite {
        // Root can write to any file, so triggers on the tables refuse.
        for (table, change) in ["session", "ballot", "audit_event"]
            .into_iter()
            .flat_map(|table| ["INSERT", "UPDATE", "DELETE"].map(|change| (table, change)))
        {
            let name = format!("only_read_{table}_{change}");
            let sql = if only {
                format!(
                    "CREATE TRIGGER {name} BEFORE {change} ON {table} BEGIN SELECT RAISE(ABORT, 'only read'); END"
                )
            } else {
                format!("DROP TRIGGER {name}")
            };
            site.state
                .db
                .write()
                .execute_unprepared(&sql)
                .await
                .unwrap();
        }
        return;
    }
    let name = site.state.config.database_url.rsplit_once('/').unwrap().1;
    let server = Database::connect(server_url().unwrap()).await.unwrap();
    server
        .execute_unprepared(&format!(
            "ALTER DATABASE {name} SET default_transaction_read_only = {word}"
        ))
        .await
        .unwrap();
    // The setting applies to new connections.
    let others =
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    server.execute_unprepared(&others).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_database_still_shows_pages_to_those_logged_in() {
    for site in Site::on_each_database().await {
        // A flash message is pending, and the session's last-seen time is due.
        let (amy, poll) = (
            site.verified("amy", "+447400123456").await,
            asked(&site.state, |_| {}).await,
        );
        let ballot = format!("/polls/{poll}/vote");
        let mut filled_in = amy.form(&ballot, "Vote").await;
        filled_in.push(("choice".to_owned(), "1".to_owned()));
        let ben = site.verified("ben", "+447400123457").await;
        site.clock.advance(300);
        only_read(&site, true).await;
        for path in [
            &format!("/polls/{poll}"),
            &ballot,
            "/",
            "/account",
            "/account/polls",
            "/polls/new",
            "/account/recovery",
        ] {
            for person in [&amy, &ben] {
                person.get(path).await.says(200, "<h1");
            }
        }
        ben.get("/")
            .await
            .says(200, "Thanks, your number is verified.");
        for page in [
            amy.post(&ballot, &filled_in).await,
            amy.fill("/", "Log out", &[]).await,
        ] {
            page.says(503, "again in a moment.");
            assert_eq!(page.header("retry-after"), "5");
        }
        assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, 0);
        only_read(&site, false).await;
        ben.get("/")
            .await
            .says(200, "Thanks, your number is verified.");
        assert!(
            !ben.get("/")
                .await
                .body
                .contains("Thanks, your number is verified."),
            "it is said once"
        );
        assert_eq!(amy.post(&ballot, &filled_in).await.status, 303);
        assert_eq!(site.count("SELECT COUNT(*) FROM ballot").await, 1);
    }
}
