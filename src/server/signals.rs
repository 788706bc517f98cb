//! What the system says to the process: to stop, which takes a moment, and other things that must not end it.

use std::io;
use std::io::IsTerminal;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// The signals that are listened to, from the first moment on.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    others: [Signal; 2],
    /// Whether the process was started in a terminal.
    terminal: bool,
}

impl Signals {
    /// Starts listening.
    pub fn listen() -> Result<Self, String> {
        let listen = |kind| {
            signal(kind).map_err(|error| format!("this process could not be told to stop: {error}"))
        };
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

    /// Does what they say. At SIGTERM the process is `leaving`, and after `drain` it stops; a second word to stop cuts that short, and a
    /// person at the keyboard, or one who has closed the terminal, need not wait at all.
    pub async fn obey(
        mut self,
        drain: Duration,
        leaving: CancellationToken,
        stop: CancellationToken,
    ) {
        if self.told_to_drain().await {
            leaving.cancel();
            tracing::info!(
                seconds = drain.as_secs(),
                "told to stop; requests are taken for this long"
            );
            tokio::select! {
                () = sleep(drain) => {}
                _ = self.told_to_drain() => {}
            }
        }
        leaving.cancel();
        stop.cancel();
    }

    /// Waits for the word to stop, and returns whether there is time for others to notice.
    async fn told_to_drain(&mut self) -> bool {
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
                // Sent by a person or a script, it changes nothing; sent because the terminal is gone, nobody will press Ctrl-C.
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
