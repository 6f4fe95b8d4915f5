import { createConnection, createServer, type AddressInfo, type Socket } from "node:net";

/** A server's stand-in that can be taken away without touching the server. */
export interface TcpProxy {
  /** The server's URL with the proxy's address. */
  url: string;
  /** Breaks everything and takes nobody any more, until `back`. */
  gone(): void;
  back(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const state = { isGone: false };
  const server = createServer((client) => {
    if (state.isGone) return void client.destroy();
    const upstream = createConnection({ host: hostname, port: Number(port) });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    gone: () => {
      state.isGone = true;
      cut();
    },
    back: () => {
      state.isGone = false;
    },
    close: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
