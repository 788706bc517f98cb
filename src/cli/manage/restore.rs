//! `pollstr restore`: replaces the SQLite database by a backup.

use std::path::Path;

use pollstr::platform::config::Config;

use crate::cli::output::Outcome;

pub(crate) async fn restore(config: &Config, file: &Path, yes: bool) -> Outcome {
    let _ = (config, file, yes);
    Err("not yet".into())
}
