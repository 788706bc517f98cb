//! Normalised forms of usernames, so that a name is found in every spelling and can't be mistaken
//! for another.
//!
//! An account's key dates from the first version and never changes, so that existing names can
//! still log in. The folded form and the look-alikes are stored beside it, and each belongs to one
//! account only.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbErr};
use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;

use crate::platform::db::{Db, Transaction, execute, rows, statement};
use crate::platform::pasted::{digit, is_dash};
use crate::platform::text::{fold, visible};

/// Number of accounts that [`fill`] processes per batch.
const AT_ONCE: usize = 500;

/// Returns the key of an account: its name in lower case and NFKC.
#[must_use]
pub fn key(name: &str) -> String {
    name.trim()
        .nfkc()
        .flat_map(char::to_lowercase)
        .nfkc()
        .collect()
}

/// Returns a name without regard to case, the script of its digits, invisible characters, and
/// trailing punctuation that was copied by accident. The dotted and dotless Turkish i are the same
/// letter, because capitals don't show which was meant.
#[must_use]
pub fn folded(name: &str) -> String {
    let folded = fold(&key(&visible(name)));
    let plain = folded.chars().map(|sign| match sign {
        'ı' => 'i',
        sign if is_dash(sign) => '-',
        sign => digit(sign).unwrap_or(sign),
    });
    let plain = plain.collect::<String>().replace("i\u{307}", "i");
    plain
        .nfkc()
        .collect::<String>()
        .trim_end_matches(['.', ',', ';', ' '])
        .to_owned()
}

/// Returns the folded forms of what a name looks like, as written and in lower case. Letters
/// outside ASCII are replaced by the letters they resemble; ASCII is kept, or Arny would be
/// mistaken for Amy.
fn look_alikes(name: &str) -> BTreeSet<String> {
    let look = |name: &str| -> String {
        let resembled = |sign: char| {
            if sign.is_ascii() {
                sign.to_string()
            } else {
                skeleton(sign.encode_utf8(&mut [0; 4])).collect()
            }
        };
        folded(&name.nfd().map(resembled).collect::<String>())
    };
    BTreeSet::from([look(name), look(&folded(name))])
}

/// Returns all forms of a name, each with whether it is the name's own spelling.
fn forms(name: &str) -> BTreeMap<String, bool> {
    let mut forms: BTreeMap<String, bool> = look_alikes(name)
        .into_iter()
        .map(|form| (form, false))
        .collect();
    forms.insert(folded(name), true);
    forms.remove("");
    forms
}

/// Claims the forms of a name for a new account. Returns false if another account has one of them;
/// the transaction must then be rolled back.
pub async fn claim(transaction: &Transaction, account: i64, name: &str) -> Result<bool, DbErr> {
    let forms = forms(name);
    let sql = format!(
        "INSERT INTO username_form (form, account_id, is_username) VALUES {} ON CONFLICT DO NOTHING",
        rows(forms.len(), 3)
    );
    let how_many = u64::try_from(forms.len()).unwrap_or(u64::MAX);
    let values = forms
        .into_iter()
        .flat_map(|(form, spelled)| [form.into(), account.into(), spelled.into()]);
    Ok(execute(transaction, &sql, values).await? == how_many)
}

/// Inserts the forms of accounts created by an earlier version. A form shared by two accounts goes
/// to the one whose name it spells, and otherwise to the older one.
pub async fn fill(db: &Db) -> Result<(), DbErr> {
    let mut after = 0;
    loop {
        let sql = format!(
            "SELECT id, username FROM account WHERE id > $1 AND NOT EXISTS (SELECT 1 FROM username_form WHERE account_id = account.id AND is_username)
             ORDER BY id LIMIT {AT_ONCE}"
        );
        let found = db
            .write()
            .query_all_raw(statement(db.write(), &sql, [after.into()]))
            .await?;
        let mut claims: BTreeMap<String, (i64, bool)> = BTreeMap::new();
        for row in &found {
            after = row.try_get("", "id")?;
            for (form, spelled) in forms(&row.try_get::<String>("", "username")?) {
                let claim = claims.entry(form).or_insert((after, spelled));
                if spelled && !claim.1 {
                    *claim = (after, spelled);
                }
            }
        }
        if claims.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "INSERT INTO username_form (form, account_id, is_username) VALUES {}
             ON CONFLICT (form) DO UPDATE SET account_id = excluded.account_id, is_username = TRUE WHERE excluded.is_username AND NOT username_form.is_username",
            rows(claims.len(), 3)
        );
        let values = claims
            .into_iter()
            .flat_map(|(form, (account, spelled))| [form.into(), account.into(), spelled.into()]);
        execute(db.write(), &sql, values).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_has_one_form_however_it_is_spelled() {
        for spellings in [
            &[
                "AMY",
                "amy",
                " aMy ",
                "\u{202a}amy\u{202c}",
                "a\u{200b}my",
                "amy.,;",
                "ａｍｙ",
                "𝐚𝐦𝐲",
            ][..],
            &["Zoe\u{308}", "zoë", "ZOË"],
            &["straße", "STRASSE", "STRAẞE"],
            &["αλεξης", "ΑΛΕΞΗΣ", "αλεξησ"],
            &["İpek", "ipek", "IPEK", "ıpek", "i\u{307}pek"],
            &["ᾳδω", "ΑΙΔΩ", "ᾼΔΩ"],
            &["Ꮳ", "ꮳ"],
            &["ﬁnn", "FINN"],
            &["amy1", "amy١", "amy１", "amy१"],
            &["a-b", "a\u{2011}b", "a–b", "a－b"],
        ] {
            assert!(
                spellings
                    .iter()
                    .all(|name| folded(name) == folded(spellings[0])),
                "{spellings:?}"
            );
            assert!(
                spellings
                    .iter()
                    .all(|name| folded(&key(name)) == folded(name)),
                "{spellings:?}: the key tells as much"
            );
        }
        assert_ne!(folded("amy"), folded("ann"));
        assert_ne!(folded("zoë"), folded("zoe"));
        assert_eq!(folded(".."), "");
    }

    #[test]
    fn a_name_that_resembles_a_latin_one_has_its_form() {
        let alike = |name: &str, other: &str| forms(name).contains_key(&folded(other));
        for (name, other) in [
            ("раура", "paypa"),
            ("АМУ", "amy"),
            ("ВОВ", "bob"),
            ("ΒΟΒ", "Bob"),
            ("аԁо", "ado"),
            ("сосо1", "coco1"),
        ] {
            assert!(alike(name, other), "{name} {other}");
        }
        for (name, other) in [
            ("arny", "amy"),
            ("bob0", "bobo"),
            ("paul1", "paull"),
            ("вова", "bob"),
            ("zoë", "zoe"),
        ] {
            assert!(!alike(name, other) && !alike(other, name), "{name} {other}");
        }
        assert_eq!(forms("amy").len(), 1);
        assert!(forms("..").is_empty());
    }
}
