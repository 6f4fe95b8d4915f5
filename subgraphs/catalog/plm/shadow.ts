import type { PlmConfig } from "./config.ts";
import { randomUUID } from "node:crypto";
import { createHub } from "../../../lib/hub.ts";
import type { Events } from "./events.ts";
import { createComparisons, createShadowDiffs } from "./adapters/shadow-diffs.ts";
import {
  CATALOGUE_NAME,
  type ComparisonPorts,
  compareCatalogues,
  compareConfigurations,
} from "./operations/compare.ts";
import { createDetached } from "./detached.ts";
import {
  type MrpSource,
  PlmFailure,
  type PlmModes,
  type PlmSource,
  type Shadow,
} from "../products/operations/ports.ts";
import type { Observations } from "./ports.ts";
import type { ShadowDiff } from "./operations/ports.ts";
import type { CatalogDeps } from "../deps.ts";

/** Few, because the PLM's calls belong to those who wait for an answer. */
const AT_ONCE = 2;
/** More models than this are not compared at one time; those that are left out are compared when they are read again. */
const MAX_WAITING = 1_000;
const TOPIC = "diff";
const ALL = "ALL";

interface ShadowDeps extends CatalogDeps {
  events: Events;
  modes: PlmModes;
  /** A client of its own, with its own bulkhead and deadline. */
  plm: PlmSource;
  mrp: MrpSource;
  observations: Observations;
}

/** The comparison of both systems behind the callers' backs, and those who watch it. */
export function createShadow(config: PlmConfig["shadow"], deps: ShadowDeps) {
  const { log, observations, events, clock } = deps;
  const diffs = createShadowDiffs(deps.db);
  const comparisons = createComparisons(deps.db);
  const latest = new Map<string, string>();
  const hub = createHub<ShadowDiff>({
    load: async (key) => diffs.byId(latest.get(key) ?? "0"),
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
    comparisons,
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
  const onFailure = (error: unknown) => {
    observations.add("comparison", "FAILED");
    if (!(error instanceof PlmFailure)) log.error({ err: error }, "the PLM could not be compared");
  };
  const detached = createDetached({
    maxConcurrent: AT_ONCE,
    maxWaiting: MAX_WAITING,
    onDropped: (model) => log.warn({ model }, "too many models wait to be compared; this one is left out"),
    onError: onFailure,
  });
  const sampled = (name: string, task: () => Promise<void>) =>
    void (Math.random() < config.sampleRate && detached.start(name, task));
  const shadow: Shadow = {
    catalogueRead: (request) => sampled(CATALOGUE_NAME, () => compareCatalogues(ports, request)),
    configurationRead: (code, request) => sampled(code, () => compareConfigurations(ports, code, request)),
  };
  return {
    shadow,
    diffs,
    comparisons,
    /** Compares whether or not the model is read: one that is never read must not stay unknown. */
    compareNow: (code: string | undefined) => compareNow(ports, code).catch(onFailure),
    /** The newest difference of a severity, or of any, and every new one. */
    watch: (severity: string | null | undefined) => hub.watch(severity ?? ALL),
    close: async () => {
      hub.close();
      await detached.close();
    },
  };
}

/** The models and trims, or the bill of materials of the model with a code. */
function compareNow(ports: ComparisonPorts, code: string | undefined): Promise<void> {
  const request = { correlationId: randomUUID() };
  return code === undefined ? compareCatalogues(ports, request) : compareConfigurations(ports, code, request);
}
