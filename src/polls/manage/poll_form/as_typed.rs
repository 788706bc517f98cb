//! Converts a stored poll back to form values.

use crate::polls::manage::poll_form::fields::PollForm;
use crate::polls::manage::poll_form::options::{CHECKED, MIN_CHOICES};
use crate::polls::manage::poll_form::time_fields::{AT_TIME, NEVER};
use crate::polls::manage::poll_form::times::AT_ONCE;
use crate::polls::model::kind::{BallotKind, Kind};
use crate::polls::model::time_zone::PollTimeZone;
use crate::polls::store::polls::StoredPoll;

/// Returns the form values of a stored poll.
#[must_use]
pub fn as_typed(stored: &StoredPoll) -> PollForm {
    let poll = &stored.poll;
    let zone = PollTimeZone::parse(&poll.zone);
    let shown = |moment| {
        zone.as_ref()
            .map(|zone| zone.shown(moment))
            .unwrap_or_default()
    };
    // An empty field means "all choices", also when choices are added later.
    let all = poll.choices.len().max(MIN_CHOICES);
    let most = if let Kind::Multiple { most } = poll.kind {
        usize::try_from(most).ok().filter(|most| *most != all)
    } else {
        None
    };
    let only_if = |holds: bool, text: &str| {
        if holds {
            text.to_owned()
        } else {
            String::new()
        }
    };
    let ticked = |ticked: bool| only_if(ticked, CHECKED);
    PollForm {
        poll: poll.id.clone(),
        question: poll.question.clone(),
        description: poll.description.clone(),
        choice: poll
            .choices
            .iter()
            .map(|choice| choice.text.clone())
            .collect(),
        kind: match poll.kind.ballot() {
            BallotKind::Ranking => Kind::Ranked.as_str(),
            BallotKind::Rating => Kind::Score.as_str(),
            BallotKind::Marks { .. } => poll.kind.as_str(),
        }
        .to_owned(),
        counting: only_if(poll.kind.is_ranking(), poll.kind.as_str()),
        seats: match poll.kind {
            Kind::Seats { seats } => seats.to_string(),
            _ => String::new(),
        },
        rating: only_if(poll.kind.is_rating(), poll.kind.as_str()),
        most: most.map(|most| most.to_string()).unwrap_or_default(),
        opens: if poll.opens_at == AT_ONCE {
            String::new()
        } else {
            shown(poll.opens_at)
        },
        until: if poll.closes_at.is_some() {
            AT_TIME
        } else {
            NEVER
        }
        .to_owned(),
        closes: poll.closes_at.map(shown).unwrap_or_default(),
        zone: poll.zone.clone(),
        results: poll.results.as_str().to_owned(),
        listed: if poll.listed { CHECKED } else { "no" }.to_owned(),
        changeable: ticked(poll.changeable),
        shuffled: ticked(poll.shuffled),
        rankings: ticked(poll.rankings),
        countries: poll
            .countries
            .iter()
            .map(|code| format!("+{code}"))
            .collect(),
        mobile_only: ticked(poll.mobile_only),
        per_account: ticked(poll.per_account),
        turnout: ticked(poll.turnout),
        ..PollForm::default()
    }
}
