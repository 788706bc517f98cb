//! The `pollstr` program: parses the command line, runs the command, and reports a failure in one
//! line.

mod cli;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, exit_code, harmless, print_line};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let printed = cli::run(Cli::parse()).await.and_then(|text| {
        if text.is_empty() {
            Ok(())
        } else {
            print_line(&text)
        }
    });
    let Err(error) = printed else {
        return ExitCode::SUCCESS;
    };
    let line = harmless(&error.to_string().replace('\n', " "));
    // If standard error is closed too, the exit code has to be enough.
    let _ = writeln!(std::io::stderr(), "pollstr: {line}");
    ExitCode::from(exit_code(&*error))
}
