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
    /// `single`, `multiple` or `ranked`.
    pub kind: String,
    /// The maximum number of choices on a `multiple` ballot.
    pub most: String,
    /// When voting begins, in local time of `zone`; empty for immediately.
    pub opens: String,
    /// When voting ends, in local time of `zone`; empty if its owner closes it.
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
    /// Whether complete rankings are published.
    pub rankings: String,
    /// Calling codes whose numbers may vote; empty for all.
    #[serde(deserialize_with = "list")]
    pub countries: Vec<String>,
    /// Whether only mobile numbers may vote.
    pub mobile_only: String,
    /// Whether each account also has only one vote, even if it changes its number.
    pub per_account: String,
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
    /// Whether the poll is new or a draft.
    pub unpublished: bool,
    /// The time zones to choose from.
    pub zones: Vec<String>,
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
        kind: value("kind"),
        most: value("most"),
        opens: value("opens"),
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
        ..PollForm::default()
    }
}

/// The fields and buttons of the poll form.
#[component]
pub fn PollFields(
    /// The initial state of the form.
    blank: PollFormData,
) -> impl IntoView {
    let PollFormData {
        form,
        unpublished,
        zones,
    } = blank;
    let new = form.poll.is_empty();
    let form = as_typed(form);
    let wrong = |names: &[&str]| {
        names
            .iter()
            .any(|name| FormScope::from_context().error(name).is_some())
    };
    let fresh = new && !FormScope::from_context().was_submitted();
    let when_open =
        !form.opens.is_empty() || !form.closes.is_empty() || wrong(&["opens", "closes", "zone"]);
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
    let results_open = !["", "after_vote"].contains(&form.results.as_str()) || wrong(&["results"]);
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
        <TextArea name="description" label="Description" hint="If there is more to say. Web addresses become links." value=form.description/>
        <ChoiceFields choices=form.choice/>
        <fieldset class="options">
            <legend>"How people vote"</legend>
            <Options name="kind" picked=or(form.kind, "single") options=&KINDS/>
            <div class="only-multiple">
                <Field name="most" label="At most how many" inputmode="numeric" value=form.most hint="Leave it empty to let people pick all they like."/>
            </div>
            <div class="only-ranked">
                <Checkbox
                    name="rankings"
                    label="Publish whole rankings after the close"
                    hint="So that everybody can recount. In a small poll a rare ranking may give away whose it is; the ballot warns of it."
                    ticked=form.rankings
                />
            </div>
        </fieldset>
        <div class="more-options">
            <details class="more" open=when_open>
                <summary>"When it opens and closes"</summary>
                <Field name="opens" label="Opens" kind="datetime-local" value=form.opens hint="Leave it empty to open at once."/>
                <Field name="closes" label="Closes" kind="datetime-local" value=form.closes hint="Leave it empty to close it by hand. You can extend it later."/>
                <ZoneField zone=or(form.zone, "UTC") zones guess=fresh/>
            </details>
            <details class="more" open=results_open>
                <summary>"Who sees the results"</summary>
                <fieldset class="options">
                    <legend class="visually-hidden">"Who sees the results"</legend>
                    <Options name="results" picked=or(form.results, "after_vote") options=&RESULTS/>
                </fieldset>
            </details>
            <details class="more" open=who_open>
                <summary>"Who finds it, and who may vote"</summary>
                <fieldset class="options">
                    <legend class="visually-hidden">"Who finds it"</legend>
                    <Options name="listed" picked=or(form.listed, CHECKED) options=&LISTED/>
                </fieldset>
                <Field
                    name="countries"
                    label="Only numbers from these countries"
                    inputmode="tel"
                    value=form.countries.join(" ")
                    hint="Calling codes, like +44 +49. Leave it empty for all countries."
                />
                <Checkbox
                    name="mobile_only"
                    label="Mobile numbers only"
                    hint="A landline can have several numbers, and each has a vote. In the US and Canada nothing tells them apart: all count as mobile."
                    ticked=form.mobile_only
                />
                <Checkbox
                    name="per_account"
                    label="One vote per account too"
                    hint="People who change their number can't vote again with the new one. The database then also knows which accounts have voted, but not how."
                    ticked=form.per_account
                />
            </details>
            <details class="more" open=more_open>
                <summary>"Fine print of the ballot"</summary>
                <Checkbox name="changeable" label="Voters may change their vote until the close" hint="With the receipt they got." ticked=form.changeable/>
                <Checkbox name="shuffled" label="Each voter sees the choices in another order" hint="So that the first one has no advantage." ticked=form.shuffled/>
            </details>
        </div>
        <p class="hint">"Once a poll has opened, its question, choices and rules stay as they are."</p>
        <div class="actions">
            {if unpublished {
                view! {
                    <button class="primary">"Create poll"</button>
                    <button name="save" value="draft">"Save as draft"</button>
                }.into_any()
            } else {
                view! { <button class="primary">"Save changes"</button> }.into_any()
            }}
        </div>
    }
}

#[component]
fn ZoneField(zone: String, zones: Vec<String>, guess: bool) -> impl IntoView {
    let error = FormScope::from_context().error("zone");
    let (unknown, invalid) = (!zones.contains(&zone), error.as_ref().map(|_| "true"));
    let option = |name: String| {
        let words = name.replace('_', " ");
        let picked = name == zone;
        view! { <option value=name selected=picked>{words}</option> }
    };
    view! {
        <div class="field">
            <label for="zone">"Time zone"</label>
            // With scripts, a new form starts with the browser's time zone.
            <select id="zone" name="zone" data-zone=guess aria-invalid=invalid aria-describedby=error.as_ref().map(|_| "zone-error")>
                {unknown.then(|| option(zone.clone()))}
                {zones.into_iter().map(option).collect_view()}
            </select>
            {error.map(|error| view! { <p class="error" id="zone-error">{error}</p> })}
        </div>
    }
}
