import { integer, list, optionalText, readEnvironment, url } from "../../../lib/env.ts";
import { runCommand } from "../../../lib/process.ts";
import { serverAt } from "./server.ts";
import { judge, VECTORS } from "./vectors.ts";

/**
 * Asks any server of the façade what it has to keep, and prints one line for each: `npm run vectors`. The exit code is 1
 * when it does not keep one of them.
 */
await runCommand(async () => {
  const env = readEnvironment(
    {
      PLMS_API_BASE_URL: url({
        description: "The server that is asked",
        schemes: ["http", "https"],
        fallback: "http://localhost:6100",
      }),
      PLMS_API_TOKEN: optionalText({ description: "Token with every scope of projects", secret: true }),
      PLMS_PROJECT_IDS: list({ description: "Three projects with tasks and a budget", fallback: "1,2,3" }),
      PLMS_LANE_ID: integer({
        description: "A lane that the server knows",
        min: 0,
        max: 2_147_483_647,
        fallback: 4200,
      }),
    },
    process.env,
  );
  const subject = {
    server: serverAt(env.PLMS_API_BASE_URL, env.PLMS_API_TOKEN),
    projectIds: env.PLMS_PROJECT_IDS,
    laneId: env.PLMS_LANE_ID,
  };
  const failed = await judge(subject, ({ group, name, problem }) => {
    process.stdout.write(`${problem === null ? "pass" : "FAIL"}  ${group.padEnd(4)} ${name}\n`);
    if (problem !== null) process.stdout.write(`           ${problem}\n`);
  });
  process.stdout.write(`${VECTORS.length - failed} passed, ${failed} failed: ${env.PLMS_API_BASE_URL}\n`);
  if (failed > 0) process.exitCode = 1;
});
