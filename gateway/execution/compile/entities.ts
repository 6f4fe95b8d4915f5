import { isJsonObject, type JsonObject } from "./json-object.ts";

/**
 * The objects at a path, `@` standing for every element of a list; nulls are left out. Undefined when the
 * data is not shaped like the path.
 */
export function entitiesAt(
  data: JsonObject | undefined,
  path: readonly (string | number)[],
): JsonObject[] | undefined {
  const found: JsonObject[] = [];
  const visit = (value: unknown, depth: number): boolean => {
    if (value === undefined || value === null) return true;
    const element = path[depth];
    if (element === undefined) return isJsonObject(value) && found.push(value) > 0;
    if (element === "@") return Array.isArray(value) && value.every((each) => visit(each, depth + 1));
    if (typeof element !== "string" || !isJsonObject(value)) return false;
    return visit(value[element], depth + 1);
  };
  return visit(data, 0) ? found : undefined;
}
