import { choice, integer, text } from "../lib/env.ts";
import { LOG_LEVELS } from "../lib/log.ts";

/** What every mock reads of the environment. */
export const mockVariables = {
  HOST: text({ description: "Address to listen on", fallback: "127.0.0.1" }),
  LOG_LEVEL: choice({ description: "Least severe log line to print", of: LOG_LEVELS, fallback: "info" }),
  MOCK_SEED: integer({
    description: "Seed of everything that a mock draws",
    min: 0,
    max: 2_147_483_647,
    fallback: 1,
  }),
};
