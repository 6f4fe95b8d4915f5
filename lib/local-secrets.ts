import { createHmac, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { explainFolderProblem } from "./data-folder.ts";

/** Secrets of a local installation, made up once and kept in its data folder. */
export interface LocalSecrets {
  jwtSecret: string;
  /** What the secrets are made of by which the gateway proves itself to each subgraph. */
  gatewaySubgraphSecret: string;
  webhookSecretPas: string;
}

const schema: z.ZodType<LocalSecrets> = z.object({
  jwtSecret: z.string().min(32),
  gatewaySubgraphSecret: z.string().min(16),
  webhookSecretPas: z.string().startsWith("whsec_"),
});

const fileIn = (dataDir: string) => join(dataDir, "secrets.json");

/**
 * The secrets that a data folder keeps, made now if it has none.
 *
 * @throws Error naming the file when it is not readable as secrets, or the folder when it cannot be written to
 */
export function localSecrets(dataDir: string): LocalSecrets {
  const file = fileIn(dataDir);
  if (existsSync(file)) return parseSecrets(file);
  const secrets: LocalSecrets = {
    jwtSecret: randomBytes(32).toString("base64url"),
    gatewaySubgraphSecret: randomBytes(24).toString("base64url"),
    webhookSecretPas: `whsec_${randomBytes(32).toString("base64")}`,
  };
  try {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  } catch (error) {
    throw explainFolderProblem(error, dataDir);
  }
  return secrets;
}

/** The secret that proves the gateway to one subgraph; it tells nothing of those of others. */
export const subgraphSecretOf = ({ gatewaySubgraphSecret }: LocalSecrets, subgraph: string): string =>
  createHmac("sha256", gatewaySubgraphSecret).update(subgraph).digest("base64url");

/** The JWT secret that a data folder keeps; undefined when nothing was ever started there. */
export const existingJwtSecret = (dataDir: string): string | undefined =>
  existsSync(fileIn(dataDir)) ? parseSecrets(fileIn(dataDir)).jwtSecret : undefined;

function parseSecrets(file: string): LocalSecrets {
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    throw new Error(`${file} does not hold the secrets of a local installation; delete it to get new ones`);
  }
}
