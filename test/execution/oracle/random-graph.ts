import { GraphDraft, type Entity, type Mutable, type Subgraph } from "./graph-draft.ts";
import type { Fact, FieldModel, GraphModel } from "./model.ts";
import { ARGS, ENTITIES, NAMES, neededArguments, shaped, SHAPES, TYPES, weakest } from "./vocabulary.ts";

/** A graph of two to four subgraphs. Not every one composes: those that do not are not valid supergraphs. */
export function randomGraph(seed: number): GraphModel {
  const builder = new GraphBuilder(seed);
  return builder.build();
}

class GraphBuilder extends GraphDraft {
  build(): GraphModel {
    const random = this.random;
    for (const subgraph of this.subgraphs) this.addValues(subgraph);
    if (random.chance(0.35)) this.itemAt = this.subgraphs.at(-1);
    const names = ENTITIES.slice(0, random.number(2, 4));
    for (const [index, name] of names.entries()) this.addEntity(name, this.itemAt && index < 2);
    if (this.itemAt) this.#addItems(this.itemAt);
    for (const entity of this.entities) this.#addFields(entity);
    if (random.chance(0.6)) this.#addNamed();
    for (const entity of this.entities) this.#addRelations(entity);
    for (const entity of this.entities) {
      if (random.chance(0.7)) this.#addRequires(entity);
      if (random.chance(0.3)) this.#addRequires(entity);
      if (random.chance(0.4)) this.#addOverride(entity);
    }
    for (const subgraph of this.subgraphs) this.#addInterface(subgraph);
    for (const subgraph of this.subgraphs) this.#addRoots(subgraph);
    return {
      seed: this.seed,
      subgraphs: this.subgraphs.map(({ name, types }) => ({
        name,
        types: [...types.values()].filter(isSomething),
      })),
      facts: this.facts,
      idsAsNumbers: random.chance(0.3),
      inText: random.chance(0.75),
    };
  }

  /** An interface with a key in one subgraph, and more fields for all its implementations in another. */
  #addItems(at: Subgraph): void {
    const items = this.entities.slice(0, 2);
    const [home] = this.entities[0]?.members ?? [];
    if (!home) return;
    const isNarrow = this.random.chance(0.5);
    const needs = this.random.chance(0.5);
    const key = [{ fields: "id", isResolvable: true }];
    const item = this.typeIn(home, "Item", "interface");
    item.keys = key;
    item.fields.push({ name: "id", type: "ID!" }, { name: "tone", type: "String" });
    const extra = { name: "extra", type: "String", ...(needs && { requires: "tone" }) };
    const own = this.typeIn(at, "Item");
    Object.assign(own, { keys: key, isInterfaceObject: true });
    own.fields.push({ name: "id", type: "ID!" }, extra, { name: "worthOf", type: "Int!" });
    if (needs) own.fields.push({ name: "tone", type: "String", isExternal: true });
    for (const { name } of items) {
      const type = this.typeIn(home, name);
      type.implements.push("Item");
      type.fields.push({ name: "tone", type: isNarrow ? "String!" : "String" });
      this.facts[`${name}.tone`] = { type: isNarrow ? "String!" : "String" };
      this.facts[`${name}.extra`] = { type: "String", ...(needs && { requires: "tone" }) };
      this.facts[`${name}.worthOf`] = { type: "Int!" };
    }
  }

  #addFields(entity: Entity): void {
    const random = this.random;
    for (const name of random.some(NAMES, 2, 0.4)) {
      const type = random.pick(TYPES);
      const isShareable = random.chance(0.25);
      const args = random.chance(0.3) ? { args: random.pick(ARGS) } : {};
      const owners = isShareable ? random.some(entity.members, 2) : [random.pick(entity.members)];
      this.addField(entity, owners, { name, type, ...args, ...(isShareable && { isShareable }) });
    }
  }

  /** Fields of an interface, which some implementations promise more of than the interface does. */
  #addNamed(): void {
    const random = this.random;
    const target = random.pick(this.entities);
    const isList = random.chance(0.4);
    for (const entity of random.some(this.entities, 2)) {
      const owner = random.pick(entity.members);
      this.addField(entity, [owner], { name: "label", type: random.pick(["String", "String!"]) });
      if (!this.ensure(target, owner)) continue;
      const shape = isList ? random.pick(["[]", "[!]", "[!]!"]) : random.pick(["", "!"]);
      this.addField(entity, [owner], { name: "mate", type: shaped(target.name, shape) });
    }
  }

  #addInterface(subgraph: Subgraph): void {
    const having = [...subgraph.types.values()].filter(
      ({ kind, fields, isInterfaceObject }) =>
        kind === "type" &&
        !isInterfaceObject &&
        fields.some(({ name, isExternal }) => name === "label" && !isExternal),
    );
    if (having.length === 0) return;
    const named = this.typeIn(subgraph, "Named", "interface");
    named.fields.push({ name: "label", type: "String" });
    const mates = having.map(({ fields }) => fields.find(({ name }) => name === "mate"));
    const [mate] = mates;
    if (mate && mates.every((each) => each)) named.fields.push({ name: "mate", type: weakest(mate.type) });
    for (const type of having) type.implements.push("Named");
  }

  #addRelations(entity: Entity): void {
    const random = this.random;
    for (const name of ["peer", "parts"].slice(0, random.number(1, 2))) {
      const owner = random.pick(entity.members);
      const target = random.pick(this.entities);
      if (!this.ensure(target, owner)) continue;
      const type = shaped(target.name, random.pick(SHAPES));
      const args = random.chance(0.2) ? { args: random.pick(ARGS) } : {};
      const provided = random.chance(0.4) ? this.#provide(target, owner) : undefined;
      this.addField(entity, [owner], { name, type, ...args, ...(provided && { provides: provided }) });
    }
  }

  /** Makes a field of another subgraph one that this subgraph may provide. */
  #provide({ name, members }: Entity, subgraph: Subgraph): string | undefined {
    const here = this.typeIn(subgraph, name);
    const owners = members.filter((each) => each !== subgraph).map((each) => this.typeIn(each, name));
    const candidates = owners
      .flatMap(({ fields }) => fields)
      .filter((field) => {
        const isKey = this.facts[`${name}.${field.name}`]?.isKey;
        const isPlain = !isKey && !field.args && !field.requires && !field.provides && !field.overrides;
        return (
          isPlain &&
          !/Dims|Org/.test(field.type) &&
          !this.isEntity(field.type) &&
          !here.fields.some((own) => own.name === field.name)
        );
      });
    if (candidates.length === 0) return undefined;
    const { name: field, type } = this.random.pick(candidates);
    for (const owner of owners)
      owner.fields = owner.fields.map((each) =>
        each.name === field && !each.isExternal ? { ...each, isShareable: true } : each,
      );
    here.fields.push({ name: field, type, isExternal: true });
    return field;
  }

  #addRequires(entity: Entity): void {
    const random = this.random;
    const owner = random.pick(entity.members);
    const here = this.typeIn(owner, entity.name);
    const there = entity.members
      .filter((each) => each !== owner)
      .flatMap((each) => this.typeIn(each, entity.name).fields)
      .filter(
        ({ name, isExternal, requires, provides }) =>
          !isExternal &&
          !requires &&
          !provides &&
          // Both planners take a key of another subgraph from one where it is external (docs/decisions/0116).
          this.facts[`${entity.name}.${name}`]?.isKey !== true &&
          !here.fields.some((own) => own.name === name),
      );
    if (there.length === 0) return;
    const inputs = random.some(uniqueByName(there), 1, 0.3).slice(0, 2);
    const needs = inputs.map((field) => this.#need(field, owner));
    if (needs.includes(undefined)) return;
    for (const { name, type, args } of inputs)
      here.fields.push({ name, type, isExternal: true, ...(args && { args }) });
    this.needs += 1;
    const name = `needs${this.needs}`;
    const requires = needs.join(" ");
    this.addField(
      entity,
      [owner],
      { name, type: random.pick(["String", "String!"]), requires },
      { requires },
    );
  }

  /** How a field is required, with what is below it. */
  #need({ name, type, args }: FieldModel, owner: Subgraph): string | undefined {
    const named = type.replace(/[[\]!]/g, "");
    const given = args ? neededArguments(args, this.random) : "";
    if (named === "Dims") return `${name}${given} { w note }`;
    if (named === "Org") return `${name}${given} { id }`;
    const target = this.entities.find((each) => each.name === named);
    if (!target) return `${name}${given}`;
    if (!this.ensure(target, owner)) return undefined;
    const plain = this.typeIn(owner, named).fields.find(
      (field) =>
        !field.isExternal &&
        !/Org|Dims|[A-Z]\w+\]/.test(field.type) &&
        !field.args &&
        !field.requires &&
        !this.isEntity(field.type),
    );
    return plain && `${name}${given} { ${plain.name} }`;
  }

  #addOverride(entity: Entity): void {
    if (entity.members.length < 2) return;
    const [from, to] = this.random.chance(0.5) ? entity.members : entity.members.toReversed();
    if (!from || !to) return;
    const name = "moved";
    this.typeIn(from, entity.name).fields.push({ name, type: "String" });
    this.typeIn(to, entity.name).fields.push({ name, type: "String", overrides: from.name });
    this.facts[`${entity.name}.${name}`] = { type: "String", goneFrom: from.name };
  }

  #addRoots(subgraph: Subgraph): void {
    const random = this.random;
    const types = [...subgraph.types.values()];
    const objects = types.filter(
      ({ kind, keys, isInterfaceObject }) => kind === "type" && keys && !isInterfaceObject,
    );
    const named = types.filter((type) => type.implements.includes("Named")).map(({ name }) => name);
    const any = random.some(objects.map(({ name }) => name)).concat(random.chance(0.4) ? ["Dims"] : []);
    const items = this.entities.slice(0, 2).map(({ name }) => name);
    const targets: { type: string; choices?: string[] }[] = objects.map(({ name }) => ({ type: name }));
    if (named.length > 0) targets.push({ type: "Named", choices: named });
    if (subgraph.types.has("Item")) targets.push({ type: "Item", choices: items });
    if (any.length > 0 && random.chance(0.6)) {
      Object.assign(this.typeIn(subgraph, "Any", "union"), { members: any });
      targets.push({ type: "Any", choices: any }, { type: "Any", choices: any });
    }
    targets.push({ type: "String" });
    const isFirst = subgraph === this.subgraphs[0];
    for (const [index, { type, choices }] of random.some(targets, isFirst ? 1 : 0, 0.6).entries()) {
      const name = `${subgraph.name}${type}${index}`;
      const field = { name, type: shaped(type, random.pick(SHAPES)), ...this.#someArgs(0.3) };
      this.#addRoot("Query", subgraph, field, choices && { choices });
    }
    if (!random.chance(0.25)) return;
    const { type, choices } = random.pick(targets);
    const field = { name: `${subgraph.name}Change`, type, ...this.#someArgs(0.5) };
    this.#addRoot("Mutation", subgraph, field, choices && { choices });
  }

  readonly #someArgs = (share: number) => (this.random.chance(share) ? { args: this.random.pick(ARGS) } : {});

  #addRoot(root: string, subgraph: Subgraph, field: FieldModel, fact: Partial<Fact> = {}): void {
    this.typeIn(subgraph, root).fields.push(field);
    this.facts[`${root}.${field.name}`] = { type: field.type, ...fact };
  }
}

const isSomething = ({ fields, members }: Mutable<FieldModel>): boolean =>
  fields.length > 0 || (members?.length ?? 0) > 0;

const uniqueByName = (fields: readonly FieldModel[]): FieldModel[] => [
  ...new Map(fields.map((field) => [field.name, field])).values(),
];
