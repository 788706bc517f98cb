//! Unit tests of `og_image`.

use super::*;
use unicode_normalization::UnicodeNormalization;

#[test]
fn a_question_is_drawn_in_the_size_that_links_are_shown_in() {
    let png = draw("What is your favorite kind of dog?").unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert_eq!(
        png[16..24],
        [1200_u32.to_be_bytes(), 630_u32.to_be_bytes()].concat()
    );
    assert_eq!(png, draw("What is your favorite kind of dog?").unwrap());
    assert_ne!(png, draw("What is your favorite kind of cat?").unwrap());
}

#[test]
fn every_permitted_question_fits_into_the_image() {
    let letters = Letters::open().unwrap();
    let (.., width, height) = ROOM;
    let long = [
        "W".repeat(200),
        "W ".repeat(100),
        "Donaudampfschifffahrt ".repeat(9),
        "Wag?".to_owned(),
        "no".to_owned(),
    ];
    for question in long {
        let words = letters.printable_words(&question).unwrap();
        let (size, lines) = letters.fit(&words, width, height);
        assert!(
            lines.iter().all(|line| letters.width(line, size) <= width),
            "{question}"
        );
        assert!(
            f32::from(u16::try_from(lines.len()).unwrap()) * size * LEADING <= height,
            "{question}"
        );
        let kept = |text: &str| {
            text.chars()
                .filter(|letter| letter.is_alphanumeric())
                .collect::<String>()
        };
        assert_eq!(
            kept(&lines.concat()),
            kept(&question),
            "nothing is left out"
        );
    }
}

#[test]
fn letters_that_we_cannot_write_are_not_written_as_boxes() {
    let letters = Letters::open().unwrap();
    let written = |text: &str| letters.printable_words(text).map(|words| words.join(" "));
    for text in [
        "Größe?",
        "Ποια;",
        "Кто выпустил собак?",
        "Bạn thích gì?",
        "cafe\u{301}?".nfc().collect::<String>().as_str(),
    ] {
        assert_eq!(written(text).as_deref(), Some(text));
    }
    assert_eq!(
        written("Dogs 🐶\u{fe0f}\u{200d}🐾 or\u{a0}cats?").as_deref(),
        Some("Dogs or cats?")
    );
    for text in [
        "犬は？",
        "כלב?",
        "कुत्ता?",
        "Dog or 犬?",
        "x\u{301}\u{20e3}",
        "🐶",
        "",
        "?!",
    ] {
        assert_eq!(written(text), None, "{text}");
    }
    let mark = drawing("犬は？").unwrap();
    assert_eq!(mark, drawing("🐶").unwrap());
    assert_ne!(mark, drawing("Dog?").unwrap());
}

#[tokio::test]
async fn so_many_are_kept_and_no_more() {
    let pictures = OgImages::default();
    for number in 0..CACHE_SIZE + 10 {
        pictures.place(&number.to_string(), "Wag?");
    }
    let (kept, order) = &*pictures.0.places.lock().unwrap();
    assert_eq!((kept.len(), order.len()), (CACHE_SIZE, CACHE_SIZE));
    assert!(!kept.contains_key(&("0".to_owned(), "Wag?".to_owned())));
}

#[tokio::test]
async fn of_many_who_ask_at_once_one_has_it_drawn() {
    let pictures = OgImages::default();
    let all = futures::future::join_all((0..20).map(|_| pictures.of("a", "Wag?"))).await;
    let first = all[0].as_ref().unwrap();
    assert!(
        all.iter()
            .all(|picture| Arc::ptr_eq(picture.as_ref().unwrap(), first))
    );
    assert!(!Arc::ptr_eq(
        &pictures.of("b", "Wag?").await.unwrap(),
        first
    ));
}
