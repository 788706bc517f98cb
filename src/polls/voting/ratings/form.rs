//! Reads a ballot form of any kind.

use std::collections::BTreeMap;

use crate::polls::model::selection::FilledIn;
use crate::polls::voting::duplicate_ranks::{DuplicateRanks, chosen};
use crate::polls::voting::ratings::fields::RATE;

/// Out of range: what a field holds that isn't a number.
const NO_POINTS: i64 = -1;

/// Returns what is filled in: the `rate_…` fields if there are any, else the choices or ranks.
///
/// # Errors
/// The choices that share a rank.
pub(crate) fn filled_in(
    choice: &[String],
    fields: &BTreeMap<String, String>,
) -> Result<FilledIn, DuplicateRanks> {
    let rated = fields.iter().filter_map(|(name, points)| {
        let position = name.strip_prefix(RATE)?;
        // 0 is not a choice of any poll.
        let position = position.parse().unwrap_or(0);
        (!points.is_empty()).then(|| (position, points.parse().unwrap_or(NO_POINTS)))
    });
    let rated: Vec<(i64, i64)> = rated.collect();
    if rated.is_empty() {
        chosen(choice, fields).map(FilledIn::Chosen)
    } else {
        Ok(FilledIn::Rated(rated))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(fields: &[(&str, &str)]) -> BTreeMap<String, String> {
        let fields = fields.iter();
        fields
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn points_are_read_by_choice_and_blanks_are_left_out() {
        let rated = |typed| filled_in(&[], &fields(typed));
        assert_eq!(
            rated(&[("rate_2", "5"), ("rate_1", "0"), ("rate_3", "")]),
            Ok(FilledIn::Rated(vec![(1, 0), (2, 5)]))
        );
        assert_eq!(
            rated(&[("rate_1", "five"), ("rate_x", "1")]),
            Ok(FilledIn::Rated(vec![(1, -1), (0, 1)]))
        );
        assert_eq!(rated(&[("rate_1", "")]), Ok(FilledIn::Chosen(Vec::new())));
        assert_eq!(
            rated(&[("place_2", "1"), ("place_1", "2")]),
            Ok(FilledIn::Chosen(vec![2, 1]))
        );
    }
}
