import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { unusableAddress } from "../lib/http-server.ts";
import type { Member } from "./member.ts";

const HOST = "127.0.0.1";

/** One address in front of several gateways, as a load balancer would be: each connection goes to the next one that runs. */
export interface Front {
  url: string;
  close(): Promise<void>;
}

export async function startFront(members: readonly Member[], port = 0): Promise<Front> {
  let turn = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const running = members.filter((member) => member.isRunning());
    const chosen = running[turn++ % Math.max(1, running.length)];
    if (!chosen) {
      client.destroy();
      return;
    }
    const upstream = connect(Number(new URL(chosen.url).port), "127.0.0.1");
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one);
      one.setNoDelay(true).pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(port, HOST);
  await once(server, "listening").catch((error: unknown) => {
    throw unusableAddress(error, { host: HOST, port, variable: "--port" });
  });
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of open) socket.destroy();
      await once(server.close(), "close");
    },
  };
}
