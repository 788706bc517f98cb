//! Tracks whether the provider refuses our account, which only the operator can fix, until a
//! response shows that it is accepted again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;

use crate::verification::channel::Channel;
use crate::verification::numbers::phone::Phone;
use crate::verification::provider::{Cancel, Check, Fault, Provider, RequestId, Start};

/// Whether the provider refuses our account, according to its responses to this process.
#[derive(Clone, Debug, Default)]
pub struct ProviderHealth(Arc<AtomicBool>);

impl ProviderHealth {
    /// Whether the account is refused: no code can be sent until the operator has fixed it.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Updates the state from a response. Timeouts and undocumented responses leave it unchanged.
    fn hear(&self, fault: Option<Fault>) {
        let refused = match fault {
            Some(Fault::AccountAdmin) => true,
            Some(Fault::Busy | Fault::Unreachable | Fault::UnexpectedResponse) => return,
            None => false,
        };
        if self.0.swap(refused, Ordering::Relaxed) && !refused {
            tracing::info!("the verification provider takes this account again");
        }
    }
}

/// Provider wrapper that records the outcome of every request in a [`ProviderHealth`].
#[derive(Clone, Debug)]
pub struct MonitoredProvider {
    provider: Arc<dyn Provider>,
    standing: ProviderHealth,
}

impl MonitoredProvider {
    /// Wraps a provider.
    #[must_use]
    pub fn new(provider: Arc<dyn Provider>, standing: ProviderHealth) -> Self {
        Self { provider, standing }
    }
}

#[async_trait]
impl Provider for MonitoredProvider {
    fn code_lifetime(&self) -> i64 {
        self.provider.code_lifetime()
    }

    async fn start(&self, phone: &Phone, channel: Channel) -> Start {
        let start = self.provider.start(phone, channel).await;
        self.standing.hear(if let Start::Fault(fault) = start {
            Some(fault)
        } else {
            None
        });
        start
    }

    async fn check(&self, id: &RequestId, code: &str) -> Check {
        let check = self.provider.check(id, code).await;
        self.standing.hear(if let Check::Fault(fault) = check {
            Some(fault)
        } else {
            None
        });
        check
    }

    async fn cancel(&self, id: &RequestId) -> Cancel {
        let cancel = self.provider.cancel(id).await;
        self.standing.hear(if let Cancel::Fault(fault) = cancel {
            Some(fault)
        } else {
            None
        });
        cancel
    }

    async fn probe(&self) -> Result<(), Fault> {
        let probe = self.provider.probe().await;
        self.standing.hear(probe.err());
        probe
    }
}

#[cfg(test)]
#[path = "health_tests.rs"]
mod tests;
