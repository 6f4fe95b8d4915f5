import {
  choice,
  integer,
  optionalText,
  optionalUrl,
  readEnvironment,
  text,
  type Environment,
} from "../lib/env.ts";
import { LOG_LEVELS } from "../lib/log.ts";

const port = (fallback: number, what: string) =>
  integer({ min: 0, max: 65_535, fallback, description: `Port of ${what}; 0 picks a free one.` });

export const standaloneVariables = {
  HOST: text({ fallback: "127.0.0.1", description: "Address to listen on." }),
  PORT: port(4000, "the gateway"),
  PLMS_PORT: port(6100, "the PLMS subgraph"),
  CATALOG_PORT: port(6200, "the catalogue subgraph"),
  PAS_PORT: port(5000, "the mock executor"),
  PLM_PORT: port(5100, "the mock PLM"),
  DATABASE_URL: optionalUrl({
    schemes: ["postgres", "postgresql"],
    secret: true,
    description: "A PostgreSQL of your own, in place of the embedded one.",
  }),
  REDIS_URL: optionalUrl({
    schemes: ["redis", "rediss"],
    secret: true,
    description: "Redis for hints of what changed and for the catalogue's cache.",
  }),
  EVENT_BROKER_URL: optionalUrl({
    schemes: ["nats", "tls", "redis", "rediss", "memory"],
    secret: true,
    description: "A broker for the event streams, in place of this process's memory.",
  }),
  DATA_DIR: text({
    fallback: ".data",
    description: "Folder of the embedded database and the local secrets.",
  }),
  ARTIFACTS_DIR: optionalText({
    description: "Folder of what runs produced; with it, a run is done only when its KPIs are met.",
  }),
  LOG_LEVEL: choice({ of: LOG_LEVELS, fallback: "error", description: "Least severe messages to log." }),
};

export type StandaloneConfig = Environment<typeof standaloneVariables>;

/** @throws EnvironmentError listing every problem */
export const readStandaloneConfig = (
  source: Readonly<Record<string, string | undefined>> = process.env,
): StandaloneConfig => readEnvironment(standaloneVariables, source);
