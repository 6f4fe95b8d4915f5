import { sql, type Kysely } from "kysely";
import type { Database } from "../../../../db/tables.ts";
import type { TableColumns } from "../../domain/kpi.ts";

const IDENTIFIER = /^[A-Za-z_][\w$]{0,62}$/;

/** What KPIs look at in a database that is not ours; nothing is ever written there. */
export interface InspectedDatabase {
  /** Columns of a table `schema.table`; none when there is no such table. @throws Error for a bad name */
  columns(table: string): Promise<TableColumns>;
  /** Rows of a table. @throws Error for a bad name or a table that is not there */
  rows(table: string): Promise<number>;
}

export function createInspectedDatabase(db: Kysely<Database>): InspectedDatabase {
  const readOnly = <T>(work: (tx: Kysely<Database>) => Promise<T>): Promise<T> =>
    db.transaction().setAccessMode("read only").execute(work);
  return {
    columns: (table) =>
      readOnly(async (tx) => {
        const [schema, name] = identifiersIn(table);
        const { rows } = await sql<{ column_name: string; data_type: string }>`
          select column_name, data_type from information_schema.columns
          where table_schema = ${schema} and table_name = ${name}`.execute(tx);
        return Object.fromEntries(rows.map((row) => [row.column_name, row.data_type]));
      }),
    rows: (table) =>
      readOnly(async (tx) => {
        const { rows } = await sql<{ count: string }>`
          select count(*) from ${sql.id(...identifiersIn(table))}`.execute(tx);
        return Number(rows[0]?.count ?? 0);
      }),
  };
}

function identifiersIn(table: string): [schema: string, name: string] {
  const [schema = "", name = "", ...rest] = table.split(".");
  if (rest.length === 0 && IDENTIFIER.test(schema) && IDENTIFIER.test(name)) return [schema, name];
  throw new Error(`${JSON.stringify(table.slice(0, 140))} is not a table name like schema.table`);
}
