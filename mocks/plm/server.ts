import { systemClock, type Clock } from "../../lib/clock.ts";
import { createLog, type Log } from "../../lib/log.ts";
import { ANSWER_MODES } from "../faults.ts";
import { createMockServer, type Mock } from "../mock-server.ts";
import type { Shape } from "../spoil.ts";
import { createCatalogueStore } from "./catalogue-store.ts";
import { catalogue } from "./catalogue.ts";
import type { ModelDefinition } from "./definitions.ts";
import { generateCatalogue } from "./generated-catalogue.ts";
import { addPlmRoutes } from "./plm-routes.ts";
import { addTokenRoutes, type ClientCredentials } from "./token-routes.ts";
import { createTokens } from "./tokens.ts";
import { createUsage, type UsageCounts } from "./usage.ts";

export interface PlmMockOptions {
  /** Who may ask for tokens; default `mrp-dev` / `mrp-dev-secret`. */
  client?: ClientCredentials;
  /** Life of a token in seconds; default 3600. */
  tokenTtlSeconds?: number;
  /** Size of a generated catalogue; default 0, the four models of the MRP. */
  models?: number;
  /** Default 1. */
  seed?: number;
  /** Default: the system's; decides when tokens expire. */
  clock?: Clock;
  /** Default: silent. */
  log?: Log;
}

export interface PlmMock extends Mock {
  /** Ends all access tokens; returns how many there were. */
  revokeTokens(): number;
  usage(): UsageCounts;
  /**
   * Replaces the catalogue, as people at the PLM do now and then.
   *
   * @param strays records beside the models, served as they are, however wrong
   */
  setModels(models: readonly ModelDefinition[], strays?: readonly object[]): void;
}

const DEV_CLIENT: ClientCredentials = { clientId: "mrp-dev", clientSecret: "mrp-dev-secret" };

const SHAPE: Shape = {
  required: ["code", "name", "partNumber", "access_token", "accepted"],
  renamed: { code: "sku", partNumber: "part_no", access_token: "accessToken", accepted: "acceptedCount" },
  retyped: ["name", "sortOrder", "required"],
};

/** The partner's PLM as a real HTTP server that can be told to fail. */
export function createPlmMock(options: PlmMockOptions = {}): PlmMock {
  const { client = DEV_CLIENT, tokenTtlSeconds = 3600, models = 0, seed = 1, clock = systemClock } = options;
  const log = options.log ?? createLog({ name: "mock-plm", level: "silent" });
  const { app, active, mock } = createMockServer({ log, seed, modes: ANSWER_MODES, shape: SHAPE });
  let definitions: readonly ModelDefinition[] = models === 0 ? catalogue : generateCatalogue(models);
  let store = createCatalogueStore(definitions);
  const tokens = createTokens({ ttlSeconds: tokenTtlSeconds, clock });
  const usage = createUsage();
  addTokenRoutes(app, { tokens, client, ttlSeconds: tokenTtlSeconds, active });
  const serve = (strays: readonly object[] = []) => {
    store = createCatalogueStore(definitions, strays);
  };
  addPlmRoutes(app, { store: () => store, serveStrays: serve, usage, tokens, active });
  return {
    ...mock,
    revokeTokens: () => tokens.revokeAll(),
    usage: () => usage.counts(),
    setModels: (newDefinitions, strays) => {
      definitions = newDefinitions;
      serve(strays);
    },
  };
}
