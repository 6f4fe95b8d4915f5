import { readFileSync } from "node:fs";
import type { Clock } from "../../lib/clock.ts";
import { messageOf, systemCodeOf } from "../../lib/errors.ts";
import type { GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import type { Identity } from "../../lib/identity.ts";
import type { EventSource, EventSources } from "../event-streams/event-source.ts";
import type { Log } from "../../lib/log.ts";
import type { ExecutionEngine, ExecutionPath } from "../execution/engine.ts";
import type { Planner } from "../execution/plan.ts";
import { createEngine } from "./create-engine.ts";
import { createPlanner, isNativeAlone, type PlanningSettings } from "../execution/planner/planners.ts";
import { lostWithoutApollo } from "../execution/planner/without-apollo.ts";
import { loadSupergraph, type LoadedSupergraph } from "../supergraph/supergraph.ts";
import { textOf, watchText } from "../../lib/watched-file.ts";

/** A supergraph with the engine that runs it. */
export interface Generation {
  supergraph: LoadedSupergraph;
  engine: ExecutionEngine;
  /** The endpoint of a subgraph by its name in the supergraph. */
  endpointOf: (name: string) => GraphQLEndpoint;
  /** What a plan calls an event stream; undefined for a subgraph. */
  streamOf?: (name: string) => BrokerStream | undefined;
}

/** A stream that a broker has. */
interface BrokerStream {
  /** Where it has what a plan asks. */
  open(request: Parameters<EventSources["open"]>[1], identity: Identity): EventSource;
  /** The subgraph that knows what it refuses of the stream. */
  owner: GraphQLEndpoint | undefined;
}

/** The supergraph in force, replaced whenever its file changes to something that loads. */
export interface Generations {
  current(): Generation;
  /** Why the file as it is now could not be loaded; undefined when it is in force. */
  lastError(): string | undefined;
  /** Calls back after each replacement; returns how to stop that. */
  onChange(listener: () => void): () => void;
  close(): void;
}

export interface GenerationsOptions {
  file: string;
  endpointOf: (subgraph: { name: string; url: string }) => GraphQLEndpoint;
  clock: Clock;
  log: Log;
  /** Subgraphs that the environment names, by the variable; those that the supergraph lacks are told in the log. */
  named?: Readonly<Record<string, readonly string[]>>;
  /** What a broker has; without one, no field may need it. */
  sources?: EventSources | undefined;
  /** Operations to plan before their first request. */
  warmDocuments?: readonly string[];
  /** Told of every execution. */
  onPath?: (path: ExecutionPath) => void;
  /** Longest time for one operation, in milliseconds. */
  timeoutMs?: number;
  /** How operations are planned. */
  planning?: PlanningSettings;
  /** What every engine is wrapped in. */
  wrap?: (engine: ExecutionEngine) => ExecutionEngine;
  /** What every planner is wrapped in. */
  wrapPlanner?: (planner: Planner) => Planner;
}

/** Operations that a new supergraph plans before it takes over: those that were used last. */
const REWARMED = 100;

/**
 * Loads the file now and watches it.
 *
 * @throws Error naming the file and what is wrong with it, when the first load fails
 */
export function createGenerations(options: GenerationsOptions): Generations {
  const { file, endpointOf, clock, log, planning = BY_ITSELF, wrap = (engine) => engine } = options;
  const { named = {}, warmDocuments = [], onPath, timeoutMs, wrapPlanner = (planner) => planner } = options;
  const hasBroker = options.sources !== undefined;
  const listeners = new Set<() => void>();
  const load = (known: readonly string[] = []): Generation => {
    const supergraph = loadSupergraph(readFileSync(file, "utf8"), clock.now(), { hasBroker });
    for (const sentence of [...supergraph.passedOver, ...unknownNames(named, supergraph)])
      log.warn({ supergraph: supergraph.id }, sentence);
    if (isNativeAlone(planning.preferred))
      for (const sentence of lostWithoutApollo(supergraph)) log.warn({ supergraph: supergraph.id }, sentence);
    const endpoints = new Map(supergraph.subgraphs.map((subgraph) => [subgraph.name, endpointOf(subgraph)]));
    const endpointByName = (name: string) => requireEndpoint(endpoints, name);
    const compiled = createEngine({
      supergraph,
      endpointOf: endpointByName,
      planner: wrapPlanner(plannerFor(supergraph, planning, log)),
      overrides: planning.overrides,
      ...(onPath && { onPath }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
    const engine = wrap(compiled);
    // Requests that come meanwhile wait for the same plans.
    void engine.warm([...known, ...warmDocuments]);
    const streamOf = streamsOf(supergraph, options.sources, endpointByName);
    return { supergraph, engine, endpointOf: endpointByName, streamOf };
  };
  const before = textOf(file);
  let generation = firstLoad(file, load);
  let lastError: string | undefined;

  const reload = () => {
    try {
      const next = load(generation.engine.planned().slice(-REWARMED));
      lastError = undefined;
      if (next.supergraph.id === generation.supergraph.id) return;
      generation = next;
      log.info({ supergraph: next.supergraph.id }, "supergraph replaced");
      for (const listener of listeners) listener();
    } catch (error) {
      const code = systemCodeOf(error);
      // Whoever asks how we are has no business with our paths.
      lastError = code === undefined ? messageOf(error) : `the file cannot be read (${code})`;
      log.error(
        { file, problem: messageOf(error) },
        "the changed supergraph cannot be loaded; the last good one stays in force",
      );
    }
  };
  const unwatch = watchText(file, before, reload);

  return {
    current: () => generation,
    lastError: () => lastError,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: unwatch,
  };
}

const BY_ITSELF: PlanningSettings = { preferred: "native", overrides: { labels: new Set() } };

const plannerFor = (supergraph: LoadedSupergraph, { preferred }: PlanningSettings, log: Log) =>
  createPlanner({
    supergraph,
    preferred,
    onFallback: (problem) => log.warn({ problem }, "an operation is not planned as it should be"),
  });

function firstLoad(file: string, load: () => Generation): Generation {
  try {
    return load();
  } catch (cause) {
    throw new Error(`SUPERGRAPH_FILE: ${file} cannot be loaded: ${beginningOf(messageOf(cause))}`, { cause });
  }
}

function streamsOf(
  { eventStreams }: LoadedSupergraph,
  sources: EventSources | undefined,
  endpointOf: Generation["endpointOf"],
): NonNullable<Generation["streamOf"]> {
  const streams = new Map([...eventStreams.values()].map((stream) => [stream.subgraph, stream]));
  return (name) => {
    const stream = streams.get(name);
    if (!stream || !sources) return undefined;
    return {
      open: (...asked) => sources.open(stream, ...asked),
      owner: stream.owner === undefined ? undefined : endpointOf(stream.owner),
    };
  };
}

/** A mistyped name would change nothing, and nobody would know. */
function unknownNames(named: GenerationsOptions["named"] = {}, { subgraphs }: LoadedSupergraph): string[] {
  const known = subgraphs.map(({ name }) => name);
  return Object.entries(named).flatMap(([variable, names]) =>
    names
      .filter((name) => !known.includes(name))
      .map(
        (name) =>
          `${variable} names the subgraph ${JSON.stringify(name)}, which the supergraph does not have; it has ${known.join(", ")}`,
      ),
  );
}

/** Problems that an operator reads: composition tells one for every field of a graph that lacks a definition. */
const LONGEST_PROBLEM_LINES = 8;

function beginningOf(problem: string): string {
  const lines = problem.split("\n").filter((line) => line.trim() !== "");
  const left = lines.length - LONGEST_PROBLEM_LINES;
  if (left <= 0) return problem;
  return [...lines.slice(0, LONGEST_PROBLEM_LINES), `… and ${left} more lines like these`].join("\n");
}

function requireEndpoint(endpoints: ReadonlyMap<string, GraphQLEndpoint>, name: string): GraphQLEndpoint {
  const endpoint = endpoints.get(name);
  if (!endpoint) throw new Error(`The plan names the subgraph "${name}", which the supergraph does not have`);
  return endpoint;
}
