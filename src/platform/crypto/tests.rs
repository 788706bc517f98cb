//! Unit tests of `crypto`.

use std::fs;
use std::path::Path;

use data_encoding::HEXLOWER;

use super::*;
use crate::platform::crypto::cipher::open;
use crate::platform::crypto::keys::page_of;

#[test]
fn one_number_leaves_unlinkable_marks_in_two_polls() {
    let keys = Keys::derive([7; 32]);
    assert_eq!(
        keys.voter("dogs", "+447700900123"),
        keys.voter("dogs", "+447700900123")
    );
    assert_ne!(
        keys.voter("dogs", "+447700900123"),
        keys.voter("cats", "+447700900123")
    );
    assert_ne!(
        keys.voter("dogs", "+447700900123"),
        Keys::derive([8; 32]).voter("dogs", "+447700900123")
    );
}

#[test]
fn the_mark_of_an_account_differs_in_each_poll_and_from_marks_of_numbers() {
    let keys = Keys::derive([7; 32]);
    assert_eq!(
        keys.voting_account("dogs", 1),
        keys.voting_account("dogs", 1)
    );
    assert_ne!(
        keys.voting_account("dogs", 1),
        keys.voting_account("cats", 1)
    );
    assert_ne!(
        keys.voting_account("dogs", 1),
        keys.voting_account("dogs", 2)
    );
    assert_ne!(
        keys.voting_account("dogs", 0x3131_3131_3131_3131),
        keys.voter("dogs", "11111111")
    );
}

#[test]
fn a_passkey_is_asked_something_else_in_each_session_and_for_each_purpose() {
    let keys = Keys::derive([7; 32]);
    let challenge = keys.passkey_challenge("get", b"a session");
    assert_eq!(keys.passkey_challenge("get", b"a session"), challenge);
    assert_ne!(keys.passkey_challenge("get", b"another session"), challenge);
    assert_ne!(keys.passkey_challenge("create", b"a session"), challenge);
    assert_ne!(
        Keys::derive([8; 32]).passkey_challenge("get", b"a session"),
        challenge
    );
    assert_ne!(keys.passkey_owner(1), keys.passkey_owner(2));
}

#[test]
fn a_sealed_number_opens_for_its_owner_alone() {
    let keys = Keys::derive([7; 32]);
    let sealed = keys.seal(1, "+447700900123");
    assert_eq!(
        keys.open_sealed(1, &sealed).as_deref(),
        Some("+447700900123")
    );
    assert_eq!(keys.open_sealed(2, &sealed), None);
    assert_eq!(Keys::derive([8; 32]).open_sealed(1, &sealed), None);
    assert_ne!(keys.seal(1, "+447700900123"), sealed);
    assert_eq!(keys.open_sealed(1, b"short"), None);
}

#[test]
fn a_sealed_number_does_not_open_as_a_secret_nor_a_secret_as_a_number() {
    let keys = Keys::derive([7; 32]);
    let secret = keys.seal_secret(1, b"+447700900123");
    assert_eq!(
        keys.open_secret(1, &secret).as_deref(),
        Some(b"+447700900123".as_slice())
    );
    assert_eq!(keys.open_secret(2, &secret), None);
    assert_eq!(keys.open_sealed(1, &secret), None);
    assert_eq!(keys.open_secret(1, &keys.seal(1, "+447700900123")), None);
}

#[test]
fn the_nonce_of_a_ballot_page_opens_for_its_poll_and_session_alone() {
    let keys = Keys::derive([7; 32]);
    let sealed = keys.seal_nonce("dogs", b"a session", &[3; 16]);
    assert_eq!(
        keys.open_nonce("dogs", b"a session", &sealed),
        Some([3; 16])
    );
    assert_eq!(keys.open_nonce("cats", b"a session", &sealed), None);
    assert_eq!(keys.open_nonce("dogs", b"another session", &sealed), None);
    assert_eq!(
        Keys::derive([8; 32]).open_nonce("dogs", b"a session", &sealed),
        None
    );
    let mut tampered = sealed.clone();
    tampered[30] ^= 1;
    assert_eq!(keys.open_nonce("dogs", b"a session", &tampered), None);
    assert_eq!(keys.open_nonce("dogs", b"a session", b""), None);
    // Phone numbers are encrypted with a different key.
    assert_eq!(
        open(keys.cipher(), &page_of("dogs", b"a session"), &sealed),
        None
    );
}

#[test]
fn a_receipt_is_another_for_each_poll_voter_nonce_and_secret() {
    let keys = Keys::derive([7; 32]);
    let receipt = keys.receipt("dogs", &[1; 32], &[2; 16]);
    assert_eq!(keys.receipt("dogs", &[1; 32], &[2; 16]), receipt);
    assert_ne!(keys.receipt("cats", &[1; 32], &[2; 16]), receipt);
    assert_ne!(keys.receipt("dogs", &[2; 32], &[2; 16]), receipt);
    assert_ne!(keys.receipt("dogs", &[1; 32], &[3; 16]), receipt);
    assert_ne!(
        Keys::derive([8; 32]).receipt("dogs", &[1; 32], &[2; 16]),
        receipt
    );
}

#[test]
fn labels_and_inputs_of_keys_stay_as_they_are() {
    let keys = Keys::derive([7; 32]);
    assert_eq!(
        HEXLOWER.encode(&keys.receipt("dogs", &[1; 32], &[2; 16])),
        "b99af36dcc9bca2ccc9a"
    );
    assert_eq!(
        HEXLOWER.encode(&keys.form(1, b"a form")),
        "9fe69ce1ecdfe277f4def4adc3bb8b1d9f70eb29dea279ff80bd45ffdd44ff91"
    );
    let sealed = HEXLOWER
        .decode(b"000102030405060708090a0b0c0d0e0f10111213141516170db783fa472031d776f4ea592407979442ef6fa672ce2e5cae49e859eed3b54b")
        .unwrap();
    assert_eq!(
        keys.open_nonce("dogs", b"a session", &sealed),
        Some([3; 16])
    );
}

/// Known answers for stored values. A change here would let a number vote twice, or make stored
/// rows unreadable.
#[test]
fn stored_hmacs_stay_as_they_are() {
    let keys = Keys::derive([7; 32]);
    let number = "+447700900123";
    let hex = |mac: Mac32| HEXLOWER.encode(&mac);
    let answers = [
        (
            keys.check_value(),
            "158ee8c81a92a8d69e08dcf7bdaef2e7a455bd81fddb93b43ae6ba08233b5d22",
        ),
        (
            hex(keys.voter("dogs", number)),
            "f563f10f559004d02060e3527ac67c29c532bb59d03376e3aab33cb2a5cfc484",
        ),
        (
            hex(keys.voting_account("dogs", 1)),
            "e96894ba9bdf1700a2154830d47589a1c2e8ed395d6c61e281f922b255101a2d",
        ),
        (
            hex(keys.number(number)),
            "0c0e355d5150f7601ad488a39d0c7fe279bcb752549bf0e48b3a06e8e0de9e1c",
        ),
        (
            keys.prefix("447700900"),
            "f6bec2ed0a4f1746bde687fa295236d55ec0b6cb7cc0f2c49fb7d1249719b168",
        ),
        (
            hex(keys.known_address(1, "203.0.113.9")),
            "040c46eda1c081de5486c9b421fa111caf67cf55fcd2daa6ff415794804823e0",
        ),
        (
            hex(keys.passkey_owner(1)),
            "c812bee963b456ef5d00fe580bdcdce43b39a118deab16ec91c23b3809e8981f",
        ),
        (
            hex(keys.sent_form("form", &[b"login"])),
            "c4f04652656a6a3778677b143271f79f12b0bd55e6f7b7d84514f81b8582342f",
        ),
    ];
    for (found, known) in answers {
        assert_eq!(found, known);
    }
}

/// Ciphertexts from rows that an earlier release stored.
#[test]
fn stored_ciphertexts_still_open() {
    let keys = Keys::derive([0x5e; 32]);
    let stored = |hex: &str| HEXLOWER.decode(hex.as_bytes()).unwrap();
    let number = stored(
        "7782b334031e29df60a08b3640a44f0e2d7e049061713d48b026768030760ac449261ce8766c8f8a755efd90131cd266484fbc2d65",
    );
    assert_eq!(
        keys.open_sealed(2, &number).as_deref(),
        Some("+447700900101")
    );
    let secret = stored(
        "087853175e899d2ee917936adecbea39d396179817911db05ed2bbd82f5a10e4fb6d70979b0bb1881d3e4eb4bd90c04a0ec82b0cefb1a6f8e467c551",
    );
    assert_eq!(
        keys.open_secret(1, &secret),
        data_encoding::BASE32_NOPAD
            .decode(b"33WWIEZHOSKKMTPOJP753KVZMLQBBBUL")
            .ok()
    );
}

#[test]
fn a_secret_is_made_once_and_known_again() {
    let file = std::env::temp_dir().join(format!(
        "pollstr-secret-{}",
        HEXLOWER.encode(&random::<8>())
    ));
    let first = Keys::open(&file, None).unwrap();
    let check = first.check_value();
    assert_eq!(
        Keys::open(&file, Some(&check)).unwrap().check_value(),
        check
    );
    assert!(matches!(
        Keys::open(&file, Some("another")),
        Err(KeyError::Mismatch(_))
    ));
    fs::remove_file(&file).unwrap();
    assert!(matches!(
        Keys::open(&file, Some(&check)),
        Err(KeyError::Missing(_))
    ));
    fs::write(&file, "nonsense").unwrap();
    restrict(&file, 0o600);
    assert!(matches!(Keys::open(&file, None), Err(KeyError::File(_))));
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(matches!(Keys::open(&file, None), Err(KeyError::File(_))));
    fs::remove_dir(&file).unwrap();
}

fn restrict(file: &Path, mode: u32) {
    fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn a_secret_that_others_can_read_or_change_is_refused_with_the_command_that_mends_it() {
    let file = std::env::temp_dir().join(format!(
        "pollstr-secret-{}",
        HEXLOWER.encode(&random::<8>())
    ));
    assert!(Keys::read(&file, None).unwrap().is_none() && !file.exists());
    Keys::open(&file, None).unwrap();
    for mode in [0o600, 0o400, 0o640, 0o440] {
        restrict(&file, mode);
        Keys::open(&file, None).unwrap();
    }
    for (mode, mended) in [
        (0o644, "600"),
        (0o444, "400"),
        (0o604, "600"),
        (0o660, "600"),
        (0o620, "600"),
        (0o601, "600"),
        (0o777, "600"),
    ] {
        restrict(&file, mode);
        let message = Keys::open(&file, None).unwrap_err().to_string();
        assert!(
            message.starts_with(&format!(
                "POLLSTR_SECRET_FILE: {} can be accessed by other users",
                file.display()
            )),
            "{message}"
        );
        assert!(
            message.ends_with(&format!("run: chmod {mended} {}", file.display())),
            "{message}"
        );
    }
    fs::remove_file(&file).unwrap();
}
