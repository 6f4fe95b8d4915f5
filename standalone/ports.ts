import { once } from "node:events";
import { createServer } from "node:net";
import { unusableAddress } from "../lib/http-server.ts";
import type { StandaloneConfig } from "./config.ts";

/**
 * Finds out before anything is started.
 *
 * @throws Error that names the variable of a port that is taken
 */
export async function requirePorts(config: StandaloneConfig): Promise<void> {
  for (const variable of ["PORT", "PLMS_PORT", "CATALOG_PORT", "PAS_PORT", "PLM_PORT"] as const) {
    const address = { host: config.HOST, port: config[variable], variable };
    const server = createServer().listen(address.port, address.host);
    await once(server, "listening").catch((error: unknown) => {
      throw unusableAddress(error, address);
    });
    await once(server.close(), "close");
  }
}
