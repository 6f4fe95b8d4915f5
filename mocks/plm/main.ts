import { createLog } from "../../lib/log.ts";
import { runProcess } from "../../lib/process.ts";
import { startMock } from "../mock-server.ts";
import { readPlmMockConfig } from "./config.ts";
import { createPlmMock } from "./server.ts";

await runProcess(async () => {
  const { address, logLevel, ...config } = readPlmMockConfig();
  const log = createLog({ name: "mock-plm", level: logLevel });
  return startMock(createPlmMock({ ...config, log }), { address, log });
});
