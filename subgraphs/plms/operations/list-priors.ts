import { badInput } from "../../../lib/errors.ts";
import { viewOf, type PriorView } from "../domain/prior-view.ts";
import { findLanes } from "./find.ts";
import type { Ports } from "./ports.ts";
import { loadPriors } from "./priors.ts";

const LONGEST_PROVIDER = 256;

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
  if (
    provider !== null &&
    (provider.length === 0 || provider.length > LONGEST_PROVIDER || provider.includes("\0"))
  ) {
    throw badInput("provider", provider, `1-${LONGEST_PROVIDER} characters`);
  }
  const [lane] = laneId === null ? [] : await findLanes(ports, [laneId]);
  if (laneId !== null && !lane) throw badInput("laneId", laneId, "the id of a lane");
  const lookup = await loadPriors(ports, tenant);
  const keys = laneId !== null || provider !== null ? [{ laneId, provider }] : await everyKey(ports, tenant);
  return keys.map((key) => viewOf(key, lookup(key), ports.calibrationAlpha));
}

async function everyKey(ports: Pick<Ports, "priors" | "projects">, tenant: string) {
  const lanes = (await ports.projects.lanes()).map(({ id }) => ({ laneId: id, provider: null }));
  const particular = (await ports.priors.current(tenant)).filter(({ provider }) => provider !== null);
  return [...lanes, ...particular.map(({ laneId, provider }) => ({ laneId, provider }))];
}
