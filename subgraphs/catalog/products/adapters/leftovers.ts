import type { Leftover, Leftovers } from "../operations/ports.ts";
import type { Kysely } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";

const LONGEST_TEXT = 500;

/** Records and fields that we could not use, in `catalog.plm_leftovers`; those of a subject are written when they change. */
export function createPlmLeftovers(db: Kysely<CatalogDatabase>) {
  const written = new Map<string, string>();
  return {
    /** Takes the place of what was known of the subject. */
    replace: async (subject: string, leftovers: Leftovers, at: Date): Promise<void> => {
      const rows = rowsOf(leftovers);
      const state = JSON.stringify(rows);
      if (written.get(subject) === state) return;
      const unique = new Map(
        rows.map((row) => {
          const place = row.place.slice(0, LONGEST_TEXT);
          const reason = row.reason.slice(0, LONGEST_TEXT);
          return [`${row.kind} ${place}`, { ...row, place, reason, subject, seen_at: at }];
        }),
      );
      await db.transaction().execute(async (trx) => {
        await trx.deleteFrom("catalog.plm_leftovers").where("subject", "=", subject).execute();
        if (unique.size > 0)
          await trx
            .insertInto("catalog.plm_leftovers")
            .values([...unique.values()])
            .onConflict((conflict) => conflict.doNothing())
            .execute();
      });
      written.set(subject, state);
    },
    /** Rejected records first, then unknown fields. */
    list: async (first: number): Promise<readonly Leftover[]> => {
      const rows = await db
        .selectFrom("catalog.plm_leftovers")
        .selectAll()
        .orderBy("kind")
        .orderBy("subject")
        .orderBy("place")
        .limit(first)
        .execute();
      return rows.map(({ subject, kind, place, reason, count, seen_at }) => ({
        subject,
        kind: kind === "rejected" ? "REJECTED" : "UNKNOWN_FIELD",
        place,
        reason,
        count: Number(count),
        seenAt: seen_at,
      }));
    },
    counts: async (): Promise<{ rejected: number; unknownFields: number }> => {
      const rows = await db
        .selectFrom("catalog.plm_leftovers")
        .select(["kind", ({ fn }) => fn.countAll<string>().as("count")])
        .groupBy("kind")
        .execute();
      const of = (kind: string) => Number(rows.find((row) => row.kind === kind)?.count ?? 0);
      return { rejected: of("rejected"), unknownFields: of("unknown_field") };
    },
  };
}

const rowsOf = ({ rejected, unknownFields }: Leftovers) => [
  ...rejected.map(({ place, reason }) => ({ kind: "rejected" as const, place, reason, count: 1 })),
  ...[...unknownFields].map(([place, count]) => ({
    kind: "unknown_field" as const,
    place,
    reason: "nobody reads this field",
    count,
  })),
];
