import fastify from "fastify";
import { contend, setting } from "../contender.ts";
import { SDL } from "../graph.ts";

/** Peers live in bench/node_modules, which is not there for those who only type-check. */
const peer = async (name: string) => ((await import(name)) as { default: never }).default;

await contend(async () => {
  const app = fastify();
  const services = Object.entries(setting.subgraphs).map(([name, url]) => ({
    name,
    url,
    schema: SDL[name as keyof typeof SDL].replace("type Query", "extend type Query"),
    mandatory: true,
  }));
  await app.register(await peer("@mercuriusjs/gateway"), { gateway: { services }, jit: 1 } as never);
  return `${await app.listen({ port: 0, host: "127.0.0.1" })}/graphql`;
});
