import { once } from "node:events";
import { WebSocket } from "ws";
import { waitFor } from "../../../lib/wait.ts";

/** Bytes on the heap of another process and in its buffers after a full collection. */
interface LiveHeap {
  bytes: () => Promise<number>;
  close: () => void;
}

interface Reply {
  id: number;
  result?: { result?: { value?: unknown } };
  error?: { message: string };
}

const MEASURE = "(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())";

/**
 * Looks into a process of Node by its inspector, so that what is measured is started as it is everywhere else. The process
 * has to have been started with `NODE_OPTIONS=--inspect-port=127.0.0.1:<port>`, and listens there from now on.
 */
export async function openLiveHeap(pid: number, port: number): Promise<LiveHeap> {
  process.kill(pid, "SIGUSR1");
  const address = await waitFor(
    async () => {
      const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
        webSocketDebuggerUrl: string;
      }[];
      return targets[0]?.webSocketDebuggerUrl;
    },
    { what: `the inspector of process ${pid}` },
  );
  const socket = new WebSocket(address);
  await once(socket, "open");
  let lastId = 0;
  const ask = async (method: string, params: object = {}): Promise<Reply["result"]> => {
    const id = ++lastId;
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const hear = (data: Buffer) => {
      const reply = JSON.parse(data.toString()) as Reply;
      if (reply.id === id) resolve(reply);
    };
    socket.on("message", hear);
    socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await promise;
    socket.off("message", hear);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  return {
    bytes: async () => {
      // What a finaliser lets go of is free with the next one.
      for (let round = 0; round < 3; round++) await ask("HeapProfiler.collectGarbage");
      const answer = await ask("Runtime.evaluate", { expression: MEASURE, returnByValue: true });
      return Number(answer?.result?.value);
    },
    close: () => socket.terminate(),
  };
}
