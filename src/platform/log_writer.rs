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
    let (mut told, mut torn) = (lost.load(Ordering::Relaxed), false);
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
        } else if now > told && left == 0 {
            told = now;
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
mod tests {
    use super::*;
    use std::io::{Read, pipe};
    use std::sync::Mutex;

    #[test]
    fn a_reader_that_stands_still_costs_lines_and_holds_nothing_up() {
        static LOST: AtomicU64 = AtomicU64::new(0);
        let (mut reader, writer) = pipe().unwrap();
        let (queue, end) = to(writer, 10_000, &LOST).unwrap();
        for number in 0..10_000 {
            (&queue)
                .write_all(format!("{number:99}\n").as_bytes())
                .unwrap();
        }
        let lost = LOST.load(Ordering::Relaxed);
        // A pipe holds some hundred lines, the queue a hundred.
        assert!((5_000..10_000).contains(&lost), "{lost}");
        let reading = thread::spawn(move || {
            let mut log = String::new();
            reader.read_to_string(&mut log).unwrap();
            log
        });
        drop(end);
        let log = reading.join().unwrap();
        assert_eq!(
            log.lines().count() as u64,
            10_000 - lost,
            "the others are there, whole"
        );
        assert!(log.lines().all(|line| line.len() == 99));
        (&queue).write_all(b"too late\n").unwrap();
        assert_eq!(LOST.load(Ordering::Relaxed), lost + 1);
    }

    #[test]
    fn a_reader_that_is_gone_costs_lines() {
        static LOST: AtomicU64 = AtomicU64::new(0);
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let (queue, end) = to(writer, 10_000, &LOST).unwrap();
        (&queue).write_all(b"one\n").unwrap();
        (&queue).write_all(b"two\n").unwrap();
        drop(end);
        assert_eq!(LOST.load(Ordering::Relaxed), 2);
    }

    /// A disk that accepts five bytes, then fails once, then recovers.
    struct Disk(Vec<u8>, u8);

    impl Write for &mut Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1 += 1;
            match self.1 {
                1 => self.0.write(&bytes[..5]),
                2 => Err(io::ErrorKind::StorageFull.into()),
                _ => self.0.write(bytes),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_after_one_that_was_cut_off_stands_by_itself_and_tells_of_it() {
        let (lines, queued) = channel();
        for line in ["the first\n", "the second\n"] {
            lines.send(line.as_bytes().to_vec()).unwrap();
        }
        drop(lines);
        let (mut disk, lost) = (Disk(Vec::new(), 0), AtomicU64::new(0));
        let (mut reader, writer) = pipe().unwrap();
        let listening = tracing_subscriber::fmt()
            .with_writer(Mutex::new(writer))
            .with_ansi(false)
            .finish();
        tracing::subscriber::with_default(listening, || {
            write(&mut disk, &queued, &AtomicUsize::new(21), &lost);
        });
        assert_eq!(
            (
                String::from_utf8(disk.0).unwrap().as_str(),
                lost.into_inner()
            ),
            ("the f\nthe second\n", 1)
        );
        let mut said = String::new();
        reader.read_to_string(&mut said).unwrap();
        assert!(
            said.contains(
                "lines of the log were lost since the start: they could not be written lost=1"
            ),
            "{said}"
        );
    }
}
