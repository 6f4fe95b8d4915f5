import { sql, type Kysely } from "kysely";

/** What each task of a run was charged so far, so that a receipt costs the same however often its task was charged before. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table plms.run_tasks (
      run_id bigint not null references plms.project_runs on delete cascade,
      task_id bigint not null references plms.task_estimates on delete cascade,
      usd_spent numeric(18, 6) not null,
      has_succeeded boolean not null,
      has_failed boolean not null,
      primary key (run_id, task_id)
    )`.execute(db);
  await sql`create index run_tasks_by_task on plms.run_tasks (task_id)`.execute(db);
  await sql`
    insert into plms.run_tasks (run_id, task_id, usd_spent, has_succeeded, has_failed)
    select run_id, task_id, sum(cost_usd), bool_or(status = 'succeeded'), bool_or(status = 'failed')
    from plms.receipts group by run_id, task_id`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table plms.run_tasks`.execute(db);
}
