//! Shares of the voters, the same wherever results are shown.

use pollstr::polls::model::kind::Kind;
use pollstr::polls::model::poll::ResultsRule;
use pollstr::polls::store::drafts::Draft;

use crate::polls::downloads::voted;
use crate::support::app::Site;
use crate::support::html;

#[tokio::test]
async fn equal_votes_have_equal_shares_everywhere() {
    for site in Site::on_each_database().await {
        let votes = [[1], [2]].iter().cycle().take(8).chain([[3]; 6].iter());
        let votes: Vec<&[i64]> = votes.map(|chosen| &chosen[..]).collect();
        let (poll, _) = voted(&site, public, &votes).await;
        let visitor = site.visitor();
        for page in ["/results", "/embed"] {
            let page = visitor.get(&format!("{poll}{page}")).await;
            assert_eq!(
                html::texts(&page.body, "td.share"),
                ["29\u{a0}%", "29\u{a0}%", "43\u{a0}%", "0\u{a0}%"]
            );
            page.says(200, "Each share is rounded");
        }
        let csv = visitor.get(&format!("{poll}/results.csv")).await;
        csv.says(
            200,
            "\r\nBeagle,4,29,no\r\nCollie,4,29,no\r\nDachshund,6,43,yes\r\n",
        );
    }
}

#[tokio::test]
async fn where_voters_pick_several_the_shares_are_of_voters() {
    let site = Site::new().await;
    let (poll, _) = voted(
        &site,
        |draft| {
            public(draft);
            draft.kind = Kind::Multiple { most: 3 };
        },
        &[&[1], &[1, 2]],
    )
    .await;
    let results = site.visitor().get(&format!("{poll}/results")).await;
    assert_eq!(
        html::texts(&results.body, "td.share")[..2],
        ["100\u{a0}%", "50\u{a0}%"]
    );
    results.says(200, "Shares are of voters.");
    results.says(200, "2 voters, 3 votes so far");
    let csv = site.visitor().get(&format!("{poll}/results.csv")).await;
    csv.says(
        200,
        "percent,leads,percent of votes\r\nBeagle,2,100,yes,67\r\nCollie,1,50,no,33\r\n",
    );
}

#[tokio::test]
async fn a_closed_poll_lists_its_choices_from_first_to_last() {
    for site in Site::on_each_database().await {
        let (poll, _) = voted(&site, public, &[&[3], &[3], &[2], &[4], &[4]]).await;
        let visitor = site.visitor();
        let rows = async |query: &str| {
            let page = visitor.get(&format!("{poll}/results{query}")).await;
            html::texts(&page.body, ".result-text").join(" ")
        };
        let in_poll_order = "Beagle Collie Dachshund Poodle";
        assert_eq!(
            rows("").await,
            in_poll_order,
            "no row moves while the poll is open"
        );
        site.clock.advance(3_600);
        assert_eq!(rows("").await, "Dachshund Poodle Collie Beagle");
        let page = visitor.get(&format!("{poll}/results")).await;
        let other = html::attribute(&page.body, "a[href*=order]", "href").unwrap();
        let query = other.trim_start_matches(&format!("{poll}/results"));
        assert_eq!(rows(query).await, in_poll_order);
        let back = visitor.get(&other).await;
        back.says(200, "Show in order of votes");
    }
}

fn public(draft: &mut Draft) {
    draft.results = ResultsRule::Always;
}
