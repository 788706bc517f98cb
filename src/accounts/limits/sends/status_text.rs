//! The status of sent codes in words, for `pollstr status` and for the admin page.

use std::fmt;
use std::fmt::Write;

use crate::accounts::limits::circuit_breaker::Pause;
use crate::accounts::limits::circuit_breaker::area::Kind;
use crate::accounts::limits::overrides::LimitOverride;
use crate::accounts::limits::sends::status::{CountryStats, Status};
use crate::platform::config::money::Money;
use crate::verification::numbers::countries;
use crate::web::time::day;

/// How to end a pause.
pub const RESUME: &str = "`pollstr resume` ends a pause: `pollstr resume GB`, `pollstr resume +44770090`, `pollstr resume all`.";

/// Messages to one country, or to all, with what they cost.
#[derive(Clone, Debug)]
pub struct CountryLine {
    /// The country's name, or `all`.
    pub name: &'static str,
    /// The messages.
    pub stats: CountryStats,
    /// The share of finished codes that were typed, in percent; `None` if none are finished.
    pub percent: Option<i64>,
    /// What they cost; `None` without prices.
    pub spend: Option<Money>,
}

impl Status {
    /// Returns how many messages were sent in the last 24 hours, and how many may be.
    #[must_use]
    pub fn sent(&self) -> (i64, i64) {
        let sent = self.day.iter().map(|sends| sends.sent).sum();
        (sent, self.ceilings.daily)
    }

    /// Returns what the messages of the last 24 hours cost, if there are prices, and how much may be
    /// spent, if that is limited.
    #[must_use]
    pub fn spend(&self) -> (Option<Money>, Option<Money>) {
        (self.price(&self.day), self.ceilings.daily_spend)
    }

    fn price(&self, sends: &[CountryStats]) -> Option<Money> {
        let of = |sends: &CountryStats| self.ceilings.price(&sends.country).times(sends.sent);
        (!self.ceilings.prices.is_empty()).then(|| sends.iter().map(of).sum())
    }

    /// Returns a line for each country, and one for all of them, if there are any.
    #[must_use]
    pub fn by_country(&self, sends: &[CountryStats]) -> Vec<CountryLine> {
        let line = |name, stats: CountryStats, spend| {
            let finished = stats.typed + stats.lost;
            CountryLine {
                name,
                percent: (finished > 0).then(|| stats.typed * 100 / finished),
                stats,
                spend,
            }
        };
        let each = sends.iter().map(|stats| {
            let spend = self.price(std::slice::from_ref(stats));
            line(name(&stats.country), stats.clone(), spend)
        });
        let all = sends
            .iter()
            .fold(CountryStats::default(), CountryStats::add);
        let all = (!sends.is_empty()).then(|| line("all", all, self.price(sends)));
        each.chain(all).collect()
    }

    /// Returns what is limited and allowed: what each line is about, and what it says.
    #[must_use]
    pub fn rules(&self) -> Vec<(String, String)> {
        let (sent, daily) = self.sent();
        let mut limit = format!("{sent} of {daily} messages");
        if let (spend, Some(ceiling)) = self.spend() {
            let spend = spend.unwrap_or_default();
            limit = format!("{limit}, {spend} of {ceiling} spent");
        }
        let ranges = self.ceilings.ranges.iter().map(|first| format!("+{first}"));
        let named = self.ceilings.countries.iter();
        let allowed = named.map(|country| name(country).to_owned()).chain(ranges);
        let allowed = allowed.collect::<Vec<_>>().join(", ");
        let allowed = if allowed.is_empty() {
            "all".to_owned()
        } else {
            allowed
        };
        let raised = self.raised.iter().map(|raised| {
            let LimitOverride {
                address,
                most,
                until,
            } = raised;
            (
                format!("Raised limit for {address}"),
                format!("{most} an hour, until {}", day(*until)),
            )
        });
        [
            ("Daily limit".to_owned(), limit),
            ("Countries that get codes".to_owned(), allowed),
        ]
        .into_iter()
        .chain(raised)
        .collect()
    }

    /// Returns the names of the countries in which new numbers get no codes, each once.
    #[must_use]
    pub fn paused_countries(&self) -> Vec<&'static str> {
        let of_country = |pause: &&Pause| matches!(pause.what(), Some((Kind::Country, _)));
        let paused = self.paused.iter().filter(of_country);
        paused.map(|pause| name(&pause.country)).collect()
    }

    /// Returns a sentence for each pause.
    #[must_use]
    pub fn pauses(&self) -> Vec<String> {
        self.paused.iter().map(sentence).collect()
    }
}

fn name(country: &str) -> &'static str {
    countries::find(country).map_or("no country", |country| country.name)
}

fn sentence(pause: &Pause) -> String {
    let Pause {
        country,
        since,
        typed,
        lost,
        ..
    } = pause;
    let which = match pause.what() {
        Some((Kind::Network, network)) => format!("numbers requested from {network}"),
        Some((Kind::Prefix | Kind::WidePrefix, _)) => {
            format!("numbers with the same prefix: {}", name(country))
        }
        _ => format!("numbers: {}", name(country)),
    };
    format!(
        "Paused for new {which} since {}; {typed} of the last {} codes were typed.",
        day(*since),
        typed + lost
    )
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Codes, {}", day(self.now))?;
        table(f, "In the last hour", &self.by_country(&self.hour))?;
        table(f, "In the last 24 hours", &self.by_country(&self.day))?;
        writeln!(f)?;
        for (about, says) in self.rules() {
            writeln!(f, "{about}: {says}")?;
        }
        if self.paused.is_empty() {
            return f.write_str("No countries are paused.");
        }
        for pause in self.pauses() {
            writeln!(f, "{pause}")?;
        }
        f.write_str(RESUME)
    }
}

fn table(f: &mut fmt::Formatter<'_>, title: &str, lines: &[CountryLine]) -> fmt::Result {
    writeln!(
        f,
        "\n{title:<24}    sent   calls   typed    lost replaced waiting  typed %   spend"
    )?;
    if lines.is_empty() {
        return writeln!(f, "  none");
    }
    for CountryLine {
        name,
        stats,
        percent,
        spend,
    } in lines
    {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let name: String = name.chars().take(22).collect();
        let CountryStats {
            sent,
            calls,
            typed,
            lost,
            replaced,
            ..
        } = stats;
        let mut line = format!(
            "  {name:<22}{sent:>8}{calls:>8}{typed:>8}{lost:>8}{replaced:>9}{:>8}",
            stats.waiting()
        );
        let (percent, spend) = (
            percent.map(|percent| percent.to_string()),
            spend.map(|spend| spend.to_string()),
        );
        write!(line, "{:>9}{:>8}", or_dash(percent), or_dash(spend))?;
        writeln!(f, "{line}")?;
    }
    Ok(())
}
