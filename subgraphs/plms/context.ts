import type { Caller } from "../../lib/graphql-endpoint.ts";
import type { Live } from "./live.ts";
import { createLoaders, type Loaders } from "./loaders.ts";
import type { Ports } from "./ports.ts";
import { principalOf, type Principal } from "./operations/principal.ts";

/** What resolvers work with, made anew for each operation and each event. */
export interface Context {
  caller: Caller;
  principal: Principal;
  loaders: Loaders;
  ports: Ports;
  live: Live;
  /** What the response says about itself, in `extensions`. */
  extensions: Record<string, unknown>;
}

export const createContext = ({ ports, live }: { ports: Ports; live: Live }, caller: Caller): Context => ({
  caller,
  principal: principalOf(caller),
  loaders: createLoaders(ports, caller.identity.tenant),
  ports,
  live,
  extensions: {},
});
