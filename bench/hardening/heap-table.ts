import { setTimeout as sleep } from "node:timers/promises";
import { DEAF_CLIENTS } from "../../test/hardening/support/deaf-clients.ts";
import { startStalledGateway } from "../../test/hardening/support/stalled-gateway.ts";
import { option, say } from "../engine/command-line.ts";

/**
 * `node run.cjs bench/hardening/heap-table.ts [--base CHECKOUT]`: how much of the live heap each kind of client that does not
 * read holds, as a table; with another checkout beside it. Each kind gets a gateway of its own.
 */
const MEGABYTE = 1_048_576;
const LOOKS = 6;
const base = option("base");
const builds = [...(base === undefined ? [] : [{ root: base }]), {}];

say(`| client | ${base === undefined ? "" : "MB before | "}MB |\n|---|${"---|".repeat(builds.length)}`);
for (const { what, act } of DEAF_CLIENTS) {
  const held: string[] = [];
  for (const build of builds) {
    const gateway = await startStalledGateway(build);
    const before = await gateway.liveBytes();
    const sockets = await act(gateway);
    let most = 0;
    for (let look = 0; look < LOOKS; look++) {
      most = Math.max(most, (await gateway.liveBytes()) - before);
      await sleep(200);
    }
    for (const socket of sockets) socket.destroy();
    await gateway.stop();
    held.push((most / MEGABYTE).toFixed(0));
  }
  say(`| ${what} | ${held.join(" | ")} |`);
}
