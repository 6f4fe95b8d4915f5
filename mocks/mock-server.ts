import type { FastifyInstance } from "fastify";
import { createHttpServer, type Address } from "../lib/http-server.ts";
import type { Log } from "../lib/log.ts";
import { addControlRoutes } from "./control-routes.ts";
import { installFaults, type ActiveFaults } from "./fault-hooks.ts";
import { createFaults, parseFaultRules, type FaultMode, type FaultRuleInput, type Faults } from "./faults.ts";
import { createRequestLog } from "./request-log.ts";
import { createRandom, seedOf } from "./seeded-random.ts";
import type { Shape } from "./spoil.ts";

/** What a test or the standalone start holds of a mock. */
export interface Mock {
  /** Listens (port 0: any free one) and returns the base URL. */
  listen(address: Address): Promise<string>;
  /** Ends held and delayed answers, then the server and its timers. */
  close(): Promise<void>;
  /**
   * Replaces all fault rules, as `PUT /_faults` does; `[]` heals.
   *
   * @throws CodedError BAD_USER_INPUT naming the field of a bad rule
   */
  setFaults(rules: readonly FaultRuleInput[]): void;
  /** How often each path was called. */
  requests(): Record<string, number>;
}

export interface MockServer {
  app: FastifyInstance;
  faults: Faults;
  active: ActiveFaults;
  mock: Mock;
}

export interface MockServerOptions {
  log: Log;
  /** Decides which calls a rule with a rate below 1 hits. */
  seed: number;
  /** Fault modes that this mock can do. */
  modes: readonly FaultMode[];
  /** What `partial` and `schema-drift` do to its bodies. */
  shape: Shape;
  bodyLimitBytes?: number;
}

/** An HTTP server with a request log, fault rules and their control endpoints. */
export function createMockServer(options: MockServerOptions): MockServer {
  const { log, seed, modes, shape, bodyLimitBytes } = options;
  const http = createHttpServer({ log, ...(bodyLimitBytes === undefined ? {} : { bodyLimitBytes }) });
  const faults = createFaults(createRandom(seedOf(seed, "faults")));
  const requestLog = createRequestLog(http.app);
  const active = installFaults(http.app, faults, shape);
  addControlRoutes(http.app, { faults, modes, requestLog });
  return {
    app: http.app,
    faults,
    active,
    mock: {
      listen: (address) => http.listen(address),
      close: () => http.close(),
      setFaults: (rules) => faults.set(parseFaultRules(rules, modes)),
      requests: () => requestLog.counts(),
    },
  };
}

/** Lets a mock listen and says where. */
export async function startMock(mock: Mock, { address, log }: { address: Address; log: Log }): Promise<Mock> {
  log.info(`listening on ${await mock.listen(address)}`);
  return mock;
}
