import { composeServices } from "@apollo/composition";
import { parse } from "graphql";

/** What this process has composed already: a graph is started again by many tests. */
const known = new Map<string, string>();

const nowhere = (name: string) => `http://127.0.0.1:1/${name}`;

/**
 * The supergraph of subgraphs, whose schemas are given by name.
 *
 * @param addressOf where each is; by default where nobody listens
 * @example composed({ fleet: FLEET, yard: YARD })
 * @throws Error with what composition says
 */
export function composed(subgraphs: Readonly<Record<string, string>>, addressOf = nowhere): string {
  const services = Object.entries(subgraphs).map(([name, sdl]) => ({ name, url: addressOf(name), sdl }));
  const key = JSON.stringify(services);
  const before = known.get(key);
  if (before !== undefined) return before;
  const { supergraphSdl, errors } = composeServices(
    services.map(({ sdl, ...service }) => ({ ...service, typeDefs: parse(sdl) })),
  );
  if (errors) throw new Error(errors.map(({ message }) => message).join("\n"));
  known.set(key, supergraphSdl);
  return supergraphSdl;
}
