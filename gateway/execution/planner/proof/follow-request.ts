import { Kind, type FieldNode, type FragmentDefinitionNode, type SelectionSetNode } from "graphql";
import type { IsOfType } from "../../../supergraph/joins.ts";
import type { OverrideChoice } from "../../../supergraph/overrides.ts";
import type { Rewrite } from "../../plan.ts";
import { argumentsText, knownIn, responseName, type Known } from "./knowledge.ts";
import { Problem } from "./problem.ts";
import type { FieldView, Possible, SubgraphViews } from "./subgraph-view.ts";

/** What plans are followed with. */
export interface PlanContext {
  views: SubgraphViews;
  isOfType: IsOfType;
  choice: OverrideChoice;
}

/** An object that a subgraph is asked about. */
export interface Asked extends Possible {
  known: Known;
  /** Whether its representation has what a field requires; no field that requires anything is right elsewhere. */
  hasInputs: (requires: SelectionSetNode) => boolean;
  /** Whether it is there in any case. */
  isCertain: boolean;
}

/** A request that is looked through, and where in it. */
export interface Looking {
  fetch: number;
  subgraph: string;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** The names that change on the way from here. */
  renames: readonly Rewrite[];
  /** What fields above provide. */
  provided: readonly SelectionSetNode[];
}

interface AskedField {
  asked: Asked;
  key: string;
  node: FieldNode;
  sets: readonly SelectionSetNode[];
}

export const NO_INPUTS = () => false;

/** Objects that a plan is followed for, one for each type that they may be of: beyond that it is not proved. */
const MOST_STEPS = 50_000;

/** Notes what requests bring of the objects that they ask about. */
export class RequestFollower {
  readonly #context: PlanContext;
  #steps = 0;

  constructor(context: PlanContext) {
    this.#context = context;
  }

  /**
   * What a subgraph says of one object.
   *
   * @throws Problem for a field that the subgraph does not give
   */
  follow(asked: Asked, sets: readonly SelectionSetNode[], looking: Looking): void {
    this.#steps += 1;
    if (this.#steps > MOST_STEPS) throw new Problem("it is too large to be followed");
    const { known, name, isCertain } = asked;
    for (const [key, nodes] of this.#fieldsOf(name, sets, looking)) {
      const [node] = nodes;
      if (!node) continue;
      if (node.name.value === "__typename") {
        if (key === "__typename" && isCertain) known.names.push({ fetch: looking.fetch, name });
        continue;
      }
      const below = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      this.#field({ asked, key, node, sets: below }, looking);
    }
  }

  #field({ asked, key, node, sets }: AskedField, looking: Looking): void {
    const { views, choice } = this.#context;
    const { type, name, known, hasInputs, isCertain } = asked;
    const field = node.name.value;
    const view = views.fieldOf(looking.subgraph, name, field);
    const provided = this.#provided(looking.provided, field, type);
    if (!view || !(view.isOwn(choice) || provided.isIt))
      throw new Problem(`${name}.${field} is none of the fields of ${looking.subgraph}`);
    const { to, renames } = this.#renamed(key, name, looking.renames);
    const entry = known.entry(to);
    entry.sources.push({
      fetch: looking.fetch,
      field,
      arguments: argumentsText(node, view.contextArguments),
      isRight: !view.requires || hasInputs(view.requires),
      isCertain,
    });
    if (sets.length === 0) return;
    const below = { ...looking, renames, provided: belowOf(view, provided.below) };
    const possible = views.possible(looking.subgraph, view.named);
    const types = possible.length > 1 ? views.typesOf(type, field, choice) : undefined;
    for (const each of possible) {
      if (types?.has(each.type) === false) continue;
      const inner = knownIn(entry.below, each.type);
      this.follow({ ...each, known: inner, hasInputs: NO_INPUTS, isCertain }, sets, below);
    }
  }

  /** The fields that are asked of an object, by their response names. */
  #fieldsOf(
    name: string,
    sets: readonly SelectionSetNode[],
    { subgraph, fragments }: Looking,
  ): Map<string, FieldNode[]> {
    const found = new Map<string, FieldNode[]>();
    const collect = ({ selections }: SelectionSetNode): void => {
      for (const selection of selections) {
        if (selection.directives && selection.directives.length > 0)
          throw new Problem("a request has conditions");
        if (selection.kind === Kind.FIELD) {
          const key = responseName(selection);
          const same = found.get(key);
          if (same) same.push(selection);
          else found.set(key, [selection]);
          continue;
        }
        const fragment =
          selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
        if (!fragment) throw new Problem("a request has a fragment that is nowhere");
        const condition = fragment.typeCondition?.name.value;
        if (condition === undefined || this.#context.views.isOne(subgraph, name, condition))
          collect(fragment.selectionSet);
      }
    };
    for (const set of sets) collect(set);
    return found;
  }

  /** Whether a field above provides a field, and what it provides below it. */
  #provided(sets: readonly SelectionSetNode[], field: string, type: string) {
    let isIt = false;
    const below: SelectionSetNode[] = [];
    const look = ({ selections }: SelectionSetNode): void => {
      for (const selection of selections) {
        if (selection.kind === Kind.FIELD) {
          if (selection.name.value !== field) continue;
          isIt = true;
          if (selection.selectionSet) below.push(selection.selectionSet);
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          const condition = selection.typeCondition?.name.value;
          if (condition === undefined || this.#context.isOfType(type, condition))
            look(selection.selectionSet);
        }
      }
    };
    for (const set of sets) look(set);
    return { isIt, below };
  }

  /** The name of a response name in the data, and the changes below it. */
  #renamed(key: string, name: string, renames: readonly Rewrite[]): { to: string; renames: Rewrite[] } {
    let to = key;
    const below: Rewrite[] = [];
    for (const rewrite of renames) {
      const path = [...rewrite.path];
      let isMeant = true;
      for (let step = path[0]; typeof step === "object"; step = path[0]) {
        if (!step.types.some((type) => this.#context.isOfType(name, type))) isMeant = false;
        path.shift();
      }
      if (!isMeant) continue;
      const [step, ...rest] = path;
      if (step === undefined) {
        if (rewrite.kind === "set") throw new Problem("an answer is rewritten");
        if (rewrite.key === key) to = rewrite.to;
      } else if (step === key || step === to) below.push({ ...rewrite, path: rest });
    }
    return { to, renames: below };
  }
}

/** What is provided below a field: by itself, and by those above it. */
const belowOf = ({ provides }: FieldView, provided: readonly SelectionSetNode[]): SelectionSetNode[] =>
  provides ? [...provided, provides] : [...provided];
