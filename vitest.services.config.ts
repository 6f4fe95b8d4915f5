import { mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** The same suites, on the PostgreSQL and Redis that the environment names. */
export default mergeConfig(base, { test: { globalSetup: ["test/support/require-services.ts"] } });
