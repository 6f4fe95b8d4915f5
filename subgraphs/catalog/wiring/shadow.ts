import { createHub } from "../../../lib/hub.ts";
import { createDetached } from "../adapters/detached.ts";
import type { Events } from "../adapters/events.ts";
import { createShadowDiffs } from "../adapters/shadow-diffs.ts";
import type { CatalogConfig } from "../config.ts";
import {
  compareCatalogues,
  compareConfigurations,
  type ComparisonPorts,
} from "../operations/compare-with-plm.ts";
import {
  PlmFailure,
  type MrpSource,
  type Observations,
  type PlmModes,
  type PlmSource,
  type Shadow,
  type ShadowDiff,
} from "../operations/ports.ts";
import type { WiringDeps } from "./deps.ts";

/** Few, because the PLM's calls belong to those who wait for an answer. */
const AT_ONCE = 2;
const TOPIC = "diff";
const ALL = "ALL";

interface ShadowDeps extends WiringDeps {
  events: Events;
  modes: PlmModes;
  /** A client of its own, with its own bulkhead and deadline. */
  plm: PlmSource;
  mrp: MrpSource;
  observations: Observations;
}

/** The comparison of both systems behind the callers' backs, and those who watch it. */
export function wireShadow(config: CatalogConfig["plm"]["shadow"], deps: ShadowDeps) {
  const { log, observations, events, clock } = deps;
  const diffs = createShadowDiffs(deps.db);
  const latest = new Map<string, string>();
  const hub = createHub<ShadowDiff>({
    load: async (key) => {
      const id = latest.get(key);
      return id === undefined ? undefined : diffs.byId(id);
    },
    onError: (error) => log.error({ err: error }, "a difference cannot be read"),
  });
  events.on(TOPIC, (hint) => {
    const [severity = "", id] = hint?.split("/") ?? [];
    if (id === undefined) return;
    for (const key of [ALL, severity]) {
      latest.set(key, id);
      hub.changed(key);
    }
  });
  const ports: ComparisonPorts = {
    ...deps,
    diffs,
    ignore: config.ignore,
    onDiffs: (seen) => {
      for (const { path, severity, mrp, plm, correlationId, occurrences, id } of seen) {
        if (occurrences > 1) continue;
        log.warn({ path, severity, mrp, plm, correlationId }, "the PLM and the MRP differ");
        void events.tell(TOPIC, `${severity}/${id}`);
      }
    },
    clock,
  };
  const detached = createDetached({
    maxConcurrent: AT_ONCE,
    onDropped: () => {},
    onError: (error) => {
      observations.add("comparison", "FAILED");
      if (!(error instanceof PlmFailure)) log.error({ err: error }, "the PLM could not be compared");
    },
  });
  const sampled = (task: () => Promise<void>) => {
    if (Math.random() < config.sampleRate) detached.start(task);
  };
  const shadow: Shadow = {
    catalogueRead: (request) => sampled(() => compareCatalogues(ports, request)),
    configurationRead: (code, request) => sampled(() => compareConfigurations(ports, code, request)),
  };
  return {
    shadow,
    diffs,
    /** The newest difference of a severity, or of any, and every new one. */
    watch: (severity: string | null | undefined) => hub.watch(severity ?? ALL),
    close: async () => {
      hub.close();
      await detached.close();
    },
  };
}
