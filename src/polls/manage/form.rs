//! The form in which a poll is written, the same for a new one and for one that is changed.
//!
//! It works without JavaScript: the buttons that change the list of choices send the form, and it comes back changed. What few
//! people need is folded away, and unfolds by itself where something in it is not as usual, or wrong.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::web::components::field::{Field, TextArea};
use crate::web::components::form::{FormScope, NonceField, list};

/// The fewest choices of a poll.
pub const FEWEST: usize = 2;
/// The most choices of a poll.
pub const MOST: usize = 50;
/// How many choices an empty form offers.
const OFFERED: usize = 3;
/// What a box says that is ticked.
pub const TICKED: &str = "yes";

/// A poll, as it is typed. What is missing is as usual.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PollForm {
    /// The poll that is changed; empty for a new one.
    pub poll: String,
    /// What is asked.
    pub question: String,
    /// More about it.
    pub description: String,
    /// What can be chosen; empty ones do not count.
    #[serde(deserialize_with = "list")]
    pub choice: Vec<String>,
    /// `single`, `multiple` or `ranked`.
    pub kind: String,
    /// How many choices a ballot of the kind `multiple` may hold.
    pub most: String,
    /// When voting begins, on the clock of `zone`; empty for at once.
    pub opens: String,
    /// When voting ends; empty for when its owner closes it.
    pub closes: String,
    /// The name of a time zone.
    pub zone: String,
    /// `always`, `after_vote` or `after_close`.
    pub results: String,
    /// `yes`, or `no` for a poll that only its link leads to.
    pub listed: String,
    /// Whether a ballot may be changed.
    pub changeable: String,
    /// Whether each voter has an order of the choices of their own.
    pub shuffled: String,
    /// Whether whole rankings are published.
    pub rankings: String,
    /// Calling codes whose numbers may vote; empty for all.
    #[serde(deserialize_with = "list")]
    pub countries: Vec<String>,
    /// Whether numbers of landlines have no vote.
    pub mobile_only: String,
    /// Whether an account has one vote, too, whatever numbers it has.
    pub per_account: String,
    /// `draft` for what is not to be a poll yet.
    pub save: String,
    /// The button that changed the list of choices, such as `up 2`.
    pub change: String,
    /// By which the same new poll sent twice is known.
    pub nonce: String,
}

/// A form, and the time zones it offers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlankPoll {
    /// What stands in it at first.
    pub form: PollForm,
    /// Whether its poll is not to be seen by others yet: it is new, or a draft.
    pub unpublished: bool,
    /// The names of the time zones.
    pub zones: Vec<String>,
}

/// The form as it stands on the page: as it came back, or else as it was at first.
fn as_typed(at_first: PollForm) -> PollForm {
    let scope = FormScope::from_context();
    if !scope.came_back() {
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

/// The fields and the buttons.
#[component]
pub fn PollFields(
    /// What stands in the form at first.
    blank: BlankPoll,
) -> impl IntoView {
    let BlankPoll {
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
    let fresh = new && !FormScope::from_context().came_back();
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
        // What the Enter key presses: it must not make a poll of what is half written.
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
                <TickBox
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
                    <Options name="listed" picked=or(form.listed, TICKED) options=&LISTED/>
                </fieldset>
                <Field
                    name="countries"
                    label="Only numbers from these countries"
                    inputmode="tel"
                    value=form.countries.join(" ")
                    hint="Calling codes, like +44 +49. Leave it empty for all countries."
                />
                <TickBox
                    name="mobile_only"
                    label="Mobile numbers only"
                    hint="A landline can have several numbers, and each has a vote. In the US and Canada nothing tells them apart: all count as mobile."
                    ticked=form.mobile_only
                />
                <TickBox
                    name="per_account"
                    label="One vote per account too"
                    hint="People who change their number can't vote again with the new one. The database then also knows which accounts have voted, but not how."
                    ticked=form.per_account
                />
            </details>
            <details class="more" open=more_open>
                <summary>"Fine print of the ballot"</summary>
                <TickBox name="changeable" label="Voters may change their vote until the close" hint="With the receipt they got." ticked=form.changeable/>
                <TickBox name="shuffled" label="Each voter sees the choices in another order" hint="So that the first one has no advantage." ticked=form.shuffled/>
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

fn or(typed: String, usual: &str) -> String {
    if typed.is_empty() {
        usual.to_owned()
    } else {
        typed
    }
}

/// A value, its label, and a sentence that says what it means.
type Choice = (&'static str, &'static str, &'static str);

const KINDS: [Choice; 3] = [
    ("single", "One choice", "Everybody picks one."),
    (
        "multiple",
        "Several choices",
        "Everybody picks as many as they like, or as you allow.",
    ),
    (
        "ranked",
        "A ranking",
        "Everybody puts the choices in order. The weakest goes out, round by round, until one has a majority.",
    ),
];
const RESULTS: [Choice; 3] = [
    (
        "after_vote",
        "Whoever has voted",
        "And everybody once the poll is closed.",
    ),
    (
        "after_close",
        "Nobody before the close",
        "Not even you. Then everybody sees them.",
    ),
    (
        "always",
        "Everybody, at any time",
        "People see how others voted before they do, and some follow them.",
    ),
];
const LISTED: [Choice; 2] = [
    (TICKED, "Anybody finds it", "It is among the open polls."),
    (
        "no",
        "Only whoever has the link",
        "It is in no list and no search.",
    ),
];

/// Radio buttons, each with a sentence.
#[component]
fn Options(name: &'static str, picked: String, options: &'static [Choice]) -> impl IntoView {
    let scope = FormScope::from_context();
    let error = scope.error(name);
    let error_id = format!("{name}-error");
    let invalid = error.as_ref().map(|_| "true");
    let options = options.iter().map(|(value, label, meaning)| {
        let (id, hint_id) = (format!("{name}-{value}"), format!("{name}-{value}-hint"));
        let described_by = if invalid.is_some() { format!("{hint_id} {error_id}") } else { hint_id.clone() };
        let focus = error.is_some() && scope.take_focus();
        view! {
            <div class="option">
                <input type="radio" id=id.clone() name=name value=*value checked=*value == picked autofocus=focus aria-describedby=described_by/>
                <label for=id>{*label}</label>
                <p class="hint" id=hint_id>{*meaning}</p>
            </div>
        }
    }).collect_view();
    view! { {options} {error.map(|error| view! { <p class="error" id=error_id>{error}</p> })} }
}

#[component]
fn TickBox(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    ticked: String,
) -> impl IntoView {
    let error = FormScope::from_context().error(name);
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described_by = if error.is_some() {
        format!("{hint_id} {error_id}")
    } else {
        hint_id.clone()
    };
    view! {
        <div class="option">
            <input type="checkbox" id=name name=name value=TICKED checked=[TICKED, "true"].contains(&ticked.as_str()) aria-describedby=described_by/>
            <label for=name>{label}</label>
            <p class="hint" id=hint_id>{hint}</p>
            {error.map(|error| view! { <p class="error" id=error_id>{error}</p> })}
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
            // Where scripts run, a new form begins with the zone of whoever writes it.
            <select id="zone" name="zone" data-zone=guess aria-invalid=invalid aria-describedby=error.as_ref().map(|_| "zone-error")>
                {unknown.then(|| option(zone.clone()))}
                {zones.into_iter().map(option).collect_view()}
            </select>
            {error.map(|error| view! { <p class="error" id="zone-error">{error}</p> })}
        </div>
    }
}

/// The choices, each with buttons to move and remove it.
#[component]
fn ChoiceFields(mut choices: Vec<String>) -> impl IntoView {
    let scope = FormScope::from_context();
    let offered = if scope.came_back() { FEWEST } else { OFFERED };
    if choices.len() < FEWEST {
        choices.resize(offered, String::new());
    }
    let count = choices.len();
    let error = scope.error("choice");
    let first_empty = choices
        .iter()
        .position(|choice| choice.trim().is_empty())
        .unwrap_or(0);
    let rows = choices.into_iter().enumerate().map(|(place, text)| {
        let number = place + 1;
        // What is wrong with the list is mended, and said, at its first empty place.
        let list = error.clone().filter(|_| place == first_empty);
        let error = scope.error(&format!("choice_{number}")).or(list);
        view! { <ChoiceField number count text error/> }
    });
    view! {
        <fieldset class="choice-fields">
            <legend>"Choices"</legend>
            <ol>{rows.collect_view()}</ol>
            {if count < MOST {
                view! { <button name="change" value="add" class="small">"Add a choice"</button> }.into_any()
            } else {
                view! { <p class="hint">"These are all the choices that a poll can have."</p> }.into_any()
            }}
        </fieldset>
    }
}

#[component]
fn ChoiceField(number: usize, count: usize, text: String, error: Option<String>) -> impl IntoView {
    let scope = FormScope::from_context();
    let id = format!("choice-{number}");
    let error_id = format!("choice-{number}-error");
    let focus = scope.focus_is_on(&id) || (error.is_some() && scope.take_focus());
    view! {
        <li class="choice-field">
            <label for=id.clone()>{format!("Choice {number}")}</label>
            <input
                id=id.clone()
                name="choice"
                value=text
                dir="auto"
                autocomplete="off"
                autofocus=focus
                aria-invalid=error.as_ref().map(|_| "true")
                aria-describedby=error.as_ref().map(|_| error_id.clone())
            />
            <div class="choice-tools">
                <Tool verb="up" number words=format!("Move choice {number} up") picture="m4 10 4-4 4 4" off=number == 1/>
                <Tool verb="down" number words=format!("Move choice {number} down") picture="m4 6 4 4 4-4" off=number == count/>
                <Tool verb="remove" number words=format!("Remove choice {number}") picture="m4 4 8 8m0-8-8 8"/>
            </div>
            {error.map(|error| view! { <p class="error" id=error_id>{error}</p> })}
        </li>
    }
}

/// A small button that changes the list of choices.
#[component]
fn Tool(
    verb: &'static str,
    number: usize,
    words: String,
    picture: &'static str,
    #[prop(optional)] off: bool,
) -> impl IntoView {
    let id = format!("{verb}-{number}");
    let focus = FormScope::from_context().focus_is_on(&id);
    view! {
        <button name="change" value=format!("{verb} {number}") id=id class="tool" disabled=off autofocus=focus>
            <svg viewBox="0 0 16 16" width="20" height="20" aria-hidden="true"><path d=picture/></svg>
            <span class="visually-hidden">{words}</span>
        </button>
    }
}
