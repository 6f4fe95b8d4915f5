import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import type { Broker } from "../../../lib/broker/broker.ts";
import { subgraphs } from "../../../schema/subgraphs.ts";
import type { DrillContext } from "../support/drill.ts";
import { own } from "../support/own.ts";

/** A subgraph that has nothing but a stream of numbers, so that a lost or a doubled one shows. */
const LEDGER = `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective"])
    @link(url: "https://lifecycle-gateway.dev/eventStream/v0.1", import: ["@eventStream"])
    @composeDirective(name: "@eventStream")
  directive @eventStream(message: String!, topics: [String!], broker: String, orSubgraph: Boolean = false) on FIELD_DEFINITION
  type Query { entries: Int }
  type Subscription {
    entry(topic: ID!): Entry! @eventStream(message: "{ number }", topics: ["events.ledger.{$args.topic}"])
  }
  type Entry { number: Int! }`;

/** Our supergraph with the ledger in it, as a file. */
export async function composeWithLedger(defer: DrillContext["defer"]): Promise<string> {
  const known = await Promise.all(
    subgraphs.map(async ({ name, url, file }) => ({
      name,
      url,
      typeDefs: parse(await readFile(new URL(`../../../schema/${file}`, import.meta.url), "utf8")),
    })),
  );
  const ledger = { name: "ledger", url: "http://127.0.0.1:9/graphql", typeDefs: parse(LEDGER) };
  const { supergraphSdl, errors } = composeServices([...known, ledger]);
  if (supergraphSdl === undefined) throw new Error(errors?.[0]?.message);
  const folder = await own(
    defer,
    () => mkdtemp(join(tmpdir(), "lifecycle-proof-")),
    (made) => rm(made, { recursive: true, force: true }),
  );
  const file = join(folder, "supergraph.graphql");
  await writeFile(file, supergraphSdl);
  return file;
}

/** Publishes numbers, one after the other for each topic, and repeats each until the broker has acknowledged it. */
export interface Publisher {
  /** The last number of each topic that was acknowledged. */
  acknowledged: ReadonlyMap<string, number>;
  /** Attempts that were not acknowledged, and were repeated. */
  repeated: () => number;
  /** Ends when what is under way has been acknowledged. */
  stop(): Promise<void>;
  /** Ends whatever is under way. */
  abandon(): void;
}

const RETRY_MS = 200;

export function startPublisher(
  broker: Broker,
  { topics, everyMs }: { topics: readonly string[]; everyMs: number },
): Publisher {
  const acknowledged = new Map<string, number>();
  const state = { isStopping: false, isAbandoned: false, repeated: 0 };
  const until = async (topic: string, number: number): Promise<void> => {
    const message = {
      topic: `events.ledger.${topic}`,
      id: `${topic}-${number}`,
      body: JSON.stringify({ number }),
    };
    for (;;) {
      const isKept = await broker.publish(message).then(
        () => true,
        () => false,
      );
      if (isKept || state.isAbandoned) return;
      state.repeated += 1;
      await sleep(RETRY_MS);
    }
  };
  const writers = topics.map(async (topic) => {
    await sleep(Math.random() * everyMs);
    for (let number = 1; !state.isStopping; number += 1) {
      await until(topic, number);
      acknowledged.set(topic, number);
      await sleep(everyMs);
    }
  });
  return {
    acknowledged,
    repeated: () => state.repeated,
    abandon: () => {
      state.isStopping = true;
      state.isAbandoned = true;
    },
    stop: async () => {
      state.isStopping = true;
      await Promise.all(writers);
    },
  };
}
