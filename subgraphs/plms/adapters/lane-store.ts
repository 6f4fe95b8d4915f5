import type { Lane, LaneDefinition } from "../domain/project.ts";
import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import { notify } from "../../../db/notify.ts";
import { EVENTS_CHANNEL, PRIORS_KEY } from "./events.ts";
import { toLane } from "./rows.ts";

/** Lanes and their gates; one definition at a time, so that what was checked still holds when it is stored. */
export function createLaneStore(db: Kysely<PlmsDatabase>) {
  return {
    /** Stores all lanes or none; `conflict` says in words for people why none. */
    define: (
      lanes: readonly LaneDefinition[],
      source: "file" | "mutation",
    ): Promise<{ lanes: Lane[]; conflict?: undefined } | { conflict: string }> =>
      db
        .transaction()
        .execute(async (tx) => {
          await sql`select pg_advisory_xact_lock(hashtext('plms.lanes'))`.execute(tx);
          await refuse(await conflictOf(tx, lanes, source));
          for (const lane of lanes) await define(tx, lane, source === "file");
          if (source === "file") await releaseOthers(tx, lanes);
          await refuse(await versionsOf(tx));
          await notify(tx, EVENTS_CHANNEL, { payload: "priors:lanes", key: PRIORS_KEY });
          const rows = await tx.selectFrom("plms.lanes").selectAll().orderBy("id").execute();
          return { lanes: rows.map(toLane) };
        })
        .catch((error: unknown) => {
          if (error instanceof Refusal) return { conflict: error.message };
          throw error;
        }),
  };
}

/** Rolls the transaction back. */
class Refusal extends Error {}

async function refuse(conflict: string | undefined): Promise<void> {
  if (conflict !== undefined) throw new Refusal(conflict);
}

async function conflictOf(
  tx: Kysely<PlmsDatabase>,
  lanes: readonly LaneDefinition[],
  source: "file" | "mutation",
): Promise<string | undefined> {
  const ids = lanes.map(({ id }) => id);
  const names = lanes.map(({ name }) => name);
  const known = await tx
    .selectFrom("plms.lanes")
    .selectAll()
    .where((eb) => eb.or([eb("id", "in", ids), eb("name", "in", names)]))
    .orderBy("id")
    .execute();
  for (const { id, name, is_from_file } of known) {
    if (is_from_file && source === "mutation" && ids.includes(id))
      return `Lane ${id} is defined by the file in LANES_FILE; change it there and start again`;
    const taken = lanes.find((lane) => lane.name === name && lane.id !== id);
    if (taken && !ids.includes(id)) return `The name ${JSON.stringify(name)} belongs to lane ${id}`;
  }
  return undefined;
}

/** A provider is one thing with one version, whichever lane it works in. */
async function versionsOf(tx: Kysely<PlmsDatabase>): Promise<string | undefined> {
  const { rows } = await sql<{ provider: string; versions: string }>`
    select provider.key as provider, string_agg(distinct provider.value, ' and ') as versions
    from plms.lanes, jsonb_each_text(providers) as provider
    group by provider.key having count(distinct provider.value) > 1 order by provider.key limit 1`.execute(
    tx,
  );
  const [first] = rows;
  return (
    first &&
    `Provider ${first.provider} would have versions ${first.versions}; change all of its lanes at once`
  );
}

async function define(
  tx: Kysely<PlmsDatabase>,
  { id, name, maxConcurrent, providers, gates }: LaneDefinition,
  isFromFile: boolean,
): Promise<void> {
  const given = {
    name,
    is_from_file: isFromFile,
    ...(maxConcurrent !== undefined && { max_concurrent: maxConcurrent }),
    ...(providers !== undefined && { providers: JSON.stringify(providers) }),
  };
  // Two lanes may exchange their names, which no single row can do while names are unique.
  await tx
    .updateTable("plms.lanes")
    .set({ name: sql<string>`name || ' (' || id || ', renamed)'` })
    .where("name", "=", name)
    .where("id", "<>", id)
    .execute();
  await tx
    .insertInto("plms.lanes")
    .values({ id, ...given })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(given))
    .execute();
  if (gates === undefined) return;
  await tx.deleteFrom("plms.lane_gates").where("lane_id", "=", id).execute();
  if (gates.length === 0) return;
  const rows = gates.map(({ kpi, operator, threshold }) => ({
    lane_id: id,
    kpi_name: kpi,
    operator,
    threshold: JSON.stringify(threshold),
  }));
  await tx.insertInto("plms.lane_gates").values(rows).execute();
}

/** Lanes that the file does not name any more may be changed by everybody again. */
async function releaseOthers(tx: Kysely<PlmsDatabase>, lanes: readonly LaneDefinition[]): Promise<void> {
  await tx
    .updateTable("plms.lanes")
    .set({ is_from_file: false })
    .where(
      "id",
      "not in",
      lanes.map(({ id }) => id),
    )
    .execute();
}
