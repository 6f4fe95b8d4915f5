import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../../db/tables/plms.ts";
import { messageOf, systemCodeOf } from "../../../../lib/errors.ts";
import type { TableColumns } from "../../domain/kpi.ts";
import { NotMeasurable } from "../../operations/kpi-ports.ts";

/** SQLSTATE of what a table lacks or does not allow, class 42, and of a statement that would have written. */
const OF_THE_TABLE = /^(42...|25006)$/;

const IDENTIFIER = /^[A-Za-z_][\w$]{0,62}$/;

/** What KPIs look at in a database that is not ours; nothing is ever written there. */
export interface InspectedDatabase {
  /** Columns of a table `schema.table`; none when there is no such table. @throws NotMeasurable for a bad name */
  columns(table: string): Promise<TableColumns>;
  /** Rows of a table. @throws NotMeasurable for a bad name, or a table that is not there or may not be read */
  rows(table: string): Promise<number>;
}

export function createInspectedDatabase(db: Kysely<PlmsDatabase>): InspectedDatabase {
  const readOnly = async <T>(work: (tx: Kysely<PlmsDatabase>) => Promise<T>): Promise<T> => {
    try {
      return await db.transaction().setAccessMode("read only").execute(work);
    } catch (error) {
      throw isAboutTheTable(error) ? new NotMeasurable(messageOf(error), { cause: error }) : error;
    }
  };
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
  throw new NotMeasurable(`${JSON.stringify(table.slice(0, 140))} is not a table name like schema.table`);
}

/** Then the message speaks of the table that the caller named, and of nothing else. */
const isAboutTheTable = (error: unknown): boolean => OF_THE_TABLE.test(systemCodeOf(error) ?? "");
