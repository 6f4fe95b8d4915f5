import { type FormattedExecutionResult, OperationTypeNode } from "graphql";
import { CodedError, isCodedError } from "../../lib/errors.ts";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import type { Identity } from "../../lib/identity.ts";
import type { TellErrors } from "../errors/errors.ts";
import type { Answer, Operation } from "../execution/engine.ts";
import type { Generations } from "../generations/generations.ts";
import { JsonTextData } from "../execution/json-text-data.ts";
import { refusals } from "./authorise.ts";
import type { OperationMeter } from "./meter.ts";
import type { PlanningTurns } from "./planning-turns.ts";
import { type PreparationOptions, type Prepared, createPreparation } from "./prepare.ts";
import { Refused, refusedBy, statusOfErrors, unexpected } from "./refused.ts";
import { type OperationRequest, readRequest } from "./request.ts";
import {
  type RunningDependencies,
  type RunningOperation,
  type Sink,
  type StreamDetails,
  Subscription,
  runOnce,
} from "./running.ts";
import type { Session } from "./session.ts";

/** How an operation comes, as far as that decides what it may be. */
interface Approach {
  identity: Identity;
  /** By GET, which changes nothing. */
  isReadOnly: boolean;
  /** The client takes events as they come. */
  mayStream: boolean;
}

/** An operation that everything has been asked of: it may run. */
export interface Opened {
  prepared: Prepared;
  operation: Operation;
  /** What the request says beside it. */
  extensions: OperationRequest["extensions"];
  startedMs: number;
}

/** A result as clients see it; `data` may be JSON text already. */
export type ClientResult = Omit<FormattedExecutionResult, "data"> & { data?: unknown };

/**
 * The one road of operations, whichever way they come: read, prepared, authorised, started and delivered. Transports
 * translate between it and the wire, and have no rule of their own about operations.
 */
export interface Road {
  /** What a request asks for; what is wrong with its form is the only thing that has nothing to do with GraphQL. */
  read(parameters: unknown): OperationRequest | Refused;
  /**
   * Waits until a document that has not been looked at before may be, in turns with other callers; undefined for one that
   * need not wait. Refuses where too many documents of the caller wait.
   */
  turnOf(request: OperationRequest, key: string): Promise<Refused | undefined> | undefined;
  /** Everything else that can be wrong with it is found here, before any of it runs. */
  open(request: OperationRequest, approach: Approach): Opened | Refused;
  /**
   * Waits until a subscription that nobody has asked for before is planned, in turns with other callers; undefined for what
   * need not wait. Refuses where too many operations of the caller wait.
   */
  planned(opened: Opened, key: string): Promise<Refused | undefined> | undefined;
  /** Counts a request that its transport could not even read. */
  unreadable(refused: Refused): Refused;
  /** Runs a query or mutation whose answer is wanted in one piece. */
  answer(opened: Opened, caller: Caller): Promise<{ result: ClientResult; path: Answer["path"] }>;
  /** Starts an operation whose answers are wanted as they come; undefined when the sink was told why not. */
  start(
    opened: Opened,
    to: { details: StreamDetails; session: Session; sink: Sink },
  ): RunningOperation | undefined;
  /** What clients are told of a refusal. */
  told(refused: Refused, correlationId: string): ReturnType<TellErrors>;
}

export interface RoadDependencies extends RunningDependencies, PreparationOptions {
  operations: OperationMeter;
  turns: Pick<PlanningTurns, "wait">;
  /** Subscriptions need a token. */
  requireToken: boolean;
}

export function createRoad(deps: RoadDependencies): Road {
  const { generations, limits, tell, turns, operations: meter } = deps;
  const { prepare, knows } = createPreparation(deps);
  const refuse = (refused: Refused, startedMs: number, prepared?: Prepared): Refused => {
    meter.record(prepared?.definition ?? refused.definition, { failed: true, startedMs });
    return refused;
  };

  return {
    read: (parameters) => {
      const request = readRequest(parameters);
      return request instanceof Refused ? refuse(request, performance.now()) : request;
    },
    open: (request, approach) => {
      const startedMs = performance.now();
      const prepared = prepare(request);
      if (prepared instanceof Refused) return refuse(prepared, startedMs);
      const { extensions } = request;
      const operation = admitted(prepared, { ...approach, request }, deps);
      if (operation instanceof Refused) return refuse(operation, startedMs, prepared);
      return { prepared, operation, extensions, startedMs };
    },
    turnOf: (request, key) => (knows(request) ? undefined : turns.wait(key).then(() => undefined, asRefused)),
    planned: ({ operation, prepared, startedMs }, key) =>
      planning(generations, operation, key)?.then(
        () => undefined,
        (error) => refuse(asRefused(error), startedMs, prepared),
      ),
    unreadable: (refused) => refuse(refused, performance.now()),
    answer: async ({ prepared, operation, startedMs }, caller) => {
      const { engine } = generations.current();
      let answer: Answer;
      try {
        answer = await engine.executeText(operation, caller);
      } catch (cause) {
        answer = { path: "compiled", errors: [unexpected(cause)] };
      }
      prepared.isProven = true;
      const result = clientResult(answer, caller, tell);
      meter.record(prepared.definition, { failed: result.errors !== undefined, startedMs });
      return { result, path: answer.path };
    },
    start: ({ prepared, operation, startedMs }, { details, session, sink }) => {
      const start = { operation, request: details, session, sink };
      const record = (failed: boolean) => meter.record(prepared.definition, { failed, startedMs });
      if (prepared.definition.operation !== OperationTypeNode.SUBSCRIPTION)
        return runOnce(deps, start, record);
      const exceeded = deps.quota.take(session.quotaKey);
      const subscription = new Subscription(deps, start);
      const errors = exceeded
        ? refusedBy(limits.tooMany(exceeded)).errors
        : subscription.begin(details.lastEventId, details.traceparent);
      record(errors !== undefined);
      if (!errors) return subscription;
      const told = tell(errors, details);
      sink.fail(told, statusOfErrors(told));
      return undefined;
    },
    told: ({ errors }, correlationId) => tell(errors, { correlationId }),
  };
}

/** Queries and mutations are planned where they are executed, which waits for that by itself. */
const planning = (generations: Generations, operation: Operation, key: string) =>
  operation.definition.operation === OperationTypeNode.SUBSCRIPTION
    ? generations.current().engine.planAhead(operation, key)
    : undefined;

/** @throws whatever is no refusal */
function asRefused(error: unknown): Refused {
  if (isCodedError(error)) return refusedBy(error);
  throw error;
}

/** An operation that may run for who asks for it, in the way that it came and with its variables. */
function admitted(
  { document, definition, supergraph }: Prepared,
  by: Approach & { request: OperationRequest },
  { limits, requireToken }: RoadDependencies,
): Operation | Refused {
  const misplaced = misplacedIn(definition.operation, by);
  if (misplaced) return misplaced;
  if (definition.operation === OperationTypeNode.SUBSCRIPTION && requireToken && isAnonymous(by.identity))
    return refusedBy(new CodedError("UNAUTHENTICATED", "This needs a bearer token"));
  const { variables, extensions } = by.request;
  const operation: Operation = { document, definition, variables };
  if (extensions?.["explain"] === true) operation.explains = true;
  const refused = refusals(operation, by.identity, supergraph);
  if (refused.length > 0) return new Refused(refused);
  const tooCostly = limits.cost(operation, supergraph);
  return tooCostly ? refusedBy(tooCostly) : operation;
}

const isAnonymous = ({ subject }: Identity) => subject === "anonymous";

/** Operations that a way of asking has no place for. */
function misplacedIn(kind: OperationTypeNode, { isReadOnly, mayStream }: Approach): Refused | undefined {
  if (kind === OperationTypeNode.MUTATION && isReadOnly)
    return refusedBy(new CodedError("BAD_USER_INPUT", "Mutations cannot be sent by GET; use POST"), {
      status: 405,
      headers: { allow: "POST" },
    });
  if (kind === OperationTypeNode.SUBSCRIPTION && !mayStream)
    return refusedBy(
      new CodedError(
        "BAD_USER_INPUT",
        "Subscriptions need a stream: use WebSocket, or accept text/event-stream or multipart/mixed;subscriptionSpec=1.0",
      ),
      { status: 406 },
    );
  return undefined;
}

/** Data that is text already stays text until the response is written. */
function clientResult(
  { data, errors, extensions }: Answer,
  request: Pick<Caller, "correlationId">,
  tell: TellErrors,
): ClientResult {
  if (errors === undefined && extensions === undefined) return { data: new JsonTextData(data ?? "null") };
  return {
    ...(errors && { errors: tell(errors, request) }),
    ...(data !== undefined && { data: new JsonTextData(data) }),
    ...(extensions && { extensions }),
  };
}
