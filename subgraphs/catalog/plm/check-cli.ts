import { randomUUID } from "node:crypto";
import { systemClock } from "../../../lib/clock.ts";
import { badInput } from "../../../lib/errors.ts";
import { runCommand } from "../../../lib/process.ts";
import { createPlmClient } from "./adapters/partner/client.ts";
import { readPlmCheckConfig } from "./config.ts";
import { checkPartner } from "./operations/check-partner.ts";

/**
 * `npm run plm:check -- URL`: reads a PLM as the catalogue would and prints what will be taken and what will not; exit
 * code 1 when something will not. Credentials are PLM_CLIENT_ID and PLM_CLIENT_SECRET.
 */
await runCommand(async () => {
  const [url = "", ...more] = process.argv.slice(2);
  if (!URL.canParse(url) || more.length > 0)
    throw badInput("URL", process.argv.slice(2).join(" "), "the URL of a PLM");
  const client = createPlmClient(
    { baseUrl: url, ...readPlmCheckConfig() },
    { clock: systemClock, random: Math.random },
  );
  const counts = { ok: 0, note: 0, bad: 0 };
  try {
    for await (const { verdict, text } of checkPartner(client, randomUUID())) {
      process.stdout.write(`${verdict.padEnd(4)}  ${text}\n`);
      counts[verdict] += 1;
    }
    const { ok, note, bad } = counts;
    process.stdout.write(`${ok + note + bad} findings: ${ok} ok, ${note} to know, ${bad} bad\n`);
    if (bad > 0) process.exitCode = 1;
  } finally {
    await client.close();
  }
});
