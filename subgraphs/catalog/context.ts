import type { Caller } from "../../lib/graphql-endpoint.ts";
import { createLoaders, type Loaders } from "./loaders.ts";
import type { Circuits } from "./operations/ports.ts";
import type { CatalogueReading } from "./operations/read-catalogue.ts";

/** What resolvers work with, made anew for each operation. */
export interface Context {
  caller: Caller;
  loaders: Loaders;
  circuits: Circuits;
}

export interface ContextPorts {
  readCatalogue: (request: { correlationId: string }) => Promise<CatalogueReading>;
  circuits: Circuits;
}

export const createContext = ({ readCatalogue, circuits }: ContextPorts, caller: Caller): Context => ({
  caller,
  loaders: createLoaders(() => readCatalogue({ correlationId: caller.correlationId })),
  circuits,
});
