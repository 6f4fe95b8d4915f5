import type { GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { isCodedError } from "../../lib/errors.ts";
import { fetchesOf, type FetchNode, type Plan, type PlanNode, type PlanPath } from "./plan.ts";

/** A fetch of a plan, as administrators are shown it. */
interface ExplainedFetchNode {
  kind: "fetch" | "entities";
  /** Its number in the plan, from 0; fetches that were done name it. */
  id: number;
  subgraph: string;
  operation: string;
  variables: readonly string[];
  /** Where entities stand in the data, like `projects.edges.@.node`. */
  paths?: readonly string[];
}

export type ExplainedPlan =
  | ExplainedFetchNode
  | { kind: "sequence" | "parallel"; nodes: readonly ExplainedPlan[] }
  | { kind: "subscription"; trigger: ExplainedFetchNode; rest: ExplainedPlan | null };

/** A fetch that was done; times are milliseconds. */
export interface ExplainedFetch {
  /** Which fetch of the plan it is; null for one that asks again for less, because something was missing. */
  id: number | null;
  subgraph: string;
  /** Since the execution began. */
  startedMs: number;
  durationMs: number;
  sentBytes: number;
  /** Null where nothing came back. */
  receivedBytes: number | null;
  /** How many entities were asked for; null for root fields. */
  entities: number | null;
  /** Null where the subgraph answered. */
  failure: string | null;
}

/** What `extensions.explain` says. */
export interface ExplainExtension {
  /** How long planning took; null where the plan was kept. */
  planningMs: number | null;
  executionMs: number;
  /** Null where nothing is fetched. */
  plan: ExplainedPlan | null;
  fetches: readonly ExplainedFetch[];
}

type EndpointOf = (subgraph: string) => GraphQLEndpoint;
type Asked = { query: string; variables?: Readonly<Record<string, unknown>> | undefined };

/** Watches one execution of a plan. */
export class Explanation {
  readonly #plan: Plan;
  readonly #planningMs: number | null;
  readonly #beganMs = performance.now();
  readonly #nodes: readonly FetchNode[];
  readonly #fetches: ExplainedFetch[] = [];

  /** @param planningMs null where the plan was kept */
  constructor(plan: Plan, planningMs: number | null) {
    this.#plan = plan;
    this.#planningMs = planningMs;
    this.#nodes = fetchesOf(plan.node);
  }

  /** The same endpoints, each of whose answers is noted. */
  watching(endpointOf: EndpointOf): EndpointOf {
    return (subgraph) => {
      const endpoint = endpointOf(subgraph);
      const exchange = endpoint.exchange?.bind(endpoint);
      const watched: GraphQLEndpoint = {
        execute: (request) => this.#noted(subgraph, jsonOf(request), () => endpoint.execute(request)),
        subscribe: (request, onOpen) => endpoint.subscribe(request, onOpen),
      };
      if (exchange)
        watched.exchange = (request) => this.#noted(subgraph, request.body, () => exchange(request));
      return watched;
    };
  }

  told(): ExplainExtension {
    return {
      planningMs: this.#planningMs,
      executionMs: performance.now() - this.#beganMs,
      plan: explainedPlan(this.#plan),
      fetches: this.#fetches,
    };
  }

  async #noted<T>(subgraph: string, body: string, fetch: () => Promise<T>): Promise<T> {
    const beganMs = performance.now();
    const asked = JSON.parse(body) as Asked;
    const id = this.#nodes.findIndex((node) => node.subgraph === subgraph && node.operation === asked.query);
    const note = (receivedBytes: number | null, failure: string | null) =>
      this.#fetches.push({
        id: id === -1 ? null : id,
        subgraph,
        startedMs: beganMs - this.#beganMs,
        durationMs: performance.now() - beganMs,
        sentBytes: Buffer.byteLength(body),
        receivedBytes,
        entities: entitiesIn(asked),
        failure,
      });
    try {
      const answer = await fetch();
      note(Buffer.byteLength(typeof answer === "string" ? answer : JSON.stringify(answer)), null);
      return answer;
    } catch (error) {
      note(null, isCodedError(error) ? error.code : "INTERNAL");
      throw error;
    }
  }
}

/** Null where nothing is fetched. */
export function explainedPlan({ trigger, node }: Plan): ExplainedPlan | null {
  const rest = node ? explained(node, fetchesOf(node)) : null;
  return trigger ? { kind: "subscription", trigger: fetchNode(trigger, -1), rest } : rest;
}

const jsonOf = ({ query, variables }: Asked): string => JSON.stringify({ query, variables });

/** Representations name the type of their entity, which nothing else that is sent does. */
function entitiesIn({ variables = {} }: Asked): number | null {
  const lists = Object.values(variables).filter(
    (value): value is { __typename: unknown }[] =>
      Array.isArray(value) && value.length > 0 && value.every((each) => isRepresentation(each)),
  );
  return lists.length === 0 ? null : lists.reduce((sum, list) => sum + list.length, 0);
}

const isRepresentation = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "__typename" in value;

function explained(node: PlanNode, all: readonly FetchNode[]): ExplainedPlan {
  if ("nodes" in node) return { kind: node.kind, nodes: node.nodes.map((each) => explained(each, all)) };
  return fetchNode(node, all.indexOf(node));
}

function fetchNode(node: FetchNode, id: number): ExplainedFetchNode {
  const { kind, subgraph, operation, variables } = node;
  const paths = kind === "entities" ? node.groups.flatMap((group) => group.paths.map(textOfPath)) : undefined;
  return { kind, id, subgraph, operation, variables, ...(paths && { paths }) };
}

const textOfPath = (path: PlanPath): string =>
  path.map((step) => (typeof step === "string" ? step : `(${step.types.join("|")})`)).join(".");
