import { createHash } from "node:crypto";
import { sql, type Kysely } from "kysely";
import { AUDIT_LOGS, type AuditLogName } from "./audit-log.ts";
import type { Database } from "./tables.ts";

/** How far a log goes, and the hash that stands for all of it: worth keeping somewhere else. */
interface ChainEnd {
  position: number;
  /** SHA-256 in hexadecimal. */
  hash: string;
}

export interface ChainReport {
  log: AuditLogName;
  end: ChainEnd;
  /** The first thing that is not as it was written, with its row; null when all is. */
  problem: string | null;
}

/** An end of a chain as it was noted earlier. */
export interface NotedEnd extends ChainEnd {
  log: string;
}

const PAGE = 1_000;
const BEGINNING: ChainEnd = { position: 0, hash: "" };

/**
 * Computes every hash anew, without the functions of the database, in one snapshot. What is found: rows changed,
 * removed, slipped in, and an end that was cut off. Somebody who may do everything in the database could write a whole
 * new chain; against that helps an end that was noted outside (`noted`).
 */
export const verifyAuditLogs = (
  db: Kysely<Database>,
  noted: readonly NotedEnd[] = [],
): Promise<ChainReport[]> =>
  db
    .transaction()
    .setIsolationLevel("repeatable read")
    .execute(async (tx) => {
      await sql`set local timezone = 'UTC'`.execute(tx);
      const reports: ChainReport[] = [];
      for (const log of AUDIT_LOGS) {
        const own = noted.filter((one) => one.log === log);
        reports.push(await verifyLog(tx, log, own));
      }
      return reports;
    });

async function verifyLog(
  db: Kysely<Database>,
  log: AuditLogName,
  noted: readonly NotedEnd[],
): Promise<ChainReport> {
  const { end, problem } = await walk(db, log, noted);
  return {
    log,
    end,
    problem: problem ?? (await unchained(db, log)) ?? (await cutOff(db, log, { end, noted })),
  };
}

interface Link {
  position: string;
  seq: string;
  hash: string;
  text: string | null;
}

async function walk(
  db: Kysely<Database>,
  log: AuditLogName,
  noted: readonly NotedEnd[],
): Promise<{ end: ChainEnd; problem?: string }> {
  let end = BEGINNING;
  for (;;) {
    const links = await page(db, log, end.position);
    for (const link of links) {
      const problem = problemOf(link, end, log);
      if (problem !== undefined) return { end, problem };
      end = { position: Number(link.position), hash: link.hash };
      const other = noted.find(({ position, hash }) => position === end.position && hash !== end.hash);
      if (other) return { end, problem: `position ${end.position} (row ${link.seq}) is not what was noted` };
    }
    if (links.length < PAGE) return { end };
  }
}

async function page(db: Kysely<Database>, log: AuditLogName, after: number): Promise<Link[]> {
  const { rows } = await sql<Link>`
    select link.position, link.seq, encode(link.hash, 'hex') as hash,
      (select jsonb_object_agg(key, value)::text from jsonb_each(to_jsonb(entry))
        where entry.seq is not null and value <> 'null'::jsonb) as text
    from audit.chain_links as link left join ${sql.table(log)} as entry on entry.seq = link.seq
    where link.log = ${log} and link.position > ${after} order by link.position limit ${PAGE}`.execute(db);
  return rows;
}

function problemOf({ position, seq, hash, text }: Link, before: ChainEnd, log: string): string | undefined {
  if (Number(position) !== before.position + 1)
    return `links ${before.position + 1} to ${Number(position) - 1} are gone`;
  if (text === null) return `row ${seq} of ${log} is gone (position ${position})`;
  const expected = createHash("sha256")
    .update(Buffer.from(before.hash, "hex"))
    .update(`${position}:${text}`)
    .digest("hex");
  return expected === hash
    ? undefined
    : `row ${seq} of ${log} is not as it was written (position ${position})`;
}

async function unchained(db: Kysely<Database>, log: AuditLogName): Promise<string | null> {
  const { rows } = await sql<{ seq: string }>`
    select seq from ${sql.table(log)} as entry
    where not exists (select from audit.chain_links where log = ${log} and seq = entry.seq)
    order by seq limit 1`.execute(db);
  return rows[0] ? `row ${rows[0].seq} of ${log} was slipped in: it is not in the chain` : null;
}

async function cutOff(
  db: Kysely<Database>,
  log: AuditLogName,
  { end, noted }: { end: ChainEnd; noted: readonly NotedEnd[] },
): Promise<string | null> {
  const { rows } = await sql<{ position: string; hash: string }>`
    select position, encode(hash, 'hex') as hash from audit.chain_ends where log = ${log}`.execute(db);
  const known = Number(rows[0]?.position);
  const longest = Math.max(known, ...noted.map(({ position }) => position));
  if (longest > end.position) return `the log ends at position ${end.position}, but it went to ${longest}`;
  return known === end.position && rows[0]?.hash === end.hash
    ? null
    : `the end of ${log} is not the one that is kept`;
}
