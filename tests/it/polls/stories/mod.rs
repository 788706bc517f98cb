//! Thousands of short random histories of polls, compared with a model: after any sequence of
//! opening, voting, changing, closing, deleting, crashes, and failing statements or commits, the
//! ballots match the model.

mod dice;
mod fault;
mod inputs;
mod model;
mod process;
mod stored;
mod world;

use proptest::prelude::{Just, Strategy, any};
use proptest::prop_oneof;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use crate::polls::stories::world::World;
use crate::support::environment::is_long_run;

const AT_ONCE: usize = 500;
const STEPS: usize = 5;

/// Polls that are open at the same time, and how many votes each gets.
#[derive(Clone, Copy, Debug)]
struct Batch {
    seed: u64,
    polls: usize,
    steps: usize,
}

/// Nearly always the largest batch; a failing one is shrunk.
fn batches() -> impl Strategy<Value = Batch> {
    let polls = prop_oneof![1 => 1..=AT_ONCE, 99 => Just(AT_ONCE)];
    let steps = prop_oneof![1 => 1..=STEPS, 99 => Just(STEPS)];
    let parts = (any::<u64>(), polls, steps);
    parts.prop_map(|(seed, polls, steps)| Batch { seed, polls, steps })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stories_end_with_the_ballots_of_the_model() {
    let stories = if is_long_run() { 20_000 } else { 3_000 };
    let config = Config {
        cases: u32::try_from(stories / AT_ONCE).unwrap(),
        failure_persistence: None,
        max_shrink_iters: 100,
        ..Config::default()
    };
    let world = Mutex::new(World::new().await);
    let runtime = Handle::current();
    let play = move || {
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let played = TestRunner::new_with_rng(config, rng).run(&batches(), |batch| {
            runtime.block_on(async { world.lock().await.play(batch).await });
            Ok(())
        });
        (played, world.into_inner().totals)
    };
    let (played, totals) = tokio::task::spawn_blocking(play).await.unwrap();
    if let Err(error) = played {
        panic!("{error}");
    }
    assert!(
        totals.accepted > stories / 2
            && totals.repeated > stories / 20
            && totals.refused > stories / 2
            && totals.lost > stories / 20
            && totals.failed > stories / 40,
        "{totals:?}"
    );
}
