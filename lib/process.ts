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
  const starting = start();
  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    starting
      .then((running) => running.close())
      .then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  await starting.catch(fail);
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
  const ended = command(interrupted).catch((error: unknown) => (interrupted.aborted ? tell : fail)(error));
  const interrupt = (name: NodeJS.Signals) => {
    const leave = () => process.exit(128 + constants.signals[name]);
    if (interrupted.aborted) leave();
    setTimeout(leave, INTERRUPTED_LIMIT_MS).unref();
    interruption.abort(new Error(`ended by ${name}`));
    void ended.then(leave);
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  await ended;
}

function fail(error: unknown): void {
  tell(error);
  process.exit(1);
}

const tell = (error: unknown) => void process.stderr.write(`${messageOf(error)}\n`);
