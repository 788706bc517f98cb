//! Commands of an operator, run as the program on a site's database.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::app::Site;
use crate::support::environment::program;

/// What a command printed, and its exit code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a command to its end.
pub(crate) fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// Runs a command in a folder.
pub(crate) fn run_in(folder: &Path, arguments: &[&str]) -> Ran {
    ran(program(folder).args(arguments))
}

/// Runs a command on the database of a site.
pub(crate) fn run(site: &Site, arguments: &[&str]) -> Ran {
    let config = &site.state.config;
    let mut command = program(config.secret_file.parent().unwrap());
    command
        .env("DATABASE_URL", &config.database_url)
        .env("POLLSTR_SECRET_FILE", &config.secret_file);
    ran(command.args(arguments))
}

/// Runs a command that succeeds and returns what it printed.
pub(crate) fn told(site: &Site, arguments: &[&str]) -> String {
    let Ran { code, out, err } = run(site, arguments);
    assert_eq!((code, err.as_str()), (0, ""), "{arguments:?}: {out}");
    out
}

/// Runs a command that succeeds with `--json` and returns what it printed.
pub(crate) fn json(site: &Site, arguments: &[&str]) -> Value {
    let out = told(site, &[arguments, &["--json"]].concat());
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {out}"))
}

/// The names of a JSON object's fields.
pub(crate) fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

impl Ran {
    /// Asserts a failure with this exit code, and returns its line on standard error.
    pub(crate) fn fails(&self, code: i32) -> &str {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.err.lines().count(), 1, "{self:?}");
        self.err.trim_start_matches("pollstr: ").trim_end()
    }
}
