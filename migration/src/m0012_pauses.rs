//! What limits need to tell an attack from a crowd: coarse origins and targets of messages, paused
//! areas, accounts waiting for a number, and accounts under attack.
//!
//! In `send`, `network` is the IPv4 address or IPv6 /48 that asked; `prefix` and `wide_prefix` are
//! HMACs of the number without its last four and six digits. All three are cleared after a day.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for part in [SENDS, PAUSES, WAITING, GUESSED]
            .concat()
            .split_inclusive(';')
        {
            db.execute_unprepared(&super::fit(part, manager.get_database_backend()))
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for part in DOWN.split_inclusive(';') {
            manager.get_connection().execute_unprepared(part).await?;
        }
        Ok(())
    }
}

const SENDS: &str = "
ALTER TABLE send ADD COLUMN network TEXT NOT NULL DEFAULT '';
ALTER TABLE send ADD COLUMN prefix TEXT NOT NULL DEFAULT '';
ALTER TABLE send ADD COLUMN wide_prefix TEXT NOT NULL DEFAULT '';
CREATE INDEX send_network ON send (network, at);
CREATE INDEX send_prefix ON send (prefix, at);
CREATE INDEX send_wide_prefix ON send (wide_prefix, at);";

// `area` is a network, a prefix or a country, paused while `since` is not 0. Only codes sent after
// `judged_from` are judged, so that a pause ended by the operator doesn't restart over the same
// codes. `draw` holds the lot of each network that asked meanwhile.
const PAUSES: &str = "
DROP TABLE breaker;
CREATE TABLE pause (
    area        TEXT NOT NULL PRIMARY KEY,
    country     TEXT NOT NULL,
    since       BIGINT NOT NULL,
    probe_at    BIGINT NOT NULL,
    judged_from BIGINT NOT NULL,
    typed       BIGINT NOT NULL,
    lost        BIGINT NOT NULL
);
CREATE TABLE draw (
    area     TEXT NOT NULL,
    network  TEXT NOT NULL,
    lot      BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    PRIMARY KEY (area, network)
);";

// Accounts that asked for a code to a number while another account's code was active.
const WAITING: &str = "
CREATE TABLE waiting (
    id         SERIAL_ID,
    number_mac BYTES NOT NULL,
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    since      BIGINT NOT NULL
);
CREATE UNIQUE INDEX waiting_number_mac ON waiting (number_mac, account_id);
CREATE INDEX waiting_account_id ON waiting (account_id);";

// `guessed` counts consecutive wrong passwords by name. `known_address` holds HMACs of the IP
// addresses that an account has logged in from.
const GUESSED: &str = "
CREATE TABLE guessed (
    name     TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at  BIGINT NOT NULL
);
CREATE TABLE known_address (
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    address    BYTES NOT NULL,
    seen_at    BIGINT NOT NULL,
    PRIMARY KEY (account_id, address)
);";

const DOWN: &str = "
DROP TABLE known_address;
DROP TABLE guessed;
DROP TABLE waiting;
DROP TABLE draw;
DROP TABLE pause;
CREATE TABLE breaker (
    country  TEXT NOT NULL PRIMARY KEY,
    since    BIGINT NOT NULL,
    probe_at BIGINT NOT NULL
);
DROP INDEX send_wide_prefix;
DROP INDEX send_prefix;
DROP INDEX send_network;
ALTER TABLE send DROP COLUMN wide_prefix;
ALTER TABLE send DROP COLUMN prefix;
ALTER TABLE send DROP COLUMN network;";
