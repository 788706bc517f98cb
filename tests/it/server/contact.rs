//! The help contact on pages.

use pollstr::accounts::admin::commands::AccountAdmin;

use crate::support::app::Site;
use crate::support::html;

const PASSWORD: &str = "four words and more";

#[tokio::test]
async fn where_people_find_help_stands_on_every_page_and_in_each_sentence_that_sends_them_there() {
    let site = Site::with(&[("POLLSTR_CONTACT", "help@example.org")]).await;
    let link = "<a href=\"mailto:help@example.org\">";
    let visitor = site.visitor();
    for path in ["/", "/register", "/nowhere"] {
        let page = visitor.get(path).await;
        assert!(
            html::attributes(&page.body, "footer a", "href")
                .contains(&"mailto:help@example.org".to_owned()),
            "{path}: {}",
            page.body
        );
    }
    let admin = format!("{link}site's admin</a>");
    visitor
        .get("/login")
        .await
        .says(200, &format!("Ask the {admin} to reset it."));
    let amy = site.verified("amy", "+447400123456").await;
    let passwords = [
        ("password", PASSWORD),
        ("new_password", "five words and even more"),
    ];
    amy.fill("/account/password", "Change password", &passwords)
        .await
        .goes_to("/account");
    amy.get("/account").await.says(
        200,
        &format!("If that was not you, ask the {admin} for help."),
    );
    let operator = AccountAdmin {
        db: site.state.db.clone(),
        now: site.clock.now(),
    };
    operator
        .suspend("amy", "It made polls about cats.")
        .await
        .unwrap();
    let page = visitor
        .fill(
            "/login",
            "Log in",
            &[("username", "amy"), ("password", passwords[1].1)],
        )
        .await;
    page.says(
        422,
        &format!("This account is suspended. Reason from the {admin}: It made polls about cats."),
    );
}

#[tokio::test]
async fn a_page_of_help_is_linked_as_it_is_and_without_one_there_is_no_link() {
    let site = Site::with(&[("POLLSTR_CONTACT", "https://example.org/help")]).await;
    site.visitor()
        .get("/login")
        .await
        .says(200, "<a href=\"https://example.org/help\">");
    let site = Site::new().await;
    let page = site.visitor().get("/login").await;
    page.says(200, "Ask the site");
    assert!(
        !page.body.contains("mailto:") && !page.body.contains("Need help?"),
        "{}",
        page.body
    );
}
