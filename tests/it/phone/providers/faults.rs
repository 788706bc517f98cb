//! Faults of the provider and its network: never a success, never tried again.

use futures::future::join_all;
use pollstr::simulator::WireFault;
use pollstr::verification::{Cancel, Check, Fault, Start};

use crate::phone::providers::{VENDORS, Vendor, World, nowhere};

fn all(fault: Fault) -> (Start, Check, Cancel) {
    (
        Start::Fault(fault),
        Check::Fault(fault),
        Cancel::Fault(fault),
    )
}

#[tokio::test]
async fn a_look_at_the_provider_sends_nothing_and_tells_a_stranger_from_a_customer() {
    for world in World::each().await {
        assert_eq!(world.provider.probe().await, Ok(()), "{:?}", world.vendor);
        world.phones.set_fault(Some(WireFault::BadCredentials));
        assert_eq!(
            world.provider.probe().await,
            Err(Fault::AccountAdmin),
            "{:?}",
            world.vendor
        );
        assert_eq!(
            (world.phones.starts(), world.phones.messages().len()),
            (0, 0),
            "{:?}",
            world.vendor
        );
        assert_eq!(
            world.vendor.client(&nowhere()).probe().await,
            Err(Fault::Unreachable),
            "{:?}",
            world.vendor
        );
    }
}

#[tokio::test]
async fn faults_are_neither_taken_for_success_nor_retried() {
    let quick = [
        (WireFault::Status500, Fault::Busy),
        (WireFault::Status429, Fault::Busy),
        (WireFault::Html, Fault::UnexpectedResponse),
        (WireFault::Truncated, Fault::UnexpectedResponse),
        (WireFault::Huge, Fault::UnexpectedResponse),
        (WireFault::RedirectElsewhere, Fault::UnexpectedResponse),
        (WireFault::NumericStatus, Fault::UnexpectedResponse),
        (WireFault::Throttled, Fault::Busy),
        (WireFault::BadCredentials, Fault::AccountAdmin),
    ];
    let see = async |vendor: Vendor, fault, seen_as| {
        let world = World::new(vendor).await;
        let id = world.sent().await;
        world.phones.set_fault(Some(fault));
        assert_eq!(
            world.ask_all(&id).await,
            all(seen_as),
            "{vendor:?} {fault:?}"
        );
        assert_eq!(
            (world.phones.starts(), world.phones.checks()),
            (2, 1),
            "{vendor:?} {fault:?} was tried again"
        );
        let acted = matches!(
            fault,
            WireFault::Truncated | WireFault::Huge | WireFault::LostResponse
        );
        assert_eq!(
            world.phones.messages().len(),
            if acted { 2 } else { 1 },
            "{vendor:?} {fault:?}"
        );
    };
    for vendor in VENDORS {
        for (fault, seen_as) in quick {
            see(vendor, fault, seen_as).await;
        }
    }
    // These take five seconds each and run concurrently.
    let slow = [WireFault::Hang, WireFault::LostResponse];
    join_all(
        VENDORS
            .iter()
            .flat_map(|vendor| slow.map(|fault| see(*vendor, fault, Fault::Unreachable))),
    )
    .await;
}

#[tokio::test]
async fn an_unreachable_provider_is_a_fault() {
    for world in World::each().await {
        let id = world.sent().await;
        let world = World {
            provider: world.vendor.client(&nowhere()),
            ..world
        };
        assert_eq!(
            world.ask_all(&id).await,
            all(Fault::Unreachable),
            "{:?}",
            world.vendor
        );
    }
}

#[tokio::test]
async fn an_answer_about_another_request_is_a_fault() {
    for world in World::each().await {
        let id = world.sent().await;
        world.phones.set_fault(Some(WireFault::OtherRequestId));
        let (_, check, cancel) = world.ask_all(&id).await;
        assert_eq!(
            (check, cancel),
            (
                Check::Fault(Fault::UnexpectedResponse),
                Cancel::Fault(Fault::UnexpectedResponse)
            ),
            "{:?}",
            world.vendor
        );
    }
}

#[tokio::test]
async fn a_fault_that_did_nothing_leaves_the_code_as_good_as_it_was() {
    for world in World::each().await {
        let (id, code) = (world.sent().await, world.code());
        for fault in [
            WireFault::Status500,
            WireFault::Throttled,
            WireFault::NumericStatus,
            WireFault::Html,
        ] {
            world.phones.set_fault(Some(fault));
            assert!(
                matches!(world.provider.check(&id, &code).await, Check::Fault(_)),
                "{:?} {fault:?}",
                world.vendor
            );
        }
        world.phones.set_fault(None);
        assert_eq!(
            world.provider.check(&id, &code).await,
            Check::Approved,
            "{:?}",
            world.vendor
        );
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_check_leaves_nothing_to_check() {
    for world in World::each().await {
        let (id, code) = (world.sent().await, world.code());
        world.phones.set_fault(Some(WireFault::Truncated));
        assert_eq!(
            world.provider.check(&id, &code).await,
            Check::Fault(Fault::UnexpectedResponse),
            "{:?}",
            world.vendor
        );
        world.phones.set_fault(None);
        assert_eq!(
            world.provider.check(&id, &code).await,
            Check::Gone,
            "{:?}",
            world.vendor
        );
    }
}
