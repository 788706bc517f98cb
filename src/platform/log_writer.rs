//! The log queue: log lines are queued, and one thread writes them. A closed pipe, a stalled reader
//! or a full disk lose lines, which are counted, and never block the server.

use std::fs::File;
use std::io::Write;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use std::{io, thread};

use tracing_subscriber::fmt::MakeWriter;

/// Capacity of the queue in bytes. Lines beyond it are dropped.
const WAITING: usize = 1 << 20;
/// How long shutdown waits for the last lines.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

/// Lines dropped since the process started.
static LOST: AtomicU64 = AtomicU64::new(0);

/// Returns how many lines were dropped since the process started.
#[must_use]
pub fn lost() -> u64 {
    LOST.load(Ordering::Relaxed)
}

/// The queue of lines. Clones share it.
#[derive(Clone, Debug)]
pub struct LogQueue(Arc<Queue>);

#[derive(Debug)]
struct Queue {
    /// `None` once the log is closed.
    lines: RwLock<Option<Sender<Vec<u8>>>>,
    waiting: Arc<AtomicUsize>,
    lost: &'static AtomicU64,
}

/// Handle of the writer thread. Dropping it closes the log and waits briefly for queued lines.
#[derive(Debug)]
pub struct LogWriter {
    queue: LogQueue,
    done: Receiver<()>,
}

/// Starts a queue that writes to standard output.
pub fn to_stdout() -> io::Result<(LogQueue, LogWriter)> {
    // Bypasses std's buffer, which keeps half a line back when a write fails.
    let output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    to(output, WAITING, &LOST)
}

fn to(
    output: impl Write + Send + 'static,
    most: usize,
    lost: &'static AtomicU64,
) -> io::Result<(LogQueue, LogWriter)> {
    let (lines, queued) = channel();
    let (finished, done) = channel();
    let waiting = Arc::new(AtomicUsize::new(WAITING - most));
    let queue = LogQueue(Arc::new(Queue {
        lines: RwLock::new(Some(lines)),
        waiting: Arc::clone(&waiting),
        lost,
    }));
    thread::Builder::new()
        .name("log".to_owned())
        .spawn(move || {
            write(output, &queued, &waiting, lost);
            let _ = finished.send(());
        })?;
    Ok((queue.clone(), LogWriter { queue, done }))
}

/// Writes queued lines. After losses it reports how many lines were dropped.
fn write(
    mut output: impl Write,
    queued: &Receiver<Vec<u8>>,
    waiting: &AtomicUsize,
    lost: &AtomicU64,
) {
    let (mut reported, mut torn) = (lost.load(Ordering::Relaxed), false);
    while let Ok(line) = queued.recv() {
        // Ends a line that was cut off, so the next one starts on its own line.
        let written = (if torn {
            output.write_all(b"\n")
        } else {
            Ok(())
        })
        .and_then(|()| output.write_all(&line));
        let left = waiting.fetch_sub(line.len(), Ordering::Relaxed) - line.len();
        torn = written.is_err();
        let now = lost.load(Ordering::Relaxed);
        if torn {
            lost.fetch_add(1, Ordering::Relaxed);
        } else if now > reported && left == 0 {
            reported = now;
            tracing::warn!(
                lost = now,
                "lines of the log were lost since the start: they could not be written"
            );
        }
    }
}

impl Write for &LogQueue {
    /// Queues a whole line or drops it.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let Queue {
            lines,
            waiting,
            lost,
        } = &*self.0;
        let size = line.len();
        let fits = waiting.fetch_add(size, Ordering::Relaxed) + size <= WAITING;
        let lines = lines.read().unwrap_or_else(PoisonError::into_inner);
        if !fits
            || lines
                .as_ref()
                .is_none_or(|lines| lines.send(line.to_vec()).is_err())
        {
            waiting.fetch_sub(size, Ordering::Relaxed);
            lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(size)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogQueue {
    type Writer = &'a LogQueue;

    fn make_writer(&'a self) -> &'a LogQueue {
        self
    }
}

impl Drop for LogWriter {
    fn drop(&mut self) {
        self.queue
            .0
            .lines
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        // If the reader is stalled, the remaining lines are lost.
        let _ = self.done.recv_timeout(SHUTDOWN_TIMEOUT);
    }
}

#[cfg(test)]
#[path = "log_writer_tests.rs"]
mod tests;
