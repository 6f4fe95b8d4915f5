import type { JsonObject } from "./json.ts";
import type { Representation } from "./representations.ts";

type Level = Map<unknown, Level | JsonObject[]>;

/**
 * The entities of one request by what is sent of them: equal ones are sent once. Where that is made of plain values only,
 * they tell which are equal, and the text is written for the first of them alone.
 */
export class EqualEntities {
  /** What is sent of each. */
  readonly texts: string[] = [];
  /** The objects that each of those stands for. */
  readonly targets: JsonObject[][] = [];
  readonly #byText = new Map<string, JsonObject[]>();
  readonly #byValues: Level = new Map();

  /** Leaves out what is not asked for. */
  add(entity: JsonObject, { represent, leavesOf }: Representation): void {
    const leaves = leavesOf(entity["__typename"]);
    const values = leaves && this.#levelOf(entity, leaves);
    const key = values && entity[leaves?.at(-1) ?? ""];
    const equal = values?.get(key) as JsonObject[] | undefined;
    if (equal) return void equal.push(entity);
    const text = represent(entity);
    if (typeof text !== "string") return undefined;
    const same = values ? undefined : this.#byText.get(text);
    if (same) return void same.push(entity);
    const targets = [entity];
    if (values) values.set(key, targets);
    else this.#byText.set(text, targets);
    this.texts.push(text);
    this.targets.push(targets);
    return undefined;
  }

  /** Where entities with the same values but the last are told apart; undefined where some value has structure. */
  #levelOf(entity: JsonObject, leaves: readonly string[]): Level | undefined {
    let level = below(this.#byValues, entity["__typename"]);
    for (const [index, leaf] of leaves.entries()) {
      const value = entity[leaf];
      if (typeof value === "object" && value !== null) return undefined;
      if (index < leaves.length - 1) level = below(level, value);
    }
    return level;
  }
}

function below(level: Level, key: unknown): Level {
  const known = level.get(key) as Level | undefined;
  if (known) return known;
  const made: Level = new Map();
  level.set(key, made);
  return made;
}
