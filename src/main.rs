//! The command line: reads the settings, runs one command, and says in one line why not.

use std::fs::File;
use std::io::{ErrorKind, IsTerminal, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use pollstr::accounts::admin::commands::Operator;
use pollstr::accounts::admin::sms_status::Status;
use pollstr::accounts::limits::{allow_for_an_event, resume, resume as resuming};
use pollstr::accounts::passwords::password::Hasher;
use pollstr::accounts::seed;
use pollstr::platform::backup::backup;
use pollstr::platform::clock::Clock;
use pollstr::platform::config::Config;
use pollstr::platform::log_writer;
use pollstr::platform::log_writer::LogWriter;
use pollstr::polls::sealing::recount;
use pollstr::server::check::check;
use pollstr::server::listener::Limits;
use pollstr::server::signals::Signals;
use pollstr::server::startup::{
    Ground, open_current, open_database, open_existing, open_keys, start, update_existing,
};
use pollstr::server::{listener, metrics, router};
use pollstr::web::http::client_ip::Address;
use pollstr::web::time::day;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Polls that cannot be stuffed.
#[derive(Parser)]
#[command(version, about)]
struct Line {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Default, Subcommand)]
enum Command {
    /// Serve the site (the default).
    #[default]
    Serve,
    /// Bring the database up to date.
    Migrate,
    /// Make the demo's account and polls in an empty database.
    Seed,
    /// Look whether settings, addresses, database, secret and provider are right, without changing anything.
    Check,
    /// Tell how many codes were sent where, how many of them were typed, and what is paused.
    Status,
    /// Allow more new accounts and codes an hour from one address, as for an event in a hall. Plan for two codes a person.
    Allow {
        /// The address that the hall shows to the world, as in 203.0.113.9.
        address: IpAddr,
        /// How many new accounts, and how many codes, in an hour.
        #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
        an_hour: u32,
        /// For how many hours from now.
        #[arg(value_parser = clap::value_parser!(u32).range(1..=720))]
        hours: u32,
    },
    /// End a pause of codes to new numbers that `pollstr status` shows.
    Resume {
        /// A country such as GB, the beginning of a number such as +44770090, an address such as 203.0.113.9, or all.
        what: String,
    },
    /// Count again: the polls of the database from their ballots, one of them, or a recount bundle from its file alone.
    Recount {
        /// The id of a poll, or a file; all polls where there is none.
        what: Option<String>,
    },
    /// Copy an SQLite database into a new file, while the site is running.
    Backup { file: PathBuf },
    /// Look after accounts.
    #[command(subcommand)]
    User(User),
}

#[derive(Subcommand)]
enum User {
    /// Make an account, and a password that is printed once.
    Create {
        name: String,
        /// Let it look after the site.
        #[arg(long)]
        admin: bool,
    },
    /// Say whether an account looks after the site.
    Role { name: String, role: Role },
    /// Make another password for somebody who has forgotten theirs; it is printed once.
    ResetPassword { name: String },
    /// Take the number off the account of somebody who cannot get a code there any more.
    ResetPhone { name: String },
    /// Let nobody into an account, and end its sessions.
    Suspend {
        name: String,
        /// Why; its owner reads it.
        #[arg(long)]
        reason: String,
    },
    /// Open a suspended account again.
    Restore { name: String },
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Role {
    Member,
    Admin,
}

/// What a command has to say when it is done, or why it could not be.
type Outcome = Result<String, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    let line = Line::parse();
    match run(line.command.unwrap_or_default())
        .await
        .and_then(|said| if said.is_empty() { Ok(()) } else { say(&said) })
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where even this cannot be written, the exit code says it.
            let _ = writeln!(
                std::io::stderr(),
                "pollstr: {}",
                error.to_string().replace('\n', " ")
            );
            ExitCode::FAILURE
        }
    }
}

/// Writes a line to the standard output. A reader that has seen enough, as in `pollstr recount | head`, is no error; a full disk is.
fn say(line: &str) -> Result<(), Box<dyn std::error::Error>> {
    let mut output = std::io::stdout().lock();
    match writeln!(output, "{line}").and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("what was done could not be told: {error}").into())
        }
        _ => Ok(()),
    }
}

async fn run(command: Command) -> Outcome {
    if let Command::Recount { what: Some(file) } = &command
        && Path::new(file).is_file()
    {
        // A bundle needs no settings, and can be checked on any machine.
        return Ok(recount::check(File::open(file)?)
            .map_err(|wrong| format!("{file}: WRONG; {wrong}"))?
            .to_string());
    }
    let config = Config::load()?;
    match command {
        Command::Serve => serve_site(config).await,
        Command::Migrate => {
            open_database(&config).await?.close().await;
            Ok("The database is up to date.".to_owned())
        }
        Command::Seed if !config.demo() => Err(
            "the demo is for a site that only this machine can reach, with the simulator".into(),
        ),
        Command::Seed => {
            let db = open_database(&config).await?;
            open_keys(&config, &db).await?;
            let made =
                pollstr::server::startup::seed(&db, &Hasher::new(), &Clock::system()).await?;
            db.close().await;
            Ok(if made {
                "The demo's account and polls are made."
            } else {
                "There is something in the database already; nothing was changed."
            }
            .to_owned())
        }
        Command::Check => look(&config).await,
        Command::Recount { what } => count_again(&config, what).await,
        Command::Backup { file } => {
            let (db, file) = (open_existing(&config).await?, std::path::absolute(file)?);
            backup(&db, &file).await?;
            db.close().await;
            let secret = config.secret_file.display();
            Ok(format!(
                "{} holds the database. The secret file {secret} is not in it; keep a copy of that apart from this one.",
                file.display()
            ))
        }
        Command::User(user) => look_after(config, user).await,
        Command::Status => {
            let db = update_existing(&config).await?;
            let status = Status::read(&db, &config.ceilings, Clock::system().now()).await?;
            db.close().await;
            Ok(status.to_string())
        }
        Command::Allow {
            address,
            an_hour,
            hours,
        } => {
            let db = update_existing(&config).await?;
            let (address, until) = (
                Address::of(address).0,
                Clock::system().now() + i64::from(hours) * 3_600,
            );
            allow_for_an_event(&db, &address, an_hour.into(), until).await?;
            db.close().await;
            let allowed = format!(
                "From {address}, {an_hour} new accounts and as many codes an hour are allowed until {}.",
                day(until)
            );
            let most = i64::from(an_hour);
            Ok(config
                .ceilings
                .in_the_way_of(most, i64::from(hours))
                .map_or(allowed.clone(), |ceilings| format!("{allowed}\n{ceilings}")))
        }
        Command::Resume { what } => {
            let db = update_existing(&config).await?;
            let which = resuming::parse(&what, &open_keys(&config, &db).await?)?;
            let ended = resume(&db, &which, Clock::system().now()).await?;
            db.close().await;
            let what = what.trim();
            Ok(match ended {
                0 => format!("Nothing was paused for {what}."),
                1 => format!("1 pause for {what} is over; new numbers get codes again."),
                _ => format!("{ended} pauses for {what} are over; new numbers get codes again."),
            })
        }
    }
}

/// Counts polls again, and says of each how it was found.
async fn count_again(config: &Config, poll: Option<String>) -> Outcome {
    let (db, now) = (open_current(config).await?, Clock::system().now());
    let (mut counted, mut wrong, mut after) = (0, 0, 0);
    loop {
        let (polls, last) = match &poll {
            Some(poll) => (vec![poll.clone()], after),
            None => recount::polls(&db, after).await?,
        };
        for id in &polls {
            let Some(found) = recount::recount(&db, id, now).await? else {
                match poll {
                    Some(_) => {
                        return Err(format!("{id}: there is no such poll, and no such file").into());
                    }
                    // It was deleted meanwhile.
                    None => continue,
                }
            };
            counted += 1;
            wrong += usize::from(!found.faults.is_empty());
            say(&found.to_string())?;
        }
        if poll.is_some() || polls.is_empty() {
            break;
        }
        after = last;
    }
    db.close().await;
    if wrong > 0 {
        Err(format!("{wrong} of {counted} polls are wrong").into())
    } else {
        Ok(format!("{counted} counted again, all right."))
    }
}

async fn look_after(config: Config, user: User) -> Outcome {
    let operator = Operator {
        db: update_existing(&config).await?,
        now: Clock::system().now(),
    };
    let said = match user {
        User::Create { name, admin } => operator.create(&Hasher::new(), &name, admin).await,
        User::Role { name, role } => operator.set_role(&name, role == Role::Admin).await,
        User::ResetPassword { name } => operator.reset_password(&Hasher::new(), &name).await,
        User::ResetPhone { name } => operator.reset_phone(&name).await,
        User::Suspend { name, reason } => operator.suspend(&name, &reason).await,
        User::Restore { name } => operator.restore(&name).await,
    };
    operator.db.close().await;
    Ok(said?)
}

async fn serve_site(config: Config) -> Outcome {
    let _log = log(&config)?;
    let signals = Signals::listen()?;
    let handles = open_files();
    let ground = start(config, Clock::system()).await?;
    let address = ground.config.address;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("LEPTOS_SITE_ADDR: {address}: {error}"))?;
    let stop = CancellationToken::new();
    if let Some(address) = ground.config.metrics_address {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| format!("POLLSTR_METRICS_ADDR: {address}: {error}"))?;
        tokio::spawn(metrics::serve(listener, ground.clone(), stop.clone()));
    }
    let limits = Limits::of(&ground.config, handles);
    greet(&ground, &limits, handles)?;
    tokio::spawn(signals.obey(ground.config.drain, ground.leaving.clone(), stop.clone()));
    let tidying = tokio::spawn(listener::tidy(ground.clone(), stop.clone()));
    let sealing = tokio::spawn(listener::seal(ground.clone(), stop.clone()));
    tokio::spawn(listener::knock(ground.clone(), stop.clone()));
    listener::serve(limits, listener, router::router(&ground), stop).await;
    tidying.await?;
    sealing.await?;
    ground.db.close().await;
    tracing::info!("stopped");
    Ok(String::new())
}

/// On a terminal people read; elsewhere machines do.
fn log(config: &Config) -> Result<LogWriter, String> {
    let filter = pollstr::web::http::access_log::filter(&config.log)
        .map_err(|error| format!("POLLSTR_LOG: {error}"))?;
    let (queue, writer) =
        log_writer::to_stdout().map_err(|error| format!("there can be no log: {error}"))?;
    // What goes wrong with a line is counted, and never written to an output that may be gone as well.
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(queue)
        .log_internal_errors(false);
    if std::io::stdout().is_terminal() {
        lines.compact().init();
    } else {
        lines.json().init();
    }
    Ok(writer)
}

/// Raises how many files this process may open to what the system allows it, and returns how many that are.
fn open_files() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let raised = limit.maximum.filter(|_| {
        setrlimit(
            Resource::Nofile,
            Rlimit {
                current: limit.maximum,
                ..limit
            },
        )
        .is_ok()
    });
    raised.or(limit.current).unwrap_or(u64::MAX)
}

fn greet(ground: &Ground, limits: &Limits, handles: u64) -> Result<(), Box<dyn std::error::Error>> {
    let Ground { config, db, .. } = ground;
    let (version, address, origin) = (
        env!("CARGO_PKG_VERSION"),
        config.address,
        config.origin.as_str(),
    );
    let (provider, database) = (config.verify.name(), db.kind());
    tracing::info!(version, %address, origin, provider, database, files = handles, connections = limits.connections, "serving");
    if limits.connections < Limits::default().connections {
        tracing::warn!(
            files = handles,
            connections = limits.connections,
            "few files may be open at once, so few connections: raise LimitNOFILE"
        );
    }
    if !std::io::stdout().is_terminal() {
        return Ok(());
    }
    let mut words = vec![format!("\n  Pollstr {version} is at {origin}")];
    if config.demo() && config.seed {
        words.push(format!(
            "  Log in as {} with the password {}",
            seed::NAME,
            seed::PASSWORD
        ));
    }
    if ground.simulator.is_some() {
        words.push(format!(
            "  Codes go to the simulated phone at {origin}/simulator"
        ));
    }
    say(&(words.join("\n") + "\n"))
}

/// Looks at everything, and tells what it found: the answer on the first line, and below it what is worth knowing.
async fn look(config: &Config) -> Outcome {
    let notes = check(config).await?;
    let answer = format!(
        "Settings, database, secret and {} are right.",
        config.verify.name()
    );
    Ok([vec![answer], notes].concat().join("\n"))
}
