//! The numbers that the admin page begins with.

use leptos::prelude::*;
use leptos::server_fn::codec::{GetUrl, Json};
use serde::{Deserialize, Serialize};

use crate::accounts::admin::codes::{CodeDetails, CodeRows, Codes};
use crate::accounts::guard::render_refusal;
use crate::web::components::row::Row;
use crate::web::components::section::Section;
use crate::web::hypermedia::outcome::Refusal;
use crate::web::number::grouped;

#[cfg(feature = "ssr")]
use {
    crate::accounts::admin::totals, crate::accounts::guard::require,
    crate::accounts::limits::sends::status::Status, crate::accounts::viewer::Level,
    crate::polls::sealing::seal, crate::polls::store::cache::PollCache, crate::web::context::Ctx,
};

/// The day before now, in seconds.
#[cfg(feature = "ssr")]
const DAY: i64 = 24 * 3_600;

/// Numbers of the site. Those of a day are of the last 24 hours.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SiteNumbers {
    /// How many accounts there are.
    pub accounts: i64,
    /// How many of them are new today.
    pub new_accounts: i64,
    /// Votes in the polls whose results everyone may see now; up to a minute old. Ballots have no
    /// time, so there is no number for a day.
    pub votes: i64,
    /// Polls that have closed and aren't sealed yet.
    pub being_sealed: i64,
    /// Codes sent.
    pub codes: Codes,
}

/// Returns the site's numbers. Admins only.
#[server(endpoint = "site_numbers", input = GetUrl, output = Json)]
pub async fn read_site_numbers() -> Result<SiteNumbers, Refusal> {
    require(Level::Admin)?;
    let (ctx, cache) = (Ctx::from_context(), expect_context::<PollCache>());
    let (db, now) = (&ctx.db, ctx.now());
    let status = Status::read(db, &ctx.config.ceilings, now).await?;
    let (accounts, new_accounts) = totals::accounts(db.read(), now - DAY).await?;
    Ok(SiteNumbers {
        accounts,
        new_accounts,
        votes: cache.total_votes().await?,
        being_sealed: seal::being_sealed(db.read(), now).await?,
        codes: Codes::from(&status),
    })
}

/// Renders the numbers.
#[component]
pub fn Overview() -> impl IntoView {
    Suspend::new(async {
        match read_site_numbers().await {
            Ok(numbers) => view! { <Numbers numbers/> }.into_any(),
            Err(refusal) => render_refusal(&refusal),
        }
    })
}

#[component]
fn Numbers(numbers: SiteNumbers) -> impl IntoView {
    let SiteNumbers {
        accounts,
        new_accounts,
        votes,
        being_sealed,
        codes,
    } = numbers;
    view! {
        <Section id="numbers" title="Numbers">
            <ul class="rows">
                <Row label="Accounts">{grouped(accounts)} " · " {grouped(new_accounts)} " new today"</Row>
                <Row label="Votes">{grouped(votes)} " in polls with public results"</Row>
                <CodeRows codes=codes.clone()/>
                <Row label="Polls being sealed">{grouped(being_sealed)}</Row>
            </ul>
            <CodeDetails codes/>
        </Section>
    }
}
