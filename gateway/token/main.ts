import { readCommandLine } from "../../lib/command-line.ts";
import { existingJwtSecret } from "../../lib/local-secrets.ts";
import { runCommand } from "../../lib/process.ts";
import { readTokenConfig } from "./config.ts";
import { localToken, parseRole, parseTtl } from "./local-token.ts";

const USAGE = `npm run token -- [--role operator|supervisor|admin] [--ttl 1h]

Prints a signed token for local use, an administrator's for an hour unless told otherwise.`;

await runCommand(async () => {
  const { values } = readCommandLine(USAGE, {
    options: { role: { type: "string", default: "admin" }, ttl: { type: "string", default: "1h" } },
  });
  const env = readTokenConfig();
  const secret = env.JWT_SECRET ?? existingJwtSecret(env.DATA_DIR);
  if (secret === undefined) {
    throw new Error(
      `No JWT_SECRET is set and ${env.DATA_DIR} keeps none: start once with npm start, or set JWT_SECRET`,
    );
  }
  const settings = { secret, issuer: env.JWT_ISSUER, audience: env.JWT_AUDIENCE };
  process.stdout.write(`${await localToken(settings, parseRole(values.role), parseTtl(values.ttl))}\n`);
});
