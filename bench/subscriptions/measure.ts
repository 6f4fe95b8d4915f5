import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** What a process has used so far. */
export interface Usage {
  cpuMs: number;
  /** The part of it that is not the kernel's. */
  userMs: number;
  rssBytes: number;
  /** Heap and buffers that are in use. */
  heldBytes: number;
}

/** Makes this process answer `measure` on its channel, and collect its garbage before that for `collect`. */
export function answerMeasurements(): void {
  process.on("message", (message) => {
    if (message !== "measure" && message !== "collect") return;
    if (message === "collect") globalThis.gc?.({ type: "major", flavor: "last-resort" });
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed, external } = process.memoryUsage();
    const usage: Usage = {
      cpuMs: (user + system) / 1000,
      userMs: user / 1000,
      rssBytes: rss,
      heldBytes: heapUsed + external,
    };
    process.send?.({ usage });
  });
}

/** What a process has used; with `collect` without its garbage, at the price of what collecting costs until then. */
export async function measure(child: ChildProcess, what: "measure" | "collect" = "measure"): Promise<Usage> {
  child.send(what);
  for (;;) {
    const [message] = (await once(child, "message")) as [{ usage?: Usage }];
    if (message.usage) return message.usage;
  }
}
