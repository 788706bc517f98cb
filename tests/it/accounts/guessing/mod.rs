//! What guessing reveals: nothing, not even by timing.

mod password_limits;
mod responses;
mod sign_up_limits;

use std::time::Instant;

use pollstr::accounts::limits;

const PASSWORD: &str = "four words and more";
const WRONG: &str = "four words or more";

#[expect(
    clippy::disallowed_methods,
    reason = "what a guesser measures is the machine's time"
)]
fn now() -> Instant {
    Instant::now()
}

fn too_often(error: limits::LimitError) -> limits::TooOften {
    match error {
        limits::LimitError::TooOften(error) => error,
        limits::LimitError::Database(error) => panic!("{error}"),
    }
}
