import { buildDashboard } from "../dashboard/build.ts";
import { clientOf } from "../client/graph-client.ts";
import { createLog } from "../lib/log.ts";
import type { Running } from "../lib/process.ts";
import { banner } from "./banner.ts";
import { readStandaloneConfig } from "./config.ts";
import { startDemo } from "./demo.ts";
import { showcaseCatalog } from "./showcase.ts";
import { adminToken, startStack } from "./stack.ts";

const TOKEN_TTL_SECONDS = 12 * 3_600;

/** Everything in one process, with a demo that goes on; `say` is told what is done, as it is done. */
export async function startStandalone({
  reset,
  say,
}: {
  reset: boolean;
  say: (what: string) => void;
}): Promise<Running> {
  const config = readStandaloneConfig();
  const log = createLog({ name: "standalone", level: config.LOG_LEVEL });
  say("starting PostgreSQL and building the dashboard");
  const dashboard = buildDashboard().then(
    (isNew) => say(isNew ? "the dashboard is built" : "the dashboard is as it was"),
    (err: unknown) => log.warn({ err }, "there is no dashboard: it could not be built"),
  );
  const stack = await startStack(config, { say, reset, showcase: true, catalog: showcaseCatalog });
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
}
