/** What a body loses or changes when a fault spoils it. */
export interface Shape {
  /** Fields that a reader cannot do without; mode `partial` drops them. */
  required: readonly string[];
  /** Old name to new name; mode `schema-drift` renames them. */
  renamed: Readonly<Record<string, string>>;
  /** Mode `schema-drift` turns their values into lists. */
  retyped: readonly string[];
}

/** Modes that leave valid JSON with the wrong content. */
export type SpoilMode = "partial" | "empty" | "schema-drift";

export const isSpoilMode = (mode: string): mode is SpoilMode =>
  ["partial", "empty", "schema-drift"].includes(mode);

/** The body as a PLM or PAS with that fault would send it; the original stays as it is. */
export function spoil(body: object, mode: SpoilMode, shape: Shape): object {
  return changed(body, mode, shape) as object;
}

function changed(body: object, mode: SpoilMode, shape: Shape): unknown {
  switch (mode) {
    case "empty":
      return emptied(body);
    case "partial":
      return mapFields(body, ([key, value]) => (shape.required.includes(key) ? undefined : [key, value]));
    case "schema-drift":
      return mapFields(body, ([key, value]) => [
        shape.renamed[key] ?? key,
        shape.retyped.includes(key) ? [value] : value,
      ]);
    default:
      return mode satisfies never;
  }
}

/** Lists without items; objects keep the rest, or nothing when they hold no list. */
function emptied(body: unknown): unknown {
  if (Array.isArray(body)) return [];
  if (!isObject(body)) return body;
  const entries = Object.entries(body);
  if (!entries.some(([, value]) => Array.isArray(value))) return {};
  return Object.fromEntries(entries.map(([key, value]) => [key, Array.isArray(value) ? [] : value]));
}

type Field = [key: string, value: unknown];

function mapFields(body: unknown, change: (field: Field) => Field | undefined): unknown {
  if (Array.isArray(body)) return body.map((item) => mapFields(item, change));
  if (!isObject(body)) return body;
  const fields = Object.entries(body).map(([key, value]) => change([key, mapFields(value, change)]));
  return Object.fromEntries(fields.filter((field) => field !== undefined));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
