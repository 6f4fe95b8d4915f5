/**
 * Preloaded into a process (`node --import`): its calendar clock runs as far off as the file named by
 * `CLOCK_OFFSET_FILE` says, in milliseconds, and jumps when that changes. Monotonic time is left alone, as it is
 * when somebody sets the clock of a machine.
 */
import { readFileSync } from "node:fs";

const READ_EVERY_MS = 100;
const RealDate = Date;
const file = process.env["CLOCK_OFFSET_FILE"];

if (file !== undefined) {
  const offset = { ms: read(file) };
  setInterval(() => {
    offset.ms = read(file);
  }, READ_EVERY_MS).unref();
  const now = () => RealDate.now() + offset.ms;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args: [], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
    apply: () => new RealDate(now()).toString(),
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)) as unknown,
  });
}

function read(path: string): number {
  try {
    return Number(readFileSync(path, "utf8")) || 0;
  } catch {
    return 0;
  }
}
