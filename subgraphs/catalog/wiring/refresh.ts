import { randomUUID } from "node:crypto";
import { createPoller } from "../adapters/poller.ts";
import { readCatalogue, refreshCatalogue, type CatalogueSources } from "../operations/read-catalogue.ts";
import { refreshConfiguration, type ConfigurationSources } from "../operations/read-configuration.ts";
import type { WiringDeps } from "./deps.ts";

interface RefreshConfig {
  /** Time between two looks for changes; 0 for none. */
  pollMs: number;
  cache: { ttlMs: number };
}

interface RefreshDeps extends WiringDeps {
  catalogueSources: CatalogueSources;
  configurationSources: ConfigurationSources;
}

/** Looks for changes before anybody asks: the catalogue, and the configurations that were used of late. */
export function wireRefresh(config: RefreshConfig, deps: RefreshDeps) {
  const { catalogueSources, configurationSources, clock, log } = deps;
  const usedAtMs = new Map<string, number>();
  const refresh = async (): Promise<void> => {
    if (catalogueSources.modes.current().mode !== "ENABLED") return;
    const request = { correlationId: randomUUID() };
    await refreshCatalogue(catalogueSources, request);
    const coldBefore = clock.now().getTime() - config.cache.ttlMs;
    for (const [code, atMs] of usedAtMs) if (atMs < coldBefore) usedAtMs.delete(code);
    if (usedAtMs.size === 0) return;
    const reading = await readCatalogue(catalogueSources, request);
    for (const product of reading.catalogue) {
      if (usedAtMs.has(product.code))
        await refreshConfiguration(configurationSources, { product, reading }, request);
    }
  };
  const onError = (error: unknown) => log.error({ err: error }, "the catalogue could not be refreshed");
  const poller = createPoller({ intervalMs: config.pollMs, poll: refresh, onError });
  return {
    /** A configuration was read: it is kept warm for a while. */
    used: (modelCode: string) => void usedAtMs.set(modelCode, clock.now().getTime()),
    soon: () => void refresh().catch(onError),
    /** Reads the catalogue before the first caller does; costs nothing when another replica has it already. */
    warm: async () => {
      if (catalogueSources.modes.current().mode !== "ENABLED") return;
      await readCatalogue(catalogueSources, { correlationId: randomUUID() }).catch(onError);
    },
    close: () => poller.close(),
  };
}
