//! Unit tests of `meta_tags`.

use super::*;

#[test]
fn words_of_strangers_stay_words() {
    let introduction = Introduction {
        description: "\"><script>".to_owned(),
        canonical: "https://polls.example.org/polls/a".to_owned(),
        picture: "https://polls.example.org/polls/a/picture.png".to_owned(),
        alt: "<b>".to_owned(),
        oembed: "https://polls.example.org/oembed?url=a&format=json".to_owned(),
        listed: false,
    };
    let head = introduced("a \"b\" <c>", &introduction);
    assert!(
        !head.contains("<script>") && !head.contains("<b>") && !head.contains("<c>"),
        "{head}"
    );
    assert!(
        head.contains(r#"content="a &quot;b&quot; &lt;c&gt;""#)
            && head.contains(r#"href="https://polls.example.org/oembed?url=a&amp;format=json""#)
    );
    assert!(head.contains("noindex"));
    assert!(
        !introduced(
            "a",
            &Introduction {
                listed: true,
                ..introduction
            }
        )
        .contains("noindex")
    );
}
