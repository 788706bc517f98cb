//! Builds the client of the configured verification provider.

use std::sync::Arc;

use crate::platform::clock::Clock;
use crate::platform::config::limits::SendLimits;
use crate::platform::config::{Config, Verify};
use crate::server::startup::error::StartError;
use crate::simulator::Simulator;
use crate::verification::numbers::countries;
use crate::verification::{Provider, Twilio, TwilioSettings, Vonage, VonageSettings, VonageV2};

/// Checks that the configured countries exist.
pub fn countries_exist(config: &Config) -> Result<(), StartError> {
    let SendLimits {
        countries,
        ranges,
        prices,
        ..
    } = &config.ceilings;
    let allowed = countries
        .iter()
        .map(|country| ("POLLSTR_COUNTRIES", country));
    let priced = prices
        .keys()
        .filter(|country| *country != "*")
        .map(|country| ("POLLSTR_PRICES", country));
    if let Some((setting, country)) = allowed
        .chain(priced)
        .find(|(_, country)| countries::find(country).is_none())
    {
        return Err(StartError::Country(setting, country.clone()));
    }
    // A whole calling code would include number ranges that are deliberately excluded.
    match ranges.iter().find(|first| {
        countries::all()
            .iter()
            .any(|country| country.calling_code.to_string() == **first)
    }) {
        Some(first) => Err(StartError::Country(
            "POLLSTR_COUNTRIES",
            format!("+{first}"),
        )),
        None => Ok(()),
    }
}

/// Returns the client of the configured provider. The simulator is reached over HTTP like any
/// provider, on its own port.
pub async fn provider(
    config: &Config,
    clock: &Clock,
) -> Result<(Arc<dyn Provider>, Option<Simulator>), StartError> {
    let vonage = |(api_key, api_secret): (String, String), base_url: String| VonageSettings {
        base_url,
        api_key,
        api_secret,
        brand: config.brand.clone(),
        sender_id: config.sender_id.clone(),
    };
    let provider: Arc<dyn Provider> = match config.verify.clone() {
        Verify::Vonage {
            credentials,
            base_url,
        } => Arc::new(Vonage::new(vonage(credentials, base_url))?),
        Verify::VonageV2 {
            credentials,
            base_url,
        } => Arc::new(VonageV2::new(vonage(credentials, base_url))?),
        Verify::Twilio {
            credentials: (account_sid, auth_token),
            service,
            base_url,
        } => Arc::new(Twilio::new(TwilioSettings {
            base_url,
            account_sid,
            auth_token,
            service,
        })?),
        Verify::Simulator => {
            let simulator = Simulator::new(clock.clone()).signing(config.origin.host());
            let base_url = simulator.listen().await.map_err(StartError::Simulator)?;
            let pretended = ("simulated".to_owned(), "simulated".to_owned());
            return Ok((
                Arc::new(Vonage::new(vonage(pretended, base_url))?),
                Some(simulator),
            ));
        }
    };
    Ok((provider, None))
}
