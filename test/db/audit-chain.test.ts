import { createHash } from "node:crypto";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { verifyAuditLogs, type NotedEnd } from "../../db/audit-chain.ts";
import { writeAudit } from "../../db/audit-log.ts";
import type { AuditEntry } from "../../lib/audit-entry.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { runScript } from "../support/script.ts";

const LOG = "plms.audit_log";
const row = (action: string): AuditEntry => ({
  tenant: "default",
  actor: "ann",
  actorRole: "admin",
  tokenId: "token-1",
  action,
  entityType: "Project",
  entityId: "1",
  outcome: "succeeded",
  code: null,
  correlationId: "correlation-1",
  payload: { asked: { of: ["everything", 1.5, null, "ü"] } },
  at: new Date("2026-03-29T01:30:00.123Z"),
});

let own: TestDatabase;
beforeEach(async () => {
  own = await createTestDatabase();
  for (const action of ["first", "second", "third", "fourth"]) await writeAudit(own.db, LOG, row(action));
});
afterEach(() => own.close());

const problem = async (...noted: NotedEnd[]) =>
  (await verifyAuditLogs(own.db, noted)).map(({ problem: found }) => found);

/** What somebody with all rights does, past the triggers. */
const tamper = (...statements: string[]) =>
  own.db.connection().execute(async (one) => {
    await sql`set session_replication_role = replica`.execute(one);
    for (const statement of statements) await sql.raw(statement).execute(one);
    await sql`set session_replication_role = origin`.execute(one);
  });

const seqOf = async (action: string) =>
  (await own.db.selectFrom(LOG).select("seq").where("action", "=", action).executeTakeFirstOrThrow()).seq;

describe("the chain of an audit log", () => {
  test("holds for what was written, and tells where it ends", async () => {
    const [plms, catalog] = await verifyAuditLogs(own.db);
    expect(plms).toMatchObject({ log: LOG, problem: null, end: { position: 4 } });
    expect(plms?.end.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(catalog).toEqual({ log: "catalog.audit_log", end: { position: 0, hash: "" }, problem: null });
  });

  test("holds in a session of another time zone", async () => {
    await own.db.connection().execute(async (one) => {
      await sql`set timezone = 'America/St_Johns'`.execute(one);
      await writeAudit(one, LOG, row("elsewhere"));
      await sql`reset timezone`.execute(one);
    });
    expect(await problem()).toEqual([null, null]);
  });

  test("is one line, however many write at once, and has nothing of what was rolled back", async () => {
    await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        own.db
          .transaction()
          .execute(async (tx) => {
            await writeAudit(tx, LOG, row(`at-once-${index}`));
            if (index % 3 === 0) throw new Error("rolled back");
          })
          .catch(() => undefined),
      ),
    );
    const [report] = await verifyAuditLogs(own.db);
    expect(report).toMatchObject({ problem: null, end: { position: 4 + 20 } });
  });

  test("finds the first row that was changed", async () => {
    const seq = await seqOf("second");
    await tamper(
      `update ${LOG} set actor = 'bob' where action = 'third'`,
      `update ${LOG} set payload = '{}' where action = 'second'`,
    );
    expect(await problem()).toEqual([`row ${seq} of ${LOG} is not as it was written (position 2)`, null]);
  });

  test("finds a row that was removed, with or without its link", async () => {
    const seq = await seqOf("second");
    await tamper(`delete from ${LOG} where seq = ${seq}`);
    expect(await problem()).toEqual([`row ${seq} of ${LOG} is gone (position 2)`, null]);
    await tamper(`delete from audit.chain_links where seq = ${seq}`);
    expect(await problem()).toEqual(["links 2 to 2 are gone", null]);
  });

  test("finds a row that was slipped in past the trigger", async () => {
    await tamper(
      `insert into ${LOG} (tenant, actor, actor_role, action, entity_type, outcome, correlation_id, payload, at)
       values ('default', 'bob', 'admin', 'none', 'Project', 'succeeded', 'c', '{}', now())`,
    );
    expect(await problem()).toEqual([
      expect.stringMatching(/^row \d+ of plms\.audit_log was slipped in/),
      null,
    ]);
  });

  test("finds an end that was cut off", async () => {
    const seq = await seqOf("fourth");
    await tamper(`delete from ${LOG} where seq = ${seq}`, `delete from audit.chain_links where seq = ${seq}`);
    expect(await problem()).toEqual(["the log ends at position 3, but it went to 4", null]);
  });

  test("finds even a chain that was written anew, by an end that was noted before", async () => {
    const [before] = await verifyAuditLogs(own.db);
    const noted = { log: LOG, ...(before?.end ?? { position: 0, hash: "" }) };
    await tamper(
      `update ${LOG} set actor = 'bob' where action = 'first'`,
      `delete from audit.chain_links`,
      `update audit.chain_ends set position = 0, hash = ''`,
      `do $$ declare entry record; begin
        for entry in select * from ${LOG} order by seq loop
          perform audit.append('${LOG}', entry.seq, to_jsonb(entry));
        end loop; end $$`,
    );
    expect(await problem()).toEqual([null, null]);
    expect(await problem(noted)).toEqual([
      expect.stringMatching(/^position 4 \(row \d+\) is not what was noted/),
      null,
    ]);
    const gone = { ...noted, position: 5, hash: createHash("sha256").digest("hex") };
    expect(await problem(gone)).toEqual(["the log ends at position 4, but it went to 5", null]);
  });

  test.each(["update", "delete"])("cannot be broken by %s without taking the triggers away", async (how) => {
    const change =
      how === "update" ? sql`update audit.chain_links set seq = 9` : sql`delete from audit.chain_links`;
    await expect(change.execute(own.db)).rejects.toThrow("append-only");
    const rows =
      how === "update" ? sql`update plms.audit_log set actor = 'x'` : sql`delete from plms.audit_log`;
    await expect(rows.execute(own.db)).rejects.toThrow("append-only");
  });
});

describe("npm run audit:verify", () => {
  const verify = (...args: string[]) =>
    runScript("db/audit-verify-cli.ts", args, { DATABASE_URL: own.url, LOG_LEVEL: "silent" });

  test("prints the ends, and fails with the first broken row", async () => {
    const good = await verify();
    expect(good.stderr).toBe("");
    expect(good).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ok {6}plms\.audit_log:4:[0-9a-f]{64}\n/),
    });
    const seq = await seqOf("third");
    await tamper(`update ${LOG} set outcome = 'denied' where seq = ${seq}`);
    expect(await verify()).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`BROKEN  ${LOG}: row ${seq} of ${LOG} is not as it was written`),
    });
  });

  test("refuses an end that it did not print", async () => {
    expect(await verify("--noted", "nonsense")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("LOG:POSITION:HASH"),
    });
  });
});
