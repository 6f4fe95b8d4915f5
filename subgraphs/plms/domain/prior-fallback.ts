import { factoryPrior, type Prior } from "./prior.ts";

/** Whose experience a prior is; null stands for "any". */
export interface PriorKey {
  laneId: number | null;
  provider: string | null;
}

/** In falling order of trust. */
export type PriorSource = "lane_provider" | "lane" | "provider" | "factory";

export interface SourcedPrior {
  source: PriorSource;
  prior: Prior;
}

/** The most particular prior with any experience: lane and provider, lane, provider, factory. */
export function fallbackPrior(
  { laneId, provider }: PriorKey,
  find: (key: PriorKey) => Prior | undefined,
): SourcedPrior {
  const chain: [PriorSource, PriorKey, boolean][] = [
    ["lane_provider", { laneId, provider }, laneId !== null && provider !== null],
    ["lane", { laneId, provider: null }, laneId !== null],
    ["provider", { laneId: null, provider }, provider !== null],
  ];
  for (const [source, key, isAsked] of chain) {
    const prior = isAsked ? find(key) : undefined;
    if (prior && prior.observations > 0) return { source, prior };
  }
  return { source: "factory", prior: factoryPrior() };
}
