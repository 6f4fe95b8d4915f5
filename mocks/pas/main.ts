import { createLog } from "../../lib/log.ts";
import { runProcess } from "../../lib/process.ts";
import { startMock } from "../mock-server.ts";
import { readPasMockConfig } from "./config.ts";
import { createPasMock } from "./server.ts";

await runProcess(async () => {
  const { address, logLevel, ...config } = readPasMockConfig();
  const log = createLog({ name: "mock-pas", level: logLevel });
  return startMock(createPasMock({ ...config, log }), { address, log });
});
