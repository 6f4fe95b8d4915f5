import { inclusionOf } from "../domain/inclusion.ts";
import { factoryPrior, learn, type Observation, type Prior } from "../domain/prior.ts";
import type { Run } from "../domain/run.ts";
import type { CalibrationSession, Ports } from "../ports.ts";
import type { RunObservation, TaughtRun } from "./estimation-ports.ts";

type CalibrationPorts = Pick<Ports, "calibrations" | "calibrationAlpha" | "clock">;

const MOST_AT_ONCE = 100;

/**
 * Has the priors learn from a run, once for the receipts that it has, however often it is asked: when more come later
 * it is learnt from again, in the place of what it had taught. A run that was not validated waits.
 */
export async function calibrateRun(ports: CalibrationPorts, runId: string): Promise<void> {
  await ports.calibrations.transaction(async (session) => {
    const { run, isAgain } = (await session.claim(runId)) ?? { run: undefined, isAgain: false };
    const inclusion = run && inclusionOf(run);
    if (!run || !inclusion) return;
    if (isAgain) await session.forget(run);
    const taught = await session.decide(run, { ...inclusion, at: ports.clock.now() });
    if (!inclusion.isIncluded) return;
    const observations = await session.observe(taught);
    await session.keepObservations(taught, observations);
    const outliers = await learnFrom(ports, session, { run, taught, observations, isAgain });
    await session.finish(run, outliers);
  });
}

/** The same for every run that ended without it, or that receipts have come for since. */
export async function calibrateUndecided(ports: CalibrationPorts & Pick<Ports, "settings">): Promise<void> {
  const endedBefore = new Date(ports.clock.now().getTime() - ports.settings.calibrationGraceMs);
  for (const runId of await ports.calibrations.undecided(endedBefore, MOST_AT_ONCE))
    await calibrateRun(ports, runId);
}

/** The prior after all of these, oldest first. */
export const learnAll = (observations: readonly Observation[], alpha: number): Prior =>
  observations.reduce((prior, observation) => learn(prior, observation, alpha).prior, factoryPrior(alpha));

/** Adds a version to every prior that the run says something about; returns how many outliers were pulled in. */
async function learnFrom(
  { calibrationAlpha, clock }: CalibrationPorts,
  session: CalibrationSession,
  {
    run,
    taught,
    observations,
    isAgain,
  }: { run: Run; taught: TaughtRun; observations: readonly RunObservation[]; isAgain: boolean },
): Promise<number> {
  let outliers = 0;
  for (const { laneId, provider, observation } of observations) {
    const key = { laneId, provider };
    const newest = await session.newest(run.tenant, key);
    const before = newest?.prior ?? factoryPrior(calibrationAlpha);
    const next = learn(before, observation, calibrationAlpha);
    outliers += next.outliers.length;
    // A run that ended before the newest one, or taught before, changes what came after it: all of it is learnt again.
    const isLate = isAgain || (newest !== undefined && taught.completedAt <= newest.lastCompletedAt);
    const prior = isLate ? learnAll(await session.history(run.tenant, key), calibrationAlpha) : next.prior;
    await session.addVersion(run, { key, prior, at: clock.now() });
  }
  return outliers;
}
