//! Making polls and running them: every limit at its edge, and what happens when two things happen at once.

use futures::future::join_all;
use pollstr::polls::orphans;
use pollstr::polls::poll::Kind;
use pollstr::polls::store;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::people::{Page, Person};
use crate::site::{DAWN, Site, until};

const NUMBER: &str = "+447700900123";

/// A poll's path, out of the answer to a call.
fn made(page: &Page) -> String {
    assert_eq!(page.status, 200, "{}", page.body);
    let next: Value = serde_json::from_str(&page.body).unwrap();
    next["next"].as_str().unwrap().to_owned()
}

fn id(path: &str) -> String {
    path.split('/').nth(2).unwrap().to_owned()
}

/// The messages by field of a call that was refused.
fn faults(page: &Page) -> Value {
    assert_eq!(page.status, 422, "{}", page.body);
    serde_json::from_str::<Value>(&page.body).unwrap()["fields"].clone()
}

/// A poll of this person's with these besides a question and two choices.
async fn make(person: &Person, more: Value) -> String {
    made(&person.call("create_poll", with(more)).await)
}

fn with(more: Value) -> Value {
    let mut poll = json!({ "question": "Tea or coffee?", "choice": ["Tea", "Coffee"] });
    poll.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    poll
}

async fn run(person: &Person, function: &str, path: &str) -> Page {
    person.call(function, json!({ "poll": id(path) })).await
}

async fn stored(site: &Site, path: &str) -> store::Stored {
    store::find(site.ground.db.read(), &id(path), site.clock.now()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_question_and_two_choices_make_a_poll_that_is_open_and_listed() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        let page = olga.fill("/polls/new", "Create poll", &[("question", "Tea or coffee?"), ("choice", "Tea"), ("choice", "Coffee")]).await;
        let path = page.header("location").to_owned();
        assert_eq!((page.status.as_u16(), path.starts_with("/polls/")), (303, true), "{}", page.body);
        let by_call = make(&olga, json!({})).await;
        for path in [&path, &by_call] {
            site.visitor().get(path).await.says(200, "Tea or coffee?");
            site.visitor().get("/").await.says(200, path);
            let poll = stored(&site, path).await.poll;
            let words = serde_json::to_value(&poll).unwrap();
            assert_eq!((&words["kind"], &words["results"], &words["state"]), (&json!("single"), &json!("after_vote"), &json!("open")));
            assert_eq!((poll.opens_at, poll.closes_at, poll.listed), (DAWN, None, true));
            assert_eq!((poll.changeable, poll.shuffled, poll.rankings, poll.countries.len()), (false, false, false, 0));
        }
        olga.fill(&format!("{path}/vote"), "Vote", &[("choice", "1")]).await.goes_to(&format!("{path}/results"));
    }
}

#[tokio::test]
async fn everything_that_can_be_said_of_a_poll_is_kept() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        let said = json!({
            "description": "All day.\nhttps://example.org/tea", "kind": "ranked", "rankings": "yes", "results": "after_close",
            "zone": "Europe/Berlin", "opens": "2026-11-25T08:00", "closes": "2026-11-26T20:00", "listed": "no", "changeable": "yes",
            "shuffled": true, "countries": "+49, 0044",
        });
        let path = make(&olga, said).await;
        let store::Stored { poll, zone, owner, .. } = stored(&site, &path).await;
        assert!(owner.is_some() && !poll.listed && poll.changeable && poll.shuffled && poll.rankings);
        assert_eq!((zone.as_str(), poll.opens_at, poll.closes_at), ("Europe/Berlin", 1_795_590_000, Some(1_795_719_600)));
        assert_eq!(
            (poll.countries, poll.description.as_str()),
            (vec!["44".to_owned(), "49".to_owned()], "All day.\nhttps://example.org/tea")
        );
        olga.get(&path).await.says(200, "<a href=\"https://example.org/tea\" rel=\"nofollow noopener noreferrer ugc\">");
        let form = olga.get(&format!("{path}/edit")).await;
        for shown in ["value=\"2026-11-25T08:00\"", "value=\"2026-11-26T20:00\"", "value=\"+44 +49\"", "value=\"Coffee\""] {
            form.says(200, shown);
        }
    }
}

#[tokio::test]
async fn every_limit_holds_at_its_edge_and_is_told_at_its_field() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let dogs = |count| "🐕".repeat(count);
    let many = |count: usize| (1..=count).map(|n| format!("Choice {n}")).collect::<Vec<_>>();
    for right in [
        json!({ "question": dogs(200) }),
        json!({ "question": "  Tea \n or\tcoffee?  " }),
        json!({ "description": "d".repeat(2_000) }),
        json!({ "choice": [dogs(200), "b"] }),
        json!({ "choice": many(50) }),
        json!({ "choice": ["", "Tea", " ", "Coffee", "\u{200b}"] }),
        json!({ "kind": "multiple", "choice": many(5), "most": "5" }),
        json!({ "kind": "multiple", "most": 2 }),
        json!({ "kind": "multiple" }),
        json!({ "closes": "2026-11-24T06:00:01", "zone": "UTC" }),
        json!({ "opens": "2026-11-24T06:00", "zone": "UTC" }),
        json!({ "countries": ["+1", "+7 +44"] }),
    ] {
        make(&olga, right).await;
    }
    for (wrong, field, words) in [
        (json!({ "question": "" }), "question", "Write the question first."),
        (json!({ "question": "\u{200b} " }), "question", "Write the question first."),
        (json!({ "question": dogs(201) }), "question", "Please shorten this to 200 characters; it has 201."),
        (json!({ "question": "a\u{7}b" }), "question", "There is a character in this that cannot be shown. Please type it again."),
        (json!({ "description": "d".repeat(2_001) }), "description", "Please shorten this to 2000 characters; it has 2001."),
        (json!({ "choice": ["Tea", dogs(201)] }), "choice_2", "Please shorten this to 200 characters; it has 201."),
        (json!({ "choice": "Tea" }), "choice", "A poll needs two choices at least."),
        (json!({ "choice": [] }), "choice", "A poll needs two choices at least."),
        (json!({ "choice": many(51) }), "choice", "A poll has 50 choices at most."),
        (json!({ "choice": ["Tea", "Coffee", "tEA"] }), "choice_3", "This is the same as choice 1. Please change or remove one of them."),
        (
            json!({ "choice": ["Café au lait", "x", "cafe\u{301}  AU LAIT"] }),
            "choice_3",
            "This is the same as choice 1. Please change or remove one of them.",
        ),
        (json!({ "choice": ["ﬁne", "fine"] }), "choice_2", "This is the same as choice 1. Please change or remove one of them."),
        (json!({ "choice": ["Yes", "Yes\u{200b}"] }), "choice_2", "This is the same as choice 1. Please change or remove one of them."),
        (json!({ "kind": "dictated" }), "kind", "Please choose one of these."),
        (json!({ "kind": "multiple", "most": 1 }), "most", "Please type 2, the number of choices."),
        (json!({ "kind": "multiple", "most": 3 }), "most", "Please type 2, the number of choices."),
        (json!({ "results": "never" }), "results", "Please choose one of these."),
        (json!({ "listed": "perhaps" }), "listed", "Please choose one of these."),
        (json!({ "zone": "Europe/Nowhere" }), "zone", "There is no time zone of this name. Choose one from the list."),
        (json!({ "opens": "2026-11-24T05:59" }), "opens", "This time has passed. Choose a later one, or leave it empty to open at once."),
        (json!({ "closes": "2026-11-24T06:00" }), "closes", "This time has passed. Choose a later one."),
        (
            json!({ "opens": "2026-11-25T10:00", "closes": "2026-11-25T10:00" }),
            "closes",
            "A poll closes after it opens. Choose a later time.",
        ),
        (json!({ "closes": "soon" }), "closes", "We could not read this time. Choose a day and a time, as in 2026-11-24T18:30."),
        (
            json!({ "opens": "2027-03-28T02:30", "zone": "Europe/Berlin" }),
            "opens",
            "In Europe/Berlin the clocks are put forward that day, and this time is skipped. Choose an earlier or a later one.",
        ),
        (json!({ "countries": "+44 +999" }), "countries", "No country has the calling code +999. Type codes like +44 +49."),
    ] {
        let faults = faults(&olga.call("create_poll", with(wrong.clone())).await);
        assert_eq!(faults, json!({ field: words }), "{wrong}");
    }
}

#[tokio::test]
async fn where_a_clock_shows_a_time_twice_the_poll_is_open_for_longer() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let times = json!({ "zone": "Europe/Berlin", "opens": "2027-10-31T02:30", "closes": "2027-10-31T02:30" });
    let poll = stored(&site, &make(&olga, times).await).await.poll;
    assert_eq!(poll.closes_at.unwrap() - poll.opens_at, 3_600);
}

#[tokio::test]
async fn a_form_that_is_refused_or_changed_comes_back_with_everything_that_was_typed() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let typed = [
        ("question", "Tea & \"coffee\"?"),
        ("description", "</textarea><b>"),
        ("choice", "Tea"),
        ("choice", "tea"),
        ("choice", "Water"),
        ("kind", "multiple"),
        ("most", "2"),
        ("opens", "2026-12-01T10:00"),
        ("closes", "2026-12-02T10:00"),
        ("zone", "Asia/Tokyo"),
        ("results", "after_close"),
        ("listed", "no"),
        ("shuffled", "yes"),
        ("countries", "+44"),
    ];
    let kept = [
        "value=\"Tea &amp; &quot;coffee&quot;?\"",
        "&lt;/textarea&gt;&lt;b&gt;",
        "value=\"multiple\" checked",
        "value=\"2026-12-01T10:00\"",
        "value=\"2026-12-02T10:00\"",
        "value=\"Asia/Tokyo\" selected",
        "value=\"after_close\" checked",
        "value=\"no\" checked",
        "value=\"+44\"",
    ];
    let refused = olga.fill("/polls/new", "Create poll", &typed).await;
    refused.says(422, "This is the same as choice 1.");
    refused.says(422, "id=\"choice-2-error\"");
    let mut change = typed.to_vec();
    change.push(("change", "down 1"));
    let changed = olga.fill("/polls/new", "Create poll", &change).await;
    assert!(!changed.body.contains("class=\"error\""));
    assert_eq!(changed.header("hx-push-url"), "false");
    for (page, status) in [(refused, 422), (changed, 200)] {
        for kept in kept {
            page.says(status, kept);
        }
        let choices: Vec<_> = page.body.split("name=\"choice\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(choices, if status == 422 { ["Tea", "tea", "Water"] } else { ["tea", "Tea", "Water"] });
    }
    assert_eq!(site.count("SELECT COUNT(*) FROM poll WHERE owner_id IS NOT NULL").await, 0);
}

#[tokio::test]
async fn a_draft_is_its_owners_alone_until_it_is_opened() {
    for site in Site::on_each_database().await {
        let (olga, paul) = (site.verified("olga", NUMBER).await, site.verified("paul", "+447700900124").await);
        let path = make(&olga, json!({ "save": "draft", "choice": "Tea", "closes": "2020-01-01T00:00" })).await;
        paul.get(&path).await.says(404, "There is nothing here");
        paul.get(&format!("{path}/vote")).await.says(404, "There is nothing here");
        assert!(!site.visitor().get("/").await.body.contains(&path));
        olga.get("/account/polls").await.says(200, &path);
        olga.get(&path).await.says(200, "This is a draft. Nobody else can see it.");
        olga.get(&format!("{path}/vote")).await.says(200, "This is a preview");
        assert_eq!(olga.call("cast_vote", json!({ "poll": id(&path), "choice": "1" })).await.status, 404);
        run(&olga, "open_poll", &path).await.says(422, "it needs more choices");
        let edit = |more| {
            let (olga, mut form) = (olga.clone(), with(more));
            form["poll"] = json!(id(&path));
            async move { olga.call("edit_poll", form).await }
        };
        made(&edit(json!({ "save": "draft", "closes": "2020-01-01T00:00" })).await);
        run(&olga, "open_poll", &path).await.says(422, "The closing time of this poll has passed.");
        made(&edit(json!({ "save": "draft" })).await);
        made(&run(&olga, "open_poll", &path).await);
        paul.get(&path).await.says(200, "Tea or coffee?");
        assert_eq!(stored(&site, &path).await.poll.opens_at, DAWN);
        run(&olga, "open_poll", &path).await.says(422, "This poll has opened already.");
    }
}

#[tokio::test]
async fn what_is_asked_freezes_when_the_poll_opens() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        let path = make(&olga, json!({ "opens": "2026-11-24T07:00", "closes": "2026-11-24T09:00" })).await;
        let edit = || olga.call("edit_poll", with(json!({ "poll": id(&path), "question": "Beer?", "opens": "2026-11-24T07:00" })));
        olga.get(&format!("{path}/vote")).await.says(200, "This is a preview");
        site.clock.advance(3_599);
        made(&edit().await);
        assert_eq!(stored(&site, &path).await.poll.question, "Beer?");
        site.clock.advance(1);
        edit().await.says(422, "This poll has opened");
        olga.get(&format!("{path}/edit")).await.says(200, "This poll has opened");
        olga.fill(&format!("{path}/vote"), "Vote", &[("choice", "2")]).await.goes_to(&format!("{path}/results"));
    }
}

#[tokio::test]
async fn an_open_poll_is_extended_and_closed_and_a_closed_one_stays_so() {
    for site in Site::on_each_database().await {
        let (olga, paul) = (site.verified("olga", NUMBER).await, site.verified("paul", "+447700900124").await);
        let path = make(&olga, json!({ "zone": "Europe/Berlin", "closes": "2026-11-24T08:00" })).await;
        let extend = |closes: &str| {
            let (olga, form) = (olga.clone(), json!({ "poll": id(&path), "closes": closes }));
            async move { olga.call("extend_poll", form).await }
        };
        assert_eq!(stored(&site, &path).await.poll.closes_at, Some(DAWN + 3_600));
        for (typed, words) in
            [("2026-11-24T08:00", "The poll is open until then anyway"), ("2026-11-24T07:00", "has passed"), ("", "could not read")]
        {
            assert!(faults(&extend(typed).await)["closes"].as_str().unwrap().contains(words), "{typed}");
        }
        made(&extend("2026-11-24T08:01").await);
        assert_eq!(stored(&site, &path).await.poll.closes_at, Some(DAWN + 3_660));
        site.clock.advance(10);
        made(&run(&olga, "close_poll", &path).await);
        assert_eq!(stored(&site, &path).await.poll.closes_at, Some(DAWN + 10));
        let late = paul.call("cast_vote", json!({ "poll": id(&path), "choice": "1" })).await;
        late.says(422, "Voting has ended, so this vote was not counted.");
        extend("2026-11-25T08:01").await.says(422, "This poll is closed, and stays closed");
        run(&olga, "close_poll", &path).await.says(422, "This poll is not open");
        run(&olga, "open_poll", &path).await.says(422, "This poll has opened already.");
    }
}

#[tokio::test]
async fn a_poll_is_unlisted_copied_and_deleted_with_everything_in_it() {
    for site in Site::on_each_database().await {
        let (olga, paul) = (site.verified("olga", NUMBER).await, site.verified("paul", "+447700900124").await);
        let path = make(&olga, json!({ "kind": "multiple", "changeable": "yes", "countries": "+44" })).await;
        paul.fill(&format!("{path}/vote"), "Vote", &[("choice", "2"), ("choice", "1")]).await.goes_to(&format!("{path}/results"));
        olga.fill(&path, "Take it off the lists", &[]).await.goes_to(&path);
        assert!(!site.visitor().get("/").await.body.contains(&path));
        site.visitor().get(&path).await.says(200, "Tea or coffee?");
        olga.fill(&path, "Put it on the lists", &[]).await.goes_to(&path);
        site.visitor().get("/").await.says(200, &path);
        let copy = olga.fill(&path, "Copy into a new draft", &[]).await;
        let copy = copy.header("location").trim_end_matches("/edit").to_owned();
        let poll = stored(&site, &copy).await.poll;
        assert_eq!(
            (poll.question.as_str(), poll.choices.len(), poll.changeable, poll.countries),
            ("Tea or coffee?", 2, true, vec!["44".to_owned()])
        );
        olga.fill(&path, "Delete for good", &[]).await.goes_to("/account/polls");
        olga.get(&path).await.says(404, "There is nothing here");
        orphans::forget(&site.ground.db).await.unwrap();
        for table in ["participation", "ballot", "tally"] {
            assert_eq!(site.count(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
        made(&run(&olga, "delete_poll", &copy).await);
        orphans::forget(&site.ground.db).await.unwrap();
        assert_eq!(site.count("SELECT COUNT(*) FROM choice JOIN poll ON poll.id = choice.poll_id WHERE owner_id IS NOT NULL").await, 0);
        for what in ["poll made", "poll deleted"] {
            assert_eq!(site.count(&format!("SELECT COUNT(*) FROM event WHERE what = '{what}'")).await, 2, "{what}");
        }
    }
}

#[tokio::test]
async fn a_poll_that_is_deleted_is_gone_at_once_however_long_its_votes_take() {
    for site in Site::on_each_database().await {
        let db = &site.ground.db;
        let (olga, paul) = (site.verified("olga", NUMBER).await, site.verified("paul", "+447700900124").await);
        let path = make(&olga, json!({})).await;
        made(&paul.call("cast_vote", json!({ "poll": id(&path), "choice": "1" })).await);
        // More than go at once.
        let postgres = db.backend() == sea_orm::DbBackend::Postgres;
        let bytes = if postgres { "decode(md5(random()::text), 'hex')" } else { "randomblob(16)" };
        let numbers = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5001)";
        let of_poll = format!("(SELECT id FROM poll WHERE public_id = '{}')", id(&path));
        let sql =
            format!("{numbers} INSERT INTO ballot (poll_id, id, choices, receipt) SELECT {of_poll}, {bytes}, '1', {bytes} FROM numbers");
        db.write().execute_unprepared(&sql).await.unwrap();
        let held = db.begin().await.unwrap();
        if postgres {
            // Its ballots cannot go as long as somebody holds one. SQLite has one writer.
            held.execute_unprepared("SELECT id FROM ballot LIMIT 1 FOR UPDATE").await.unwrap();
        } else {
            held.rollback().await.unwrap();
        }
        olga.fill(&path, "Delete for good", &[]).await.goes_to("/account/polls");
        for person in [&olga, &paul, &site.visitor()] {
            person.get(&path).await.says(404, "There is nothing here");
        }
        assert_eq!(olga.call("cast_vote", json!({ "poll": id(&path), "choice": "1" })).await.status, 404);
        assert!(!olga.get("/account/polls").await.body.contains(&path));
    }
}

#[tokio::test]
async fn what_is_left_of_a_poll_that_was_deleted_by_halves_goes_with_the_hour() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        let path = make(&olga, json!({})).await;
        made(&olga.call("cast_vote", json!({ "poll": id(&path), "choice": "1" })).await);
        // As a process leaves it that ends after the marks.
        let run = async |sql: &str| site.ground.db.write().execute_unprepared(sql).await.unwrap();
        run(&format!("UPDATE poll SET draft = TRUE, owner_id = NULL WHERE public_id = '{}'", id(&path))).await;
        run("DELETE FROM participation").await;
        orphans::forget(&site.ground.db).await.unwrap();
        for table in ["participation", "ballot", "tally"] {
            assert_eq!(site.count(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
        assert_eq!(site.count(&format!("SELECT COUNT(*) FROM poll WHERE public_id = '{}'", id(&path))).await, 0);
    }
}

#[tokio::test]
async fn what_is_not_as_usual_stays_unfolded_when_a_button_changes_the_choices() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let unfolded = |page: &Page| {
        let sections = page.body.split("<details").skip(1).map(|section| section.split('>').next().unwrap());
        sections.filter(|section| section.contains("class=\"more\"")).map(|section| section.contains(" open")).collect::<Vec<_>>()
    };
    let usual = [("opens", ""), ("closes", ""), ("zone", "UTC"), ("results", "after_vote"), ("listed", "yes"), ("countries", "")];
    let page = olga.fill("/polls/new", "Create poll", &[&usual[..], &[("change", "add")]].concat()).await;
    assert_eq!(unfolded(&page), [false; 4]);
    for (name, value, section) in [
        ("opens", "2027-01-01T10:00", 0),
        ("closes", "2027-01-01T10:00", 0),
        ("results", "always", 1),
        ("results", "after_close", 1),
        ("listed", "no", 2),
        ("countries", "+44", 2),
        ("changeable", "yes", 3),
        ("shuffled", "yes", 3),
    ] {
        let others = usual.iter().copied().filter(|(other, _)| *other != name);
        let form: Vec<(&str, &str)> = others.chain([(name, value), ("change", "add")]).collect();
        let open = unfolded(&olga.fill("/polls/new", "Create poll", &form).await);
        assert_eq!((0..4).map(|place| place == section).collect::<Vec<_>>(), open, "{name}={value}");
    }
}

#[tokio::test]
async fn as_many_as_one_likes_stays_so_when_a_draft_gets_more_choices() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let most = |page: &Page| {
        let input = page.body.split("name=\"most\"").nth(1).unwrap().split('>').next().unwrap();
        input.split("value=\"").nth(1).and_then(|value| value.split('"').next()).unwrap_or_default().to_owned()
    };
    for (typed, choices, shown) in
        [("", &["Tea"][..], ""), ("", &["Tea", "Coffee"], ""), ("3", &["Tea", "Coffee"], "3"), ("2", &["A", "B", "C"], "2")]
    {
        let path = make(&olga, json!({ "kind": "multiple", "most": typed, "choice": choices, "save": "draft" })).await;
        let page = olga.get(&format!("{path}/edit")).await;
        assert_eq!(most(&page), shown, "{typed} of {choices:?}");
        let form =
            json!({ "poll": id(&path), "question": "?!a", "choice": ["A", "B", "C", "D", "E"], "kind": "multiple", "most": most(&page) });
        made(&olga.call("edit_poll", form).await);
        let expected = shown.parse().unwrap_or(5);
        assert_eq!(stored(&site, &path).await.poll.kind, Kind::Multiple { most: expected });
    }
}

#[tokio::test]
async fn a_poll_that_is_changed_before_it_opens_is_counted_as_it_is_now_everywhere() {
    for site in Site::on_each_database().await {
        let twin = site.twin().await;
        let olga = site.verified("olga", NUMBER).await;
        let path = make(&olga, json!({ "opens": "2027-01-01T00:00", "results": "always" })).await;
        let results = format!("{path}/results");
        twin.visitor().get(&results).await.says(200, ">Coffee<");
        let form = json!({ "poll": id(&path), "question": "Tea or milk?", "choice": ["Tea", "Milk"], "opens": "2027-01-01T00:00", "results": "always" });
        made(&olga.call("edit_poll", form).await);
        twin.visitor().get(&results).await.says(200, ">Milk<");
    }
}

#[tokio::test]
async fn what_was_done_through_a_process_is_seen_there_at_once() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let ada = site.verified("ada", "+447700900124").await;
    site.ground.db.write().execute_unprepared("UPDATE account SET role = 'admin' WHERE username = 'ada'").await.unwrap();
    let path = make(&olga, json!({ "opens": "2027-01-01T00:00", "results": "always" })).await;
    let here = site.with_a_memory().await;
    let (olga, ada, visitor) = (olga.at(&here.origin), ada.at(&here.origin), here.visitor());
    visitor.get(&path).await.says(200, "Tea or coffee?");
    visitor.get(&format!("{path}/results")).await.says(200, ">Coffee<");
    let form = json!({ "poll": id(&path), "question": "Tea or milk?", "choice": ["Tea", "Milk"], "opens": "2027-01-01T00:00", "results": "always" });
    made(&olga.call("edit_poll", form).await);
    visitor.get(&format!("{path}/results")).await.says(200, ">Milk<");
    made(&run(&olga, "open_poll", &path).await);
    visitor.get(&path).await.says(200, ">Open<");
    made(&olga.call("list_poll", json!({ "poll": id(&path), "listed": "no" })).await);
    visitor.get(&path).await.says(200, "By link only");
    made(&olga.call("cast_vote", json!({ "poll": id(&path), "choice": "2" })).await);
    visitor.get(&format!("{path}/results")).await.says(200, "1 vote so far");
    made(&olga.call("extend_poll", json!({ "poll": id(&path), "closes": "2027-01-02T00:00" })).await);
    visitor.get(&path).await.says(200, "Open until");
    made(&run(&olga, "close_poll", &path).await);
    visitor.get(&path).await.says(200, ">Closed<");
    made(&ada.call("take_down_poll", json!({ "poll": id(&path), "reason": "Spam" })).await);
    visitor.get(&path).await.says(404, "There is nothing here");
    made(&ada.call("put_back_poll", json!({ "poll": id(&path) })).await);
    visitor.get(&path).await.says(200, ">Closed<");
    made(&run(&olga, "delete_poll", &path).await);
    visitor.get(&path).await.says(404, "There is nothing here");
    // What a stranger posts leaves it all as it is.
    let other = site.poll().await;
    visitor.get(&other).await.says(200, "Share this poll");
    site.ground.db.write().execute_unprepared("UPDATE poll SET question = 'Changed behind its back'").await.unwrap();
    visitor.fill("/login", "Log in", &[("username", "nobody"), ("password", "no password at all")]).await.says(422, "match");
    assert!(!visitor.get(&other).await.body.contains("Changed behind"));
}

#[tokio::test]
async fn only_its_owner_runs_a_poll() {
    let site = Site::new().await;
    let (olga, paul) = (site.verified("olga", NUMBER).await, site.verified("paul", "+447700900124").await);
    let path = make(&olga, json!({ "opens": "2027-01-01T00:00" })).await;
    for function in ["open_poll", "close_poll", "extend_poll", "list_poll", "copy_poll", "delete_poll", "edit_poll"] {
        assert_eq!(run(&paul, function, &path).await.status, 404, "{function}");
        assert_eq!(run(&paul, function, &site.poll().await).await.status, 404, "{function}: the demo's polls are nobody's");
    }
    paul.get(&format!("{path}/edit")).await.says(404, "There is nothing here");
    assert!(!paul.get(&path).await.body.contains("organiser"));
    assert!(!paul.get("/account/polls").await.body.contains(&path));
    paul.get(&format!("{path}/vote")).await.says(200, "Voting begins on");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_forty_polls_made_at_once_thirty_are_made_and_the_next_a_day_later() {
    for site in Site::on_each_database().await {
        let olga = site.verified("olga", NUMBER).await;
        let answers = join_all((0..40).map(|_| olga.call("create_poll", with(json!({}))))).await;
        let count = |status| answers.iter().filter(|answer| answer.status == status).count();
        assert_eq!((count(200), count(429)), (30, 10));
        assert_eq!(site.count("SELECT COUNT(*) FROM poll WHERE owner_id IS NOT NULL").await, 30);
        olga.fill("/polls/new", "Create poll", &[("question", "One more?"), ("choice", "Yes"), ("choice", "No")])
            .await
            .says(429, "One more?");
        site.clock.advance(24 * 3_600 - 1);
        assert_eq!(olga.call("create_poll", with(json!({}))).await.status, 429);
        site.clock.advance(1);
        // The session ends after a day, give or take what its row is rounded to; this is the same person again.
        let olga = site.verified("olga2", "+447700900125").await;
        make(&olga, json!({})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_voted_on_is_what_was_asked_however_opening_and_editing_race() {
    for site in Site::on_each_database().await {
        let (olga, twin) = (site.verified("olga", NUMBER).await, site.twin().await);
        for round in 0..15 {
            let path = make(&olga, json!({ "opens": "2027-01-01T00:00", "choice": ["Old 1", "Old 2"] })).await;
            let edit = with(json!({ "poll": id(&path), "question": "New?", "choice": ["New 1"], "save": "draft" }));
            let other = olga.at(&twin.origin);
            let (edited, opened) = tokio::join!(olga.call("edit_poll", edit), run(&other, "open_poll", &path));
            let poll = stored(&site, &path).await.poll;
            let first = poll.choices[0].text.as_str();
            // Whoever held the poll first decides what the other one finds.
            match (edited.status.as_u16(), opened.status.as_u16()) {
                (200, 422) => assert_eq!((poll.choices.len(), first), (1, "New 1"), "round {round}"),
                (422, 200) => assert_eq!((poll.choices.len(), first), (2, "Old 1"), "round {round}"),
                other => panic!("round {round}: {other:?}"),
            }
        }
        // One of the rounds is over the limit of a day for nobody: 15 polls were made.
        assert_eq!(site.count("SELECT COUNT(*) FROM poll WHERE owner_id IS NOT NULL").await, 15);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_that_is_under_way_at_the_close_counts_or_is_refused_and_nothing_counts_after_it() {
    for site in Site::on_each_database().await {
        let (olga, twin) = (site.verified("olga", NUMBER).await, site.twin().await);
        let mut voters = Vec::new();
        for n in 0..6 {
            voters.push(site.verified(&format!("voter{n}"), &format!("+44770090020{n}")).await);
        }
        for round in 0..8 {
            let path = make(&olga, json!({})).await;
            let casts = voters.iter().enumerate().map(|(n, voter)| {
                let voter = if n % 2 == 0 { voter.clone() } else { voter.at(&twin.origin) };
                let ballot = json!({ "poll": id(&path), "choice": "1" });
                async move { voter.call("cast_vote", ballot).await.status.as_u16() }
            });
            let (closed, answers) = tokio::join!(run(&olga, "close_poll", &path), join_all(casts));
            made(&closed);
            assert!(answers.iter().all(|status| matches!(status, 200 | 422)), "{answers:?}");
            let row = stored(&site, &path).await.row;
            let ballots = site.count(&format!("SELECT COUNT(*) FROM ballot WHERE poll_id = {row}")).await;
            assert_eq!(ballots, i64::try_from(answers.iter().filter(|status| **status == 200).count()).unwrap(), "round {round}");
            for voter in &voters {
                let late = voter.call("cast_vote", json!({ "poll": id(&path), "choice": "1" })).await;
                late.says(422, "Voting has ended");
            }
            assert_eq!(site.count(&format!("SELECT COUNT(*) FROM ballot WHERE poll_id = {row}")).await, ballots, "round {round}");
        }
    }
}

#[tokio::test]
async fn a_vote_that_waited_while_its_poll_was_closed_comes_too_late() {
    for site in Site::on_each_database().await {
        // SQLite has one writer: there a vote begins, and reads the clock, after the close.
        if site.ground.db.backend() == sea_orm::DbBackend::Sqlite {
            continue;
        }
        let (olga, paul) = (site.verified("olga", NUMBER).await, site.verified("paul", "+447700900124").await);
        let path = make(&olga, json!({})).await;
        let closing = site.ground.db.begin().await.unwrap();
        let sql = "UPDATE poll SET closes_at = $1 WHERE public_id = $2";
        pollstr::db::execute(&closing, sql, [(DAWN + 5).into(), id(&path).into()]).await.unwrap();
        let ballot = json!({ "poll": id(&path), "choice": "1" });
        let vote = tokio::spawn(async move { paul.call("cast_vote", ballot).await });
        let waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        until(async || site.count(waiting).await > 0).await;
        site.clock.advance(10);
        closing.commit().await.unwrap();
        vote.await.unwrap().says(422, "Voting has ended, so this vote was not counted.");
    }
}

/// Somebody who looks after the site.
async fn admin(site: &Site) -> Person {
    let ada = site.verified("ada", "+447700900199").await;
    let sql = "UPDATE account SET role = 'admin' WHERE username_key = 'ada'";
    pollstr::db::execute(site.ground.db.write(), sql, []).await.unwrap();
    ada
}

#[tokio::test]
async fn whoever_looks_after_the_site_takes_a_poll_down_and_its_owner_reads_why() {
    for site in Site::on_each_database().await {
        let (ada, olga, paul) = (admin(&site).await, site.verified("olga", NUMBER).await, site.verified("paul", "+447700900124").await);
        let path = make(&olga, json!({ "question": "Buy my pills?" })).await;
        let watched = format!("/admin{path}");
        ada.get("/").await.says(200, "href=\"/admin\"");
        for search in ["", "?q=pill", "?q=OLGA", &format!("?q={}", id(&path))] {
            ada.get(&format!("/admin{search}")).await.says(200, &watched);
        }
        ada.get("/admin?q=tulips").await.says(200, "No poll is like that.");
        ada.fill(&watched, "Take it down", &[("reason", " ")]).await.says(422, "Write a reason");
        ada.fill(&watched, "Take it down", &[("reason", "Advertising is not for here.")]).await.goes_to(&watched);
        for person in [&paul, &site.visitor()] {
            person.get(&path).await.says(404, "There is nothing here");
        }
        assert!(!site.visitor().get("/").await.body.contains(&path));
        assert_eq!(paul.call("cast_vote", json!({ "poll": id(&path), "choice": "1" })).await.status, 404);
        olga.get(&path).await.says(200, "Advertising is not for here.");
        olga.get("/account/polls").await.says(200, "Taken down: Advertising is not for here.");
        olga.get("/account").await.says(200, "A poll of yours was taken down");
        ada.get("/account").await.says(200, "You took a poll down");
        ada.fill(&watched, "Show it again", &[]).await.goes_to(&watched);
        paul.get(&path).await.says(200, "Buy my pills?");
        assert_eq!(ada.call("put_back_poll", json!({ "poll": id(&path) })).await.status, 404);
        let draft = make(&olga, json!({ "save": "draft" })).await;
        ada.get(&format!("/admin{draft}")).await.says(404, "There is nothing here");
    }
}

#[tokio::test]
async fn a_poll_whose_owner_has_left_is_closed_by_those_who_look_after_the_site_and_sealed() {
    for site in Site::on_each_database().await {
        let (ada, olga) = (admin(&site).await, site.verified("olga", NUMBER).await);
        let (left, other) = (make(&olga, json!({})).await, make(&olga, json!({})).await);
        let watched = format!("/admin{left}");
        let draft = make(&olga, json!({ "save": "draft" })).await;
        assert_eq!(run(&ada, "close_watched_poll", &draft).await.status, 404);
        made(&run(&ada, "close_watched_poll", &other).await);
        olga.get("/account").await.says(200, "A poll of yours was closed by those who look after this site.");
        assert!(!ada.get(&watched).await.body.contains("Its owner has left."));
        made(&olga.call("cast_vote", json!({ "poll": id(&left), "choice": "1" })).await);
        olga.fill("/account/delete", "Delete my account", &[("password", "four words and more")]).await.goes_to("/");
        ada.get(&watched).await.says(200, "Its owner has left.");
        site.clock.advance(10);
        ada.fill(&watched, "Close the poll", &[]).await.goes_to(&watched);
        assert_eq!(stored(&site, &left).await.poll.closes_at, Some(site.clock.now()));
        assert_eq!(ada.call("cast_vote", json!({ "poll": id(&left), "choice": "1" })).await.status, 422);
        run(&ada, "close_watched_poll", &left).await.says(422, "This poll is not open");
        assert!(!ada.get(&watched).await.body.contains("Close the poll"));
        ada.get("/account").await.says(200, "You closed a poll that you look after");
        assert_eq!(pollstr::polls::seal::seal_due(&site.ground.db, &site.clock).await, Ok(2));
    }
}

#[tokio::test]
async fn whoever_looks_after_the_site_suspends_an_account_and_its_owner_reads_why() {
    for site in Site::on_each_database().await {
        let (ada, olga) = (admin(&site).await, site.verified("olga", NUMBER).await);
        ada.get("/admin/accounts").await.says(200, "/admin/accounts/olga");
        ada.get("/admin/accounts?q=OL").await.says(200, "/admin/accounts/olga");
        ada.get("/admin/accounts?q=%25").await.says(200, "No account has a name like that.");
        ada.fill("/admin/accounts/olga", "Suspend", &[("reason", "")]).await.says(422, "Write a reason");
        ada.fill("/admin/accounts/olga", "Suspend", &[("reason", "Forty polls about pills.")]).await.goes_to("/admin/accounts/olga");
        olga.get("/account/polls").await.goes_to("/login?next=/account/polls");
        let login = [("username", "olga"), ("password", "four words and more")];
        assert!(olga.fill("/login", "Log in", &login).await.body.contains("Forty polls about pills."));
        ada.get("/admin/accounts/olga").await.says(200, "Forty polls about pills.");
        ada.fill("/admin/accounts/olga", "Let it log in again", &[]).await.goes_to("/admin/accounts/olga");
        olga.fill("/login", "Log in", &login).await.goes_to("/verify");
        let oneself = ada.call("suspend_account", json!({ "username": "ada", "reason": "Bored." })).await;
        oneself.says(422, "at the command line");
        for (what, account) in
            [("suspended", "olga"), ("restored", "olga"), ("suspended an account", "ada"), ("restored an account", "ada")]
        {
            let sql = format!(
                "SELECT COUNT(*) FROM event JOIN account ON account.id = account_id WHERE what = '{what}' AND username = '{account}'"
            );
            assert_eq!(site.count(&sql).await, 1, "{what}");
        }
    }
}

#[tokio::test]
async fn the_pages_to_look_after_the_site_are_for_those_who_do() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let path = make(&olga, json!({})).await;
    for page in ["/admin", "/admin/accounts", "/admin/accounts/test", &format!("/admin{path}")] {
        olga.get(page).await.says(403, "for those who look after the site");
    }
    for function in ["take_down_poll", "put_back_poll", "close_watched_poll", "suspend_account", "restore_account"] {
        let answer = olga.call(function, json!({ "poll": id(&path), "username": "test", "reason": "Because." })).await;
        assert_eq!(answer.status, 403, "{function}");
    }
    for function in ["watched_polls", "watched_poll?id=x", "watched_accounts", "watched_account?name=test"] {
        assert_eq!(olga.get(&format!("/api/{function}")).await.status, 403, "{function}");
    }
}
