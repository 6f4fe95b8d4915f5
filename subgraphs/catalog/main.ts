import { createDatabase } from "../../db/client.ts";
import { createNotifications } from "../../db/notifications.ts";
import { systemClock } from "../../lib/clock.ts";
import { createLog } from "../../lib/log.ts";
import { runProcess } from "../../lib/process.ts";
import { readCatalogConfig } from "./config.ts";
import { createCatalogSubgraph } from "./server.ts";

await runProcess(async () => {
  const config = readCatalogConfig();
  const log = createLog({ name: "catalog", level: config.logLevel });
  const database = createDatabase({ url: config.databaseUrl, log });
  const notifications = createNotifications({ url: config.databaseUrl, log });
  const subgraph = await createCatalogSubgraph(config, {
    db: database.db,
    notifications,
    clock: systemClock,
    log,
  });
  log.info({ url: await subgraph.listen() }, "the catalogue is listening");
  return {
    close: async () => {
      await subgraph.close();
      await notifications.close();
      await database.close();
    },
  };
});
