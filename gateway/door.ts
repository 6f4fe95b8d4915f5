import type { IncomingMessage } from "node:http";
import type { FastifyInstance } from "fastify";
import { isCodedError, type CodedError } from "../lib/errors.ts";
import type { Identity } from "../lib/identity.ts";
import type { Log } from "../lib/log.ts";
import type { Identify } from "../lib/identify.ts";
import type { AddressOf } from "./limits/client-address.ts";
import { addressKey, limitKey } from "./limits/limit-key.ts";
import type { Limits } from "./limits/limits.ts";
import { sendRefusal } from "./send-refusal.ts";

export interface DoorOptions {
  path: string;
  identify: Identify;
  limits: Limits;
  addressOf: AddressOf;
  /** Whether the operation of a request has been counted already. */
  isCounted: (request: IncomingMessage) => boolean;
  log: Log;
}

/** The first thing that happens to an operation over HTTP, whatever its method and whatever it accepts. */
export interface Door {
  /** Who sent a request that has come in. */
  identityOf(request: IncomingMessage): Identity;
}

/**
 * Identifies and counts every request for `path` before its body is read. Guessing tokens counts, too: by
 * address.
 */
export function openDoor(app: FastifyInstance, options: DoorOptions): Door {
  const { path, identify, limits, addressOf, isCounted, log } = options;
  const identities = new WeakMap<IncomingMessage, Identity>();

  const admit = async (request: IncomingMessage): Promise<CodedError | undefined> => {
    try {
      const identity = await identify(request.headers.authorization);
      identities.set(request, identity);
      return isCounted(request) ? undefined : limits.rate(limitKey(identity, addressOf(request)));
    } catch (error) {
      if (!isCodedError(error)) throw error;
      return limits.rate(addressKey(addressOf(request))) ?? error;
    }
  };

  app.addHook("onRequest", async (request, reply) => {
    if (request.url.split("?")[0] !== path || request.method === "OPTIONS") return undefined;
    const refusal = await admit(request.raw);
    return refusal && sendRefusal(reply, refusal, log);
  });

  return {
    identityOf: (request) => {
      const identity = identities.get(request);
      if (!identity) throw new Error("The request did not come through the door");
      return identity;
    },
  };
}
