import { createDatabase } from "../../db/client.ts";
import { createNotifications } from "../../db/notifications.ts";
import { systemClock } from "../../lib/clock.ts";
import { createLog } from "../../lib/log.ts";
import { runProcess } from "../../lib/process.ts";
import { readPlmsConfig } from "./config.ts";
import { createPlmsSubgraph } from "./server.ts";

await runProcess(async () => {
  const config = readPlmsConfig();
  const log = createLog({ name: "plms", level: config.logLevel });
  const database = createDatabase({ url: config.databaseUrl, log });
  const notifications = createNotifications({ url: config.databaseUrl, log });
  const subgraph = await createPlmsSubgraph(config, {
    db: database.db,
    notifications,
    clock: systemClock,
    log,
  });
  log.info({ url: await subgraph.listen() }, "plms is listening");
  return {
    close: async () => {
      await subgraph.close();
      await notifications.close();
      await database.close();
    },
  };
});
