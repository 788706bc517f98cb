//! Unit tests of `password`.

use super::*;

fn refused(password: &str) -> Option<PasswordError> {
    Password::parse(password, "amy.archer").err()
}

#[test]
fn passwords_have_eight_to_a_thousand_and_twenty_four_characters() {
    assert_eq!(refused(""), Some(PasswordError::Empty));
    assert_eq!(refused("sevenby"), Some(PasswordError::Short));
    assert_eq!(refused("eightbyt"), None);
    assert_eq!(refused(&"x".repeat(1_024)), None);
    assert_eq!(refused(&"x".repeat(1_025)), Some(PasswordError::Long));
    for short in [
        "日本語",
        "😀😀",
        "éééé",
        "語".repeat(7).as_str(),
        "e\u{301}".repeat(7).as_str(),
        "ﬃ",
    ] {
        assert_eq!(refused(short), Some(PasswordError::Short), "{short}");
    }
    assert_eq!(refused(&"語り".repeat(512)), None);
    for blank in [
        " ".repeat(8),
        "\u{a0}".repeat(8),
        "\u{200b}".repeat(8),
        "\u{3164}\u{2800}".repeat(8),
    ] {
        assert_eq!(refused(&blank), Some(PasswordError::Blank), "{blank:?}");
    }
}

#[test]
fn what_everybody_would_guess_is_refused() {
    assert!(COMMON.len() >= 3_000);
    for password in [
        "password1",
        "PASSWORD1",
        "Amy.Archer",
        "AMY.ARCHER\u{200b}",
        "pass\u{ad}word1",
        "ｐａｓｓｗｏｒｄ１",
        "my pollstr password",
    ] {
        assert_eq!(
            refused(password),
            Some(PasswordError::Guessable),
            "{password}"
        );
    }
    assert_eq!(refused("four words and spaces"), None);
}

#[test]
fn a_password_that_is_made_is_one_that_may_be_chosen_and_never_the_same() {
    let (first, second) = (Password::made().1, Password::made().1);
    assert!(first.len() == 19 && first != second, "{first} {second}");
    assert_eq!(refused(&first), None);
}

#[test]
fn a_wrong_password_is_compared_as_often_for_an_unknown_name() {
    for (typed, how_many) in [
        ("four words", 1),
        ("four\u{a0}words", 2),
        ("ｆｏｕｒ words", 2),
        ("dejeuner e\u{301} la", 1),
    ] {
        let compared = std::cell::Cell::new(0);
        let found = first(&forms(typed), |_| {
            compared.set(compared.get() + 1);
            false
        });
        assert_eq!((found, compared.get()), (None, how_many), "{typed}");
    }
}

#[tokio::test]
async fn the_right_password_is_known_again_however_it_is_composed() {
    let hasher = Hasher::new();
    let hash = hasher
        .hash(Password::parse("dejeuner é la", "amy").unwrap())
        .await
        .unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_eq!(
        hasher
            .verify(Some(hash.clone()), "dejeuner e\u{301} la")
            .await,
        Ok(PasswordCheck::Right)
    );
    assert_eq!(
        hasher
            .verify(Some(hash.clone()), "dejeuner\u{a0}e\u{301} la")
            .await,
        Ok(PasswordCheck::Right)
    );
    assert_eq!(
        hasher.verify(Some(hash), "dejeuner e la").await,
        Ok(PasswordCheck::Wrong)
    );
    let old = Some(super::hash("dejeuner\u{a0}é la"));
    assert_eq!(
        hasher
            .verify(old.clone(), "dejeuner\u{a0}e\u{301} la")
            .await,
        Ok(PasswordCheck::MatchOutdated)
    );
    assert_eq!(
        hasher.verify(old, "dejeuner é la").await,
        Ok(PasswordCheck::Wrong)
    );
    let decoys = "a decoy that nobody types";
    assert_eq!(hasher.verify(None, decoys).await, Ok(PasswordCheck::Wrong));
    assert_eq!(
        hasher.verify(Some(super::DECOY.to_owned()), decoys).await,
        Ok(PasswordCheck::Right),
        "compared at the same cost as any other hash"
    );
    assert_eq!(
        hasher.verify(Some("no hash".to_owned()), "x").await,
        Ok(PasswordCheck::Wrong)
    );
}
