import { checkedNumber } from "../../kit/checked-input.ts";
import type { PriorKey } from "../domain/prior-fallback.ts";
import { viewOf, type LaneExperience, type PriorView } from "../domain/prior-view.ts";
import type { PriorVersion } from "./estimation-ports.ts";
import { requireLane } from "./find.ts";
import type { Ports } from "../ports.ts";
import { lookupIn, requireProviderName } from "./priors.ts";

const USUAL_VERSIONS = 20;
const MOST_VERSIONS = 100;

/**
 * What is known about a lane, a provider, or both, with the fallback for what is not; without arguments about
 * everything that has taught something, and about every lane.
 *
 * @throws CodedError BAD_USER_INPUT
 */
export async function listPriors(
  ports: Pick<Ports, "priors" | "projects" | "calibrationAlpha">,
  tenant: string,
  asked: { laneId?: number | null | undefined; provider?: string | null | undefined },
): Promise<PriorView[]> {
  const { laneId = null, provider = null } = asked;
  requireProviderName(provider);
  if (laneId !== null) await requireLane(ports, laneId);
  const known = await ports.priors.current(tenant);
  const lookup = lookupIn(known);
  const keys = laneId !== null || provider !== null ? [{ laneId, provider }] : await everyKey(ports, known);
  return keys.map((key) =>
    viewOf(key, lookup(key), { alpha: ports.calibrationAlpha, experience: experienceOf(known, key.laneId) }),
  );
}

/**
 * The versions that priors went through, newest first, in the order of the keys; none for what only others vouch for.
 *
 * @throws CodedError BAD_USER_INPUT
 */
export async function priorHistories(
  { priors }: Pick<Ports, "priors">,
  scope: { tenant: string; keys: readonly PriorKey[] },
  { last = USUAL_VERSIONS }: { last?: number | undefined },
): Promise<PriorVersion[][]> {
  return priors.histories(scope.tenant, scope.keys, checkedNumber("last", last, [1, MOST_VERSIONS]));
}

/** What is known of a lane as a whole, and of each of its providers. */
function experienceOf(known: readonly PriorVersion[], laneId: number | null): LaneExperience | undefined {
  const ofLane = known.filter((version) => laneId !== null && version.laneId === laneId);
  const whole = ofLane.find(({ provider }) => provider === null);
  const providers = ofLane.filter(({ provider }) => provider !== null).map(({ prior }) => prior);
  return whole && { lane: whole.prior, providers };
}

async function everyKey(ports: Pick<Ports, "projects">, known: readonly PriorVersion[]): Promise<PriorKey[]> {
  const lanes = (await ports.projects.lanes()).map(({ id }) => ({ laneId: id, provider: null }));
  const particular = known.filter(({ provider }) => provider !== null);
  return [...lanes, ...particular.map(({ laneId, provider }) => ({ laneId, provider }))];
}
