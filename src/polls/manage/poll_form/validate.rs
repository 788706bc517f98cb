//! Validates the poll form: checks every limit and reports each error at its field.

use std::collections::{BTreeMap, BTreeSet};

use crate::platform::clock::Seconds;
use crate::platform::text::{Line, Paragraph};
use crate::polls::manage::poll_form::error::DraftError;
use crate::polls::manage::poll_form::fields::PollForm;
use crate::polls::manage::poll_form::options::{CHECKED, MAX_CHOICES, MIN_CHOICES};
use crate::polls::manage::poll_form::ranking_fields::MOST_SEATS;
use crate::polls::manage::poll_form::times::times;
use crate::polls::model::counting::motion::MOTION_CHOICES;
use crate::polls::model::kind::Kind;
use crate::polls::model::poll::ResultsRule;
use crate::polls::model::time_zone::PollTimeZone;
use crate::polls::store::drafts::Draft;
use crate::verification::numbers::phone::is_calling_code;
use crate::web::hypermedia::outcome::{Faults, Refusal};

/// Maximum length of a question or choice, in code points.
const LINE: usize = 200;
/// Maximum length of a description, in code points.
const DESCRIPTION: usize = 2_000;

/// Parses a form. A draft may have too few choices, and times that have passed.
///
/// # Errors
/// The field errors; the error of a single choice is at `choice_2`, by its number.
pub fn parse(form: &PollForm, owner: Option<i64>, now: Seconds) -> Result<Draft, Refusal> {
    let draft = form.save == "draft";
    let mut faults = Faults::default();
    let question = faults.check("question", question(&form.question));
    let description = faults.check(
        "description",
        Paragraph::parse(&form.description, DESCRIPTION),
    );
    let choices = choices(&form.choice, draft, &mut faults);
    let kind = faults.check(
        "kind",
        known(&form.kind, "single", |word| {
            Kind::of(word, 1)
                .filter(|kind| !matches!(kind, Kind::Pairs | Kind::Seats { .. } | Kind::Star))
        }),
    );
    let kind = match (kind, &choices) {
        (Some(Kind::Multiple { .. }), Some(choices)) => faults
            .check("most", most(&form.most, choices.len(), draft))
            .map(|most| Kind::Multiple { most }),
        (Some(Kind::Motion), Some(choices)) => {
            let few = draft && choices.len() < MOTION_CHOICES;
            let complete = if few || choices.len() == MOTION_CHOICES {
                Ok(Kind::Motion)
            } else {
                Err(DraftError::Motion)
            };
            faults.check("kind", complete)
        }
        (Some(Kind::Ranked), Some(choices)) => counting(form, choices.len(), draft, &mut faults),
        (Some(Kind::Score), _) => faults.check("rating", known(&form.rating, "score", rating)),
        (kind, _) => kind,
    };
    let results = faults.check(
        "results",
        known(&form.results, "after_vote", ResultsRule::of),
    );
    let listed = faults.check("listed", known(&form.listed, "yes", yes_or_no));
    let changeable = faults.check("changeable", known(&form.changeable, "no", yes_or_no));
    let shuffled = faults.check("shuffled", known(&form.shuffled, "no", yes_or_no));
    let rankings = faults.check("rankings", known(&form.rankings, "no", yes_or_no));
    let countries = faults.check("countries", countries(&form.countries));
    let mobile_only = faults.check("mobile_only", known(&form.mobile_only, "no", yes_or_no));
    let per_account = faults.check("per_account", known(&form.per_account, "no", yes_or_no));
    let turnout = faults.check("turnout", known(&form.turnout, "no", yes_or_no));
    let zone = faults.check(
        "zone",
        PollTimeZone::parse(if form.zone.trim().is_empty() {
            "UTC"
        } else {
            &form.zone
        }),
    );
    let times = zone
        .as_ref()
        .and_then(|zone| times(form, zone, draft, now, &mut faults));
    let whole = (|| {
        let (opens_at, closes_at) = times?;
        let kind = kind?;
        Some(Draft {
            owner,
            question: question?,
            description: description?.into(),
            choices: choices?,
            kind,
            results: results?,
            opens_at,
            closes_at,
            zone: zone?.name().to_owned(),
            listed: listed?,
            changeable: changeable?,
            shuffled: shuffled?,
            rankings: rankings? && kind.tallies_whole_ballots(),
            countries: countries?,
            mobile_only: mobile_only?,
            per_account: per_account?,
            turnout: turnout?,
            draft,
        })
    })();
    match whole {
        Some(whole) if faults.none() => Ok(whole),
        _ => Err(faults.refusal()),
    }
}

fn question(typed: &str) -> Result<String, DraftError> {
    let question = Line::parse(typed, LINE)?;
    if question.is_blank() {
        Err(DraftError::NoQuestion)
    } else {
        Ok(question.into())
    }
}

/// Returns the non-empty choices, or `None` if any is invalid; each error is recorded at its
/// choice.
fn choices(typed: &[String], draft: bool, faults: &mut Faults) -> Option<Vec<String>> {
    let (mut choices, mut seen, mut right) = (Vec::new(), BTreeMap::new(), true);
    for (place, typed) in (1..).zip(typed) {
        let choice = Line::parse(typed, LINE).map_err(DraftError::from);
        let choice = choice.and_then(|choice| match seen.get(&choice.key()) {
            Some(&earlier) => Err(DraftError::DuplicateChoice(earlier)),
            None => Ok(choice),
        });
        match choice {
            Ok(choice) if choice.is_blank() => {}
            choice => match faults.check(&format!("choice_{place}"), choice) {
                Some(choice) => {
                    seen.insert(choice.key(), place);
                    choices.push(choice.into());
                }
                None => right = false,
            },
        }
    }
    let enough = if choices.len() > MAX_CHOICES {
        Err(DraftError::TooManyChoices)
    } else if right && choices.len() < MIN_CHOICES && !draft {
        Err(DraftError::TooFewChoices)
    } else {
        Ok(())
    };
    faults
        .check("choice", enough)
        .filter(|()| right)
        .map(|()| choices)
}

fn known<T>(typed: &str, default: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, DraftError> {
    let typed = typed.trim();
    read(if typed.is_empty() { default } else { typed }).ok_or(DraftError::Unknown)
}

fn yes_or_no(word: &str) -> Option<bool> {
    match word {
        CHECKED | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}

/// Parses the maximum number of choices on a ballot; empty means all.
fn most(typed: &str, choices: usize, draft: bool) -> Result<i64, DraftError> {
    // A draft may get more choices later.
    let highest = if draft { MAX_CHOICES } else { choices };
    if typed.trim().is_empty() {
        return Ok(i64::try_from(choices.max(MIN_CHOICES)).unwrap_or(i64::MAX));
    }
    let most = typed
        .trim()
        .parse::<usize>()
        .ok()
        .filter(|most| (MIN_CHOICES..=highest).contains(most));
    most.and_then(|most| i64::try_from(most).ok())
        .ok_or(DraftError::Most(highest))
}

/// Parses how a ranking is counted.
fn counting(form: &PollForm, choices: usize, draft: bool, faults: &mut Faults) -> Option<Kind> {
    let ranking = |word: &str| Kind::of(word, 1).filter(|kind| kind.is_ranking());
    let kind = faults.check("counting", known(&form.counting, "ranked", ranking))?;
    match kind {
        Kind::Seats { .. } => faults
            .check("seats", seats(&form.seats, choices, draft))
            .map(|seats| Kind::Seats { seats }),
        kind => Some(kind),
    }
}

/// Parses how a rating is counted.
fn rating(word: &str) -> Option<Kind> {
    Kind::of(word, 1).filter(|kind| kind.is_rating())
}

/// Parses the number of winners. A draft may get more choices later.
fn seats(typed: &str, choices: usize, draft: bool) -> Result<i64, DraftError> {
    let fewer = if draft { MAX_CHOICES } else { choices }.saturating_sub(1);
    let (lowest, highest) = (2, fewer.min(MOST_SEATS));
    let seats = if draft && typed.trim().is_empty() {
        Some(lowest)
    } else {
        typed.trim().parse::<usize>().ok()
    };
    seats
        .filter(|seats| (lowest..=highest).contains(seats))
        .and_then(|seats| i64::try_from(seats).ok())
        .ok_or(DraftError::Seats(highest))
}

/// Parses calling codes, separated by spaces, commas or semicolons, and removes duplicates.
fn countries(typed: &[String]) -> Result<Vec<String>, DraftError> {
    let words = typed.iter().flat_map(|typed| {
        typed.split(|sign: char| sign.is_whitespace() || matches!(sign, ',' | ';'))
    });
    let code = |word: &str| {
        let digits = word
            .strip_prefix('+')
            .or_else(|| word.strip_prefix("00"))
            .unwrap_or(word);
        if is_calling_code(digits) {
            Ok(digits.to_owned())
        } else {
            Err(DraftError::UnknownCountry(word.chars().take(20).collect()))
        }
    };
    let codes: BTreeSet<String> = words
        .filter(|word| !word.is_empty())
        .map(code)
        .collect::<Result<_, _>>()?;
    Ok(codes.into_iter().collect())
}
