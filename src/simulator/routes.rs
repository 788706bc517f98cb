//! Maps request paths to providers and endpoints.

use axum::http::Method;

use crate::simulator::protocol::{Endpoint, VendorProtocol};
use crate::simulator::{twilio, vonage, vonage_v2};

/// Returns the provider, the endpoint, and the verification and service ids of a path.
pub(super) fn route(
    method: &Method,
    path: &str,
) -> Option<(&'static dyn VendorProtocol, Endpoint, String, String)> {
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let (wire, endpoint, id, service): (&'static dyn VendorProtocol, _, _, _) =
        match (method.as_str(), segments.as_slice()) {
            ("POST", ["verify", "json"]) => (&vonage::Vonage, Endpoint::Start, "", ""),
            ("POST", ["verify", "check", "json"]) => (&vonage::Vonage, Endpoint::Check, "", ""),
            ("POST", ["verify", "control", "json"]) => (&vonage::Vonage, Endpoint::Control, "", ""),
            ("GET" | "POST", ["verify", "search", "json"]) => {
                (&vonage::Vonage, Endpoint::Search, "", "")
            }
            ("POST", ["v2", "verify"]) => (&vonage_v2::VonageV2, Endpoint::Start, "", ""),
            ("POST", ["v2", "verify", id]) => (&vonage_v2::VonageV2, Endpoint::Check, *id, ""),
            ("POST", ["v2", "verify", id, "next_workflow"]) => {
                (&vonage_v2::VonageV2, Endpoint::Next, *id, "")
            }
            ("DELETE", ["v2", "verify", id]) => (&vonage_v2::VonageV2, Endpoint::Cancel, *id, ""),
            ("POST", ["v2", "Services", service, "Verifications"]) => {
                (&twilio::Twilio, Endpoint::Start, "", *service)
            }
            ("POST", ["v2", "Services", service, "VerificationCheck"]) => {
                (&twilio::Twilio, Endpoint::Check, "", *service)
            }
            ("POST", ["v2", "Services", service, "Verifications", id]) => {
                (&twilio::Twilio, Endpoint::Control, *id, *service)
            }
            ("GET", ["v2", "Services", service, "Verifications", id]) => {
                (&twilio::Twilio, Endpoint::Search, *id, *service)
            }
            ("GET", ["v2", "Services", service]) => {
                (&twilio::Twilio, Endpoint::Service, "", *service)
            }
            _ => return None,
        };
    Some((wire, endpoint, id.to_owned(), service.to_owned()))
}
