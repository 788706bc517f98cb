//! Unit tests of `sentence`.

use super::*;

fn html(words: String) -> String {
    let owner = Owner::new();
    let html = owner.with(|| view! { <p><Sentence words/></p> }.to_html());
    // Without hydration markers.
    html.replace("<!>", "")
}

#[test]
fn only_what_is_quoted_has_a_direction_of_its_own() {
    let words = format!("{} would win.", quote("!כן, בהחלט"));
    assert_eq!(words, "“\u{2068}!כן, בהחלט\u{2069}” would win.");
    assert!(html(words).contains("“<bdi>!כן, בהחלט</bdi>” would win."));
    assert!(html("No votes.".to_owned()).contains("<p>No votes."));
}

#[test]
fn a_quoted_text_cannot_end_its_quotation() {
    let words = format!("{} is out.", quote("\u{2069}B\u{2068}<b>"));
    assert!(html(words).contains("“<bdi>B&lt;b&gt;</bdi>” is out."));
}

#[test]
fn several_texts_are_joined() {
    let plain = |texts: &[&str]| quote_all(texts).replace(ISOLATE, "");
    assert_eq!(plain(&["A"]), "“A”");
    assert_eq!(plain(&["A", "B", "C"]), "“A”, “B” and “C”");
    assert_eq!(plain(&[]), "");
}
