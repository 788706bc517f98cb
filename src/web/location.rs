//! Where the reader is: the path and query of this request, exactly as they came.

use leptos::prelude::use_context;

/// The address of the page being rendered.
#[derive(Clone, Debug, Default)]
pub struct Location {
    /// Path and query, raw and still percent-encoded.
    pub path_and_query: String,
    /// The query, decoded once.
    pub query: Vec<(String, String)>,
    /// Whether htmx asked for the main part alone.
    pub part: bool,
}

/// The one public origin of the site, without a slash at the end, for addresses that are read elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Origin(pub String);

impl Origin {
    /// The site's.
    #[must_use]
    pub fn from_context() -> Self {
        use_context().unwrap_or_default()
    }

    /// A path of this site as a whole address.
    #[must_use]
    pub fn of(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl Location {
    /// The page being rendered now.
    #[must_use]
    pub fn from_context() -> Self {
        use_context().unwrap_or_default()
    }

    /// A value of the query, the first of its name.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// A path on this site to go on to. Nothing else can be one: no other site, no scheme, no control character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextPath(String);

impl NextPath {
    /// Takes a path and query from a stranger's hands; `None` for whatever might lead off this site.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // A browser reads "\" as "/", drops tabs and line breaks, and takes "//" for the start of a host.
        let safe = text.starts_with('/')
            && !text.starts_with("//")
            && text
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        (safe && text.len() <= 2_000).then(|| Self(text.to_owned()))
    }

    /// The path and query.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The way to `page` that leads on to here afterwards.
    #[must_use]
    pub fn after(&self, page: &str) -> String {
        format!("{page}?next={}", encode(&self.0))
    }
}

/// Percent-encodes everything but letters, digits and `-._~/`, for a value in a query.
#[must_use]
pub fn encode(text: &str) -> String {
    text.bytes()
        .fold(String::with_capacity(text.len() + 16), |mut out, byte| {
            match byte {
                b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
                byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
                byte => {
                    const HEX: &[u8; 16] = b"0123456789ABCDEF";
                    out.push('%');
                    out.push(char::from(HEX[usize::from(byte >> 4)]));
                    out.push(char::from(HEX[usize::from(byte & 15)]));
                }
            }
            out
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_on_this_site_leads_on() {
        for path in [
            "/",
            "/polls/ab/vote",
            "/polls/%0A/vote",
            "/?a=b&c=%C3%A9",
            "/a//b",
            "/a?next=//evil.example",
        ] {
            assert_eq!(
                NextPath::parse(path).as_ref().map(NextPath::as_str),
                Some(path)
            );
        }
    }

    #[test]
    fn what_might_lead_off_this_site_is_dropped() {
        for path in [
            "",
            "polls",
            "//evil.example",
            "/\\evil.example",
            "\\/evil",
            "https://evil.example",
            "/\t/evil.example",
            "/a\r\nb",
            "/é",
            "/a b",
            "/\0",
        ] {
            assert_eq!(NextPath::parse(path), None, "{path:?}");
        }
    }

    #[test]
    fn the_way_back_survives_the_trip_through_a_query() {
        let next = NextPath::parse("/polls/%0A/vote?a=b&c=%C3%A9").unwrap();
        assert_eq!(
            next.after("/login"),
            "/login?next=/polls/%250A/vote%3Fa%3Db%26c%3D%25C3%25A9"
        );
    }
}
