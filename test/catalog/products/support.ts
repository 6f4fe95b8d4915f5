import { vi } from "vitest";
import { createCache } from "../../../subgraphs/catalog/products/adapters/cache.ts";
import { createMemoryStore } from "../../../subgraphs/catalog/products/adapters/cache-store.ts";
import type { MrpModel, PlmModel } from "../../../subgraphs/catalog/products/domain/catalogue.ts";
import {
  PlmFailure,
  type BothCatalogues,
  type PlmAnswer,
  type PlmFailureReason,
  type PlmValue,
} from "../../../subgraphs/catalog/products/operations/ports.ts";
import {
  readCatalogue,
  refreshCatalogue,
  type CatalogueSources,
} from "../../../subgraphs/catalog/products/operations/read-catalogue.ts";
import { quietLog } from "../../support/quiet-log.ts";
import type { PlmMode, PlmSwitch } from "../../../subgraphs/catalog/products/domain/modes.ts";
import type { Miss } from "../../../subgraphs/catalog/products/operations/read-through.ts";
import { createManualClock } from "../support.ts";

export const ASK = { correlationId: "test-1" };
export const TTL_MS = 600_000;
const MAX_BYTES = 1_048_576;

export const plmModel: PlmModel = {
  plmId: "plm-1",
  code: "LX24",
  name: "LX24 of the PLM",
  description: null,
  isActive: true,
  trims: [],
};
export const mrpModel = (code: string): MrpModel => ({
  id: code.toLowerCase(),
  code,
  name: `${code} of the MRP`,
  description: null,
  isActive: true,
  trims: [],
});
export const answer: PlmAnswer = {
  models: [plmModel],
  correlationId: "plm-77",
  schemaVersion: "1.4.0",
  unknownFields: new Map(),
  rejected: [],
};
export const failing = (reason: PlmFailureReason) => () =>
  Promise.reject(new PlmFailure(reason, "raw words of the PLM", { countsForCircuit: true }));

const unused = () => Promise.reject(new Error("not read here"));

interface Options {
  cached?: boolean;
  fallbackEnabled?: boolean;
  isShrinkAccepted?: boolean;
  mrp?: MrpModel[];
  mode?: PlmMode;
  models?: string[];
}

/** A catalogue over a PLM and an MRP that the test scripts. */
export function start(options: Options = {}) {
  const clock = createManualClock();
  const store = options.cached === false ? undefined : createMemoryStore({ maxBytes: MAX_BYTES });
  const plm = {
    readCatalogue: vi.fn<() => Promise<PlmAnswer>>(async () => answer),
    readConfiguration: unused,
  };
  const readProducts = vi.fn<() => Promise<MrpModel[]>>(async () => options.mrp ?? [mrpModel("LX24")]);
  const mrp = { readProducts, standIn: readProducts, readConfiguration: unused, readOptionIds: unused };
  const deps = { store, clock, random: () => 0.5, log: quietLog };
  const cacheConfig = { ttlMs: TTL_MS, staleMs: 86_400_000 };
  const current: PlmSwitch = {
    mode: options.mode ?? "ENABLED",
    models: options.models ?? [],
    cause: "PERSON",
    reason: "test",
    changedBy: "ada",
    changedAt: clock.now(),
    version: 1,
  };
  const shadow = { catalogueRead: vi.fn<() => void>(), configurationRead: vi.fn<() => void>() };
  const sources: CatalogueSources = {
    modes: { current: () => current },
    plm,
    mrp,
    shadow,
    cache: createCache<PlmValue<BothCatalogues>>(cacheConfig, deps),
    misses: createCache<Miss>({ prefix: "miss:", ttlMs: 30_000, staleMs: 0 }, deps),
    merged: new WeakMap(),
    fallbackEnabled: options.fallbackEnabled ?? true,
    isShrinkAccepted: () => options.isShrinkAccepted ?? false,
    clock,
  };
  const read = async () => {
    const { catalogue, provenance } = await readCatalogue(sources, ASK);
    return { names: catalogue.map(({ name }) => name), provenance: provenance.PLM, ofMrp: provenance.MRP };
  };
  return { clock, plm, mrp, shadow, sources, read, refresh: () => refreshCatalogue(sources, ASK) };
}
