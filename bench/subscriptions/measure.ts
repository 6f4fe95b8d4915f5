import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** What a process has used so far. */
export interface Usage {
  cpuMs: number;
  rssBytes: number;
  /** Heap and buffers that are in use. */
  heldBytes: number;
}

/** Makes this process answer `measure` on its channel, after a collection when it may collect. */
export function answerMeasurements(): void {
  process.on("message", (message) => {
    if (message !== "measure") return;
    const { user, system } = process.cpuUsage();
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    const usage: Usage = { cpuMs: (user + system) / 1000, rssBytes: rss, heldBytes: heapUsed + external };
    process.send?.({ usage });
  });
}

export async function measure(child: ChildProcess): Promise<Usage> {
  child.send("measure");
  for (;;) {
    const [message] = (await once(child, "message")) as [{ usage?: Usage }];
    if (message.usage) return message.usage;
  }
}
