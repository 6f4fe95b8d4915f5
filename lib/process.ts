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

/** Runs a command that does one thing; a failure is one readable message and exit code 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  await command().catch(fail);
}

function fail(error: unknown): void {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}
