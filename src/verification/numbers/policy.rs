//! Which unusual numbers a site accepts.

/// Which numbers are accepted that a stricter site would refuse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Accepts fictional numbers such as +44 7700 900123, which no real network reaches. For a
    /// simulated provider.
    pub fiction: bool,
    /// Accepts VoIP numbers, of which one person can cheaply have many.
    pub voip: bool,
    /// Prefixes of numbers that are accepted whatever their kind: `8816`, or `339` for VoIP lines
    /// in France.
    pub named: Vec<String>,
}

impl Policy {
    /// Whether a number has one of the named prefixes.
    pub(crate) fn names(&self, digits: &str) -> bool {
        self.named
            .iter()
            .any(|first| digits.starts_with(first.as_str()))
    }
}
