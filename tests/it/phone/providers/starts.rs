//! Starting verifications: one message each, and at most one per number.

use std::sync::Arc;

use futures::future::join_all;
use pollstr::simulator;
use pollstr::verification::{Cancel, Channel, Check, NumberRefusal, Phone, Start};

use crate::phone::providers::{Vendor, World, amy};

#[tokio::test]
async fn one_start_is_one_message_and_expires_to_the_second() {
    for world in World::each().await {
        let life = world.provider.code_lifetime();
        let (early, code) = (world.sent().await, world.code());
        world.clock.advance(life - 1);
        assert_eq!(
            world.provider.check(&early, &code).await,
            Check::Approved,
            "{:?}",
            world.vendor
        );
        let (late, code) = (world.sent().await, world.code());
        world.clock.advance(life);
        assert_eq!(
            world.provider.check(&late, &code).await,
            Check::Gone,
            "{:?}",
            world.vendor
        );
        world.clock.advance(3_600);
        assert_eq!(
            world.phones.messages().len(),
            2,
            "{:?}: every message was asked for",
            world.vendor
        );
    }
}

#[tokio::test]
async fn a_call_instead_of_a_text_is_cancel_then_start() {
    for world in World::each().await {
        let (vendor, provider) = (world.vendor, &world.provider);
        let (id, text) = (world.sent().await, world.code());
        if vendor == Vendor::Vonage {
            world.clock.advance(29);
            assert_eq!(provider.cancel(&id).await, Cancel::NotNow);
            world.clock.advance(1);
        }
        assert_eq!(provider.cancel(&id).await, Cancel::Done, "{vendor:?}");
        assert_eq!(provider.cancel(&id).await, Cancel::Gone, "{vendor:?}");
        assert_eq!(provider.check(&id, &text).await, Check::Gone, "{vendor:?}");
        if vendor == Vendor::VonageV2 {
            assert_eq!(
                provider.start(&amy(), Channel::Voice).await,
                Start::Running(Some(id.clone())),
                "it lingers"
            );
            world.clock.advance(pollstr::verification::CANCEL_LINGER);
        }
        assert!(
            matches!(provider.start(&amy(), Channel::Voice).await, Start::Sent(new) if new != id),
            "{vendor:?}"
        );
        assert_eq!(
            world.phones.messages()[0].channel,
            simulator::Channel::Voice,
            "{vendor:?}"
        );
        assert_eq!(world.phones.messages().len(), 2, "{vendor:?}");
    }
}

#[tokio::test]
async fn a_second_start_on_a_number_is_never_a_start() {
    for world in World::each().await {
        let (id, code) = (world.sent().await, world.code());
        let second = world.provider.start(&amy(), Channel::Sms).await;
        if world.vendor == Vendor::Twilio {
            assert_eq!(
                (second, world.phones.messages().len()),
                (Start::Resent(id.clone()), 2)
            );
            assert_eq!(world.code(), code);
        } else {
            assert_eq!(
                (second, world.phones.messages().len()),
                (Start::Running(Some(id.clone())), 1),
                "{:?}",
                world.vendor
            );
        }
        assert_eq!(
            world.provider.check(&id, &code).await,
            Check::Approved,
            "{:?}",
            world.vendor
        );
    }
}

#[tokio::test]
async fn of_fifty_starts_at_once_on_one_number_one_is_a_start() {
    for world in World::each().await {
        let answers = join_all((0..50).map(|_| {
            let provider = Arc::clone(&world.provider);
            async move {
                tokio::spawn(async move { provider.start(&amy(), Channel::Sms).await })
                    .await
                    .unwrap()
            }
        }));
        let answers = answers.await;
        let of =
            |wanted: fn(&Start) -> bool| answers.iter().filter(|answer| wanted(answer)).count();
        let (sent, resent) = (
            of(|answer| matches!(answer, Start::Sent(_))),
            of(|answer| matches!(answer, Start::Resent(_))),
        );
        let running = of(|answer| matches!(answer, Start::Running(_)));
        let expected = if world.vendor == Vendor::Twilio {
            (1, 4, 45)
        } else {
            (1, 0, 49)
        };
        assert_eq!((sent, resent, running), expected, "{:?}", world.vendor);
        assert_eq!(
            (world.phones.messages().len(), world.phones.starts()),
            (sent + resent, 50),
            "{:?}",
            world.vendor
        );
    }
}

#[tokio::test]
async fn what_is_no_number_is_refused_as_one() {
    for world in World::each().await {
        let odd = Phone::from_stored("+44770".to_owned()).unwrap();
        assert_eq!(
            world.provider.start(&odd, Channel::Sms).await,
            Start::NumberRefused(NumberRefusal::Invalid),
            "{:?}",
            world.vendor
        );
    }
}
