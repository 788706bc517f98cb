//! Unit tests of `text`.

use super::*;

fn line(typed: &str) -> Line {
    Line::parse(typed, 200).unwrap()
}

#[test]
fn nothing_turns_the_direction_of_a_text() {
    let turns = ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}');
    for turn in turns {
        let typed = format!("{turn}oN{turn} thanks");
        assert_eq!(String::from(line(&typed)), "oN thanks");
        assert_eq!(String::from(Line::cut(&typed, 200)), "oN thanks");
        assert_eq!(
            String::from(Paragraph::parse(&typed, 200).unwrap()),
            "oN thanks"
        );
        assert!(line(&turn.to_string()).is_blank());
    }
}

#[test]
fn marks_that_scripts_need_stay() {
    for text in [
        "می\u{200c}خواهم",
        "👩\u{200d}🔬",
        "☎\u{fe0f}",
        "(C++)\u{200e}",
        "שלום!\u{200f}",
        "\u{61c}١٢",
    ] {
        assert_eq!(String::from(line(text)), text);
        assert!(!line(text).is_blank());
    }
}

#[test]
fn what_shows_nothing_is_blank() {
    for text in [
        "",
        " \t",
        "\u{2800}",
        "\u{3164}",
        "\u{ffa0}",
        "\u{115f}\u{1160}",
        "\u{200b}\u{2060}",
        "\u{ad}",
        "\u{fe0f}",
        "\u{e0020}",
        "\u{3000}\u{a0}",
    ] {
        assert!(line(text).is_blank(), "{text:?}");
    }
    assert!(!line(".").is_blank());
}

#[test]
fn texts_that_look_the_same_have_one_key() {
    for (one, other) in [
        ("Tea", "Tea\u{3164}"),
        ("Tea", "T\u{200b}e\u{2060}a"),
        ("Green tea", "Green\u{2800}tea"),
        ("Green tea", " green\u{a0} TEA "),
        ("Straße", "STRASSE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("Ａ", "a"),
        ("ﬁsh", "FISH"),
        ("e\u{301}", "É"),
        ("☎", "☎\u{fe0f}"),
    ] {
        assert_eq!(line(one).key(), line(other).key(), "{one:?} {other:?}");
    }
    for (one, other) in [("Tea", "Teas"), ("1 2", "12"), ("né", "ne")] {
        assert_ne!(line(one).key(), line(other).key(), "{one:?} {other:?}");
    }
}

#[test]
fn a_line_is_measured_as_it_is_kept() {
    assert_eq!(
        String::from(line("  a \n b\u{2028}c ")),
        "a b c",
        "line breaks are spaces"
    );
    assert_eq!(
        Line::parse("four", 3),
        Err(TextError::TooLong { most: 3, length: 4 })
    );
    assert!(Line::parse("\u{202e}  abc ", 3).is_ok());
    assert_eq!(Line::parse("a\u{7}b", 9), Err(TextError::ControlCharacter));
    assert_eq!(String::from(Line::cut("a\u{7}bcd", 3)), "abc");
}

#[test]
fn a_paragraph_keeps_its_lines() {
    let text = Paragraph::parse(" one\r\ntwo\rthree\t3\n", 20).unwrap();
    assert_eq!(String::from(text), "one\ntwo\nthree\t3");
    assert!(Paragraph::parse("a\u{0}", 9).is_err());
    assert!(Paragraph::parse("four", 3).is_err());
}
