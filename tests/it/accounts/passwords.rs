//! Passwords as people type them: their length, and spellings that are the same password.

use pollstr::accounts::passwords::password::Password;

use crate::support::app::Site;

/// Signs up and returns the response.
async fn chooses(site: &Site, name: &str, password: &str) -> crate::support::browser::Page {
    site.visitor()
        .fill(
            "/register",
            "Create account",
            &[("username", name), ("password", password)],
        )
        .await
}

async fn enters(site: &Site, name: &str, password: &str) -> bool {
    site.visitor()
        .fill(
            "/login",
            "Log in",
            &[("username", name), ("password", password)],
        )
        .await
        .status
        == 303
}

/// Stores a password hash as an earlier version did.
async fn has_kept(site: &Site, name: &str, password: &str) -> String {
    let hash = site
        .state
        .hasher
        .hash(Password::of_the_demo(password))
        .await
        .unwrap();
    site.execute(&format!(
        "UPDATE account SET password_hash = '{hash}' WHERE username = '{name}'"
    ))
    .await;
    hash
}

#[tokio::test]
async fn a_password_is_as_long_as_its_characters() {
    let site = Site::new().await;
    for (n, short) in [
        "日本語",
        "😀😀",
        "éééé",
        "пароль7",
        "ﬃ",
        "a\u{301}b\u{301}c\u{301}d\u{301}",
    ]
    .into_iter()
    .enumerate()
    {
        chooses(&site, &format!("short{n}"), short)
            .await
            .says(422, "Use at least 8 characters.");
    }
    for (n, long) in ["日本語日本語日本", "😀🐶🐱🐭🐹🐰🦊🐻", &"語り".repeat(500)]
        .into_iter()
        .enumerate()
    {
        chooses(&site, &format!("long{n}"), long)
            .await
            .goes_to("/verify");
        assert!(enters(&site, &format!("long{n}"), long).await);
    }
    chooses(&site, "longest", &"語".repeat(1_025))
        .await
        .says(422, "Use at most 1,024 characters.");
}

#[tokio::test]
async fn a_password_that_shows_nothing_is_refused_and_one_that_was_taken_still_opens() {
    let site = Site::new().await;
    for (n, blank) in [
        "        ",
        "\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}",
        &"\u{200b}".repeat(9),
        &"\u{3164} ".repeat(8),
        "\t\t\t\t\t\t\t\t",
    ]
    .into_iter()
    .enumerate()
    {
        chooses(&site, &format!("blank{n}"), blank)
            .await
            .says(422, "Use more than spaces.");
    }
    chooses(&site, "amy", "four words and more")
        .await
        .goes_to("/verify");
    has_kept(&site, "amy", "        ").await;
    assert!(enters(&site, "amy", "        ").await);
    assert!(!enters(&site, "amy", "         ").await);
    site.visitor()
        .fill("/login", "Log in", &[("username", "amy"), ("password", "")])
        .await
        .says(422, "Enter your password.");
}

#[tokio::test]
async fn spaces_around_a_password_are_a_part_of_it_everywhere() {
    let site = Site::new().await;
    for (n, password) in [
        " four words and more",
        "four words and more ",
        "  four words and more\t",
        "       8",
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("name{n}");
        chooses(&site, &name, password).await.goes_to("/verify");
        assert!(enters(&site, &name, password).await, "{password:?}");
        assert!(!enters(&site, &name, password.trim()).await, "{password:?}");
    }
}

#[tokio::test]
async fn a_password_opens_however_a_keyboard_writes_it() {
    for site in Site::on_each_database().await {
        chooses(&site, "amy", "dejeuner é la 42")
            .await
            .goes_to("/verify");
        for typed in [
            "dejeuner é la 42",
            "dejeuner e\u{301} la 42",
            "dejeuner\u{a0}é\u{202f}la\u{3000}42",
            "ｄｅｊｅｕｎｅｒ é la ４２",
        ] {
            assert!(enters(&site, "amy", typed).await, "{typed:?}");
        }
        assert!(!enters(&site, "amy", "dejeuner e la 42").await);
    }
}

#[tokio::test]
async fn a_password_that_was_kept_as_it_was_typed_opens_and_is_kept_anew() {
    for site in Site::on_each_database().await {
        chooses(&site, "amy", "four words and more")
            .await
            .goes_to("/verify");
        // Earlier versions hashed the unusual space and the composed accent.
        let old = has_kept(&site, "amy", "dejeuner\u{a0}é la").await;
        let kept = async || {
            site.count(&format!(
                "SELECT COUNT(*) FROM account WHERE password_hash = '{old}'"
            ))
            .await
                == 1
        };
        assert!(!enters(&site, "amy", "dejeuner é la").await);
        assert!(kept().await);
        assert!(enters(&site, "amy", "dejeuner\u{a0}e\u{301} la").await);
        assert!(!kept().await, "it is kept in its new form");
        assert!(enters(&site, "amy", "dejeuner é la").await);
        assert!(enters(&site, "amy", "dejeuner\u{a0}é la").await);
        assert_eq!(
            site.count("SELECT COUNT(*) FROM account WHERE must_change_password")
                .await,
            0
        );
    }
}

#[tokio::test]
async fn a_password_that_was_kept_as_it_was_typed_is_taken_inside_a_session() {
    let site = Site::new().await;
    chooses(&site, "amy", "four words and more")
        .await
        .goes_to("/verify");
    has_kept(&site, "amy", "four\u{a0}words").await;
    let amy = site.visitor();
    amy.fill(
        "/login",
        "Log in",
        &[("username", "amy"), ("password", "four\u{a0}words")],
    )
    .await
    .goes_to("/verify");
    has_kept(&site, "amy", "four\u{a0}words").await;
    amy.fill(
        "/account/confirm",
        "Continue",
        &[("password", "four words")],
    )
    .await
    .says(422, "That is not your password.");
    amy.fill(
        "/account/confirm",
        "Continue",
        &[("password", "four\u{a0}words")],
    )
    .await
    .goes_to("/account");
    amy.fill(
        "/account/password",
        "Change password",
        &[
            ("password", "four\u{a0}words"),
            ("new_password", "five words and more"),
        ],
    )
    .await
    .goes_to("/account");
    assert!(enters(&site, "amy", "five\u{a0}words and more").await);
}
