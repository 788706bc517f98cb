//! Form fields: label, hint, control and error, linked by ARIA attributes.

use std::fmt::Write;

use html_escape::{encode_text, encode_unquoted_attribute};
use leptos::prelude::*;

use crate::web::components::form::FormScope;

/// A text field.
#[component]
pub fn Field(
    /// The field's name and id.
    name: &'static str,
    /// The label.
    label: &'static str,
    /// The `type` attribute.
    #[prop(default = "text")]
    kind: &'static str,
    /// Help text between label and input.
    #[prop(optional, into)]
    hint: Option<String>,
    /// The `autocomplete` attribute.
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// The `inputmode` attribute.
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// The initial value.
    #[prop(optional, into)]
    value: Option<String>,
    /// Whether the field gets the focus when the page opens.
    #[prop(optional)]
    focus: bool,
    /// Whether the field takes prose in any language: spelling and capitalisation help stays on.
    #[prop(optional)]
    prose: bool,
) -> impl IntoView {
    let scope = FormScope::from_context();
    let error = scope.error(name);
    let hint_id = format!("{name}-hint");
    let error_id = format!("{name}-error");
    let described_by = [
        hint.as_ref().map(|_| hint_id.clone()),
        error.as_ref().map(|_| error_id.clone()),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>();
    let described_by = (!described_by.is_empty()).then(|| described_by.join(" "));
    let autofocus = (error.is_some() || (focus && !scope.was_submitted())) && scope.take_focus();
    let invalid = error.as_ref().map(|_| "true");
    // Passwords are never sent back, so a password field always starts empty.
    let value = if kind == "password" {
        None
    } else {
        scope.value(name).or(value)
    };
    let plain = (kind == "text" || kind == "password") && !prose;
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            <div class=(kind == "password").then_some("revealable")>
                <input
                    id=name
                    name=name
                    type=kind
                    value=value
                    autocomplete=autocomplete
                    inputmode=inputmode
                    autocapitalize=plain.then_some("none")
                    spellcheck=plain.then_some("false")
                    dir=prose.then_some("auto")
                    autofocus=autofocus
                    aria-invalid=invalid
                    aria-describedby=described_by
                />
                // Works only with the script, which unhides it.
                {(kind == "password").then(|| view! {
                    <button type="button" class="quiet" hidden data-reveal=name>"Show"<span class="visually-hidden">" password"</span></button>
                })}
            </div>
            {error.map(|error| view! { <p class="error" id=error_id>{error}</p> })}
        </div>
    }
}

/// A multi-line text field.
#[component]
pub fn TextArea(
    /// The field's name and id.
    name: &'static str,
    /// The label.
    label: &'static str,
    /// Help text between label and input.
    hint: &'static str,
    /// The initial value.
    #[prop(optional, into)]
    value: String,
) -> impl IntoView {
    let scope = FormScope::from_context();
    let error = scope.error(name);
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described_by = if error.is_some() {
        format!("{hint_id} {error_id}")
    } else {
        hint_id.clone()
    };
    let focus = error.is_some() && scope.take_focus();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <p class="hint" id=hint_id>{hint}</p>
            <textarea
                id=name
                name=name
                rows="3"
                dir="auto"
                autofocus=focus
                aria-invalid=error.as_ref().map(|_| "true")
                aria-describedby=described_by
            >{escape_textarea(&scope.value(name).unwrap_or(value))}</textarea>
            {error.map(|error| view! { <p class="error" id=error_id>{error}</p> })}
        </div>
    }
}

/// A drop-down list.
#[component]
pub fn Select(
    /// The field's name and id.
    name: &'static str,
    /// The label.
    label: &'static str,
    /// The `autocomplete` attribute.
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// Pairs of value and label.
    options: Vec<(String, String)>,
    /// The initially selected value.
    #[prop(optional, into)]
    value: String,
    /// The label of the empty option.
    empty: &'static str,
) -> impl IntoView {
    let scope = FormScope::from_context();
    let error = scope.error(name);
    let error_id = format!("{name}-error");
    let described_by = error.as_ref().map(|_| error_id.clone());
    let autofocus = error.is_some() && scope.take_focus();
    let invalid = error.as_ref().map(|_| "true");
    let chosen = scope.value(name).unwrap_or(value);
    let options = options_html(empty, &options, &chosen);
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select id=name name=name autocomplete=autocomplete autofocus=autofocus aria-invalid=invalid aria-describedby=described_by inner_html=options></select>
            {error.map(|error| view! { <p class="error" id=error_id>{error}</p> })}
        </div>
    }
}

/// The options of a select, without the quotes and end tags that HTML can do without: a list of
/// countries has hundreds.
fn options_html(empty: &str, options: &[(String, String)], chosen: &str) -> String {
    let mut html = format!("<option value=\"\">{}", encode_text(empty));
    for (value, words) in options {
        let selected = if value == chosen { " selected" } else { "" };
        let value = encode_unquoted_attribute(value);
        let _ = write!(
            html,
            "<option value={value}{selected}>{}",
            encode_text(words)
        );
    }
    html
}

/// Escapes a text for a `<textarea>`: Leptos inserts it raw, so an unescaped text could close the
/// tag. A leading line break is doubled, since browsers drop the first one.
fn escape_textarea(text: &str) -> String {
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    if escaped.starts_with('\n') {
        format!("\n{escaped}")
    } else {
        escaped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_escaped_and_one_is_selected() {
        let options = [("AX", "Åland <b> & more"), ("B >", "B")]
            .map(|(value, words)| (value.to_owned(), words.to_owned()));
        assert_eq!(
            options_html("Choose", &options, "AX"),
            "<option value=\"\">Choose<option value=AX selected>Åland &lt;b&gt; &amp; more<option value=B&#x20;&gt;>B"
        );
    }

    #[test]
    fn nothing_typed_leaves_a_textarea() {
        let html =
            view! { <TextArea name="text" label="Text" hint="" value="</textarea><b>&amp;"/> }
                .to_html();
        assert!(
            html.contains(">&lt;/textarea&gt;&lt;b&gt;&amp;amp;</textarea>"),
            "{html}"
        );
        assert_eq!(escape_textarea("\na"), "\n\na");
    }
}
