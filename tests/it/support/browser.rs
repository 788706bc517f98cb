//! People with browsers: they find forms by their buttons, send all hidden fields, and keep
//! cookies.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, Response, StatusCode};

use crate::support::{html, log_canary};

/// A person with a browser and an IP address.
#[derive(Clone)]
pub(crate) struct Person {
    origin: String,
    address: String,
    user_agent: &'static str,
    client: reqwest::Client,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
}

/// A response.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

/// Sends requests like a browser, without following redirects.
pub(crate) fn client() -> reqwest::Client {
    // The server's HTTP client installs it too; a second installation fails harmlessly.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        // The site is served over http, and reading the system's certificates takes longer than most pages.
        .tls_certs_only([])
        .build()
        .unwrap()
}

impl Person {
    pub(crate) fn new(origin: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let address = format!(
            "10.{}.{}.{}",
            number >> 16 & 255,
            number >> 8 & 255,
            number & 255
        );
        Self {
            origin: origin.to_owned(),
            address,
            user_agent: "",
            client: client(),
            cookies: Arc::default(),
        }
    }

    /// The browser's IP address.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The same browser on another instance.
    pub(crate) fn at(&self, origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            ..self.clone()
        }
    }

    /// The same browser with another user agent.
    pub(crate) fn with_user_agent(&self, user_agent: &'static str) -> Self {
        Self {
            user_agent,
            cookies: Arc::default(),
            ..self.clone()
        }
    }

    /// The part of the IP address that pages show.
    pub(crate) fn place(&self) -> String {
        format!("{}.x", self.address.rsplit_once('.').unwrap().0)
    }

    /// Another browser at the same IP address.
    pub(crate) fn other_browser(&self) -> Self {
        Self {
            cookies: Arc::default(),
            ..self.clone()
        }
    }

    /// The same browser at another IP address.
    pub(crate) fn elsewhere(&self) -> Self {
        Self {
            address: Self::new(&self.origin).address,
            ..self.clone()
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let cookies = self
            .cookies
            .lock()
            .unwrap()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ");
        let request = self
            .client
            .request(method, format!("{}{path}", self.origin));
        request
            .header("cookie", cookies)
            .header("x-forwarded-for", &self.address)
            .header("user-agent", self.user_agent)
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Page {
        let response: Response = request.send().await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let (name, value) = cookie
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .split_once('=')
                .unwrap();
            log_canary::keep(value);
            self.cookies
                .lock()
                .unwrap()
                .insert(name.to_owned(), value.to_owned());
        }
        Page {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.text().await.unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Page {
        self.send(
            self.request(Method::GET, path)
                .header("accept", "text/html"),
        )
        .await
    }

    /// The hidden fields of the form with this button.
    pub(crate) async fn form(&self, path: &str, button: &str) -> Vec<(String, String)> {
        let page = self.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        page.form(button)
    }

    /// Fills in and submits the form with this button.
    pub(crate) async fn fill(&self, path: &str, button: &str, fields: &[(&str, &str)]) -> Page {
        let mut form = self.form(path, button).await;
        form.extend(
            fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        self.post(path, &form).await
    }

    pub(crate) async fn post(&self, path: &str, form: &[(String, String)]) -> Page {
        for (field, text) in form {
            log_canary::typed(field, text);
        }
        self.send(
            self.request(Method::POST, path)
                .header("accept", "text/html")
                .form(form),
        )
        .await
    }

    /// Sends a JSON call with its CSRF token.
    pub(crate) async fn call(&self, function: &str, body: serde_json::Value) -> Page {
        let fields = body.as_object().into_iter().flatten();
        fields
            .for_each(|(field, text)| log_canary::typed(field, text.as_str().unwrap_or_default()));
        let token: serde_json::Value =
            serde_json::from_str(&self.get("/api/csrf").await.body).unwrap();
        let request = self
            .request(Method::POST, &format!("/api/{function}"))
            .header("accept", "application/json");
        self.send(
            request
                .header("x-csrf-token", token["token"].as_str().unwrap())
                .json(&body),
        )
        .await
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    /// Deletes all cookies.
    pub(crate) fn forget(&self) {
        self.cookies.lock().unwrap().clear();
    }

    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        self.cookies
            .lock()
            .unwrap()
            .insert(name.to_owned(), value.to_owned());
    }
}

impl Page {
    /// Asserts a redirect to this path.
    pub(crate) fn goes_to(&self, path: &str) {
        assert_eq!(
            (self.status.as_u16(), self.header("location")),
            (303, path),
            "{}",
            self.body
        );
    }

    /// Asserts a status and text on the page, in which people's own text may be marked as such.
    pub(crate) fn says(&self, status: u16, words: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        let plain = self.body.replace("&#x27;", "'");
        let plain = plain.replace("<bdi>", "").replace("</bdi>", "");
        assert!(plain.contains(words), "{words}: {}", self.body);
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The hidden fields of the form with this button.
    pub(crate) fn form(&self, button: &str) -> Vec<(String, String)> {
        html::hidden_fields(&self.body, button)
            .unwrap_or_else(|| panic!("no form with the button {button}: {}", self.body))
    }
}
