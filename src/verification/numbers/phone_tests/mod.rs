//! Unit tests of `phone`.

mod fiction;
mod properties;
mod refusals;
mod spellings;

use super::*;

const STRICT: Policy = Policy {
    fiction: false,
    voip: false,
    named: Vec::new(),
};

const DEMO: Policy = Policy {
    fiction: true,
    voip: false,
    named: Vec::new(),
};

fn strict(input: &str) -> Result<String, PhoneError> {
    Phone::parse(input, None, STRICT).map(|phone| phone.e164().to_owned())
}
