//! Different numbers for the same phone: optional mobile prefixes, two calling codes for one
//! network, digits added by renumbering.
//!
//! The spelling that was verified is what is stored and hashed, so lookups must try all spellings.
//! Only pairs documented in a country's numbering plan are listed: two numbers that merely look
//! alike belong to two people.

/// Two interchangeable prefixes of one phone's number. The same digits follow either.
struct Pair {
    one: &'static str,
    other: &'static str,
    /// Number of digits that follow.
    length: usize,
    /// How the following digits may begin; empty if any digits may follow.
    rest: &'static [&'static str],
}

const PAIRS: [Pair; 9] = [
    // Argentina: 9 before the area code when calling a mobile from abroad; the network finds it
    // without, too.
    Pair {
        one: "549",
        other: "54",
        length: 10,
        rest: &[],
    },
    // Mexico: 1 before mobile numbers, until 2019.
    Pair {
        one: "521",
        other: "52",
        length: 10,
        rest: &[],
    },
    // Benin: 01 before every number, since November 2024.
    Pair {
        one: "22901",
        other: "229",
        length: 8,
        rest: &[],
    },
    // Palestine can also be reached with Israel's code: mobiles, and landlines in area codes 2, 4,
    // 8 and 9.
    Pair {
        one: "970",
        other: "972",
        length: 9,
        rest: &["56", "59"],
    },
    Pair {
        one: "970",
        other: "972",
        length: 8,
        rest: &["22", "42", "82", "92"],
    },
    // San Marino can also be reached with Italy's code.
    Pair {
        one: "378",
        other: "39",
        length: 10,
        rest: &["0549"],
    },
    // Northern Ireland has an area code in Ireland's numbering plan.
    Pair {
        one: "4428",
        other: "35348",
        length: 8,
        rest: &[],
    },
    // Gabon: seven-digit mobile numbers gained a leading 0, which became a 6 or 7 in 2019.
    Pair {
        one: "241",
        other: "2410",
        length: 7,
        rest: &["2", "3", "4", "5", "6", "7"],
    },
    Pair {
        one: "2410",
        other: "2416",
        length: 7,
        rest: &["2", "5", "6"],
    },
];

impl Pair {
    fn swap(&self, digits: &str) -> Option<String> {
        let change = |from: &str, to: &str| {
            let rest = digits
                .strip_prefix(from)
                .filter(|rest| rest.len() == self.length)?;
            let fits =
                self.rest.is_empty() || self.rest.iter().any(|start| rest.starts_with(start));
            fits.then(|| format!("{to}{rest}"))
        };
        change(self.one, self.other).or_else(|| change(self.other, self.one))
    }
}

/// Gabon: mobile numbers in 04 and 07 moved to 74 and 77 in 2019.
const GABON_SEVENS: Pair = Pair {
    one: "2410",
    other: "2417",
    length: 7,
    rest: &["4", "7"],
};

/// Adds or removes the 9 that, since 2016, follows the area code of Brazil's eight-digit mobile
/// numbers.
fn brazils_ninth_digit(digits: &str) -> Option<String> {
    let (area, rest) = (
        digits.get(..4).filter(|area| area.starts_with("55"))?,
        digits.get(4..)?,
    );
    let mobile = |rest: &str| rest.len() == 8 && rest.starts_with(['6', '7', '8', '9']);
    match rest.strip_prefix('9') {
        Some(eight) if mobile(eight) => Some(format!("{area}{eight}")),
        _ => mobile(rest).then(|| format!("{area}9{rest}")),
    }
}

/// Returns all spellings of an E.164 number, starting with itself.
#[must_use]
pub fn of(e164: &str) -> Vec<String> {
    let mut found = vec![e164.to_owned()];
    let mut next = 0;
    while let Some(digits) = found
        .get(next)
        .map(|e164| e164.trim_start_matches('+').to_owned())
    {
        let pairs = PAIRS
            .iter()
            .chain([&GABON_SEVENS])
            .filter_map(|pair| pair.swap(&digits));
        for other in pairs
            .chain(brazils_ninth_digit(&digits))
            .map(|digits| format!("+{digits}"))
        {
            if !found.contains(&other) {
                found.push(other);
            }
        }
        next += 1;
    }
    found
}

/// Returns the same spelling for all numbers of one phone, for counting.
#[must_use]
pub fn common(e164: &str) -> String {
    of(e164).into_iter().min().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_leads_to_all_the_others_and_to_one_in_common() {
        for (number, spellings) in [
            ("+5491123456789", &["+541123456789"][..]),
            ("+522221234567", &["+5212221234567"]),
            ("+2290197123456", &["+22997123456"]),
            ("+972599123456", &["+970599123456"]),
            ("+97022961234", &["+97222961234"]),
            ("+390549886377", &["+3780549886377"]),
            ("+3534890123456", &["+442890123456"]),
            ("+24166031234", &["+24106031234", "+2416031234"]),
            ("+2414123456", &["+24104123456", "+24174123456"]),
            ("+5531987654321", &["+553187654321"]),
        ] {
            let mut all: Vec<String> = [number]
                .iter()
                .chain(spellings)
                .map(|&e164| e164.to_owned())
                .collect();
            all.sort();
            for e164 in all.clone() {
                let mut found = of(&e164);
                assert_eq!(found[0], e164);
                found.sort();
                assert_eq!(found, all, "{e164}");
                assert_eq!(common(&e164), all[0], "{e164}");
            }
        }
    }

    #[test]
    fn most_numbers_have_one_spelling() {
        for e164 in [
            "+447400123456",
            "+4915112345678",
            "+16502530000",
            "+5511931234567",
            "+551131234567",
            "+972501234567",
            "+3906123456",
            "+",
        ] {
            assert_eq!(of(e164), [e164.to_owned()]);
        }
    }
}
