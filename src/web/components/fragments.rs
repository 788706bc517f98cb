//! Parts of pages that are the same for all readers, rendered once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use leptos::prelude::*;

/// Maximum number of fragments of a kind; all are dropped when it is reached.
const MAX_FRAGMENTS: usize = 500;

/// The fragments of one kind: the HTML of each value `V` in each variant `K`. What the HTML depends
/// on must be in the value or the variant.
#[derive(Debug)]
pub struct Fragments<V, K = ()>(Mutex<BTreeMap<(usize, K), Fragment<V>>>);

/// The HTML of a value. It holds the value, so that no other one gets its address.
#[derive(Debug)]
struct Fragment<V> {
    html: Arc<str>,
    _value: Arc<V>,
}

impl<V, K: Ord> Fragments<V, K> {
    /// Creates an empty set.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// Returns the HTML of a value, which `view` renders for its first reader.
    pub fn html<T: IntoView>(
        &self,
        value: &Arc<V>,
        variant: K,
        view: impl FnOnce() -> T,
    ) -> Arc<str> {
        let fragments = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (Arc::as_ptr(value).addr(), variant);
        if let Some(fragment) = fragments().get(&key) {
            return Arc::clone(&fragment.html);
        }
        let html: Arc<str> = view().into_view().to_html().into();
        let mut fragments = fragments();
        if fragments.len() >= MAX_FRAGMENTS {
            fragments.clear();
        }
        let fragment = Fragment {
            html: Arc::clone(&html),
            _value: Arc::clone(value),
        };
        fragments.insert(key, fragment);
        html
    }
}

#[cfg(test)]
#[path = "fragments_tests.rs"]
mod tests;
