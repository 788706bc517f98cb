//! Whether everyone sees how many have voted while a poll's results are hidden.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared("ALTER TABLE poll ADD COLUMN turnout BOOLEAN NOT NULL DEFAULT FALSE")
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared("ALTER TABLE poll DROP COLUMN turnout")
            .await?;
        db.execute_unprepared("DELETE FROM setting WHERE name LIKE 'turnout %'")
            .await?;
        Ok(())
    }
}
