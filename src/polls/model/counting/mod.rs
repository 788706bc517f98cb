//! Counts tallies. Pure functions, and the only place where votes are counted.
//!
//! Single and multiple choice polls are counted by votes, rankings by instant run-off: in each
//! round a ballot counts for its highest ranked choice still standing. A choice with more than half
//! of the remaining ballots wins; otherwise the last one is eliminated and its ballots are
//! transferred. Ties are broken as the results page says: see [`tie_rule::TieRule`]. The other ways
//! to count rankings are in [`rankings`], those to count ratings in [`ratings`]. Motions, in which
//! voters can abstain, are in [`motion`].

pub mod count;
pub mod motion;
pub mod rankings;
pub mod ratings;
mod rule;
pub mod share;
pub mod standing;
pub mod tie_rule;

#[cfg(feature = "ssr")]
mod choices;
#[cfg(feature = "ssr")]
pub mod counted;
#[cfg(feature = "ssr")]
mod ranked;
#[cfg(feature = "ssr")]
mod tie_break;

#[cfg(test)]
mod tests;
