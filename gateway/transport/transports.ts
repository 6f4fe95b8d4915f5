import { createHub } from "../../lib/hub.ts";
import type { Clock } from "../../lib/clock.ts";
import type { GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import type { Log } from "../../lib/log.ts";
import type { PluginFetch } from "../extensions/plugin.ts";
import type { TransportSettings } from "./config.ts";
import type { SubgraphGuard, SubgraphHealth } from "./guard.ts";
import { createLocalEndpoint } from "./local-endpoint.ts";
import type { SubgraphMeters } from "./metrics.ts";
import { CALLBACK_PATH, createCallbackReceiver, type CallbackReceiver } from "./streams/callback-receiver.ts";
import type { SubgraphOptions } from "./subgraph-options.ts";
import { createRemoteEndpoint } from "./remote-endpoint.ts";

export interface TransportOptions {
  /** Subgraphs in this process by name. */
  inProcess: ReadonlyMap<string, GraphQLEndpoint>;
  /** What the gateway answers for itself, by address; not guarded and not reported on. */
  own: ReadonlyMap<string, GraphQLEndpoint>;
  /** Addresses that replace the supergraph's, by subgraph name. */
  subgraphUrls: ReadonlyMap<string, string>;
  subgraphSecret: string;
  /** Secrets of single subgraphs, in place of that one. */
  subgraphSecrets: ReadonlyMap<string, string>;
  subgraphOptions: SubgraphOptions;
  transport: TransportSettings;
  /** Told of every call, to change its headers. */
  onFetch: ((fetch: PluginFetch) => void) | undefined;
}

type Subgraph = { name: string; url: string };

export interface Transports {
  /** How to reach a subgraph: in this process if it is here, else over the network. */
  endpointOf: (subgraph: Subgraph) => GraphQLEndpoint;
  /** How a subgraph is; it is looked at first when it has not been asked lately. Undefined for the gateway's own. */
  healthOf: (subgraph: Subgraph) => Promise<SubgraphHealth | undefined>;
  /** The health of a subgraph at once, and after every change. */
  watchHealth: (subgraph: Subgraph) => AsyncIterableIterator<SubgraphHealth>;
  /** Where streams come in that subgraphs post; undefined where nobody was given our address. */
  callbacks: CallbackReceiver | undefined;
  close(): Promise<void>;
}

type Guarded = GraphQLEndpoint & { guard: SubgraphGuard; close?: () => Promise<void> };

/** How often the watched ones are looked at. */
const LOOK_EVERY_MS = 5_000;

export interface TransportDependencies {
  clock: Clock;
  log: Log;
  meters: SubgraphMeters;
}

/** Keeps one endpoint per subgraph and address, across changes of the supergraph. */
export function createTransports(options: TransportOptions, deps: TransportDependencies): Transports {
  const guarded = new Map<string, Guarded>();
  const writes = { ended: 0 };
  const { callbackUrl } = options.transport;
  const callbacks =
    callbackUrl === undefined ? undefined : createCallbackReceiver(`${callbackUrl}${CALLBACK_PATH}`);
  const hub = createHub<SubgraphHealth>({
    load: async (key) => guarded.get(key)?.guard.health(),
    onError: (error) => deps.log.error({ err: error }, "the health of a subgraph cannot be read"),
  });
  const keyOf = ({ name, url }: Subgraph) =>
    options.inProcess.has(name) ? name : `${name} ${options.subgraphUrls.get(name) ?? url}`;

  const open = (subgraph: Subgraph): Guarded => {
    const { name } = subgraph;
    const key = keyOf(subgraph);
    const { clock, log, meters } = deps;
    const onChange = () => hub.changed(key);
    const guardDeps = { clock, log, random: Math.random, meter: meters(name), onChange, writes };
    const here = options.inProcess.get(name);
    const settings = options.transport;
    if (here) return createLocalEndpoint(here, { name, settings }, guardDeps);
    const url = options.subgraphUrls.get(name) ?? subgraph.url;
    return openRemote({ name, url }, { ...options, callbacks }, guardDeps);
  };
  const guardedOf = (subgraph: Subgraph): Guarded => {
    const key = keyOf(subgraph);
    const endpoint = guarded.get(key) ?? open(subgraph);
    guarded.set(key, endpoint);
    return endpoint;
  };
  const lookAgain = async () => {
    for (const key of hub.watchedKeys) {
      await guarded.get(key)?.guard.look();
      hub.changed(key);
    }
  };
  const looking = setInterval(() => void lookAgain(), LOOK_EVERY_MS);
  looking.unref();

  return {
    callbacks,
    endpointOf: (subgraph) => options.own.get(subgraph.url) ?? guardedOf(subgraph),
    healthOf: async (subgraph) => {
      if (options.own.has(subgraph.url)) return undefined;
      const { guard } = guardedOf(subgraph);
      await guard.look();
      return guard.health();
    },
    watchHealth: (subgraph) => hub.watch(keyOf(subgraph)),
    close: async () => {
      clearInterval(looking);
      hub.close();
      for (const { guard } of guarded.values()) guard.close();
      await Promise.all([...guarded.values()].map(async (endpoint) => endpoint.close?.()));
    },
  };
}

function openRemote(
  { name, url }: Subgraph,
  options: TransportOptions & { callbacks: CallbackReceiver | undefined },
  guardDeps: Parameters<typeof createRemoteEndpoint>[1],
): Guarded {
  const { subgraphSecrets, subgraphSecret, subgraphOptions, callbacks } = options;
  const secret = subgraphSecrets.get(name) ?? subgraphSecret;
  if (secret === "" && subgraphSecrets.size > 0)
    guardDeps.log.warn(
      { subgraph: name },
      "the gateway has no secret for a subgraph: SUBGRAPH_SECRETS does not name it, and GATEWAY_SUBGRAPH_SECRET is not set",
    );
  return createRemoteEndpoint(
    {
      name,
      url,
      settings: options.transport,
      callbacks,
      onFetch: options.onFetch,
      secret,
      headers: subgraphOptions.headersOf(name),
      streams: subgraphOptions.streamsOf(name),
    },
    guardDeps,
  );
}
