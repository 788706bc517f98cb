//! Entities of the `poll`, `choice` and `correction` tables.

pub mod poll_row {
    //! Entity of the `poll` table.
    use sea_orm::entity::prelude::*;

    use crate::polls::model::kind::Kind;
    use crate::polls::model::poll::ResultsRule;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "poll")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub public_id: String,
        pub owner_id: Option<i64>,
        pub question: String,
        pub description: String,
        pub kind: String,
        pub results: String,
        pub listed: bool,
        pub opens_at: i64,
        pub closes_at: Option<i64>,
        pub created_at: i64,
        pub max_choices: i64,
        pub draft: bool,
        pub changeable: bool,
        pub shuffled: bool,
        pub rankings: bool,
        pub countries: String,
        pub time_zone: String,
        pub hidden_reason: Option<String>,
        pub sealing_state: String,
        pub fingerprint: Option<String>,
        pub mobile_only: bool,
        pub per_account: bool,
        pub draw_seed: Option<Vec<u8>>,
        pub turnout: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Model {
        /// Returns the voting method.
        pub fn kind(&self) -> Result<Kind, DbErr> {
            kind(&self.kind, self.max_choices)
        }

        /// Returns who may see the results.
        pub fn results(&self) -> Result<ResultsRule, DbErr> {
            results(&self.results)
        }
    }

    /// Parses a stored voting method.
    pub fn kind(stored: &str, most: i64) -> Result<Kind, DbErr> {
        Kind::of(stored, most).ok_or_else(|| unknown("kind"))
    }

    /// Parses a stored results rule.
    pub fn results(stored: &str) -> Result<ResultsRule, DbErr> {
        ResultsRule::of(stored).ok_or_else(|| unknown("results rule"))
    }

    pub(crate) fn unknown(what: &str) -> DbErr {
        DbErr::Type(format!("a poll's {what} is unknown"))
    }
}

pub mod choice_row {
    //! Entity of the `choice` table.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "choice")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub poll_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        pub text: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod correction_row {
    //! Entity of the `correction` table.
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "correction")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub poll_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        pub text: String,
        pub created_at: i64,
        pub form: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
