import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import type { Account } from "../../db/embedded/account.ts";
import { startScript } from "../support/script.ts";

export interface Child {
  /** What it started or attached to; rejects with what it said if it failed. */
  server(): Promise<{ url: string; startedHere: boolean }>;
  /** The ids of the next rows that it wrote: as many as asked for, or all there are once it has ended. */
  ids(count?: number): Promise<number[]>;
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Another process with an embedded PostgreSQL, told to end when the test is over. */
export function startChild(dataDir: string, mode: "attach" | "write" = "attach", account?: Account): Child {
  const child = startScript("test/db/embedded-child.ts", [dataDir, mode], { account });
  const closed = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const failure = text(child.stderr);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await closed;
  };
  onTestFinished(() => end("SIGTERM"));
  return {
    server: async () => {
      const line = await lines.next();
      if (line.done) throw new Error(await failure);
      return JSON.parse(line.value) as { url: string; startedHere: boolean };
    },
    ids: async (count = Infinity) => {
      const ids: number[] = [];
      while (ids.length < count) {
        const line = await lines.next();
        if (line.done) break;
        ids.push(Number(line.value));
      }
      return ids;
    },
    end,
  };
}
