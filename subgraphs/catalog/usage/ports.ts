import type { createUsageOutbox } from "./adapters/outbox.ts";

export type UsageOutbox = ReturnType<typeof createUsageOutbox>;
