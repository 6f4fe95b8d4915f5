import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createLine, type Heard, type Line } from "./line.ts";

/** One worker process, as its primary has it. */
export interface CrewMember {
  /** The place that it fills, from 1. */
  readonly number: number;
  readonly line: Line;
  readonly process: ChildProcess;
  /** Connections that it was given and that have not ended. */
  open: number;
  /** It leaves: it is given nothing new. */
  isLeaving: boolean;
}

const ENTRY = new URL("../worker.ts", import.meta.url);
/** Longer than its own orderly stop may take. */
const LEAVES_WITHIN_MS = 20_000;

/** Starts a worker, which says `ready` when it can take connections. */
export function startMember(
  number: number,
  workers: number,
  heardBy: (member: CrewMember) => Heard,
): CrewMember {
  const child = fork(ENTRY, [String(number), String(workers)], { stdio: "inherit" });
  const heard: Record<string, Heard[string]> = {};
  const line = createLine(child, heard);
  const member: CrewMember = { number, line, process: child, open: 0, isLeaving: false };
  Object.assign(heard, heardBy(member));
  child.on("error", () => {});
  return member;
}

export const hasEnded = ({ process: { exitCode, signalCode } }: CrewMember): boolean =>
  exitCode !== null || signalCode !== null;

/** Asks a worker to send its clients elsewhere and end, and waits until it has. */
export async function dismiss(member: CrewMember): Promise<void> {
  member.isLeaving = true;
  if (hasEnded(member)) return;
  const ended = once(member.process, "exit");
  member.process.kill("SIGTERM");
  const limit = setTimeout(() => member.process.kill("SIGKILL"), LEAVES_WITHIN_MS);
  await ended;
  clearTimeout(limit);
}
