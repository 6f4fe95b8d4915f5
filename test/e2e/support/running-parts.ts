import type { StackUrls } from "../../../standalone/stack.ts";

/** What both topologies have in common: who may sign what. */
export interface RunningParts {
  urls: StackUrls;
  jwtSecret: string;
  close(): Promise<void>;
}
