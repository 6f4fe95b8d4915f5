import { optionalText, readEnvironment, text, type Environment } from "../../lib/env.ts";

const tokenVariables = {
  JWT_SECRET: optionalText({
    min: 32,
    secret: true,
    description: "HS256 secret; default: the one kept in DATA_DIR.",
  }),
  JWT_ISSUER: text({ fallback: "lifecycle-gateway", description: "`iss` of the token." }),
  JWT_AUDIENCE: text({ fallback: "lifecycle-gateway", description: "`aud` of the token." }),
  DATA_DIR: text({ fallback: ".data", description: "Folder of the local installation." }),
};

export const readTokenConfig = (): Environment<typeof tokenVariables> =>
  readEnvironment(tokenVariables, process.env);
