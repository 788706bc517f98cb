//! `pollstr completions` and `pollstr man`, made from the definition of the command line.

use clap::{Command, CommandFactory};
use clap_complete::shells;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::cli::args::{Cli, Shell};
use crate::cli::output::Outcome;

/// Returns the completions for a shell.
pub(crate) fn completions(shell: Shell) -> Outcome {
    let (mut command, mut script) = (Cli::command(), Vec::new());
    match shell {
        Shell::Bash => clap_complete::generate(shells::Bash, &mut command, "pollstr", &mut script),
        Shell::Zsh => clap_complete::generate(shells::Zsh, &mut command, "pollstr", &mut script),
        Shell::Fish => clap_complete::generate(shells::Fish, &mut command, "pollstr", &mut script),
    }
    Ok(String::from_utf8(script)?.trim_end().to_owned())
}

/// Returns the manual page, with all commands on it.
pub(crate) fn page() -> Outcome {
    let mut command = Cli::command();
    command.build();
    let (man, mut text) = (Man::new(command.clone()), Vec::new());
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_options_section(&mut text)?;

    let mut roff = Roff::new();
    roff.control("SH", ["COMMANDS"]);
    describe(&mut command, &mut roff);
    for (title, lines) in SECTIONS {
        roff.control("SH", [*title]);
        for (term, text) in *lines {
            roff.control("TP", []);
            roff.text([bold(*term)]);
            roff.text([roman(*text)]);
        }
    }
    roff.to_writer(&mut text)?;
    Ok(String::from_utf8(text)?.trim_end().to_owned())
}

/// What the definition of the command line doesn't say: titles, terms and their meaning.
const SECTIONS: &[(&str, &[(&str, &str)])] = &[
    (
        "FILES",
        &[
            (
                "Leptos.toml",
                "The settings, unless --config names another file. Environment variables win over it. Unknown settings are refused.",
            ),
            (
                "/etc/pollstr/pollstr.toml",
                "The settings of the Debian package's service.",
            ),
        ],
    ),
    (
        "SIGNALS",
        &[
            (
                "SIGTERM",
                "Stop: /readyz answers 503 and requests are still accepted for POLLSTR_DRAIN seconds, then running ones are finished. A second one ends the wait.",
            ),
            ("SIGINT", "Stop without the wait."),
        ],
    ),
    (
        "EXIT STATUS",
        &[
            ("0", "The command did what it was asked to."),
            ("1", "It didn't; one line on standard error says why."),
            ("2", "The command line is wrong."),
            ("3", "There is no such account, poll or raised limit."),
            (
                "4",
                "Nothing was changed: the command asks for --yes, and says what it would do.",
            ),
        ],
    ),
];

/// Lists the commands below one, each with its usage and arguments.
fn describe(command: &mut Command, roff: &mut Roff) {
    for child in command.get_subcommands_mut() {
        if child.get_name() == "help" {
            continue;
        }
        if child.has_subcommands() {
            describe(child, roff);
            if child.get_positionals().next().is_none() {
                continue;
            }
        }
        let usage = child.render_usage().to_string().replace(" [OPTIONS]", "");
        // A command that also has commands below it has a second line for those.
        let usage = usage.lines().next().unwrap_or_default();
        roff.control("TP", []);
        roff.text([bold(usage.trim_start_matches("Usage: "))]);
        let about = child.get_long_about().or_else(|| child.get_about());
        roff.text([roman(about.map(ToString::to_string).unwrap_or_default())]);
        let arguments = child
            .get_arguments()
            .filter(|argument| !argument.is_global_set() && argument.get_id() != "help");
        for argument in arguments {
            let Some(help) = argument.get_help() else {
                continue;
            };
            roff.control("br", []);
            roff.text([roman(format!("{argument}: {help}"))]);
        }
        if let Some(example) = child.get_after_help() {
            roff.control("br", []);
            roff.text([roman(example.to_string())]);
        }
    }
}
