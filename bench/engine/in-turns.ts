import type { Usage } from "./contender.ts";
import type { Running } from "./fleet.ts";
import { load } from "./load.ts";

/** What a contender is asked in one round. */
export interface Asked {
  bodies: readonly string[];
  /** Sets of headers that take turns. */
  headers: readonly Readonly<Record<string, string>>[];
  /** Ends the round earlier. */
  atMost?: number;
}

/** CPU time of one request in microseconds. */
export interface Cost {
  userUs: number;
  totalUs: number;
}

export interface TurnsOptions {
  rounds: number;
  roundMs: number;
  warmUp: { durationMs: number; atMost: number };
  connections: number;
}

/** The costs of each contender, round by round. */
export type Costs = ReadonlyMap<string, readonly Cost[]>;

/**
 * Contenders take turns, so that what disturbs a round disturbs all of them. One that fails a request is an error: what it
 * costs to answer wrong is of no interest.
 */
export async function inTurns(
  contenders: ReadonlyMap<string, Running>,
  asked: (name: string, round: number) => Asked,
  { rounds, roundMs, warmUp, connections }: TurnsOptions,
): Promise<Costs> {
  const costs = new Map<string, Cost[]>();
  for (let round = 0; round <= rounds; round++) {
    for (const [name, gateway] of contenders) {
      const before = await gateway.usage();
      const { requests, failures } = await load({
        url: gateway.url,
        connections,
        ...(round === 0 ? warmUp : { durationMs: roundMs }),
        ...asked(name, round),
      });
      if (failures > 0) throw new Error(`${name} failed ${failures} of ${requests} requests`);
      const cost = costBetween(before, await gateway.usage(), requests);
      if (round > 0) costs.set(name, [...(costs.get(name) ?? []), cost]);
    }
  }
  return costs;
}

export const costBetween = (before: Usage, after: Usage, requests: number): Cost => {
  const totalUs = after.cpuUs - before.cpuUs;
  return { totalUs: totalUs / requests, userUs: (totalUs - (after.systemUs - before.systemUs)) / requests };
};

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** How many times dearer one is than the other, in the median of single rounds. */
export function ratio(costs: Costs, one: string, other: string, of: keyof Cost = "totalUs"): number {
  const [dividends = [], divisors = []] = [costs.get(one), costs.get(other)];
  return median(dividends.flatMap((cost, round) => cost[of] / (divisors[round]?.[of] ?? Number.NaN)));
}
