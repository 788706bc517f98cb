//! `pollstr healthcheck`: asks the running server whether it is ready.

use pollstr::platform::config::Config;
use pollstr::server::probe;

use crate::cli::output::Outcome;

/// Prints what `/readyz` says, or fails with the reason.
pub(crate) async fn healthcheck(config: &Config) -> Outcome {
    Ok(probe::ask(&config.address, "/readyz").await?)
}
