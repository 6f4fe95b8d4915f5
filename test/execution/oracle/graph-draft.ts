import type { Fact, FieldModel, TypeModel } from "./model.ts";
import { Random } from "./random.ts";
import { hidden, KEYS, type Key } from "./vocabulary.ts";

export interface Mutable<T> extends Omit<TypeModel, "fields" | "implements"> {
  fields: T[];
  implements: string[];
}
export interface Subgraph {
  name: string;
  types: Map<string, Mutable<FieldModel>>;
}
export interface Entity {
  name: string;
  /** The first has every key, so that each leads to every other. */
  members: Subgraph[];
  keys: Key[];
}

/** A graph in the making, and what every step of making one needs. */
export class GraphDraft {
  protected readonly seed: number;
  protected readonly random: Random;
  protected readonly subgraphs: Subgraph[];
  protected readonly facts: Record<string, Fact> = {};
  protected readonly entities: Entity[] = [];
  /** Where an interface object stands: none of its implementations may. */
  protected itemAt: Subgraph | undefined;
  protected needs = 0;

  constructor(seed: number) {
    this.seed = seed;
    this.random = new Random(seed);
    this.subgraphs = ["a", "b", "c", "d"]
      .slice(0, this.random.number(2, 4))
      .map((name) => ({ name, types: new Map() }));
  }

  protected addValues(subgraph: Subgraph): void {
    const all = { isShareable: true };
    const org = [
      { name: "id", type: "ID!", ...all },
      { name: "name", type: "String", ...all },
    ];
    const dims = [
      { name: "w", type: "Int!", ...all },
      { name: "h", type: "Float", ...all },
      { name: "note", type: "String", ...all },
      { name: "big", type: "Long", ...all },
    ];
    this.typeIn(subgraph, "Org").fields.push(...org);
    this.typeIn(subgraph, "Dims").fields.push(...dims);
    for (const { name, type } of org) this.facts[`Org.${name}`] = { type, isKey: name === "id" };
    for (const { name, type } of dims) this.facts[`Dims.${name}`] = { type };
  }

  protected typeIn({ types }: Subgraph, name: string, kind: TypeModel["kind"] = "type"): Mutable<FieldModel> {
    const known = types.get(name);
    if (known) return known;
    const made = { kind, name, fields: [], implements: [] };
    types.set(name, made);
    return made;
  }

  /** An item has its home beside the other items, where their interface is, and a key that they share. */
  protected addEntity(name: string, isItem = false): void {
    const random = this.random;
    const allowed = this.subgraphs.filter((each) => !isItem || each !== this.itemAt);
    const home = isItem ? (allowed[0] as Subgraph) : random.pick(allowed);
    const others = allowed.filter((each) => each !== home && random.chance(0.6));
    const first = isItem ? (KEYS[0] as Key) : random.pick(KEYS);
    const keys = [first, ...(random.chance(0.6) ? random.some(KEYS, 1, 0.2) : [])];
    const hides = random.chance(0.2);
    const entity = {
      name,
      members: [home, ...others],
      keys: [...new Set(keys)].map((key, index) => (hides && index > 0 ? hidden(key) : key)),
    };
    this.entities.push(entity);
    for (const member of entity.members)
      this.addKeys(entity, member, member === home ? entity.keys : random.some(entity.keys));
  }

  protected addKeys(entity: Entity, subgraph: Subgraph, keys: readonly Key[], isResolvable = true): void {
    const type = this.typeIn(subgraph, entity.name);
    type.keys = [...(type.keys ?? []), ...keys.map(({ fields }) => ({ fields, isResolvable }))];
    for (const part of keys.flatMap(({ parts }) => parts)) {
      if (type.fields.some(({ name }) => name === part.name)) continue;
      type.fields.push(part);
      this.facts[`${entity.name}.${part.name}`] = { type: part.type, isKey: true };
    }
  }

  protected addField(
    { name }: Entity,
    owners: Subgraph[],
    field: FieldModel,
    fact: Partial<Fact> = {},
  ): void {
    if (Object.hasOwn(this.facts, `${name}.${field.name}`)) return;
    for (const owner of owners) this.typeIn(owner, name).fields.push(field);
    this.facts[`${name}.${field.name}`] = { type: field.type, ...fact };
  }

  /** Puts an entity where something refers to it; false where it may not be. */
  protected ensure(entity: Entity, subgraph: Subgraph): boolean {
    if (subgraph === this.itemAt && this.entities.indexOf(entity) < 2) return false;
    const [key] = entity.keys;
    if (key && !subgraph.types.has(entity.name))
      this.addKeys(entity, subgraph, [key], this.random.chance(0.5));
    return true;
  }

  protected isEntity(type: string): boolean {
    return this.entities.some(({ name }) => name === type.replace(/[[\]!]/g, ""));
  }
}
