//! Unit tests of `fragments`.

use std::cell::Cell;

use super::*;

#[test]
fn a_value_is_rendered_once_for_each_variant_and_another_value_anew() {
    let (fragments, times) = (Fragments::<String, bool>::empty(), Cell::new(0));
    let html = |value: &Arc<String>, loud: bool| {
        let html = fragments.html(value, loud, || {
            times.set(times.get() + 1);
            let end = if loud { "!" } else { "" };
            view! { <b>{format!("{value}{end}")}</b> }
        });
        (html.replace("<!>", ""), times.get())
    };
    let (tea, same_words) = (Arc::new("<tea>".to_owned()), Arc::new("<tea>".to_owned()));
    assert_eq!(html(&tea, false), ("<b>&lt;tea&gt;</b>".to_owned(), 1));
    assert_eq!(html(&Arc::clone(&tea), false).1, 1);
    assert_eq!(html(&tea, true), ("<b>&lt;tea&gt;!</b>".to_owned(), 2));
    assert_eq!(html(&same_words, false).1, 3);
}

#[test]
fn the_number_of_fragments_is_bounded() {
    let fragments = Fragments::<usize>::empty();
    for number in 0..=MAX_FRAGMENTS {
        fragments.html(&Arc::new(number), (), || number.to_string());
    }
    assert_eq!(fragments.0.lock().unwrap().len(), 1);
}
