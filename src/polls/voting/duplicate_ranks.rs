//! Reports choices of a ranking that have the same rank, by name and at each field.

use std::collections::BTreeMap;

use crate::polls::current_poll::load_poll;
use crate::polls::model::selection::SelectionError;
use crate::polls::voting::fields::PLACE;
use crate::web::components::sentence::quote_all;
use crate::web::hypermedia::outcome::{FieldErrors, Refusal};

/// The positions of the choices that share a rank, grouped by rank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DuplicateRanks(pub(crate) Vec<Vec<i64>>);

/// Returns the positions chosen on a ballot form, best first in a ranking: its `choice` fields, or
/// its `place_…` fields if there are any.
///
/// # Errors
/// The choices that share a rank.
pub(crate) fn chosen(
    choice: &[String],
    places: &BTreeMap<String, String>,
) -> Result<Vec<i64>, DuplicateRanks> {
    // 0 is not a choice of any poll.
    let position = |choice: &str| choice.parse().unwrap_or(0);
    let places = places.iter().filter_map(|(name, place)| {
        Some((position(name.strip_prefix(PLACE)?), place.parse().ok()))
    });
    let places: Vec<(i64, Option<i64>)> = places.collect();
    if places.is_empty() {
        return Ok(choice.iter().map(|choice| position(choice)).collect());
    }
    ranking_from_places(places)
}

/// Builds a ranking from pairs of a position and its rank, as typed. A choice without a rank is
/// left out.
///
/// # Errors
/// The choices that share a rank.
pub(crate) fn ranking_from_places(
    places: impl IntoIterator<Item = (i64, Option<i64>)>,
) -> Result<Vec<i64>, DuplicateRanks> {
    let mut order: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (position, place) in places {
        if let Some(place) = place {
            order.entry(place).or_default().push(position);
        }
    }
    let shared: Vec<Vec<i64>> = order
        .values()
        .filter(|positions| positions.len() > 1)
        .cloned()
        .collect();
    if shared.is_empty() {
        Ok(order.into_values().flatten().collect())
    } else {
        Err(DuplicateRanks(shared))
    }
}

impl DuplicateRanks {
    /// Returns a refusal that names the choices, if the caller may see the poll.
    pub(crate) async fn refusal(self, poll: &str) -> Refusal {
        let poll = match load_poll(poll).await {
            Ok(found) => found.seen.poll,
            Err(refusal) => return refusal,
        };
        let names: BTreeMap<i64, &str> = poll
            .choices
            .iter()
            .map(|choice| (choice.position, choice.text.as_str()))
            .collect();
        self.refusal_naming(&names)
    }

    /// Returns a refusal that names the choices by their positions.
    pub(crate) fn refusal_naming(&self, names: &BTreeMap<i64, &str>) -> Refusal {
        let (mut shared, mut fields) = (Vec::new(), FieldErrors::new());
        for positions in &self.0 {
            let Some(texts) = positions
                .iter()
                .map(|position| names.get(position).copied())
                .collect::<Option<Vec<_>>>()
            else {
                return Refusal::field("choice", SelectionError::Foreign);
            };
            shared.push(quote_all(&texts));
            for (own, position) in positions.iter().enumerate() {
                let others: Vec<&str> = texts
                    .iter()
                    .enumerate()
                    .filter(|(index, _)| *index != own)
                    .map(|(_, text)| *text)
                    .collect();
                fields.insert(
                    format!("{PLACE}{position}"),
                    format!("Same rank as {}.", quote_all(&others)),
                );
            }
        }
        let which = if let [two] = self.0.as_slice()
            && two.len() == 2
        {
            "Two"
        } else {
            "Some"
        };
        let message = format!(
            "{which} choices have the same rank. Give each its own: {}.",
            shared.join("; ")
        );
        fields.insert("choice".to_owned(), message);
        Refusal::Invalid {
            message: String::new(),
            fields,
        }
    }
}

#[cfg(test)]
#[path = "duplicate_ranks_tests.rs"]
mod tests;
