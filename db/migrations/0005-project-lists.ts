import { sql, type Kysely } from "kysely";

/**
 * What lists of many projects are found and added up by: indexes for their order and filters, and what each project has
 * spent on each day in UTC, kept by the statement that takes receipts in, whichever that is.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index projects_by_status on plms.projects (tenant, status, id)`.execute(db);
  await sql`create index projects_by_name on plms.projects (tenant, lower(name), id)`.execute(db);
  await sql`
    create index project_runways_in_danger on plms.project_runways (status, project_id)
    where status in ('warning', 'critical')`.execute(db);
  await sql`
    create table plms.project_days (
      project_id bigint not null references plms.projects on delete cascade,
      day date not null,
      usd_spent numeric not null,
      primary key (day, project_id)
    ) with (fillfactor = 50)`.execute(db);
  await sql`create index project_days_by_project on plms.project_days (project_id)`.execute(db);
  await sql`
    create function plms.add_up_days() returns trigger language plpgsql as $$
    begin
      insert into plms.project_days as known (project_id, day, usd_spent)
      select run.project_id, charge.day, sum(charge.usd)
      from (
        select run_id, (occurred_at at time zone 'UTC')::date as day, sum(cost_usd) as usd
        from charged group by run_id, day
      ) as charge join plms.project_runs as run on run.id = charge.run_id
      group by run.project_id, charge.day order by run.project_id, charge.day
      on conflict (day, project_id) do update set usd_spent = known.usd_spent + excluded.usd_spent;
      return null;
    end $$`.execute(db);
  await sql`
    create trigger receipts_add_up_days after insert on plms.receipts referencing new table as charged
      for each statement execute function plms.add_up_days()`.execute(db);
  await sql`
    insert into plms.project_days (project_id, day, usd_spent)
    select run.project_id, (receipt.occurred_at at time zone 'UTC')::date as day, sum(receipt.cost_usd)
    from plms.receipts as receipt join plms.project_runs as run on run.id = receipt.run_id
    group by run.project_id, day`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop trigger receipts_add_up_days on plms.receipts`.execute(db);
  await sql`drop function plms.add_up_days()`.execute(db);
  await sql`drop table plms.project_days`.execute(db);
  await sql`drop index plms.project_runways_in_danger, plms.projects_by_name, plms.projects_by_status`.execute(
    db,
  );
}
