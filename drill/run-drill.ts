import { messageOf } from "../lib/errors.ts";
import type { Drill } from "./drill.ts";

export interface DrillResult {
  name: string;
  passed: boolean;
  seconds: number;
}

/** Runs a drill and tells about it as it goes. */
export async function runDrill(
  drill: Drill,
  { quick, print }: { quick: boolean; print: (line: string) => void },
): Promise<DrillResult> {
  const startedAt = performance.now();
  const cleanUp = new AsyncDisposableStack();
  let failures = 0;
  const check = (what: string, holds: boolean, detail?: string) => {
    if (!holds) failures += 1;
    print(`  ${holds ? "ok    " : "BROKEN"} ${what}${detail === undefined ? "" : `: ${detail}`}`);
  };
  print(`\n${drill.name}\n  promise: ${drill.promise}`);
  try {
    await drill.run({
      quick,
      report: {
        did: (what) => print(`  did    ${what}`),
        figure: (name, value) =>
          print(`  figure ${name}: ${typeof value === "number" ? rounded(value) : value}`),
        check,
      },
      defer: (action) =>
        cleanUp.defer(async () => {
          await action();
        }),
    });
  } catch (error) {
    check("the drill came to its end", false, explain(error));
  }
  await cleanUp
    .disposeAsync()
    .catch((error: unknown) => check("everything was tidied up", false, explain(error)));
  const seconds = (performance.now() - startedAt) / 1000;
  print(`${failures === 0 ? "PASS" : "FAIL"} ${drill.name} (${seconds.toFixed(1)} s)`);
  return { name: drill.name, passed: failures === 0, seconds };
}

const rounded = (value: number) => String(Number(value.toPrecision(4)));

function explain(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? messageOf(error) : `${messageOf(error)} (${messageOf(cause)})`;
}
