import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

/*
 * What talks to Redis, loaded once somebody has one: it is a sixth of all modules, and most starts do without.
 */
export const redisClient = () => load("@redis/client") as typeof import("@redis/client");
export const keyvRedis = () => load("@keyv/redis") as typeof import("@keyv/redis");
