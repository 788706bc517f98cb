//! Unit tests of `cache`.

use std::sync::atomic::AtomicI32;

use super::*;
use std::sync::atomic::Ordering;

const LONG: Duration = Duration::from_hours(1);

#[tokio::test]
async fn many_readers_make_one_reading_until_it_is_forgotten() {
    let (kept, readings) = (EntryCache::<i32>::default(), AtomicI32::new(0));
    let read = async |_| {
        let number = readings.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        Ok(number)
    };
    let all = futures::future::join_all((0..10).map(|_| kept.get("a", LONG, read))).await;
    assert!(all.into_iter().all(|value| *value.unwrap() == 0));
    kept.forget("a");
    assert_eq!(*kept.get("a", LONG, read).await.unwrap(), 1);
    assert_eq!(*kept.get("b", LONG, read).await.unwrap(), 2);
    assert_eq!(*kept.get("a", Duration::ZERO, read).await.unwrap(), 3);
}

#[tokio::test]
async fn there_is_one_reading_at_a_time_and_all_who_wait_share_the_next() {
    let (kept, readings, under_way) = (
        EntryCache::<i32>::default(),
        AtomicI32::new(0),
        AtomicI32::new(0),
    );
    let read = async |_| {
        assert_eq!(under_way.fetch_add(1, Ordering::SeqCst), 0);
        // A slow read, during which votes keep arriving.
        for _ in 0..50 {
            kept.forget("a");
            tokio::task::yield_now().await;
        }
        under_way.fetch_sub(1, Ordering::SeqCst);
        Ok(readings.fetch_add(1, Ordering::SeqCst))
    };
    let all = futures::future::join_all((0..10).map(|_| kept.get("a", LONG, read))).await;
    let values: Vec<i32> = all.into_iter().map(|value| *value.unwrap()).collect();
    // A read in progress doesn't serve callers that arrived after it began: only the first caller
    // gets it.
    assert_eq!(values, [0, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
}

#[tokio::test]
async fn a_value_read_before_its_entry_was_forgotten_is_not_kept() {
    let kept = EntryCache::<i32>::default();
    let slow = kept.get("a", LONG, async |_| {
        kept.forget("a");
        Ok(1)
    });
    assert_eq!(*slow.await.unwrap(), 1);
    assert_eq!(*kept.get("a", LONG, async |_| Ok(2)).await.unwrap(), 2);
}

#[tokio::test]
async fn a_reading_is_told_what_was_before_and_one_that_fails_is_not_kept() {
    let kept = EntryCache::<i32>::default();
    assert!(
        kept.get("a", LONG, async |_| Err(DbErr::Custom(String::new())))
            .await
            .is_err()
    );
    assert_eq!(*kept.get("a", LONG, async |_| Ok(1)).await.unwrap(), 1);
    kept.forget("a");
    kept.forget("a");
    assert_eq!(
        *kept
            .get("a", LONG, async |last| Ok(*last.unwrap() + 10))
            .await
            .unwrap(),
        11
    );
}
