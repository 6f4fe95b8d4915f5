import { constants } from "node:os";
import { messageOf } from "./errors.ts";

/** Something that runs until it is told to stop. */
export interface Running {
  close(): Promise<void>;
}

/** Longest time that an orderly stop may take before the process leaves anyway. */
const STOP_LIMIT_MS = 15_000;

/**
 * Runs a process: starts it, stops it on SIGINT or SIGTERM, and turns a failed start into one readable
 * message and exit code 1. A second signal leaves at once.
 */
export async function runProcess(start: () => Promise<Running>): Promise<void> {
  const starting = afterListening(start);
  onInterruption((_signal, isRepeated) => {
    if (isRepeated) process.exit(1);
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    starting
      .then((running) => running.close())
      .then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      );
  });
  await starting.catch(fail);
}

/** One Ctrl-C can reach a process three times: from the terminal, from npm and from the launcher. */
const ONE_PRESS_MS = 1_000;

/** Tells of SIGINT and SIGTERM, and of each again when it was meant: later than the first by a second at least. */
function onInterruption(heed: (signal: NodeJS.Signals, isRepeated: boolean) => void): void {
  let firstAt: number | undefined;
  const hear = (signal: NodeJS.Signals) => {
    const now = performance.now();
    if (firstAt !== undefined && now - firstAt < ONE_PRESS_MS) return;
    const isRepeated = firstAt !== undefined;
    firstAt ??= now;
    heed(signal, isRepeated);
  };
  process.on("SIGINT", hear);
  process.on("SIGTERM", hear);
}

/** Longest time that an interrupted command may take to put away what it started, or is still starting. */
const INTERRUPTED_LIMIT_MS = 60_000;

/**
 * Runs a command that does one thing; a failure is one readable message and exit code 1. SIGINT and SIGTERM abort
 * `interrupted`: the command then puts away what it started, and the exit code tells of the signal, as shells have it
 * (128 and its number). A second signal leaves at once.
 */
export async function runCommand(command: (interrupted: AbortSignal) => Promise<void>): Promise<void> {
  const interruption = new AbortController();
  const { signal: interrupted } = interruption;
  const ended = afterListening(() => command(interrupted)).catch((error: unknown) =>
    (interrupted.aborted ? tell : fail)(error),
  );
  onInterruption((name, isRepeated) => {
    const leave = () => process.exit(128 + constants.signals[name]);
    if (isRepeated) leave();
    setTimeout(leave, INTERRUPTED_LIMIT_MS).unref();
    interruption.abort(new Error(`ended by ${name}`));
    void ended.then(leave);
  });
  await ended;
}

/** A turn later: signals are heard of before anything is begun that they would leave behind. */
const afterListening = async <T>(begin: () => Promise<T>): Promise<T> => {
  await Promise.resolve();
  return begin();
};

function fail(error: unknown): void {
  tell(error);
  process.exit(1);
}

const tell = (error: unknown) => void process.stderr.write(`${messageOf(error)}\n`);
