//! Unit tests of `log_writer`.

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
