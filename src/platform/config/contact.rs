//! The help contact: a mail address or a page.

use url::Url;

use crate::platform::config::sources::{ConfigError, Sources, wrong};

const SETTING: &str = "POLLSTR_CONTACT";

/// `POLLSTR_CONTACT`, as a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The URL, such as `mailto:help@example.org`.
    pub link: String,
}

impl Contact {
    pub(super) fn read(sources: &Sources) -> Result<Option<Self>, ConfigError> {
        let Some(text) = sources.get(SETTING) else {
            return Ok(None);
        };
        let contact = Self::parse(text.trim());
        contact.map_or_else(
            || wrong(SETTING, format!("\"{text}\" is neither an email address nor a page such as https://example.org/help")),
            |it| Ok(Some(it)),
        )
    }

    fn parse(text: &str) -> Option<Self> {
        if let Some(page) = Url::parse(text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
        {
            let bare = page.username().is_empty() && page.password().is_none();
            return bare.then(|| Self { link: page.into() });
        }
        let mail = text.strip_prefix("mailto:").unwrap_or(text);
        let (name, host) = mail.rsplit_once('@')?;
        let plain = |sign: char| sign.is_alphanumeric() || "!#$%&'*+-/=^_`{|}~.".contains(sign);
        let host_is_one = host
            .chars()
            .all(|sign| sign.is_alphanumeric() || ".-".contains(sign))
            && Url::parse(&format!("http://{host}/")).is_ok();
        let right = !name.is_empty() && name.chars().all(plain) && host_is_one;
        // Characters with a meaning in URLs are escaped.
        let name = name
            .replace('%', "%25")
            .replace('#', "%23")
            .replace('?', "%3F")
            .replace('&', "%26");
        right.then(|| Self {
            link: format!("mailto:{name}@{host}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_a_mail_address_or_a_page() {
        for (text, link) in [
            ("help@example.org", "mailto:help@example.org"),
            ("mailto:help@example.org", "mailto:help@example.org"),
            ("polls+help@example.org", "mailto:polls+help@example.org"),
            (
                "https://example.org/help?from=polls",
                "https://example.org/help?from=polls",
            ),
            ("http://localhost:8080", "http://localhost:8080/"),
        ] {
            assert_eq!(Contact::parse(text).unwrap().link, link);
        }
        for text in [
            "Anna",
            "example.org",
            "@",
            "a@",
            "@b",
            "a b@example.org",
            "a@b/c",
            "javascript:alert(1)",
            "ftp://example.org",
            "a@b?x=y",
            "<a@b>",
        ] {
            assert_eq!(Contact::parse(text), None, "{text}");
        }
    }
}
