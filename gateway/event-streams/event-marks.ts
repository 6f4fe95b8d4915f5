import { createHmac, timingSafeEqual } from "node:crypto";
import type { Position } from "../../lib/broker/broker.ts";

/** Positions as ids that clients keep, and back. */
export interface EventMarks {
  idOf(position: Position): string;
  /** Undefined for an id of another field, other arguments or another caller's topic, and for one that nobody here made. */
  positionOf(id: string): Position | undefined;
}

const SIGNATURE_BYTES = 12;

/** Ids that hold for one field with its arguments and its topic alone, at every gateway that has the key. */
export function createEventMarks(key: Buffer, boundTo: readonly unknown[]): EventMarks {
  const bound = createHmac("sha256", key).update(JSON.stringify(boundTo)).digest();
  const signatureOf = (position: Position) =>
    createHmac("sha256", bound).update(position).digest().subarray(0, SIGNATURE_BYTES);
  return {
    idOf: (position) =>
      `${Buffer.from(position).toString("base64url")}.${signatureOf(position).toString("base64url")}`,
    positionOf: (id) => {
      const [text = "", mark = "", ...more] = id.split(".");
      const position = Buffer.from(text, "base64url").toString();
      const given = Buffer.from(mark, "base64url");
      const isOurs =
        more.length === 0 &&
        given.length === SIGNATURE_BYTES &&
        timingSafeEqual(given, signatureOf(position));
      return isOurs ? position : undefined;
    },
  };
}
