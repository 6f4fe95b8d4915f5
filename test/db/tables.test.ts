import { readdir, readFile } from "node:fs/promises";
import { sql, type Kysely } from "kysely";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import type { CatalogDatabase } from "../../db/tables/catalog.ts";
import type { PlmsDatabase } from "../../db/tables/plms.ts";
import type { CatalogDeps } from "../../subgraphs/catalog/deps.ts";
import type { PlmsDeps } from "../../subgraphs/plms/deps.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";

interface Column {
  /** `schema.table.column` */
  name: string;
  type: string;
  isNullable: boolean;
  /** The words that a check allows, sorted. */
  allowed: readonly string[];
}

let own: TestDatabase;
let declared: readonly Column[];
let real: readonly Column[];
beforeAll(async () => {
  own = await createTestDatabase();
  declared = declaredColumns(await readTables());
  real = await realColumns(own);
});
afterAll(() => own.close());

describe("the typed tables", () => {
  test("name every column of the database and no other", () => {
    expect(declared.map(({ name }) => name)).toEqual(real.map(({ name }) => name));
    expect(declared.length).toBeGreaterThan(100);
  });

  test("type each as the database does, null included", () => {
    const shape = ({ name, type, isNullable }: Column) => `${name}: ${type}${isNullable ? " | null" : ""}`;
    expect(declared.map(shape)).toEqual(real.map(shape));
  });

  test("allow the words that the database allows", () => {
    const words = (columns: readonly Column[]) =>
      columns
        .filter(({ allowed }) => allowed.length > 0)
        .map(({ name, allowed }) => `${name}: ${allowed.join(" ")}`);
    expect(words(declared)).toEqual(words(real));
  });

  // oxlint-disable-next-line vitest/expect-expect -- the compiler asserts it
  test("of the other subgraph are a type error for each", () => {
    expectTypeOf<keyof PlmsDatabase>().toExtend<`plms.${string}`>();
    expectTypeOf<keyof CatalogDatabase>().toExtend<`catalog.${string}`>();
    expectTypeOf<PlmsDeps["db"]>().toEqualTypeOf<Kysely<PlmsDatabase>>();
    expectTypeOf<CatalogDeps["db"]>().toEqualTypeOf<Kysely<CatalogDatabase>>();
  });
});

/** The table of contents, then the tables of every domain. */
async function readTables(): Promise<string> {
  const folder = new URL("../../db/tables/", import.meta.url);
  const files = (await readdir(folder)).map((file) => new URL(file, folder));
  const texts = [new URL("../../db/tables.ts", import.meta.url), ...files].map((file) =>
    readFile(file, "utf8"),
  );
  return (await Promise.all(texts)).join("\n");
}

/** As `pg` hands them over. */
const TYPES: Readonly<Record<string, string>> = {
  bigint: "string",
  numeric: "string",
  integer: "number",
  "double precision": "number",
  boolean: "boolean",
  text: "string",
  jsonb: "json",
  bytea: "bytes",
  "timestamp with time zone": "date",
};

async function realColumns({ db }: TestDatabase): Promise<readonly Column[]> {
  const { rows } = await sql<{ name: string; data_type: string; is_nullable: string; checks: string | null }>`
    select format('%s.%s.%s', table_schema, table_name, column_name) as name, data_type, is_nullable,
      (select string_agg(pg_get_constraintdef(c.oid), ' ') from pg_constraint c
        join pg_attribute a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]
        where c.contype = 'c' and a.attname = column_name
          and c.conrelid = format('%I.%I', table_schema, table_name)::regclass) as checks
    from information_schema.columns where table_schema in ('plms', 'catalog')`.execute(db);
  return rows
    .map(({ name, data_type, is_nullable, checks }) => ({
      name,
      type: TYPES[data_type] ?? data_type,
      isNullable: is_nullable === "YES",
      allowed: [...(checks ?? "").matchAll(/'(\w+)'::text/g)].map((match) => match[1] ?? "").sort(),
    }))
    .sort(byName);
}

/** Read from the source, because types leave no trace at run time. */
function declaredColumns(source: string): readonly Column[] {
  const bodyOf = (name: string) =>
    new RegExp(`interface ${name} \\{\\n([\\s\\S]*?)\\n\\}`).exec(source)?.[1] ?? "";
  const aliasOf = (name: string) => new RegExp(`type ${name} = ([^;]+);`).exec(source)?.[1] ?? name;
  return ["CatalogDatabase", "PlmsDatabase"]
    .flatMap((name) => propertiesOf(bodyOf(name)))
    .flatMap(([table, interfaceName]) =>
      propertiesOf(bodyOf(interfaceName)).map(([column, type]) => {
        const full = type.replaceAll(/\b[A-Z]\w+Column\b/g, aliasOf);
        return {
          name: `${table}.${column}`,
          type: kindOf(full),
          isNullable: /\bnull\b|^Nullable/i.test(full),
          full,
        };
      }),
    )
    .map(({ full, ...column }) => ({
      ...column,
      allowed: [...full.matchAll(/"(\w+)"/g)].map((match) => match[1] ?? "").sort(),
    }))
    .sort(byName);
}

const propertiesOf = (body: string): [name: string, type: string][] =>
  [...body.replaceAll(/\/\*\*[\s\S]*?\*\//g, "").matchAll(/^ {2}"?([\w.]+)"?:([^;]+);/gm)].map((match) => [
    match[1] ?? "",
    (match[2] ?? "").trim(),
  ]);

function kindOf(type: string): string {
  if (/Timestamp$|^Date/.test(type)) return "date";
  if (/^(JSONColumnType|NullableJson)/.test(type)) return "json";
  if (type === "Buffer") return "bytes";
  if (/boolean/.test(type)) return "boolean";
  if (/^(Generated<)?number/.test(type)) return "number";
  return "string";
}

const byName = (a: Column, b: Column) => (a.name < b.name ? -1 : 1);
