import type { ColumnType } from "kysely";

/**
 * Rows as `pg` returns them: bigint and numeric arrive as text, timestamptz as `Date`.
 * Ids of our own rows are bigint; they leave the process as opaque text.
 */
export type Bigint = ColumnType<string, string | number | undefined, string | number>;
export type NullableBigint = ColumnType<
  string | null,
  string | number | null | undefined,
  string | number | null
>;
export type BigintId = ColumnType<string, never, never>;
export type Numeric = ColumnType<string, string | number | undefined, string | number>;
export type Timestamp = ColumnType<Date, Date | undefined, Date>;
export type NullableTimestamp = ColumnType<Date | null, Date | null | undefined, Date | null>;

/** JSON that may be missing; written as text. */
export type NullableJson = ColumnType<object | null, string | null | undefined, string | null>;

/** A JSON number or boolean, not an object. */
export type JSONColumnTypeOfScalar = ColumnType<number | boolean, string, string>;
