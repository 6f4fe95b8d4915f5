import { mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

const { test: unit, ...shared } = base;
const { include: _, ...settings } = unit ?? {};

/** Public data sets, each fetched at one commit; apart from `npm test`, because it needs the network once. */
export default mergeConfig({ ...shared, test: settings }, { test: { include: ["test/**/*.world.ts"] } });
