import { setTimeout as sleep } from "node:timers/promises";
import { DEAF_CLIENTS, type DeafClient } from "../../test/hardening/support/deaf-clients.ts";
import { startStalledGateway } from "../../test/hardening/support/stalled-gateway.ts";
import { option, say } from "../engine/command-line.ts";

/**
 * `node run.cjs bench/hardening/heap-table.ts [--base CHECKOUT] [--rows FIRST-LAST]`: how much of the live heap each kind of
 * client that does not read holds, and of the memory of the process, as a table; with another checkout beside it. Each kind
 * gets a gateway of its own.
 */
const MEGABYTE = 1_048_576;
const LOOKS = 6;
const base = option("base");
const builds = [...(base === undefined ? [] : [{ name: "before", root: base }]), { name: "now" }];
const [first = 1, last = DEAF_CLIENTS.length] = (option("rows") ?? "").split("-").filter(Boolean).map(Number);

const columns = builds.flatMap(({ name }) => [`${name}: heap, MB`, `${name}: process, MB`]);
say(`| client | ${columns.join(" | ")} |\n|---|${"---|".repeat(columns.length)}`);
for (const { what, act } of DEAF_CLIENTS.slice(first - 1, last)) {
  const held: string[] = [];
  for (const build of builds) held.push(...(await measure(build, act)));
  say(`| ${what} | ${held.join(" | ")} |`);
}

/** The most that is held while the clients are there, beyond what an idle gateway has. */
async function measure(build: { root?: string }, act: DeafClient["act"]): Promise<string[]> {
  const gateway = await startStalledGateway(build);
  const look = async () => [await gateway.liveBytes(), await gateway.residentBytes()] as const;
  const [idleHeap, idleResident] = await look();
  const sockets = await act(gateway);
  let [mostHeap, mostResident] = [0, 0];
  for (let looks = 0; looks < LOOKS; looks++) {
    const [heap, resident] = await look();
    mostHeap = Math.max(mostHeap, heap - idleHeap);
    mostResident = Math.max(mostResident, resident - idleResident);
    await sleep(200);
  }
  for (const socket of sockets) socket.destroy();
  await gateway.stop();
  return [mostHeap, mostResident].map((bytes) => (bytes / MEGABYTE).toFixed(0));
}
