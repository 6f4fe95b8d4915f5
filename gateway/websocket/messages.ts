import { z } from "zod";

const object = z.record(z.string(), z.unknown());
const id = z.string().min(1).max(256);

const message = z.discriminatedUnion("type", [
  z.object({ type: z.literal("connection_init"), payload: object.nullish() }),
  z.object({ type: z.literal("ping"), payload: object.nullish() }),
  z.object({ type: z.literal("pong"), payload: object.nullish() }),
  z.object({ type: z.literal("complete"), id }),
  z.object({
    type: z.literal("subscribe"),
    id,
    payload: object,
  }),
]);

/** A message that clients may send. */
export type ClientMessage = z.infer<typeof message>;
export type SubscribeMessage = Extract<ClientMessage, { type: "subscribe" }>;

/** Reads a message; a text says what is wrong with it. */
export function readMessage(text: string): ClientMessage | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "not JSON";
  }
  const read = message.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  return issue ? `${issue.path.join(".") || "message"}: ${issue.message}` : "unknown";
}
