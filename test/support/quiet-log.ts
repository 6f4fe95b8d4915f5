import { createLog } from "../../lib/log.ts";

/** For what wants a log that nobody reads. */
export const quietLog = createLog({ name: "test", level: "silent" });
