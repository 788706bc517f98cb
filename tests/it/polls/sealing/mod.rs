//! Sealing: after the close, marks and ballots can't be linked, whatever part of the database is
//! read.

mod concurrency;
mod due;
mod pairing;
mod unlinkability;
