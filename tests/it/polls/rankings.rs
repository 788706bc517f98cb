//! Rankings counted each against each, and for several winners: from the form to the recount file.

use pollstr::polls::model::kind::Kind;
use pollstr::polls::model::poll::ResultsRule;
use pollstr::polls::sealing::recount::recount;
use pollstr::polls::sealing::recount_file::{Wrong, check};
use pollstr::polls::sealing::seal::seal_due;
use pollstr::polls::store::drafts::Draft;
use serde_json::{Value, json};

use crate::polls::create::{NUMBER, faults, id, made, make, run, stored, with};
use crate::polls::downloads::voted;
use crate::support::app::Site;
use crate::support::html;

const SEATS: Kind = Kind::Seats { seats: 2 };

/// Beagle and Poodle are elected. Two by two, Collie beats each other choice.
const VOTES: [&[i64]; 9] = [
    &[1, 2],
    &[1, 2],
    &[1, 2],
    &[1, 2, 3],
    &[2, 3],
    &[2, 4],
    &[4, 2],
    &[4, 2],
    &[4, 3, 2],
];

fn counted_by(kind: Kind) -> impl FnOnce(&mut Draft) {
    move |draft| {
        (draft.kind, draft.rankings, draft.results) = (kind, true, ResultsRule::Always);
    }
}

#[tokio::test]
async fn an_organiser_chooses_how_a_ranking_is_counted() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let ranked = |more: Value| {
        let mut form = with(json!({ "kind": "ranked", "choice": ["A", "B", "C", "D"] }));
        form.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        form
    };
    for (more, kind) in [
        (json!({}), Kind::Ranked),
        (json!({ "counting": "ranked", "seats": "2" }), Kind::Ranked),
        (json!({ "counting": "pairs" }), Kind::Pairs),
        (
            json!({ "counting": "seats", "seats": " 3 " }),
            Kind::Seats { seats: 3 },
        ),
        (json!({ "counting": "seats", "save": "draft" }), SEATS),
        (
            json!({ "counting": "seats", "seats": "20", "save": "draft" }),
            Kind::Seats { seats: 20 },
        ),
        (
            json!({ "kind": "single", "counting": "pairs" }),
            Kind::Single,
        ),
    ] {
        let path = made(&olga.call("create_poll", ranked(more.clone())).await);
        assert_eq!(stored(&site, &path).await.poll.kind, kind, "{more}");
    }
    let from_two = "Enter a number from 2 to 3.";
    for (more, field, error) in [
        (json!({ "counting": "seats" }), "seats", from_two),
        (
            json!({ "counting": "seats", "seats": "1" }),
            "seats",
            from_two,
        ),
        (
            json!({ "counting": "seats", "seats": "4" }),
            "seats",
            from_two,
        ),
        (
            json!({ "counting": "seats", "seats": "two" }),
            "seats",
            from_two,
        ),
        (
            json!({ "counting": "seats", "seats": "3", "choice": ["A", "B", "C"] }),
            "seats",
            "Enter 2 (one fewer than the choices).",
        ),
        (
            json!({ "counting": "seats", "seats": "2", "choice": ["A", "B"] }),
            "seats",
            "Several winners need at least three choices. Add one.",
        ),
        (
            json!({ "counting": "single" }),
            "counting",
            "Choose one of these.",
        ),
        (json!({ "kind": "pairs" }), "kind", "Choose one of these."),
        (json!({ "kind": "seats" }), "kind", "Choose one of these."),
    ] {
        let refused = faults(&olga.call("create_poll", ranked(more.clone())).await);
        assert_eq!(refused, json!({ field: error }), "{more}");
    }
}

#[tokio::test]
async fn the_form_keeps_how_a_ranking_is_counted() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let form = [
        ("question", "Who?"),
        ("choice", "A"),
        ("choice", "B"),
        ("choice", "C"),
        ("kind", "ranked"),
        ("counting", "seats"),
        ("seats", "9"),
    ];
    let refused = olga.fill("/polls/new", "Create poll", &form).await;
    refused.says(422, "id=\"seats-error\"");
    refused.says(422, "value=\"seats\" checked");
    let seats = |body: &str| html::attribute(body, "input[name=seats]", "value");
    assert_eq!(seats(&refused.body).as_deref(), Some("9"));

    let path = make(
        &olga,
        json!({ "kind": "ranked", "counting": "seats", "seats": "2", "choice": ["A", "B", "C"], "save": "draft" }),
    )
    .await;
    let again = made(&run(&olga, "copy_poll", &path).await);
    assert_eq!(stored(&site, &again).await.poll.kind, SEATS);
    for path in [path.clone(), again.trim_end_matches("/edit").to_owned()] {
        let page = olga.get(&format!("{path}/edit")).await;
        page.says(200, "value=\"ranked\" checked");
        page.says(200, "value=\"seats\" checked");
        assert_eq!(seats(&page.body).as_deref(), Some("2"));
    }
    // A draft may lose choices, but then it can't open.
    let two = json!({ "poll": id(&path), "question": "Who?", "choice": ["A", "B"], "kind": "ranked", "counting": "seats", "seats": "2", "save": "draft" });
    made(&olga.call("edit_poll", two).await);
    run(&olga, "open_poll", &path)
        .await
        .says(422, "This draft needs more choices.");
}

#[tokio::test]
async fn each_way_of_counting_is_told_and_can_be_recounted() {
    for (kind, badge, line, live, verdict) in [
        (
            Kind::Pairs,
            "Ranked, each against each",
            "One winner: each choice is compared with each other",
            "“Collie” leads: two by two, it beats each other choice.",
            "“Collie” wins: two by two, it beats each other choice.",
        ),
        (
            SEATS,
            "Ranked, 2 winners",
            "2 winners, in proportion",
            "“Beagle” and “Poodle” are ahead for 2 seats.",
            "“Beagle” and “Poodle” are elected.",
        ),
    ] {
        for site in Site::on_each_database().await {
            let (poll, _) = voted(&site, counted_by(kind), &VOTES).await;
            let visitor = site.visitor();
            let page = visitor.get(&poll).await;
            page.says(200, badge);
            page.says(200, line);
            page.says(200, "How votes are counted and ties decided");
            for path in ["results", "screen", "embed"] {
                visitor.get(&format!("{poll}/{path}")).await.says(200, live);
            }
            site.clock.advance(3_600);
            visitor.get(&poll).await.says(200, line);
            seal_due(&site.state.db, &site.clock).await.unwrap();
            let results = visitor.get(&format!("{poll}/results")).await;
            results.says(200, verdict);
            results.says(200, "How it was counted");
            let picture = visitor.get(&format!("{poll}/result.png")).await;
            assert_eq!(picture.status, 200);
            let bundle = visitor.get(&format!("{poll}/bundle.json")).await.body;
            check(bundle.as_bytes()).unwrap();
            let name = id(&poll);
            let recounted = recount(&site.state.db, &name, site.clock.now()).await;
            assert_eq!(recounted.unwrap().unwrap().faults, [""; 0]);
            let file: Value = serde_json::from_str(&bundle).unwrap();
            let json = visitor.get(&format!("{poll}/results.json")).await.body;
            let json: Value = serde_json::from_str(&json).unwrap();
            assert_eq!(file["count"], json["count"]);
        }
    }
}

#[tokio::test]
async fn pairs_have_a_table_of_each_against_each() {
    let site = Site::new().await;
    let (poll, _) = voted(&site, counted_by(Kind::Pairs), &VOTES).await;
    site.clock.advance(3_600);
    seal_due(&site.state.db, &site.clock).await.unwrap();
    let visitor = site.visitor();
    let page = visitor.get(&format!("{poll}/results")).await.body;
    let winner = html::texts(&page, ".pairs tr:has(.badge) th").concat();
    assert!(
        winner.contains("Collie") && winner.contains("Winner"),
        "{winner}"
    );
    let cells = html::texts(&page, ".pairs tr:has(.badge) td");
    let cells: Vec<_> = cells.iter().map(|cell| cell.trim()).collect();
    assert_eq!(cells, ["5 to 4", "–", "8 to 1", "6 to 3"]);
    let csv = visitor.get(&format!("{poll}/results.csv")).await.body;
    let head = "choice,votes,percent,leads,above Beagle,above Collie,above Dachshund,above Poodle";
    assert_eq!(
        csv.lines().next().unwrap().trim_start_matches('\u{feff}'),
        head
    );
    assert!(csv.contains("Collie,2,22,yes,5,,8,6\r\n"), "{csv}");
    let blt = visitor.get(&format!("{poll}/results.blt")).await.body;
    assert!(blt.starts_with("4 1\n"), "{blt}");
    let bundle = visitor.get(&format!("{poll}/bundle.json")).await.body;
    let other = bundle.replacen("[0,4,", "[0,3,", 1);
    assert_ne!(other, bundle);
    assert!(matches!(check(other.as_bytes()), Err(Wrong::Results)));
}

#[tokio::test]
async fn seats_have_a_table_of_each_stage() {
    let site = Site::new().await;
    let (poll, _) = voted(&site, counted_by(SEATS), &VOTES).await;
    let visitor = site.visitor();
    let live = visitor.get(&format!("{poll}/results")).await;
    live.says(200, "reaches the quota and would be elected.");
    live.says(200, "would be elected in stage 1");
    let said = html::texts(&live.body, ".verdict, .result-note, .badge, .round-end").concat();
    let said = said.replace("would be elected", "").to_lowercase();
    assert!(!said.contains("elected"), "{said}");
    site.clock.advance(3_600);
    seal_due(&site.state.db, &site.clock).await.unwrap();
    let page = visitor.get(&format!("{poll}/results")).await;
    // Nine votes, a third of them and one: the quota is 4.
    page.says(200, "9 votes for 2 seats");
    page.says(200, "The quota here: 9 ÷ 3, rounded down, plus 1: 4 votes.");
    page.says(200, "reaches the quota and is elected.");
    page.says(200, "out after stage 1");
    let csv = visitor.get(&format!("{poll}/results.csv")).await.body;
    assert!(csv.contains(",leads,stage 1,stage 2,stage 3\r\n"), "{csv}");
    assert!(
        csv.contains("Beagle,4,44,yes,4.00000,4.00000,4.00000\r\n"),
        "{csv}"
    );
    let blt = visitor.get(&format!("{poll}/results.blt")).await.body;
    assert!(blt.starts_with("4 2\n"), "{blt}");
    let bundle = visitor.get(&format!("{poll}/bundle.json")).await.body;
    let other = bundle.replacen("\"quota\":4", "\"quota\":5", 1);
    assert!(matches!(check(other.as_bytes()), Err(Wrong::Results)));
}

#[tokio::test]
async fn what_the_method_leaves_open_waits_for_the_draw() {
    for (kind, open) in [
        (Kind::Pairs, "two by two, “Beagle” and “Collie” are level."),
        (
            SEATS,
            "in stage 2, “Beagle” and “Collie” are tied for last.",
        ),
    ] {
        for site in Site::on_each_database().await {
            let votes: [&[i64]; 7] = [&[1, 2], &[2, 1], &[1, 2], &[2, 1], &[3], &[3], &[3]];
            let (poll, _) = voted(&site, counted_by(kind), &votes).await;
            let visitor = site.visitor();
            let results = visitor.get(&format!("{poll}/results")).await;
            results.says(200, "Still open: ");
            results.says(200, open);
            results.says(200, "A draw at the close decides");
            site.clock.advance(3_600);
            seal_due(&site.state.db, &site.clock).await.unwrap();
            let results = visitor.get(&format!("{poll}/results")).await;
            assert!(!results.body.contains("Still open"), "{}", results.body);
            let bundle = visitor.get(&format!("{poll}/bundle.json")).await.body;
            check(bundle.as_bytes()).unwrap();
            assert!(bundle.contains("\"tie\":\"drawn\""), "{bundle}");
        }
    }
}
