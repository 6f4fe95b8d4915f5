import { choice, optionalUrl, readEnvironment, text, type Environment } from "../lib/env.ts";
import { LOG_LEVELS } from "../lib/log.ts";

export const databaseVariables = {
  DATABASE_URL: optionalUrl({
    schemes: ["postgresql", "postgres"],
    description: "PostgreSQL server; without it the embedded one in DATA_DIR is used",
    secret: true,
  }),
  DATA_DIR: text({
    fallback: ".data",
    description: "Folder of the embedded PostgreSQL and of generated secrets",
  }),
  LOG_LEVEL: choice({
    of: LOG_LEVELS,
    fallback: "info",
    description: "Least severe log line that is written",
  }),
};

/** The settings of the database commands. */
export const readDatabaseConfig = (
  source: Readonly<Record<string, string | undefined>> = process.env,
): Environment<typeof databaseVariables> => readEnvironment(databaseVariables, source);
