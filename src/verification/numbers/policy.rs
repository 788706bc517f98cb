//! Which unusual numbers a site accepts.

/// Which numbers are taken that a stricter site would refuse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Numbers kept for fiction, as in +44 7700 900123: for a pretended phone network, since no real one reaches them.
    pub fiction: bool,
    /// Internet telephony, where one person may have many numbers for little money.
    pub voip: bool,
    /// The first digits of numbers that are taken whatever their sort: `8816`, or `339` for lines over the internet in France.
    pub named: Vec<String>,
}

impl Policy {
    /// Whether a number is named by its first digits.
    pub(crate) fn names(&self, digits: &str) -> bool {
        self.named
            .iter()
            .any(|first| digits.starts_with(first.as_str()))
    }
}
