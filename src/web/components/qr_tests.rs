//! Unit tests of `qr`.

use super::*;

fn code(text: &str) -> QrCode {
    QrCode::encode_text(text, QrCodeEcc::Medium).unwrap()
}

/// Renders a path as lines of `#` and spaces.
fn drawn(path: &str) -> Vec<String> {
    let row = |row: &str| {
        let (start, runs) = row.split_once('h').unwrap();
        let mut drawn = " ".repeat(start.split(' ').next().unwrap().parse().unwrap());
        for run in runs.split('h') {
            let (dark, skip) = run.split_once('m').unwrap_or((run, "0"));
            drawn.push_str(&"#".repeat(dark.parse().unwrap()));
            drawn.push_str(&" ".repeat(skip.trim_end_matches(" 0").parse().unwrap()));
        }
        drawn
    };
    path.split('M').skip(1).map(row).collect()
}

#[test]
fn a_code_is_what_another_encoder_makes_of_the_same_text() {
    // Generated with segno 1.6 for Python.
    let known = "\
#######  #    #######
#     # ### # #     #
# ### #   #   # ### #
# ### #  ##   # ### #
# ### #  # ## # ### #
#     # #   # #     #
####### # # # #######
        # ###
    #### #  # ##   #
  # ## #  # #### ###
 ### ###  ###  ###  #
## # #  ##  # # ##  #
#   # # # ##  #   ##
        #  ##     # #
####### ### # #  # ##
#     # ## # ### # #
# ### # #    #### ###
# ### #  ## #### # ##
# ### #  ## # #####
#     #  # ## # # # #
#######   #####   ###";
    assert_eq!(drawn(&strokes(&code("WAG"))).join("\n"), known);
}

#[test]
fn codes_of_every_length_have_the_corners_that_scanners_look_for() {
    for length in [1, 50, 500, 2_000] {
        let drawn = drawn(&strokes(&code(&"wag".repeat(length)[..length])));
        let side = drawn.len();
        assert!(drawn[0].starts_with("#######") && drawn[0].ends_with("#######"));
        assert!(drawn[side - 1].starts_with("#######") && drawn[6].starts_with("####### # # "));
        assert!(drawn.iter().all(|row| row.len() <= side));
    }
}

#[test]
fn it_has_a_name_and_a_quiet_edge_and_what_is_too_long_for_it_is_not_shown() {
    let shown = |text: String| view! { <Qr text label="QR code of this page"/> }.to_html();
    let html = shown("WAG".to_owned());
    assert!(
        html.contains(r#"role="img""#) && html.contains(r#"aria-label="QR code of this page""#)
    );
    assert!(
        html.contains(r#"viewBox="-4 -4 29 29""#) && html.contains(r#"width="29" height="29""#)
    );
    assert!(!html.contains("style="));
    assert!(shown("x".repeat(2_000)).contains("<path"));
    assert!(!shown("x".repeat(3_000)).contains("<svg"));
}
