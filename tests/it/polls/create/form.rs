//! What the form keeps when it is refused or a button changes its choices.

use pollstr::polls::model::kind::Kind;
use serde_json::json;

use crate::polls::create::{NUMBER, id, made, make, stored};
use crate::support::app::Site;
use crate::support::browser::Page;
use crate::support::html;

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
        "value=\"Asia/Tokyo\"",
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
        let choices: Vec<_> = html::attributes(&page.body, "input[name=choice]", "value");
        assert_eq!(
            choices,
            if status == 422 {
                ["Tea", "tea", "Water"]
            } else {
                ["tea", "Tea", "Water"]
            }
        );
    }
    assert_eq!(
        site.count("SELECT COUNT(*) FROM poll WHERE owner_id IS NOT NULL")
            .await,
        0
    );
}

#[tokio::test]
async fn what_is_not_as_usual_stays_unfolded_when_a_button_changes_the_choices() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let unfolded = |page: &Page| html::are(&page.body, "details.more", "[open]");
    let usual = [
        ("opens", ""),
        ("closes", ""),
        ("zone", "UTC"),
        ("results", "after_vote"),
        ("listed", "yes"),
        ("countries", ""),
    ];
    let page = olga
        .fill(
            "/polls/new",
            "Create poll",
            &[&usual[..], &[("change", "add")]].concat(),
        )
        .await;
    assert_eq!(unfolded(&page), [false; 4]);
    for (name, value, section) in [
        ("opens", "2027-01-01T10:00", 0),
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
        assert_eq!(
            (0..4).map(|place| place == section).collect::<Vec<_>>(),
            open,
            "{name}={value}"
        );
    }
}

#[tokio::test]
async fn as_many_as_one_likes_stays_so_when_a_draft_gets_more_choices() {
    let site = Site::new().await;
    let olga = site.verified("olga", NUMBER).await;
    let most =
        |page: &Page| html::attribute(&page.body, "input[name=most]", "value").unwrap_or_default();
    for (typed, choices, shown) in [
        ("", &["Tea"][..], ""),
        ("", &["Tea", "Coffee"], ""),
        ("3", &["Tea", "Coffee"], "3"),
        ("2", &["A", "B", "C"], "2"),
    ] {
        let path = make(
            &olga,
            json!({ "kind": "multiple", "most": typed, "choice": choices, "save": "draft" }),
        )
        .await;
        let page = olga.get(&format!("{path}/edit")).await;
        assert_eq!(most(&page), shown, "{typed} of {choices:?}");
        let form = json!({ "poll": id(&path), "question": "?!a", "choice": ["A", "B", "C", "D", "E"], "kind": "multiple", "most": most(&page) });
        made(&olga.call("edit_poll", form).await);
        let expected = shown.parse().unwrap_or(5);
        assert_eq!(
            stored(&site, &path).await.poll.kind,
            Kind::Multiple { most: expected }
        );
    }
}
