import { createRequire } from "node:module";
import type * as Keyv from "@keyv/redis";
import type * as Redis from "@redis/client";

const load = createRequire(import.meta.url);

/*
 * What talks to Redis, loaded once a Redis is configured: it is a sixth of all modules, and most starts do without.
 */
export const redisClient = () => load("@redis/client") as typeof Redis;
export const keyvRedis = () => load("@keyv/redis") as typeof Keyv;
