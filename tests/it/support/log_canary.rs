//! Canaries: secrets that any test types or receives are searched for in the trace-level log of all
//! tests.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex};

use data_encoding::HEXLOWER;
use pollstr::platform::crypto::random;
use pollstr::simulator::Message;
use pollstr::web::http::access_log::filter;

/// Form fields with secrets.
const FIELDS: [&str; 6] = [
    "password",
    "new_password",
    "code",
    "phone",
    "receipt",
    "nonce",
];

static SECRETS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// The trace-level log of this process, in an unnamed file.
static LOG: LazyLock<File> = LazyLock::new(|| {
    let path: PathBuf = std::env::temp_dir().join(format!(
        "pollstr-it-log-{}",
        HEXLOWER.encode(&random::<8>())
    ));
    let file = File::options()
        .read(true)
        .append(true)
        .create_new(true)
        .open(&path)
        .unwrap();
    fs::remove_file(path).unwrap();
    let writer = Mutex::new(file.try_clone().unwrap());
    tracing_subscriber::fmt()
        .json()
        // The tests' own HTML parser logs every page it reads.
        .with_env_filter(filter("trace,html5ever=off,selectors=off").unwrap())
        .with_writer(writer)
        .init();
    file
});

/// Starts logging and returns the current length of the log.
pub(crate) fn listen() -> u64 {
    LOG.metadata().unwrap().len()
}

/// Registers what was typed into a form field.
pub(crate) fn typed(field: &str, text: &str) {
    if FIELDS.contains(&field) {
        keep(text);
    }
}

/// Registers a secret.
pub(crate) fn keep(secret: &str) {
    let digits: String = secret.chars().filter(char::is_ascii_digit).collect();
    let code = digits.len() == 6 && digits.len() == secret.len();
    let number = digits.len() > 9 && secret.chars().all(|sign| !sign.is_alphabetic());
    let mut secrets = SECRETS.lock().unwrap();
    if number {
        // In every spelling, also without the country code.
        secrets.insert(digits[digits.len() - 9..].to_owned());
    } else if code || (secret.len() >= 12 && secret.contains(' ')) || secret.len() >= 16 {
        secrets.insert(secret.to_owned());
    }
}

/// Registers what phones received.
pub(crate) fn received(messages: &[Message]) {
    for message in messages {
        keep(&message.code);
        keep(&message.to);
    }
}

/// Returns secrets that were logged since.
pub(crate) fn sang(since: u64) -> Option<String> {
    let mut log = vec![0; usize::try_from(listen() - since).unwrap()];
    LOG.read_exact_at(&mut log, since).unwrap();
    let log = String::from_utf8_lossy(&log);
    // A copy, since other tests go on typing.
    let secrets = SECRETS.lock().unwrap().clone();
    secrets.iter().find_map(|secret| {
        let at = log
            .match_indices(secret.as_str())
            .map(|(at, _)| at)
            .find(|at| tells(&log, *at, secret))?;
        let start = log[..at].rfind('\n').map_or(0, |end| end + 1);
        Some(format!(
            "{secret}: {}",
            log[start..].lines().next().unwrap_or_default()
        ))
    })
}

/// Returns whether this occurrence is the secret rather than an equal number: six digits are a code
/// if they are a separate text or follow a word that implies one.
fn tells(log: &str, at: usize, secret: &str) -> bool {
    if secret.len() > 6 {
        return true;
    }
    let before = &log[..at];
    let word = before.trim_end_matches(['"', '\\', ':', '=', ' ', '(']);
    let alone = before.ends_with('"') && log[at + secret.len()..].starts_with('"');
    alone || before.ends_with('#') || (word.len() < before.len() && word.ends_with("code"))
}

#[test]
fn a_canary_is_heard_wherever_it_sings() {
    let heard = |line: &str, secret: &str| {
        line.match_indices(secret)
            .any(|(at, _)| tells(line, at, secret))
    };
    for line in [
        "code=123456&next=",
        r#"{"code":"123456"}"#,
        r#"Code("123456")"#,
        "code: 123456 is right",
        "@host #123456",
    ] {
        assert!(heard(line, "123456"), "{line}");
    }
    for line in ["elapsed=0.123456", r#"{"rows":123456}"#, "1123456"] {
        assert!(!heard(line, "123456"), "{line}");
    }
    let since = listen();
    keep("a canary that sings");
    assert_eq!(sang(since), None);
    tracing::trace!("a canary that sings");
    assert!(
        sang(since)
            .unwrap()
            .starts_with("a canary that sings: {\"timestamp\"")
    );
    SECRETS.lock().unwrap().remove("a canary that sings");
}
