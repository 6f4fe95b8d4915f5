import { createHmac } from "node:crypto";
import { brokerSettings, brokerVariables, type BrokerSettings } from "../../lib/broker/open-broker.ts";
import { optionalText, type Environment } from "../../lib/env.ts";

export const eventStreamVariables = {
  ...brokerVariables,
  EVENT_ID_SECRET: optionalText({
    min: 16,
    secret: true,
    description:
      "Signs the ids of events, so that nobody can make one up; the same at every gateway. Without it the key is derived from GATEWAY_SUBGRAPH_SECRET, or else from JWT_SECRET or EVENT_BROKER_URL.",
  }),
};

export interface EventStreamSettings {
  broker: BrokerSettings;
  /** Signs the ids of events. */
  idKey: Buffer;
  /** The variable that it comes from. */
  idKeyFrom: string;
}

interface Secrets {
  GATEWAY_SUBGRAPH_SECRET: string | undefined;
  JWT_SECRET: string | undefined;
}

export function eventStreamSettings(
  env: Environment<typeof eventStreamVariables> & Secrets,
): EventStreamSettings {
  const { EVENT_ID_SECRET, GATEWAY_SUBGRAPH_SECRET, JWT_SECRET, EVENT_BROKER_URL = "" } = env;
  const candidates = { EVENT_ID_SECRET, GATEWAY_SUBGRAPH_SECRET, JWT_SECRET, EVENT_BROKER_URL };
  const [from = "EVENT_BROKER_URL", secret = ""] =
    Object.entries(candidates).find(([, value]) => value !== undefined) ?? [];
  return {
    broker: brokerSettings(env),
    idKey: createHmac("sha256", secret).update("ids of events").digest(),
    idKeyFrom: from,
  };
}
