//! Account management by the operator, and what account owners notice of it.

mod deletions;
mod events;
mod passwords;
mod reading;
mod suspensions;
mod unlocking;

use pollstr::accounts::admin::commands::AccountAdmin;

use crate::support::app::Site;
use crate::support::environment::{folder, program};

const PASSWORD: &str = "four words and more";

fn operator(site: &Site) -> AccountAdmin {
    AccountAdmin {
        db: site.state.db.clone(),
        now: site.clock.now(),
    }
}

fn given(said: &str) -> String {
    said.split("(shown once): ")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn the_commands_about_accounts_say_what_they_did_or_why_not_in_one_line() {
    let folder = folder();
    let run = |arguments: &[&str]| {
        let output = program(&folder)
            .arg("user")
            .args(arguments)
            .output()
            .unwrap();
        (
            output.status.success(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    assert!(program(&folder).arg("migrate").status().unwrap().success());
    let said = run(&["create", "amy", "--admin"]).1;
    assert!(
        said.starts_with("amy is an admin. Password (shown once): "),
        "{said}"
    );
    assert_eq!(run(&["role", "amy", "member"]).1, "amy is a member now.\n");
    assert_eq!(run(&["role", "amy", "admin"]).1, "amy is an admin now.\n");
    assert_eq!(
        run(&["reset-phone", "amy"]).1,
        "amy has no number; cleared any pending code and failed attempts.\n"
    );
    assert_eq!(
        run(&["suspend", "amy", "--reason", "away"]).1,
        "amy is suspended; sessions ended: 0.\n"
    );
    assert_eq!(run(&["restore", "amy"]).1, "amy can log in again.\n");
    assert_eq!(
        run(&["restore", "ben"]),
        (
            false,
            String::new(),
            "pollstr: there is no account \"ben\"; `pollstr user list` shows all\n".to_owned()
        )
    );
    assert!(!run(&["suspend", "amy"]).0);
}
