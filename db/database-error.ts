import { DatabaseError } from "pg";

/**
 * What a refusal of the database says in detail, for the code of a refusal of our own; undefined for any other error.
 *
 * @param code five characters, as in `raise exception using errcode = 'PL001', detail = …`
 */
export const detailOf = (error: unknown, code: string): string | undefined =>
  error instanceof DatabaseError && error.code === code ? (error.detail ?? "") : undefined;
