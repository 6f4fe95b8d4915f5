import { unlessAborted } from "../../lib/deadline.ts";
import { messageOf } from "../../lib/errors.ts";
import type { Drill, DrillContext } from "./support/drill.ts";

export interface DrillResult {
  name: string;
  passed: boolean;
  seconds: number;
}

export interface DrillSettings {
  quick: boolean;
  print: (line: string) => void;
  /** Ends the drill at once: it is tidied up after, and has failed. */
  interrupted: AbortSignal;
}

/** Runs a drill and tells about it as it goes. */
export async function runDrill(
  drill: Drill,
  { quick, print, interrupted }: DrillSettings,
): Promise<DrillResult> {
  const startedAt = performance.now();
  const cleanUp = new AsyncDisposableStack();
  let failures = 0;
  const onBroken = () => {
    failures += 1;
  };
  const verdict = reportTo(print, onBroken);
  // What an interrupted drill still finds on its way is no finding.
  const report = reportTo((line) => interrupted.aborted || print(line), onBroken);
  const defer: DrillContext["defer"] = (action) =>
    cleanUp.defer(async () => {
      await action();
    });
  print(`\n${drill.name}\n  promise: ${drill.promise}`);
  await unlessAborted(interrupted, () => drill.run({ quick, report, defer })).catch((error: unknown) =>
    verdict.check("the drill came to its end", false, explain(error)),
  );
  await cleanUp
    .disposeAsync()
    .catch((error: unknown) => verdict.check("everything was tidied up", false, explain(error)));
  const seconds = (performance.now() - startedAt) / 1000;
  print(`${failures === 0 ? "PASS" : "FAIL"} ${drill.name} (${seconds.toFixed(1)} s)`);
  return { name: drill.name, passed: failures === 0, seconds };
}

const reportTo = (print: (line: string) => unknown, onBroken: () => void): DrillContext["report"] => ({
  did: (what) => print(`  did    ${what}`),
  figure: (name, value) => print(`  figure ${name}: ${typeof value === "number" ? rounded(value) : value}`),
  check: (what, holds, detail) => {
    if (!holds) onBroken();
    print(`  ${holds ? "ok    " : "BROKEN"} ${what}${detail === undefined ? "" : `: ${detail}`}`);
  },
});

const rounded = (value: number) => String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));

function explain(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? messageOf(error) : `${messageOf(error)} (${messageOf(cause)})`;
}
