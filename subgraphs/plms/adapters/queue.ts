import { CompiledQuery, sql, type Kysely } from "kysely";
import { PgBoss } from "pg-boss";
import { notify, type Notifications } from "../../../db/notify.ts";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import { messageOf } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";

/** Work for later, by the name of its kind. */
interface Jobs {
  "calibrate-run": { runId: string };
}

/** What a job is about, and how many seconds it waits first. */
type Later<Data> = Data & { afterSeconds?: number };

/** Puts a job into the queue within the caller's transaction: it exists when, and only when, that commits. */
export type Enqueue = <Name extends keyof Jobs>(
  transaction: Kysely<PlmsDatabase>,
  name: Name,
  data: Later<Jobs[Name]>,
) => Promise<void>;

export interface Queue {
  enqueue: Enqueue;
  /** Handles jobs one by one, in every replica; one that fails is tried again, ever later, and kept in the end. */
  work<Name extends keyof Jobs>(name: Name, handle: (data: Jobs[Name]) => Promise<void>): Promise<void>;
  /** Lets the jobs under way finish. */
  close(): Promise<void>;
}

const JOB_NAMES = ["calibrate-run"] as const satisfies readonly (keyof Jobs)[];
/** Where a job is told of that can begin in so many seconds, as `NAME:SECONDS`. */
const JOBS_CHANNEL = "plms_jobs";
/** For jobs that are tried again, and hints that were lost. */
const POLLING_SECONDS = 10;
const RETRIES = { retryLimit: 8, retryDelay: 1, retryBackoff: true };
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * A queue on PostgreSQL over connections that we have anyway; creates and upgrades its own schema `pgboss`.
 *
 * @throws Error naming DATABASE_URL when the server does not answer
 */
export async function createQueue({
  db,
  notifications,
  log,
}: {
  db: Kysely<PlmsDatabase>;
  notifications: Notifications;
  log: Log;
}): Promise<Queue> {
  const boss = new PgBoss({ db: connectionOf(db), schedule: false });
  boss.on("error", (err) => log.warn({ err }, "the queue had a problem; it goes on"));
  const preparation = db.transaction().execute(async (tx) => {
    // Replicas that start together would create the same tables at once.
    await sql`select pg_advisory_xact_lock(hashtext('plms.queue'))`.execute(tx);
    await boss.start();
    for (const name of JOB_NAMES) if (!(await boss.getQueue(name))) await boss.createQueue(name, RETRIES);
  });
  await preparation.catch((cause: unknown) => {
    throw new Error(`The queue in DATABASE_URL cannot be prepared: ${messageOf(cause)}`, { cause });
  });
  const workers = new Map<string, string>();
  const delays = new Set<NodeJS.Timeout>();
  const wake = (name: string) => boss.notifyWorker(workers.get(name) ?? "");
  const endListening = await notifications.listen(JOBS_CHANNEL, {
    onHint: (payload) => {
      const [name = "", seconds] = payload.split(":");
      const delay = setTimeout(
        () => {
          delays.delete(delay);
          wake(name);
        },
        Number(seconds) * 1_000,
      );
      delays.add(delay);
    },
    onGap: () => JOB_NAMES.forEach(wake),
  });
  return {
    enqueue: async (transaction, name, { afterSeconds = 0, ...data }) => {
      await boss.send(name, data, { db: connectionOf(transaction), startAfter: afterSeconds });
      await notify(transaction, JOBS_CHANNEL, `${name}:${afterSeconds}`);
    },
    work: async <Name extends keyof Jobs>(name: Name, handle: (data: Jobs[Name]) => Promise<void>) => {
      const options = { pollingIntervalSeconds: POLLING_SECONDS };
      const worker = await boss.work<Jobs[Name]>(name, options, async (jobs) => {
        for (const { data } of jobs) await handle(data);
      });
      workers.set(name, worker);
    },
    close: async () => {
      await endListening();
      for (const delay of delays) clearTimeout(delay);
      await boss.stop({ graceful: true, timeout: CLOSE_TIMEOUT_MS });
    },
  };
}

const connectionOf = (db: Kysely<PlmsDatabase>) => ({
  executeSql: (text: string, values: unknown[] = []) =>
    db.isTransaction ? run(db, text, values) : db.connection().execute((one) => runAlone(one, text, values)),
});

async function run(db: Kysely<PlmsDatabase>, text: string, values: unknown[]): Promise<{ rows: object[] }> {
  const { rows } = await db.executeQuery<object>(CompiledQuery.raw(text, values));
  return { rows };
}

/** A script with its own `begin` that fails would go back to the pool with a transaction that nobody ends. */
async function runAlone(
  one: Kysely<PlmsDatabase>,
  text: string,
  values: unknown[],
): Promise<{ rows: object[] }> {
  try {
    return await run(one, text, values);
  } catch (error) {
    if (/\bbegin\b/i.test(text)) await sql`rollback`.execute(one);
    throw error;
  }
}
