//! Codes on the admin page: what `pollstr status` prints, as rows.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::web::components::row::Row;
use crate::web::components::section::Section;
use crate::web::number::grouped;

#[cfg(feature = "ssr")]
use {
    crate::accounts::limits::sends::status::Status,
    crate::accounts::limits::sends::status_text::{CountryLine, RESUME},
};

/// What is known of sent codes. Sums of money are in the operator's currency, such as `3.20`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Codes {
    /// Codes sent in the last 24 hours.
    pub sent: i64,
    /// How many may be sent in 24 hours.
    pub limit: i64,
    /// What those of the last 24 hours cost; `None` without prices.
    pub spend: Option<String>,
    /// How much may be spent in 24 hours, if that is limited.
    pub spend_limit: Option<String>,
    /// The names of the countries in which new numbers get no codes.
    pub paused: Vec<String>,
    /// The last hour, by country.
    pub hour: Vec<CountryCodes>,
    /// The last 24 hours, by country.
    pub day: Vec<CountryCodes>,
    /// What is limited and allowed: what each line is about, and what it says.
    pub rules: Vec<(String, String)>,
    /// A sentence for each pause of a country, a network or a prefix, and how to end one.
    pub pauses: Vec<String>,
}

/// Codes sent to a country, or to all.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CountryCodes {
    /// The country's name, or `all`.
    pub country: String,
    /// Codes sent.
    pub sent: i64,
    /// Calls among them.
    pub calls: i64,
    /// Codes that were typed.
    pub typed: i64,
    /// Codes that expired or were wrong too often.
    pub lost: i64,
    /// Codes replaced by another.
    pub replaced: i64,
    /// Codes that are still valid.
    pub waiting: i64,
    /// The share of finished codes that were typed, in percent.
    pub percent: Option<i64>,
    /// What they cost; `None` without prices.
    pub spend: Option<String>,
}

#[cfg(feature = "ssr")]
impl From<&Status> for Codes {
    fn from(status: &Status) -> Self {
        let ((sent, limit), (spend, spend_limit)) = (status.sent(), status.spend());
        let by_country = |sends| {
            let lines = status.by_country(sends).into_iter();
            lines.map(CountryCodes::from).collect()
        };
        let mut pauses = status.pauses();
        if !pauses.is_empty() {
            pauses.push(RESUME.to_owned());
        }
        Self {
            sent,
            limit,
            spend: spend.map(|spend| spend.to_string()),
            spend_limit: spend_limit.map(|limit| limit.to_string()),
            paused: status
                .paused_countries()
                .into_iter()
                .map(str::to_owned)
                .collect(),
            hour: by_country(&status.hour),
            day: by_country(&status.day),
            rules: status.rules(),
            pauses,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<CountryLine> for CountryCodes {
    fn from(line: CountryLine) -> Self {
        let CountryLine {
            name,
            stats,
            percent,
            spend,
        } = line;
        Self {
            country: name.to_owned(),
            sent: stats.sent,
            calls: stats.calls,
            typed: stats.typed,
            lost: stats.lost,
            replaced: stats.replaced,
            waiting: stats.waiting(),
            percent,
            spend: spend.map(|spend| spend.to_string()),
        }
    }
}

/// Rows with the numbers of the last 24 hours and what is paused.
#[component]
pub fn CodeRows(
    /// The codes.
    codes: Codes,
) -> impl IntoView {
    let spend = match (codes.spend, codes.spend_limit) {
        (Some(spend), Some(limit)) => format!("{spend} of {limit}"),
        (Some(spend), None) => spend,
        (None, _) => "No prices are set".to_owned(),
    };
    let paused = if codes.paused.is_empty() {
        "None".to_owned()
    } else {
        codes.paused.join(", ")
    };
    view! {
        <Row label="Codes today">{format!("{} of {}", grouped(codes.sent), grouped(codes.limit))}</Row>
        <Row label="Spent on codes today">{spend}</Row>
        <Row label="Paused countries">{paused}</Row>
    }
}

/// The rest of what `pollstr status` prints, folded.
#[component]
pub fn CodeDetails(
    /// The codes.
    codes: Codes,
) -> impl IntoView {
    let rules = codes
        .rules
        .into_iter()
        .map(|(about, says)| view! { <Row label=about>{says}</Row> });
    let pauses = codes
        .pauses
        .into_iter()
        .map(|pause| view! { <p>{with_commands(&pause)}</p> });
    view! {
        <details class="more-rows">
            <summary>"Codes by country"</summary>
            <CountryRows id="codes-hour" title="In the last hour" lines=codes.hour/>
            <CountryRows id="codes-day" title="In the last 24 hours" lines=codes.day/>
            <Section id="codes-rules" title="Limits">
                <ul class="rows">{rules.collect_view()}</ul>
                {pauses.collect_view()}
            </Section>
        </details>
    }
}

#[component]
fn CountryRows(id: &'static str, title: &'static str, lines: Vec<CountryCodes>) -> impl IntoView {
    let none = lines
        .is_empty()
        .then(|| view! { <p class="hint">"None"</p> });
    let rows = lines.into_iter().map(|line| {
        let words = in_words(&line);
        let label = if line.country == "all" {
            "All countries".to_owned()
        } else {
            line.country
        };
        view! { <Row label>{words}</Row> }
    });
    view! {
        <Section id title>
            {none}
            <ul class="rows">{rows.collect_view()}</ul>
        </Section>
    }
}

/// Renders the commands that a sentence has between backticks.
fn with_commands(sentence: &str) -> impl IntoView + use<> {
    let parts = sentence.split('`').enumerate().map(|(at, part)| {
        let part = part.to_owned();
        if at % 2 == 1 {
            view! { <code>{part}</code> }.into_any()
        } else {
            part.into_any()
        }
    });
    parts.collect_view()
}

/// Lists what became of the codes, such as `3 sent, 1 typed (50 %), 1 lost`.
fn in_words(codes: &CountryCodes) -> String {
    let percent = codes.percent.map(|percent| format!(" ({percent}\u{a0}%)"));
    let counts = [
        (codes.sent, "sent"),
        (codes.calls, "by call"),
        (codes.typed, "typed"),
        (codes.lost, "lost"),
        (codes.replaced, "replaced"),
        (codes.waiting, "waiting"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts = counts.map(|(count, what)| match (what, &percent) {
        ("typed", Some(percent)) => format!("{} typed{percent}", grouped(count)),
        _ => format!("{} {what}", grouped(count)),
    });
    let spend = codes.spend.iter().map(|spend| format!("{spend} spent"));
    counts.chain(spend).collect::<Vec<_>>().join(", ")
}
