//! The verification provider and its credentials.
//!
//! Chosen by `POLLSTR_VERIFY`, or else by the credentials that are set. A missing credential aborts
//! the start.

use std::fmt;

use crate::platform::config::sources::{ConfigError, Sources, short_text, wrong};

const VONAGE: [&str; 2] = ["VONAGE_API_KEY", "VONAGE_API_SECRET"];
const TWILIO: [&str; 3] = [
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_VERIFY_SERVICE",
];

/// The provider. Its base URL is `POLLSTR_VERIFY_URL`, or the provider's own.
#[derive(Clone)]
pub enum Verify {
    /// The simulator in this process.
    Simulator,
    /// Vonage Verify v1.
    Vonage {
        /// `VONAGE_API_KEY` and `VONAGE_API_SECRET`.
        credentials: (String, String),
        /// The base URL.
        base_url: String,
    },
    /// Vonage Verify v2.
    VonageV2 {
        /// `VONAGE_API_KEY` and `VONAGE_API_SECRET`.
        credentials: (String, String),
        /// The base URL.
        base_url: String,
    },
    /// Twilio Verify v2.
    Twilio {
        /// `TWILIO_ACCOUNT_SID` and `TWILIO_AUTH_TOKEN`.
        credentials: (String, String),
        /// `TWILIO_VERIFY_SERVICE`.
        service: String,
        /// The base URL.
        base_url: String,
    },
}

impl Verify {
    /// Reads the provider. `loopback`: whether only this machine can reach the site.
    pub(super) fn read(sources: &Sources, loopback: bool) -> Result<Self, ConfigError> {
        let set = |names: &[&str]| names.iter().any(|name| sources.get(name).is_some());
        let configured = sources.get("POLLSTR_VERIFY");
        let chosen = match (configured.as_deref(), set(&VONAGE), set(&TWILIO)) {
            (Some(configured), ..) => configured,
            (None, true, true) => {
                return wrong(
                    "POLLSTR_VERIFY",
                    "both Vonage and Twilio credentials are set; choose which one sends the codes",
                );
            }
            (None, true, false) => "vonage",
            (None, false, true) => "twilio",
            (None, false, false) if loopback => "simulator",
            (None, false, false) => {
                return wrong(
                    "POLLSTR_VERIFY",
                    "the site can be reached from outside, so it needs a provider to send codes: set VONAGE_API_KEY and VONAGE_API_SECRET, or TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_VERIFY_SERVICE, or set POLLSTR_VERIFY=simulator to simulate them",
                );
            }
        };
        let needed = |setting| {
            sources.get(setting).map_or_else(
                || wrong(setting, format!("required by POLLSTR_VERIFY={chosen}")),
                Ok,
            )
        };
        let both = |[name, secret]: [&'static str; 2]| Ok((needed(name)?, needed(secret)?));
        let base_url = |own: &str| {
            sources
                .get("POLLSTR_VERIFY_URL")
                .unwrap_or_else(|| own.to_owned())
        };
        match chosen {
            "simulator" => Ok(Self::Simulator),
            "vonage" => Ok(Self::Vonage {
                credentials: both(VONAGE)?,
                base_url: base_url("https://api.nexmo.com"),
            }),
            "vonage-v2" => Ok(Self::VonageV2 {
                credentials: both(VONAGE)?,
                base_url: base_url("https://api.nexmo.com"),
            }),
            "twilio" => {
                let [account, token, service] = TWILIO;
                let credentials = both([account, token])?;
                let named = needed(service)?;
                if !(named.starts_with("VA")
                    && named.bytes().all(|byte| byte.is_ascii_alphanumeric()))
                {
                    return wrong(
                        service,
                        "must be the SID of a Verify service, which starts with VA",
                    );
                }
                Ok(Self::Twilio {
                    credentials,
                    service: named,
                    base_url: base_url("https://verify.twilio.com"),
                })
            }
            other => wrong(
                "POLLSTR_VERIFY",
                format!(
                    "\"{other}\" is not a provider; use vonage, vonage-v2, twilio or simulator"
                ),
            ),
        }
    }

    /// Reads `POLLSTR_BRAND` within this provider's rules.
    pub(super) fn brand(&self, sources: &Sources) -> Result<String, ConfigError> {
        let v2 = matches!(self, Self::VonageV2 { .. });
        let brand = short_text(sources, "POLLSTR_BRAND", if v2 { 16 } else { 18 })?
            .unwrap_or_else(|| "Pollstr".to_owned());
        if v2 && brand.contains(['/', '{', '}', ':', '$']) {
            return wrong(
                "POLLSTR_BRAND",
                "must not contain / { } : or $ with Vonage Verify v2",
            );
        }
        Ok(brand)
    }

    /// Returns its name for messages.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Simulator => "the simulator",
            Self::Vonage { .. } | Self::VonageV2 { .. } => "Vonage",
            Self::Twilio { .. } => "Twilio",
        }
    }

    /// Returns its name in `POLLSTR_VERIFY`.
    #[must_use]
    pub const fn setting(&self) -> &'static str {
        match self {
            Self::Simulator => "simulator",
            Self::Vonage { .. } => "vonage",
            Self::VonageV2 { .. } => "vonage-v2",
            Self::Twilio { .. } => "twilio",
        }
    }

    /// Returns the base URL; the simulator's is chosen at the start.
    #[must_use]
    pub fn base_url(&self) -> Option<&str> {
        match self {
            Self::Simulator => None,
            Self::Vonage { base_url, .. }
            | Self::VonageV2 { base_url, .. }
            | Self::Twilio { base_url, .. } => Some(base_url),
        }
    }

    /// Returns the names of its credentials.
    #[must_use]
    pub const fn credentials(&self) -> &'static str {
        match self {
            Self::Simulator => "POLLSTR_VERIFY",
            Self::Vonage { .. } | Self::VonageV2 { .. } => "VONAGE_API_KEY, VONAGE_API_SECRET",
            Self::Twilio { .. } => "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_VERIFY_SERVICE",
        }
    }
}

/// Hides credentials from logs.
impl fmt::Debug for Verify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
