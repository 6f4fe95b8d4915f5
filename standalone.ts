import { buildDashboard } from "./dashboard/build.ts";
import { createLog } from "./lib/log.ts";
import { runProcess } from "./lib/process.ts";
import { banner } from "./standalone/banner.ts";
import { readStandaloneConfig } from "./standalone/config.ts";
import { adminToken, startDemoRun } from "./standalone/demo.ts";
import { startStack } from "./standalone/stack.ts";

const TOKEN_TTL_SECONDS = 12 * 3_600;

/** `npm start`: everything in one process, with demo data and a run to watch. */
await runProcess(async () => {
  const config = readStandaloneConfig();
  const log = createLog({ name: "standalone", level: config.LOG_LEVEL });
  await buildDashboard().catch((err: unknown) =>
    log.warn({ err }, "there is no dashboard: it could not be built"),
  );
  const stack = await startStack(config);
  const token = await adminToken(stack, TOKEN_TTL_SECONDS);
  const projectId = (await startDemoRun(stack, token, log)) ?? "1";
  process.stdout.write(banner(stack.urls, { token, projectId }));
  return stack;
});
