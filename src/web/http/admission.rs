//! Admission: the first check of a request. Rejects requests that HTTP forbids (RFC 9112, 3.2) and
//! clients with too many open requests, and normalises the target, so that later layers see a plain
//! path.

use std::net::Ipv6Addr;

use axum::extract::Request;
use axum::http::header::{ALLOW, CACHE_CONTROL, CONNECTION, HOST, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, Version};
use axum::response::{IntoResponse, Response};
use tokio_util::sync::CancellationToken;

/// Longest accepted request target, in bytes; RFC 9110 asks for at least 8,000.
const MAX_TARGET: usize = 8_192;
/// `Retry-After` when a client has too many open requests, in seconds.
const WAIT: u32 = 5;

/// Request extension: the client IP has too many requests in flight.
#[derive(Clone, Copy, Debug)]
pub struct TooManyRequests;

/// Middleware that admits valid requests. During shutdown it closes each connection after the
/// response.
pub async fn admit(
    leaving: &CancellationToken,
    mut request: Request,
    next: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let mut response = if request.extensions().get::<TooManyRequests>().is_some() {
        let words =
            "Too many open requests from your address. Please wait a moment and try again.\n";
        (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, WAIT)], words).into_response()
    } else {
        match plain(&request) {
            Ok(uri) => {
                *request.uri_mut() = uri;
                return closing(next(request).await, leaving.is_cancelled());
            }
            Err(StatusCode::NO_CONTENT) => {
                return (StatusCode::NO_CONTENT, [(ALLOW, "GET, HEAD, POST")]).into_response();
            }
            Err(StatusCode::METHOD_NOT_ALLOWED) => (
                StatusCode::METHOD_NOT_ALLOWED,
                [(ALLOW, "GET, HEAD, POST")],
                "This isn't a proxy.\n",
            )
                .into_response(),
            Err(StatusCode::URI_TOO_LONG) => {
                (StatusCode::URI_TOO_LONG, "This address is too long.\n").into_response()
            }
            Err(status) => (status, "This isn't a valid HTTP request.\n").into_response(),
        }
    };
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    closing(response, true)
}

fn closing(mut response: Response, closing: bool) -> Response {
    if closing {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Returns the target as path and query, or the status to answer with.
fn plain(request: &Request) -> Result<Uri, StatusCode> {
    let (method, uri) = (request.method(), request.uri());
    if method == Method::CONNECT {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    if !has_one_host(request.version(), request.headers()) {
        return Err(StatusCode::BAD_REQUEST);
    }
    if uri
        .scheme_str()
        .is_some_and(|scheme| !matches!(scheme, "http" | "https"))
    {
        return Err(StatusCode::BAD_REQUEST);
    }
    let target = uri.path_and_query().ok_or(StatusCode::BAD_REQUEST)?;
    match target.as_str() {
        // `OPTIONS *` asks about the server as a whole.
        "*" if method == Method::OPTIONS => Err(StatusCode::NO_CONTENT),
        path if path.len() > MAX_TARGET => Err(StatusCode::URI_TOO_LONG),
        path if path.starts_with('/') => Ok(Uri::from(target.clone())),
        // As in `OPTIONS http://polls.example.org` or `GET http://polls.example.org?q=dog`.
        path if uri.authority().is_some() && (path.is_empty() || path.starts_with('?')) => {
            format!("/{path}")
                .parse()
                .map_err(|_| StatusCode::BAD_REQUEST)
        }
        _ => Err(StatusCode::BAD_REQUEST),
    }
}

/// Returns whether there is exactly one `Host` header, and it is valid. HTTP/1.0, which some health
/// checks use, may omit it.
fn has_one_host(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).into_iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => version < Version::HTTP_11,
        (Some(host), None) => host.to_str().is_ok_and(is_host),
        (Some(_), Some(_)) => false,
    }
}

/// Returns whether this is a host with an optional port.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let Some((address, after)) = rest.split_once(']') else {
                return false;
            };
            if address.parse::<Ipv6Addr>().is_err() || !(after.is_empty() || after.starts_with(':'))
            {
                return false;
            }
            ("", after.strip_prefix(':'))
        }
        None => match text.split_once(':') {
            Some((host, port)) if !host.is_empty() => (host, Some(port)),
            None if !text.is_empty() => (text, None),
            _ => return false,
        },
    };
    let digits = |port: &str| {
        port.is_empty()
            || (port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok())
    };
    host.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        && port.is_none_or(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_and_perhaps_a_port() {
        for host in [
            "polls.example.org",
            "x",
            "pollstr_app:3000",
            "127.0.0.1:80",
            "[::1]",
            "[2001:db8::1]:443",
            "a:",
            "xn--bcher-kva.example",
        ] {
            assert!(is_host(host), "{host}");
        }
        for host in [
            "", ":80", "a b", "u@x", "x/y", "x:99999", "x:1:2", "x:8o", "[::1", "[x]", "[::1]x",
            "::1", "a,b", "http://x", "a?", "%41",
        ] {
            assert!(!is_host(host), "{host}");
        }
    }
}
