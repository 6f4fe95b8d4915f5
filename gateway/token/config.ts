import { readEnvironment, text, type Environment } from "../../lib/env.ts";
import { issuerVariables } from "../../lib/token-env.ts";

const variables = {
  ...issuerVariables,
  DATA_DIR: text({
    fallback: ".data",
    description: "Folder of the local installation, whose secret is the default.",
  }),
};

export const readTokenConfig = (): Environment<typeof variables> => readEnvironment(variables, process.env);
