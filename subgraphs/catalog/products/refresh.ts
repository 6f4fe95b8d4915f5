import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { startRounds } from "../../kit/rounds.ts";
import { modesInUse } from "./domain/modes.ts";
import { PLM_CIRCUIT } from "../plm/operations/circuits.ts";
import type { Circuits } from "./operations/ports.ts";
import type { Comparisons } from "../plm/ports.ts";
import { readCatalogue, refreshCatalogue, type CatalogueSources } from "./operations/read-catalogue.ts";
import { refreshConfiguration, type ConfigurationSources } from "./operations/read-configuration.ts";
import type { CatalogDeps } from "../deps.ts";

interface RefreshConfig {
  /** Time between two looks for changes; 0 for none. */
  pollMs: number;
  /** Configurations that are asked for in a second while no caller waits for them. */
  backgroundReadsPerSecond: number;
  cache: { ttlMs: number };
}

interface RefreshDeps extends CatalogDeps {
  circuits: Pick<Circuits, "snapshot">;
  catalogueSources: CatalogueSources;
  configurationSources: ConfigurationSources;
  comparison: {
    comparisons: Comparisons;
    /** The models and trims without a code, else the bill of materials of a model. */
    compareNow(code: string | undefined): Promise<void>;
  };
}

/** How long the comparison of a model that is not read is believed. */
const COMPARED_FOR_MS = 86_400_000;

/**
 * Looks for changes before anybody asks: the catalogue, the configurations that were used of late, and all of them
 * while people ask where parts are used; and compares in shadow mode what is not read.
 */
export function createRefresh(config: RefreshConfig, deps: RefreshDeps) {
  const { catalogueSources, configurationSources, clock, log } = deps;
  const usedAtMs = new Map<string, number>();
  const readAtMs = new Map<string, number>();
  let usesWantedAtMs = -Infinity;
  let isClosed = false;
  const nowMs = () => clock.now().getTime();
  const pace = () => sleep(1000 / config.backgroundReadsPerSecond, undefined, { ref: false });

  const refresh = async (): Promise<void> => {
    const request = { correlationId: randomUUID() };
    await refreshCatalogue(catalogueSources, request);
    const coldBefore = nowMs() - config.cache.ttlMs;
    for (const [code, atMs] of usedAtMs) if (atMs < coldBefore) usedAtMs.delete(code);
    const areUsesWanted = usesWantedAtMs >= coldBefore;
    if (usedAtMs.size === 0 && !areUsesWanted) return;
    const reading = await readCatalogue(catalogueSources, request);
    const recorded = areUsesWanted ? await configurationSources.revisions.recorded() : new Set<string>();
    for (const product of reading.catalogue) {
      const { code } = product;
      const isDue = areUsesWanted && (!recorded.has(code) || (readAtMs.get(code) ?? 0) < coldBefore);
      if (isClosed || !(usedAtMs.has(code) || isDue)) continue;
      readAtMs.set(code, nowMs());
      await refreshConfiguration(configurationSources, { product, reading }, request);
      await pace();
    }
  };

  const look = async (): Promise<void> => {
    const modes = modesInUse(catalogueSources.modes.current());
    if (modes.has("ENABLED")) await refresh();
    if (modes.has("SHADOW")) await compareUnread({ ...deps, pace, isClosed: () => isClosed });
  };
  const onError = (error: unknown) => log.error({ err: error }, "the catalogue could not be refreshed");
  // A PLM that began to fail is asked until it is known to be well, or the circuit is open.
  const isUrgent = () => (deps.circuits.snapshot(PLM_CIRCUIT)?.failuresInWindow ?? 0) > 0;
  const rounds = startRounds({ everyMs: config.pollMs, isUrgent, round: look, onError });
  return {
    /** A configuration was read: it is kept warm for a while. */
    used: (modelCode: string) => void usedAtMs.set(modelCode, nowMs()),
    /** A caller asked where a part is used: for a while, every model is looked at. */
    usesWanted: () => {
      usesWantedAtMs = nowMs();
    },
    soon: () => {
      if (modesInUse(catalogueSources.modes.current()).has("ENABLED")) void refresh().catch(onError);
    },
    /** Reads the catalogue before the first caller does; costs nothing when another replica has it already. */
    warm: async () => {
      if (catalogueSources.modes.current().mode !== "ENABLED") return;
      await readCatalogue(catalogueSources, { correlationId: randomUUID() }).catch(onError);
    },
    close: () => {
      isClosed = true;
      // Not waited for: the PLM may take its time, and what it says is of no more use.
      void rounds.close();
    },
  };
}

interface Sweep extends Pick<RefreshDeps, "catalogueSources" | "comparison" | "clock"> {
  pace: () => Promise<void>;
  isClosed: () => boolean;
}

/** Compares what was never compared, or failed last time, or was compared a day ago. */
async function compareUnread({ catalogueSources, comparison, clock, pace, isClosed }: Sweep): Promise<void> {
  const { catalogue } = await readCatalogue(catalogueSources, { correlationId: randomUUID() });
  const all = await comparison.comparisons.all();
  const known = new Map(all.map((compared) => [compared.modelCode, compared]));
  const oldest = clock.now().getTime() - COMPARED_FOR_MS;
  const codes = catalogue.filter(({ origin }) => origin === "SHADOW").map(({ code }) => code);
  if (codes.length > 0) await comparison.compareNow(undefined);
  for (const code of codes) {
    const { comparedAt = null, failedAt = null } = known.get(code) ?? {};
    const isDue =
      comparedAt === null || comparedAt.getTime() < oldest || (failedAt ?? comparedAt) > comparedAt;
    if (isClosed() || !isDue) continue;
    await comparison.compareNow(code);
    await pace();
  }
}
