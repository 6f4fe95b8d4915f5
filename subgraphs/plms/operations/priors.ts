import { checkedText } from "../../kit/checked-input.ts";
import type { Belief } from "../domain/calibration.ts";
import { fallbackPrior, type PriorKey, type SourcedPrior } from "../domain/prior-fallback.ts";
import type { Spread } from "../domain/reliability.ts";
import { spreadBehind, tasksOf } from "../domain/task-belief.ts";
import type { Ports } from "../ports.ts";
import type { PriorVersion } from "./estimation-ports.ts";

/** Answers what is known about a lane and a provider, with the fallback for what is not. */
export type PriorLookup = (key: PriorKey) => SourcedPrior;

/** The tenant's priors as of now, or as of a moment. */
export async function loadPriors(
  { priors }: Pick<Ports, "priors">,
  tenant: string,
  before?: Date,
): Promise<PriorLookup> {
  return lookupIn(await priors.current(tenant, before));
}

export function lookupIn(versions: readonly PriorVersion[]): PriorLookup {
  const byKey = new Map(versions.map(({ laneId, provider, prior }) => [keyOf({ laneId, provider }), prior]));
  return (asked) => fallbackPrior(asked, (key) => byKey.get(keyOf(key)));
}

/** What the cost of single tasks is expected to be, by lane, whoever provides. */
export const costBeliefs =
  (lookup: PriorLookup) =>
  (laneId: number): Belief =>
    tasksOf(lookup({ laneId, provider: null }).prior.costUsd);

/** How much the cost of single tasks differed in earlier runs, by lane. */
export const costSpreads =
  (lookup: PriorLookup) =>
  (laneId: number): Spread =>
    spreadBehind(lookup({ laneId, provider: null }).prior.costUsd);

const LONGEST_PROVIDER = 256;

/** @throws CodedError BAD_USER_INPUT for what cannot be the name of a provider */
export function requireProviderName(provider: string | null): void {
  if (provider !== null) checkedText("provider", provider, { max: LONGEST_PROVIDER });
}

const keyOf = ({ laneId, provider }: PriorKey): string => JSON.stringify([laneId, provider]);
