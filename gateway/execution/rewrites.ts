import { isJsonObject, mergeInto, type JsonObject } from "./json.ts";
import type { PlanPath, Rewrite } from "./plan.ts";
import type { IsOfType } from "../supergraph/joins.ts";

/** Changes an object in place: names and values that the planner gave to tell things apart become what they stand for. */
export function applyRewrites(rewrites: readonly Rewrite[], value: JsonObject, isOfType: IsOfType): void {
  for (const rewrite of rewrites)
    for (const object of objectsAt(value, rewrite.path, isOfType)) {
      if (rewrite.kind === "set") object[rewrite.key] = rewrite.value;
      else if (rewrite.key in object) {
        const moved = object[rewrite.key];
        Reflect.deleteProperty(object, rewrite.key);
        mergeInto(object, { [rewrite.to]: moved });
      }
    }
}

/** The objects at a path, in lists too; an object without a type name is taken to be of the type. */
function objectsAt(value: unknown, path: PlanPath, isOfType: IsOfType): JsonObject[] {
  if (Array.isArray(value)) return value.flatMap((element) => objectsAt(element, path, isOfType));
  if (!isJsonObject(value)) return [];
  const [step, ...rest] = path;
  if (step === undefined) return [value];
  if (typeof step === "string") return objectsAt(value[step], rest, isOfType);
  const type = value["__typename"];
  const isMeant = type === undefined || step.types.some((wanted) => isOfType(type, wanted));
  return isMeant ? objectsAt(value, rest, isOfType) : [];
}

/** The values at a path whose last step is a field. */
export function valuesAt(value: unknown, path: PlanPath, isOfType: IsOfType): unknown[] {
  const last = path.at(-1);
  if (typeof last !== "string") return [];
  return objectsAt(value, path.slice(0, -1), isOfType).map((object) => object[last]);
}
