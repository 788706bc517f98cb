//! Keyset pagination: each page starts after the last row of the previous one.

/// Truncates `found` to a page and returns the key where the next page starts, if there is one.
/// Queries fetch one row more than fits, to tell whether there is a next page.
pub fn cut<T>(found: &mut Vec<T>, page: usize, row: impl Fn(&T) -> i64) -> Option<String> {
    let more = found.len() > page;
    found.truncate(page);
    found
        .last()
        .filter(|_| more)
        .map(|last| row(last).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_just_full_is_the_last() {
        let mut found = vec![9, 8, 7];
        assert_eq!(cut(&mut found, 3, |row| *row), None);
        assert_eq!(cut(&mut found, 2, |row| *row).as_deref(), Some("8"));
        assert_eq!(found, [9, 8]);
        assert_eq!(cut(&mut Vec::new(), 2, |row| *row), None);
    }
}
