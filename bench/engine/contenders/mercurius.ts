import { createRequire } from "node:module";
import fastify from "fastify";
import { contend, setting } from "../contender.ts";
import { SDL } from "../graph.ts";

/** Peers live in bench/node_modules, which is not there for those who only type-check. */
const peer = async (name: string) => ((await import(name)) as { default: never }).default;

/** Names in its entity queries are type objects, which graphql prints no more since 16.13; give it their text. */
function printTypeNames(): void {
  const printer = createRequire(import.meta.url)("graphql/language/printer.js") as {
    print: (node: unknown) => string;
  };
  const { print } = printer;
  printer.print = (node) => {
    nameTypes(node);
    return print(node);
  };
}

function nameTypes(node: unknown): void {
  if (typeof node !== "object" || node === null) return;
  const { typeCondition, selectionSet, selections, definitions } = node as Record<string, unknown>;
  const name = (typeCondition as { name: { value: unknown } } | undefined)?.name;
  if (name && typeof name.value !== "string") name.value = String(name.value);
  nameTypes(selectionSet);
  for (const list of [selections, definitions]) if (Array.isArray(list)) list.forEach(nameTypes);
}

await contend(async () => {
  printTypeNames();
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
