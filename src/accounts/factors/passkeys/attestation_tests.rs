//! Unit tests of `attestation`.

use super::*;

fn object(entries: Vec<(Value, Value)>) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(&Value::Map(entries), &mut bytes).unwrap();
    bytes
}

/// Authenticator data of a new passkey with this key, followed by extension output.
fn data(cose: &[u8]) -> Vec<u8> {
    [
        &[7; 32],
        [0b1100_0101].as_slice(),
        &[0; 4],
        &[1; 16],
        &[0, 3],
        b"key",
        cose,
        b"\xa1\x61a\x01",
    ]
    .concat()
}

fn read(data: &[u8]) -> Made {
    let attested = Value::Map(vec![(
        "x5c".into(),
        Value::Array(vec![Value::Bytes(vec![1; 700])]),
    )]);
    let object = object(vec![
        ("fmt".into(), "packed".into()),
        ("attStmt".into(), attested),
        ("authData".into(), Value::Bytes(data.to_vec())),
    ]);
    completed(nothing(), &object)
}

fn nothing() -> Made {
    Made {
        credential: b"key".to_vec(),
        client_data: Vec::new(),
        authenticator_data: Vec::new(),
        public_key: Vec::new(),
    }
}

fn key(entries: &[(i64, Value)]) -> Vec<u8> {
    object(
        entries
            .iter()
            .map(|(label, value)| (Value::from(*label), value.clone()))
            .collect(),
    )
}

#[test]
fn each_kind_of_key_is_found_in_an_attestation_object() {
    let bytes = |byte: u8, length: usize| Value::Bytes(vec![byte; length]);
    let es256 = key(&[
        (1, 2.into()),
        (3, (-7).into()),
        (-1, 1.into()),
        (-2, bytes(8, 32)),
        (-3, bytes(9, 32)),
    ]);
    let eddsa = key(&[
        (1, 1.into()),
        (3, (-8).into()),
        (-1, 6.into()),
        (-2, bytes(8, 32)),
    ]);
    let rs256 = key(&[
        (1, 3.into()),
        (3, (-257).into()),
        (-1, bytes(0xc1, 256)),
        (-2, Value::Bytes(vec![1, 0, 1])),
    ]);
    for (cose, length, ends) in [
        (es256, 91, [9; 5]),
        (eddsa, 44, [8; 5]),
        (rs256, 294, [2, 3, 1, 0, 1]),
    ] {
        let made = read(&data(&cose));
        assert_eq!(made.authenticator_data, data(&cose));
        assert_eq!(
            (made.public_key.len(), made.public_key.ends_with(&ends)),
            (length, true)
        );
    }
}

#[test]
fn keys_that_were_not_asked_for_are_not_read() {
    let bytes = |length: usize| Value::Bytes(vec![8; length]);
    let wrong: [Vec<(i64, Value)>; 5] = [
        vec![(3, (-7).into()), (-2, bytes(32)), (-3, bytes(31))],
        vec![(3, (-8).into()), (-2, bytes(33))],
        vec![
            (3, (-257).into()),
            (-1, bytes(256)),
            (-2, Value::Bytes(vec![3])),
        ],
        vec![(3, (-35).into()), (-2, bytes(48)), (-3, bytes(48))],
        vec![(-2, bytes(32))],
    ];
    for entries in wrong {
        let made = read(&data(&key(&entries)));
        assert!(
            made.public_key.is_empty() && !made.authenticator_data.is_empty(),
            "{entries:?}"
        );
    }
}

#[test]
fn what_is_no_attestation_object_changes_nothing() {
    let endless = [vec![0x81; 5_000], vec![0xff]].concat();
    for object in [
        b"".as_slice(),
        b"\xa0",
        b"\x40",
        b"\xa1\x68authData",
        b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff",
        &endless,
        &vec![0; 20_000],
    ] {
        assert!(completed(nothing(), object).authenticator_data.is_empty());
    }
    let told = Made {
        authenticator_data: vec![1],
        public_key: vec![2],
        ..nothing()
    };
    assert_eq!(completed(told, b"\xa0").public_key, [2]);
}
