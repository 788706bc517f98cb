//! The poll form, used for creating and editing.
//!
//! It works without JavaScript: the buttons that change the list of choices submit the form, which
//! comes back changed. Less common options are collapsed, and open if a value differs from the
//! default or is invalid.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::polls::manage::poll_form::choice_fields::ChoiceFields;
use crate::polls::manage::poll_form::options::{
    CHECKED, Checkbox, KINDS, LISTED, Options, RESULTS, or,
};
use crate::polls::manage::poll_form::ranking_fields::{PublishField, RankingFields};
use crate::polls::manage::poll_form::rating_fields::RatingFields;
use crate::polls::manage::poll_form::time_fields::{ClosingFields, OpeningFields};
use crate::web::components::field::{Field, TextArea};
use crate::web::components::form::{FormScope, NonceField, list};

/// The submitted poll form. Missing fields have their defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PollForm {
    /// The id of the poll to change; empty for a new one.
    pub poll: String,
    /// The question.
    pub question: String,
    /// The description.
    pub description: String,
    /// The choices; empty ones are ignored.
    #[serde(deserialize_with = "list")]
    pub choice: Vec<String>,
    /// A pasted list of choices, one per line, for the button that adds them.
    pub lines: String,
    /// `single`, `multiple`, `ranked` or `score`.
    pub kind: String,
    /// The maximum number of choices on a `multiple` ballot.
    pub most: String,
    /// How a ranking is counted: `ranked` by run-off, `pairs` two by two, or `seats` for several
    /// winners.
    pub counting: String,
    /// The number of winners if there are several.
    pub seats: String,
    /// How a rating is counted: `score` by total, or `star` with a final.
    pub rating: String,
    /// When voting begins, in local time of `zone`; empty for immediately.
    pub opens: String,
    /// When voting ends: `never` by itself, a `day` or a `week` after it opens, or at the `time` in
    /// `closes`.
    pub until: String,
    /// When voting ends, in local time of `zone`; empty if `until` says it.
    pub closes: String,
    /// The name of the time zone.
    pub zone: String,
    /// `always`, `after_vote` or `after_close`.
    pub results: String,
    /// `yes`, or `no` for an unlisted poll, reachable only by its link.
    pub listed: String,
    /// Whether ballots can be changed.
    pub changeable: String,
    /// Whether each voter sees the choices in a different order.
    pub shuffled: String,
    /// Whether complete rankings or ratings are published.
    pub rankings: String,
    /// Calling codes whose numbers may vote; empty for all.
    #[serde(deserialize_with = "list")]
    pub countries: Vec<String>,
    /// Whether only mobile numbers may vote.
    pub mobile_only: String,
    /// Whether each account also has only one vote, even if it changes its number.
    pub per_account: String,
    /// Whether everyone sees how many have voted while results are hidden.
    pub turnout: String,
    /// `draft` to save without publishing.
    pub save: String,
    /// The pressed button that changes the list of choices, such as `up 2`.
    pub change: String,
    /// Nonce that identifies duplicate submissions of a new poll.
    pub nonce: String,
}

/// The initial state of the poll form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollFormData {
    /// The initial values.
    pub form: PollForm,
    /// What the form does.
    pub saving: Saving,
    /// Whether this was written before signing up.
    pub kept: bool,
}

/// What happens to a poll when its form is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Saving {
    /// It is published, or saved as a draft.
    #[default]
    Publish,
    /// Its published form is changed.
    Change,
    /// It is kept until the writer has signed up.
    Keep,
}

/// Returns the submitted values if the form was submitted, else the initial ones.
fn as_typed(at_first: PollForm) -> PollForm {
    let scope = FormScope::from_context();
    if !scope.was_submitted() {
        return at_first;
    }
    let value = |name| scope.value(name).unwrap_or_default();
    PollForm {
        poll: at_first.poll,
        question: value("question"),
        description: value("description"),
        choice: scope.values("choice"),
        lines: value("lines"),
        kind: value("kind"),
        most: value("most"),
        counting: value("counting"),
        seats: value("seats"),
        rating: value("rating"),
        opens: value("opens"),
        until: value("until"),
        closes: value("closes"),
        zone: value("zone"),
        results: value("results"),
        listed: value("listed"),
        changeable: value("changeable"),
        shuffled: value("shuffled"),
        rankings: value("rankings"),
        countries: scope.values("countries"),
        nonce: at_first.nonce,
        mobile_only: value("mobile_only"),
        per_account: value("per_account"),
        turnout: value("turnout"),
        ..PollForm::default()
    }
}

/// The fields and buttons of the poll form.
#[component]
pub fn PollFields(
    /// The initial state of the form.
    blank: PollFormData,
) -> impl IntoView {
    let PollFormData { form, saving, kept } = blank;
    let new = form.poll.is_empty();
    let form = as_typed(form);
    let wrong = |names: &[&str]| {
        names
            .iter()
            .any(|name| FormScope::from_context().error(name).is_some())
    };
    let fresh = new && !kept && !FormScope::from_context().was_submitted();
    let opening_open = !form.opens.is_empty() || wrong(&["opens", "zone"]);
    let who_open = form.listed == "no"
        || form.countries.iter().any(|code| !code.is_empty())
        || [&form.mobile_only, &form.per_account]
            .iter()
            .any(|box_| !box_.is_empty())
        || wrong(&["listed", "countries", "mobile_only", "per_account"]);
    let more_open = [&form.changeable, &form.shuffled]
        .iter()
        .any(|box_| !box_.is_empty())
        || wrong(&["changeable", "shuffled"]);
    let results_open = !["", "after_vote"].contains(&form.results.as_str())
        || !form.turnout.is_empty()
        || wrong(&["results", "turnout"]);
    view! {
        // Pressing Enter triggers the first submit button, which must not publish an unfinished
        // poll.
        <button name="change" value="next" class="visually-hidden" tabindex="-1" aria-hidden="true">"Next choice"</button>
        {if new {
            view! { <NonceField fresh=form.nonce/> }.into_any()
        } else {
            view! { <input type="hidden" name="poll" value=form.poll.clone()/> }.into_any()
        }}
        <Field name="question" label="Question" value=form.question focus=fresh prose=true/>
        <TextArea name="description" label="Description" hint="Optional. Links are clickable." value=form.description/>
        <ChoiceFields choices=form.choice lines=form.lines/>
        <fieldset class="options">
            <legend>"How people vote"</legend>
            <Options name="kind" picked=or(form.kind, "single") options=&KINDS/>
            <div class="only-multiple">
                <Field name="most" label="Maximum choices per voter" inputmode="numeric" value=form.most hint="Leave empty for no limit."/>
            </div>
            <RankingFields counting=form.counting seats=form.seats/>
            <RatingFields rating=form.rating/>
            <PublishField rankings=form.rankings/>
        </fieldset>
        <ClosingFields until=form.until closes=form.closes/>
        <div class="more-options">
            <details class="more" open=opening_open>
                <summary>"Opening time and time zone"</summary>
                <OpeningFields opens=form.opens zone=form.zone guess=fresh/>
            </details>
            <details class="more" open=results_open>
                <summary>"Who sees the results"</summary>
                <fieldset class="options">
                    <legend class="visually-hidden">"Who sees the results"</legend>
                    <Options name="results" picked=or(form.results, "after_vote") options=&RESULTS/>
                </fieldset>
                <Checkbox
                    name="turnout"
                    label="Show how many have voted"
                    hint="While results are hidden: in steps of five below fifty, updated once a minute."
                    ticked=form.turnout
                />
            </details>
            <details class="more" open=who_open>
                <summary>"Visibility and who can vote"</summary>
                <fieldset class="options">
                    <legend class="visually-hidden">"Who can find it"</legend>
                    <Options name="listed" picked=or(form.listed, CHECKED) options=&LISTED/>
                </fieldset>
                <Field
                    name="countries"
                    label="Only numbers from these countries"
                    inputmode="tel"
                    value=form.countries.join(" ")
                    hint="Country codes, such as +44 +49. Leave empty for all countries."
                />
                <Checkbox
                    name="mobile_only"
                    label="Mobile numbers only"
                    hint="A landline can have several numbers, and each gets a vote. In the US and Canada we can't tell them apart, so all count as mobile."
                    ticked=form.mobile_only
                />
                <Checkbox
                    name="per_account"
                    label="One vote per account too"
                    hint="People who change their number can't vote again with the new one. We also record which accounts have voted, but not how."
                    ticked=form.per_account
                />
            </details>
            <details class="more" open=more_open>
                <summary>"Ballot options"</summary>
                <Checkbox name="changeable" label="Let voters change their vote" hint="Until the poll closes, using their receipt." ticked=form.changeable/>
                <Checkbox name="shuffled" label="Shuffle the choices for each voter" hint="So being first is no advantage." ticked=form.shuffled/>
            </details>
        </div>
        <p class="hint">"You can't change the question, choices or rules after it opens."</p>
        <div class="actions">
            {match saving {
                Saving::Publish => view! {
                    <button class="primary">"Create poll"</button>
                    <button name="save" value="draft">"Save as draft"</button>
                }.into_any(),
                Saving::Change => view! { <button class="primary">"Save changes"</button> }.into_any(),
                Saving::Keep => view! { <button class="primary">"Continue"</button> }.into_any(),
            }}
        </div>
    }
}
