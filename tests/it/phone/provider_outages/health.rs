//! What the operator learns: health and the command `check`.

use pollstr::platform::clock::Clock;
use pollstr::simulator::{Simulator, WireFault};

use crate::phone::provider_outages::Provided;
use crate::phone::providers::{VENDORS, nowhere};
use crate::support::app::START_TIME;
use crate::support::environment::{folder, program};

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_refuses_us_degrades_health_until_it_takes_us_again() {
    for vendor in VENDORS {
        let provided = Provided::by(vendor).await;
        let (site, number) = (&provided.site, ("phone", "+447400123456"));
        let health = async || {
            let page = site.visitor().get("/readyz").await;
            (page.status.as_u16(), page.body)
        };
        let amy = site.registered("amy").await;
        // A transient fault doesn't trigger it.
        provided.phones.set_fault(Some(WireFault::Status500));
        amy.fill("/verify", "Send code", &[number])
            .await
            .says(503, "Please");
        assert_eq!(health().await, (200, "ready".to_owned()), "{vendor:?}");
        provided.phones.set_fault(Some(WireFault::BadCredentials));
        amy.fill("/verify", "Send code", &[number])
            .await
            .says(503, "Codes aren't working at the moment.");
        let (status, said) = health().await;
        assert!(
            status == 200 && said.starts_with("degraded: no codes can be sent"),
            "{vendor:?} {said}"
        );
        // A malformed response doesn't clear it.
        provided.phones.set_fault(Some(WireFault::Status500));
        amy.fill("/verify", "Send code", &[number])
            .await
            .says(503, "Please");
        assert!(health().await.1.starts_with("degraded"), "{vendor:?}");
        provided.phones.set_fault(None);
        amy.fill("/verify", "Send code", &[number])
            .await
            .goes_to("/verify/code");
        assert_eq!(health().await, (200, "ready".to_owned()), "{vendor:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_check_tells_whether_the_chosen_provider_lets_us_in() {
    for (vendor, named) in
        VENDORS
            .into_iter()
            .zip(["VONAGE_API_KEY", "VONAGE_API_KEY", "TWILIO_ACCOUNT_SID"])
    {
        let phones = Simulator::new(Clock::manual(START_TIME));
        let (address, nowhere) = (phones.listen().await.unwrap(), nowhere());
        let check = |address: &str| {
            let output = program(&folder())
                .arg("check")
                .envs(vendor.settings(address))
                .output()
                .unwrap();
            (
                output.status.success(),
                String::from_utf8([output.stdout, output.stderr].concat()).unwrap(),
            )
        };
        let name = named.split('_').next().unwrap().to_lowercase();
        let (right, said) = check(&address);
        assert!(
            right
                && said
                    .to_lowercase()
                    .contains(&format!("database, secret and {name} all check out")),
            "{said}"
        );
        phones.set_fault(Some(WireFault::BadCredentials));
        for (address, named) in [
            (address.as_str(), named),
            (&nowhere, "POLLSTR_VERIFY"),
            ("http://example.org", "POLLSTR_VERIFY_URL"),
        ] {
            let (right, said) = check(address);
            assert!(
                !right
                    && said.lines().count() == 1
                    && said.starts_with(&format!("pollstr: {named}")),
                "{said}"
            );
        }
        assert_eq!((phones.starts(), phones.messages().len()), (0, 0));
    }
}
