//! The buttons that change the list of choices: add, remove, move.

use std::collections::BTreeMap;

use crate::polls::manage::poll_form::options::{MAX_CHOICES, MIN_CHOICES};
use crate::web::hypermedia::outcome::Next;

/// Applies the pressed button to the choices and returns the changed form; `None` if no such button
/// was pressed.
#[must_use]
pub fn changed(change: &str, mut choices: Vec<String>, lines: &str) -> Option<Next> {
    let mut left = lines.to_owned();
    choices.resize(choices.len().max(MIN_CHOICES), String::new());
    let (verb, number) = change.split_once(' ').unwrap_or((change, ""));
    // A choice that no longer exists is ignored.
    let at = number
        .parse::<usize>()
        .ok()
        .filter(|number| (1..=choices.len()).contains(number));
    let focus = match (verb, at) {
        ("", _) => return None,
        ("next", _) => match choices.iter().position(|choice| choice.trim().is_empty()) {
            Some(empty) => input(empty),
            None => add(&mut choices),
        },
        ("add", _) => add(&mut choices),
        ("lines", _) => {
            left = add_lines(&mut choices, lines);
            if left.is_empty() {
                input(choices.len() - 1)
            } else {
                "lines".to_owned()
            }
        }
        ("remove", Some(number)) => {
            choices.remove(number - 1);
            choices.resize(choices.len().max(MIN_CHOICES), String::new());
            format!("remove-{}", number.min(choices.len()))
        }
        ("up", Some(number)) if number > 1 => {
            choices.swap(number - 2, number - 1);
            // The first choice's "up" button is disabled and can't be focused.
            if number == 2 {
                "down-1".to_owned()
            } else {
                format!("up-{}", number - 1)
            }
        }
        ("down", Some(number)) if number < choices.len() => {
            choices.swap(number - 1, number);
            if number + 1 == choices.len() {
                format!("up-{}", number + 1)
            } else {
                format!("down-{}", number + 1)
            }
        }
        _ => input(0),
    };
    Some(Next::with_values(
        BTreeMap::from([
            ("choice".to_owned(), choices),
            ("lines".to_owned(), vec![left]),
        ]),
        focus,
    ))
}

fn add(choices: &mut Vec<String>) -> String {
    if choices.len() < MAX_CHOICES {
        choices.push(String::new());
    }
    input(choices.len() - 1)
}

/// Adds the lines of a list as choices, empty inputs first, and returns those for which there is no
/// room.
fn add_lines(choices: &mut Vec<String>, lines: &str) -> String {
    choices.retain(|choice| !choice.trim().is_empty());
    let mut lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    let room = MAX_CHOICES.saturating_sub(choices.len());
    choices.extend(lines.by_ref().take(room).map(str::to_owned));
    choices.resize(choices.len().max(MIN_CHOICES), String::new());
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns the id of a choice's input, by its index.
fn input(place: usize) -> String {
    format!("choice-{}", place + 1)
}

#[cfg(test)]
#[path = "choices_tests.rs"]
mod tests;
