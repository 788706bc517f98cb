//! Unit tests of `search`.

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, Database, DbBackend, QueryTrait};

use super::*;
use crate::polls::admin::listing::{Listing, PollFilter, listed};
use crate::polls::manage::commands as organiser;
use crate::polls::sealing::seal;

#[tokio::test]
async fn no_list_reads_all_polls_there_are() {
    let mut memory = ConnectOptions::new("sqlite::memory:");
    let db = Database::connect(memory.max_connections(1).to_owned())
        .await
        .unwrap();
    Migrator::up(&db, None).await.unwrap();
    let lists = [
        ("open", OPEN),
        ("closed", CLOSED),
        ("just closed", JUST_CLOSED),
    ]
    .into_iter()
    .flat_map(|(what, state)| {
        let pages = [
            (None, None),
            (None, Some("x")),
            (Some("a kind of dog"), None),
            (Some("a kind of dog"), Some("x")),
        ];
        pages.map(|(search, after)| {
            let (search, after) = (search.map(str::to_owned), after.map(str::to_owned));
            let which = Which {
                closed: false,
                closing_first: false,
                search,
                after,
                skip: 0,
                limit: 21,
            };
            (what, part(&db, &which, state, 0))
        })
    });
    let by_closing = |after: Option<&str>| {
        let which = Which {
            closed: false,
            closing_first: true,
            search: None,
            after: after.map(str::to_owned),
            skip: 0,
            limit: 21,
        };
        closing(&db, &which, 0)
    };
    let watched = |search: &str, filter: PollFilter| {
        let wanted = Listing {
            filter,
            search,
            before: None,
            limit: 51,
        };
        listed(&db, wanted, 0)
    };
    let others = [
        ("closing soon", by_closing(None)),
        ("closing later", by_closing(Some("x"))),
        ("due for sealing", seal::due(&db, 0)),
        (
            "one's own",
            organiser::of_owner(1, None).build(DbBackend::Sqlite),
        ),
        ("all", watched("", PollFilter::All)),
        ("all, by words", watched("a kind of dog", PollFilter::All)),
        ("all closed ones", watched("", PollFilter::Closed)),
    ];
    for (what, statement) in lists.chain(others) {
        let plan = Statement {
            sql: format!("EXPLAIN QUERY PLAN {}", statement.sql),
            ..statement
        };
        let plan = db.query_all_raw(plan).await.unwrap();
        let plan: Vec<String> = plan
            .iter()
            .map(|step| step.try_get("", "detail").unwrap())
            .collect();
        assert!(
            plan.iter()
                .any(|step| step.starts_with("SEARCH poll USING")),
            "{what}: {plan:#?}"
        );
        // A range over all ids is a full scan, too.
        let all = |step: &String| {
            step.starts_with("SCAN poll") || (what == "all, by words" && step.contains("rowid<?"))
        };
        assert!(!plan.iter().any(all), "{what}: {plan:#?}");
        // The list goes on from its place in the index.
        let places = ["<expr>=? AND id>?)", "<expr>>?)"];
        let at_place = |place: &&str| plan.iter().any(|step| step.contains(*place));
        assert!(
            what != "closing later" || places.iter().all(at_place),
            "{what}: {plan:#?}"
        );
        // Only small result sets are sorted.
        let few = plan
            .iter()
            .any(|step| step.contains("INDEX poll_due (sealing_state=? AND closes_at<?)"));
        assert_eq!(
            few,
            ["just closed", "due for sealing"].contains(&what),
            "{what}: {plan:#?}"
        );
        assert!(
            few || !plan
                .iter()
                .any(|step| step.contains("TEMP B-TREE FOR ORDER BY")),
            "{what}: {plan:#?}"
        );
    }
}
