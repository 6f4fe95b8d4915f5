import { pathToFileURL } from "node:url";
import { resolve } from "node:path";
import type { GraphQLError } from "graphql";
import type { OperationTypeNode } from "graphql";
import { z } from "zod";
import { messageOf } from "../../lib/errors.ts";
import type { Caller } from "../../lib/graphql-endpoint.ts";

/** Who asks: the client's headers are those that some rule of `SUBGRAPHS_FILE` forwards. */
type Asker = Readonly<Pick<Caller, "identity" | "clientHeaders">>;

/** An operation that is valid and that its caller may run, before it runs; whichever transport it came by. */
export interface PluginRequest extends Asker {
  kind: `${OperationTypeNode}`;
  /** Undefined where the operation has none. */
  operationName: string | undefined;
  variables: Readonly<Record<string, unknown>>;
  /** Undefined for subscriptions, whose events have one each. */
  correlationId: string | undefined;
}

/** A call or a stream that is about to go to a subgraph. Its headers may be changed; they are a part of what is shared. */
export interface PluginFetch extends Asker {
  subgraph: string;
  correlationId: string;
  headers: PluginHeaders;
}

/** Names in any case. Those of the connection and of the gateway cannot be set, nor can what a header cannot carry. */
export interface PluginHeaders {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  delete(name: string): void;
}

/** An event that has just gone to everybody who listens. */
export interface PluginEvent {
  field: string;
  subgraph: string;
  eventId: string;
  correlationId: string;
  listeners: number;
}

/** An operation or an event that has errors, as they are before they are made fit for clients. */
interface PluginError {
  errors: readonly GraphQLError[];
  correlationId: string;
  operationName: string | undefined;
}

/**
 * What can be added to the gateway without changing it. Every hook runs in the way of what it is told of, so it has to
 * return at once; what it returns is not looked at.
 */
export interface GatewayPlugin {
  readonly name: string;
  /** May refuse the operation by throwing a GraphQLError with a code of the contract in its extensions. */
  onRequest?(request: PluginRequest): void;
  /** May change headers; throwing fails the call. */
  onFetch?(fetch: PluginFetch): void;
  onEvent?(event: PluginEvent): void;
  onError?(error: PluginError): void;
}

const hook = z.custom<(...args: never[]) => void>(
  (value) => typeof value === "function",
  "expected a function",
);
const pluginSchema = z.looseObject({
  name: z.string().min(1).max(100),
  onRequest: hook.optional(),
  onFetch: hook.optional(),
  onEvent: hook.optional(),
  onError: hook.optional(),
});
const HOOKS = new Set(Object.keys(pluginSchema.shape));

/**
 * Loads plugins from modules, each of which exports one as its default.
 *
 * @throws Error naming the module and what is wrong with it
 */
export async function loadPlugins(files: readonly string[]): Promise<GatewayPlugin[]> {
  return Promise.all(files.map(loadPlugin));
}

async function loadPlugin(file: string): Promise<GatewayPlugin> {
  const module = (await import(pathToFileURL(resolve(file)).href).catch((cause: unknown) => {
    throw new Error(`PLUGINS: ${file} cannot be loaded: ${messageOf(cause)}`, { cause });
  })) as { default?: unknown };
  const parsed = pluginSchema.safeParse(module.default);
  if (!parsed.success) throw new Error(`PLUGINS: ${file}: ${z.prettifyError(parsed.error)}`);
  const unknown = Object.keys(parsed.data).find((key) => key.startsWith("on") && !HOOKS.has(key));
  if (unknown !== undefined)
    throw new Error(
      `PLUGINS: ${file}: there is no hook ${unknown}; expected one of ${[...HOOKS].join(", ")}`,
    );
  return module.default as GatewayPlugin;
}
