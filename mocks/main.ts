import { createLog } from "../lib/log.ts";
import { runProcess } from "../lib/process.ts";
import { startMock } from "./mock-server.ts";
import { readPasMockConfig } from "./pas/config.ts";
import { createPasMock } from "./pas/server.ts";
import { readPlmMockConfig } from "./plm/config.ts";
import { createPlmMock } from "./plm/server.ts";

await runProcess(async () => {
  const plmConfig = readPlmMockConfig();
  const pasConfig = readPasMockConfig();
  const [plm, pas] = await Promise.all([startPlm(plmConfig), startPas(pasConfig)]);
  return {
    close: async () => {
      await Promise.all([plm.close(), pas.close()]);
    },
  };
});

function startPlm({ address, logLevel, ...config }: ReturnType<typeof readPlmMockConfig>) {
  const log = createLog({ name: "mock-plm", level: logLevel });
  return startMock(createPlmMock({ ...config, log }), { address, log });
}

function startPas({ address, logLevel, ...config }: ReturnType<typeof readPasMockConfig>) {
  const log = createLog({ name: "mock-pas", level: logLevel });
  return startMock(createPasMock({ ...config, log }), { address, log });
}
