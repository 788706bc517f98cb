//! Unix signals: graceful shutdown, and signals that must not end the process.

use std::io;
use std::io::IsTerminal;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// The signals that are handled, from the start of the process.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    others: [Signal; 2],
    terminal: bool,
}

impl Signals {
    /// Registers the handlers.
    pub fn listen() -> Result<Self, String> {
        let listen =
            |kind| signal(kind).map_err(|error| format!("couldn't listen for signals: {error}"));
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hangup: listen(SignalKind::hangup())?,
            others: [
                listen(SignalKind::user_defined1())?,
                listen(SignalKind::user_defined2())?,
            ],
            terminal: io::stdout().is_terminal(),
        })
    }

    /// Handles signals. SIGTERM cancels `leaving` and, after `drain`, `stop`. A second signal skips
    /// the wait, and so does Ctrl-C or a closed terminal.
    pub async fn handle(
        mut self,
        drain: Duration,
        leaving: CancellationToken,
        stop: CancellationToken,
    ) {
        if self.wait_for_stop().await {
            leaving.cancel();
            tracing::info!(
                seconds = drain.as_secs(),
                "told to stop; requests are taken for this long"
            );
            tokio::select! {
                () = sleep(drain) => {}
                _ = self.wait_for_stop() => {}
            }
        }
        leaving.cancel();
        stop.cancel();
    }

    /// Waits for a signal to stop and returns whether to drain first.
    async fn wait_for_stop(&mut self) -> bool {
        let Self {
            terminate,
            interrupt,
            hangup,
            others: [first, second],
            terminal,
        } = self;
        loop {
            tokio::select! {
                _ = terminate.recv() => return true,
                _ = interrupt.recv() => return false,
                // SIGHUP from a person or script is ignored; from a closed terminal it ends the
                // process, since Ctrl-C can no longer be pressed.
                _ = hangup.recv() => if *terminal && !io::stdout().is_terminal() {
                    return false;
                },
                _ = first.recv() => {}
                _ = second.recv() => {}
            }
            tracing::info!(
                "a signal was ignored: settings are read at the start alone, and the log goes to the standard output"
            );
        }
    }
}
