//! Fake providers for unit tests.

use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::IntoResponse;
use axum::{Router, routing::any};
use tokio::net::TcpListener;

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}/fake/")
}

/// Starts a fake provider that gives the same response to everything, and returns its URL.
pub(crate) async fn fixed_response(
    status: u16,
    content_type: Option<&'static str>,
    body: impl Into<Bytes>,
) -> String {
    let body = body.into();
    let answer = move || async move {
        let mut response =
            (StatusCode::from_u16(status).unwrap(), Body::from(body)).into_response();
        response.headers_mut().remove(header::CONTENT_TYPE);
        response
            .headers_mut()
            .extend(content_type.map(|value| (header::CONTENT_TYPE, value.parse().unwrap())));
        response
    };
    serve(Router::new().fallback(any(answer))).await
}

/// Starts a fake provider that records each request: method, URI, `Authorization`, content type
/// and body. Returns its URL and the recorded requests.
pub(crate) async fn recording() -> (String, Arc<Mutex<Vec<String>>>) {
    let recorded: Arc<Mutex<Vec<String>>> = Arc::default();
    let record = Arc::clone(&recorded);
    let keep = move |method: Method, uri: Uri, headers: HeaderMap, body: String| async move {
        let header = |name| {
            headers
                .get(name)
                .map_or("-", |value| value.to_str().unwrap())
        };
        let line = format!(
            "{method} {uri} {} {} {body}",
            header(header::AUTHORIZATION),
            header(header::CONTENT_TYPE)
        );
        record.lock().unwrap().push(line);
    };
    (serve(Router::new().fallback(any(keep))).await, recorded)
}
