import type { Attack } from "../../test/hardening/attack.ts";
import { DOCUMENT_ATTACKS } from "../../test/hardening/document-attacks.ts";
import { REQUEST_ATTACKS } from "../../test/hardening/request-attacks.ts";
import { launch } from "../engine/fleet.ts";

/**
 * Sends every attack of the hardening table to a gateway process, several times, and prints the five that cost it
 * most: CPU milliseconds and megabytes of growth, beside those of a harmless one.
 */
const ROUNDS = 10;
const WARM_UP = 200;
const SHOWN = 5;

const gateway = await launch({ file: "../../hardening/gateway-process" });
const origin = new URL(gateway.url).origin;

async function send({ method = "POST", path = "/graphql", headers = {}, body }: Omit<Attack, "status">) {
  const response = await fetch(`${origin}${path}`, {
    method,
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : new Uint8Array(body) }),
  });
  await response.arrayBuffer();
}

async function costOf(attack: Omit<Attack, "status">) {
  const before = await gateway.usage();
  // A gateway that refuses a body hangs up before all of it is sent.
  for (let round = 0; round < ROUNDS; round++) await send(attack).catch(() => {});
  const after = await gateway.usage();
  return {
    id: attack.id,
    what: attack.what,
    cpuMs: Math.round((after.cpuUs - before.cpuUs) / ROUNDS / 10) / 100,
    rssMb: Math.round(((after.rssBytes - before.rssBytes) / 1_048_576) * 10) / 10,
  };
}

const harmless = { id: "none", what: "a harmless query", body: '{"query":"{ whoAmI }"}' };
try {
  for (let round = 0; round < WARM_UP; round++) await send(harmless);
  const usual = await costOf(harmless);
  const costs = [];
  for (const attack of [...DOCUMENT_ATTACKS, ...REQUEST_ATTACKS]) costs.push(await costOf(attack));
  const dearest = costs.toSorted((a, b) => b.cpuMs - a.cpuMs).slice(0, SHOWN);
  for (const { id, what, cpuMs, rssMb } of [usual, ...dearest])
    process.stdout.write(`${id}: ${what}: ${cpuMs} ms CPU, ${rssMb} MB more\n`);
  process.stdout.write(`${JSON.stringify({ usual, dearest })}\n`);
} finally {
  await gateway.stop();
}
