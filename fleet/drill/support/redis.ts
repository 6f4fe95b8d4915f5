import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { endProcess } from "../../processes.ts";
import { waitFor } from "../../../lib/wait.ts";
import type { DrillContext } from "./drill.ts";
import { own } from "./own.ts";

/** A Redis of the drill's own, ended with it; undefined where there is none on this machine. */
export async function startRedis(
  port: number,
  defer: DrillContext["defer"],
): Promise<ChildProcess | undefined> {
  const child = await own(
    defer,
    () => spawnRedis(port),
    async (redis) => redis && endProcess(redis, "SIGKILL"),
  );
  if (child) await waitFor(() => accepts(port), { what: "Redis to listen" });
  return child;
}

/** Undefined where there is no Redis on this machine. */
async function spawnRedis(port: number): Promise<ChildProcess | undefined> {
  const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--dir", "/tmp"];
  const child = spawn("redis-server", args, { stdio: "ignore" });
  const isThere = await Promise.race([
    once(child, "spawn").then(() => true),
    once(child, "error").then(() => false),
  ]).catch(() => false);
  return isThere ? child : undefined;
}

const accepts = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
