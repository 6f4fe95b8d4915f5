import { setTimeout as sleep } from "node:timers/promises";
import { startPlmStack, type PlmStack } from "../../fleet/drill/plm/stack.ts";

/**
 * What shadow mode costs a caller, end to end over HTTP: the same reading with the PLM disabled and in shadow mode
 * while the PLM takes three seconds, in turns so that the machine's moods hit both. Prints one line of JSON;
 * milliseconds of wall time.
 */
const READ = `{ models { edges { node { id name trims { id } features { id } provenance { source } } } } }`;
const ROUNDS = 10;
const READINGS = 60;
const PLM_SLOW_MS = 3_000;

const cleanUp = new AsyncDisposableStack();
try {
  const defer = (action: () => unknown) =>
    cleanUp.defer(async () => {
      await action();
    });
  const stack = await startPlmStack(defer, { replicas: 1, env: { PLM_POLL_SECONDS: "0" } });
  stack.plm.setFaults([{ path: "/plm/*", mode: "slow", latencyMs: PLM_SLOW_MS }]);
  await round(stack, "SHADOW");
  const disabled: number[] = [];
  const shadow: number[] = [];
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    disabled.push(...(await round(stack, "DISABLED")));
    shadow.push(...(await round(stack, "SHADOW")));
  }
  const [off, on] = [quantiles(disabled), quantiles(shadow)];
  const result = {
    bench: "shadow-overhead",
    plmSlowMs: PLM_SLOW_MS,
    readings: disabled.length,
    disabled: off,
    shadow: on,
    ratioP50: on.p50Ms / off.p50Ms,
    ratioP95: on.p95Ms / off.p95Ms,
    callsToPlm: stack.plm.requests(),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  await cleanUp.disposeAsync();
}

async function round(stack: PlmStack, mode: string): Promise<number[]> {
  const query = `mutation { setPlmMode(input: { mode: ${mode}, reason: "bench" }) { __typename } }`;
  await stack.ask({ query, as: "admin" });
  const durations: number[] = [];
  for (let reading = 0; reading < READINGS; reading += 1) {
    const { durationMs, errors } = await stack.ask({ query: READ });
    if (errors) throw new Error(errors[0]?.message);
    durations.push(durationMs);
    await sleep(2);
  }
  return durations;
}

function quantiles(durations: number[]) {
  const sorted = durations.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95) };
}
