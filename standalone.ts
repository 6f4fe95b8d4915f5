import { buildDashboard } from "./dashboard/build.ts";
import { clientOf } from "./fleet/client.ts";
import { readCommandLine } from "./lib/command-line.ts";
import { createLog } from "./lib/log.ts";
import { runProcess } from "./lib/process.ts";
import { banner } from "./standalone/banner.ts";
import { readStandaloneConfig } from "./standalone/config.ts";
import { startDemo } from "./standalone/demo.ts";
import { showcaseCatalog } from "./standalone/showcase.ts";
import { adminToken, startStack } from "./standalone/stack.ts";

const USAGE = `npm start [-- --reset]

Starts everything in one process, with demo data, on an embedded PostgreSQL in DATA_DIR (default .data). What you did
before is still there; --reset begins afresh. All settings: docs/configuration.md.`;

const TOKEN_TTL_SECONDS = 12 * 3_600;

/** `npm start`: everything in one process, with a demo that goes on. */
await runProcess(async () => {
  const { values } = readCommandLine(USAGE, { options: { reset: { type: "boolean", default: false } } });
  const config = readStandaloneConfig();
  const log = createLog({ name: "standalone", level: config.LOG_LEVEL });
  const say = (what: string) =>
    process.stdout.write(`  ${(performance.now() / 1000).toFixed(1).padStart(5)} s  ${what}\n`);
  say("starting PostgreSQL and building the dashboard");
  const dashboard = buildDashboard().then(
    (isNew) => say(isNew ? "the dashboard is built" : "the dashboard is as it was"),
    (err: unknown) => log.warn({ err }, "there is no dashboard: it could not be built"),
  );
  const stack = await startStack(config, { say, ...values, showcase: true, catalog: showcaseCatalog });
  try {
    const token = await adminToken(stack, TOKEN_TTL_SECONDS);
    const client = clientOf(stack.urls.gateway, token);
    const demo = await startDemo(client, { log, pauseMs: 20_000, lookMs: 10_000 });
    await dashboard;
    process.stdout.write(banner(stack, { token, projectId: demo.projectId }));
    return {
      close: async () => {
        await demo.close();
        await client.close();
        await stack.close();
      },
    };
  } catch (error) {
    await stack.close();
    throw error;
  }
});
