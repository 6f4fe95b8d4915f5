import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where Debian's package `nats-server` puts it. */
const BINARY = process.env["NATS_SERVER"] || "/usr/sbin/nats-server";

export interface NatsServer {
  url: string;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again at the same address, with what it had kept. */
  restart(): Promise<void>;
  /** The end, with all that it kept. */
  close(): Promise<void>;
}

/** A server of NATS with JetStream, at a port of its own. */
export async function startNatsServer(): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), "lifecycle-nats-"));
  const port = await freePort();
  let server: ChildProcess | undefined;
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there: apt-get install nats-server`);
  const start = async () => {
    const child = spawn(BINARY, ["-a", "127.0.0.1", "-p", String(port), "-js", "-sd", folder]);
    server = child;
    // Read to the end: it would not survive that nobody hears what it says.
    const ready = Promise.withResolvers<void>();
    child.stderr.on("data", (said) => {
      if (String(said).includes("Server is ready")) ready.resolve();
    });
    await ready.promise;
  };
  const kill = async () => {
    if (server?.exitCode !== null || server.signalCode !== null) return;
    server.kill("SIGKILL");
    await once(server, "exit");
  };
  await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    kill,
    restart: start,
    close: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
