//! Random polls and votes.

use std::collections::{BTreeMap, BTreeSet};

use pollstr::platform::crypto::Keys;
use pollstr::platform::db::Db;
use pollstr::polls::model::kind::Kind;
use pollstr::polls::model::nonce::Nonce;
use pollstr::polls::model::selection::FilledIn;
use pollstr::polls::store::drafts::Draft;
use pollstr::polls::store::{drafts, polls};

use crate::polls::stories::dice::Dice;
use crate::polls::stories::model::{Cast, Model};
use crate::support::voters::Voter;

/// Creates polls of every kind, some not yet open.
pub(super) async fn new_polls(
    db: &Db,
    dice: &mut Dice,
    polls: usize,
    now: i64,
) -> (Vec<Model>, i64) {
    let transaction = db.begin().await.unwrap();
    let mut models = Vec::new();
    for _ in 0..polls {
        let kind = [
            Kind::Single,
            Kind::Multiple { most: 2 },
            Kind::Ranked,
            Kind::Pairs,
            Kind::Seats { seats: 2 },
            Kind::Score,
            Kind::Star,
        ][dice.below(7)];
        let (changeable, opens_at) = (
            dice.one_in(2),
            if dice.one_in(4) { now + 1_000_000 } else { now },
        );
        let draft = Draft {
            kind,
            changeable,
            opens_at,
            ..Draft::asking("?", &["1", "2", "3", "4"], now)
        };
        let id = drafts::insert(&transaction, &draft, now).await.unwrap();
        let (marks, ballots, pages) = (BTreeSet::new(), BTreeMap::new(), BTreeMap::new());
        models.push(Model {
            id,
            kind,
            changeable,
            opens_at,
            closes_at: None,
            marks,
            ballots,
            pages,
        });
    }
    transaction.commit().await.unwrap();
    let first = polls::find(db.read(), &models[0].id, now)
        .await
        .unwrap()
        .unwrap()
        .row;
    (models, first)
}

/// Returns a random vote, valid or not, on a new or an already posted page.
pub(super) fn some_vote(dice: &mut Dice, keys: &Keys, model: &mut Model, voter: &Voter) -> Cast {
    let mut chosen: Vec<i64> = (0..=dice.below(3))
        .map(|_| i64::try_from(1 + dice.below(4)).unwrap())
        .collect();
    if dice.one_in(20) {
        chosen.push(5);
    }
    let mut vote = voter.vote(&model.id, &chosen);
    if model.kind.is_rating() && !dice.one_in(10) {
        // Some ratings give 0 to all, a few are blank, and a few give 6.
        let most = if dice.one_in(20) { 7 } else { 6 };
        chosen.truncate(if dice.one_in(20) { 0 } else { chosen.len() });
        let rated = chosen.iter();
        let rated = rated.map(|choice| (*choice, i64::try_from(dice.below(most)).unwrap()));
        vote.chosen = Ok(FilledIn::Rated(rated.collect()));
    }
    if dice.one_in(3) {
        let known = model
            .ballots
            .keys()
            .nth(dice.below(model.ballots.len().max(1)))
            .cloned();
        vote.replaces = Some(Ok(known
            .filter(|_| !dice.one_in(4))
            .and_then(|known| known.try_into().ok())
            .unwrap_or([7; 32])));
    }
    let pages = model.pages.entry(voter.number.clone()).or_default();
    if pages.is_empty() || !dice.one_in(4) {
        pages.push(Nonce::fresh());
    }
    let (vote, receipt) = voter.on_a_page(
        keys,
        &pages[pages.len() - 1 - dice.below(pages.len().min(2))],
        vote,
    );
    Cast {
        mark: keys.voter(&model.id, &voter.number).to_vec(),
        vote,
        receipt,
        double: dice.one_in(10),
    }
}
