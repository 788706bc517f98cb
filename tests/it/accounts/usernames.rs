//! Usernames: in every script, found in every spelling, and never confusable.

use serde_json::json;

use crate::accounts::second_factors::PASSWORD;
use crate::support::app::Site;
use crate::support::browser::Person;
use crate::support::html;

/// Logs in with this name and returns the account's name.
async fn enters_as(site: &Site, name: &str) -> Option<String> {
    let person = site.visitor();
    let answer = person
        .fill(
            "/login",
            "Log in",
            &[("username", name), ("password", PASSWORD)],
        )
        .await;
    if answer.status != 303 {
        answer.says(422, "Your username and password didn't match.");
        return None;
    }
    Some(shown(&person).await)
}

/// Returns the name in the header.
async fn shown(person: &Person) -> String {
    let page = person.get("/").await.body;
    html::text(&page, ".who")
}

async fn refused(site: &Site, name: &str, why: &str) {
    site.visitor()
        .fill(
            "/register",
            "Create account",
            &[("username", name), ("password", PASSWORD)],
        )
        .await
        .says(422, why);
}

/// Inserts an account as an earlier version did, with everyone's password.
async fn was_there_before(site: &Site, name: &str, key: &str) {
    let hash = "(SELECT password_hash FROM account WHERE username = 'amy')";
    site.execute(&format!(
        "INSERT INTO account (username, username_key, password_hash, demo, created_at) VALUES ('{name}', '{key}', {hash}, FALSE, 0)"
    ))
    .await;
}

#[tokio::test]
async fn people_have_names_in_every_script_with_its_marks() {
    for site in Site::on_each_database().await {
        for name in [
            "น้อง",
            "น้ำ",
            "कृष्ण",
            "ọ̀lá",
            "Nguyễn",
            "தமிழ்",
            "മലയാളം",
            "ရွှေ",
            "ភាសាខ្មែរ",
            "བོད",
            "مُحَمَّد",
            "שָׁלוֹם",
            "محمد۱۲",
            "ΑΛΕΞΗΣ",
            "Дмитро",
            "Հայկ",
            "ნინო",
            "አበበ",
            "ᏣᎳᎩ",
            "田中さくら",
            "ローラ",
            "王小明",
            "김민준",
            "田中taro",
            "Zoë.van-der_Berg2",
            "İpek",
        ] {
            let person = site.registered(name).await;
            assert_eq!(shown(&person).await, name);
            assert_eq!(enters_as(&site, name).await.as_deref(), Some(name));
        }
        for name in [
            "\u{301}amy",
            "a\u{302}\u{302}\u{302}\u{302}\u{302}\u{302}",
            "a b",
            "a@b",
            "😀😀",
            "ab½",
            "1\u{20e3}2",
            "<b>ab",
        ] {
            refused(
                &site,
                name,
                "Use only letters, digits, dots, dashes and underscores.",
            )
            .await;
        }
        refused(&site, "\u{3164}\u{200b}", "Choose a username.").await;
    }
}

#[tokio::test]
async fn a_name_is_found_again_in_every_case_and_is_one_name() {
    for site in Site::on_each_database().await {
        for (name, others) in [
            ("ΑΛΕΞΗΣ", ["αλεξης", "Αλεξης", "αλεξησ"]),
            ("Straße", ["STRASSE", "strasse", "STRAẞE"]),
            ("İpek", ["ipek", "IPEK", "i\u{307}pek"]),
            ("ısı", ["ISI", "isi", "İSİ"]),
            ("ᾳδω", ["ΑΙΔΩ", "ᾼΔΩ", "αιδω"]),
            ("ᏣᎳᎩ", ["ꮳꮃꭹ", "Ꮳꮃꭹ", "ꮳᎳᎩ"]),
            ("محمد۱۲", ["محمد12", "محمد١٢", "محمد１２"]),
            (
                "ọ̀lá",
                [
                    "O\u{323}\u{300}LA\u{301}",
                    "o\u{300}\u{323}la\u{301}",
                    "Ọ̀LÁ",
                ],
            ),
            ("a-b", ["A\u{2011}B", "a–b", "Ａ－Ｂ"]),
        ] {
            site.registered(name).await;
            for other in others {
                assert_eq!(
                    enters_as(&site, other).await.as_deref(),
                    Some(name),
                    "{other}"
                );
                refused(&site, other, "That name is taken").await;
            }
        }
    }
}

#[tokio::test]
async fn a_name_is_of_one_script_and_looks_like_no_other() {
    for site in Site::on_each_database().await {
        for name in ["padmin", "amy", "раур", "Bob"] {
            site.registered(name).await;
        }
        for name in [
            "pаdmin",
            "padmіn",
            "aдам",
            "αbc",
            "ab\u{5d0}",
            "नamy",
            "아amyа",
        ] {
            refused(&site, name, "Use letters from one alphabet").await;
        }
        // Cyrillic letters that look like another account's Latin name, and the reverse.
        for name in ["АМУ", "ВОВ", "payp", "PAYP"] {
            refused(&site, name, "too similar to one that is").await;
        }
        assert_eq!(
            enters_as(&site, "payp").await,
            None,
            "what looks alike is not the same"
        );
        // Two ordinary names stay different.
        for name in ["arny", "bob0", "вова", "ama"] {
            site.registered(name).await;
        }
    }
}

#[tokio::test]
async fn names_that_were_there_before_keep_logging_in_and_only_new_ones_are_refused() {
    for site in Site::on_each_database().await {
        site.registered("amy").await;
        // The first two are now one name, as are the next two; the third pair looks alike.
        let before = [
            ("ΑΛΕΞΗΣ", "αλεξησ"),
            ("αλεξης", "αλεξης"),
            ("straße", "straße"),
            ("strasse", "strasse"),
            ("аму", "аму"),
            ("pаdmin", "pаdmin"),
            ("İpek", "i\u{307}pek"),
            ("ab\u{1160}c", "ab\u{1160}c"),
        ];
        for (name, key) in before {
            was_there_before(&site, name, key).await;
        }
        let site = site.second_instance().await;
        for (name, _) in before {
            assert_eq!(enters_as(&site, name).await.as_deref(), Some(name));
        }
        // As before, ignoring case; a spelling that now fits two belongs to the older account.
        for (typed, name) in [
            ("Αλεξης", "αλεξης"),
            ("STRASSE", "strasse"),
            ("STRAẞE", "straße"),
            ("PАDMIN", "pаdmin"),
            ("ipek", "İpek"),
            ("αλεξησ", "ΑΛΕΞΗΣ"),
        ] {
            assert_eq!(
                enters_as(&site, typed).await.as_deref(),
                Some(name),
                "{typed}"
            );
        }
        for taken in ["Αλεξησ", "Strasse", "Straße", "ipek", "abc"] {
            refused(&site, taken, "That name is taken").await;
        }
        refused(&site, "padmin", "too similar to one that is").await;
        // A second start changes nothing.
        let forms = site.count("SELECT COUNT(*) FROM username_form").await;
        assert_eq!(
            site.second_instance()
                .await
                .count("SELECT COUNT(*) FROM username_form")
                .await,
            forms
        );
    }
}

#[tokio::test]
async fn a_name_is_free_again_when_its_account_is_deleted() {
    for site in Site::on_each_database().await {
        let amy = site.registered("АМУ").await;
        refused(
            &site,
            "aMy",
            "That name is taken or too similar to one that is",
        )
        .await;
        amy.call("delete_account", json!({ "password": PASSWORD }))
            .await
            .says(200, "/");
        site.registered("aMy").await;
        assert_eq!(
            site.count("SELECT COUNT(*) FROM username_form").await,
            2,
            "the demo's account and this one"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_want_one_name_at_once_one_gets_it() {
    for site in Site::on_each_database().await {
        let spellings = [
            "STRASSE", "straße", "Strasse", "STRAẞE", "strasse", "Straße",
        ];
        let people = spellings.map(|name| (site.visitor(), name));
        let posts = people.iter().map(async |(person, name)| {
            person
                .fill(
                    "/register",
                    "Create account",
                    &[("username", name), ("password", PASSWORD)],
                )
                .await
        });
        let answers = futures::future::join_all(posts).await;
        assert_eq!(
            answers.iter().filter(|answer| answer.status == 303).count(),
            1
        );
        assert_eq!(
            site.count("SELECT COUNT(*) FROM account WHERE NOT demo")
                .await,
            1
        );
    }
}
