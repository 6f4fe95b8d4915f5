import { randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { CodedError } from "../../../lib/errors.ts";
import { isErrorList, resultFrom, StreamFailure, type StreamSink } from "./stream-protocol.ts";

/** Where subgraphs post, under the gateway's address. */
export const CALLBACK_PATH = "/callbacks";

/** What other receivers of this gateway say to a message about a stream that is unknown here. */
export type ReceiveElsewhere = (id: string, message: unknown) => Promise<204 | 400 | 404>;

/** What a subgraph says to a callback, and what it is answered with. */
export interface CallbackReceiver {
  /** The status for a message about the stream `id`: 204, 400 for one that cannot be, 404 for an unknown stream. */
  receive(id: string, message: unknown): 204 | 400 | 404;
  /** Expects messages about a stream; returns its address and how to stop that. */
  expect(sink: CallbackSink): { id: string; verifier: string; url: string; forget: () => void };
}

interface CallbackSink extends Pick<StreamSink, "next" | "end" | "fail"> {
  checked(): void;
}

const messageSchema = z.object({
  kind: z.literal("subscription"),
  action: z.enum(["check", "next", "complete"]),
  id: z.string(),
  verifier: z.string(),
  payload: z.unknown().optional(),
  errors: z.unknown().optional(),
});

/** The streams that come in by callbacks, each to a path of its own under `baseUrl`. */
export function createCallbackReceiver(baseUrl: string): CallbackReceiver {
  const expected = new Map<string, { verifier: Buffer; sink: CallbackSink }>();
  return {
    expect: (sink) => {
      const id = randomUUID();
      const verifier = randomBytes(24).toString("base64url");
      expected.set(id, { verifier: Buffer.from(verifier), sink });
      return { id, verifier, url: `${baseUrl}/${id}`, forget: () => expected.delete(id) };
    },
    receive: (id, body) => {
      const parsed = messageSchema.safeParse(body);
      if (!parsed.success) return 400;
      const stream = expected.get(id);
      const message = parsed.data;
      if (!stream) return 404;
      if (message.id !== id || !isSame(stream.verifier, Buffer.from(message.verifier))) return 400;
      tell(stream.sink, message);
      return 204;
    },
  };
}

const isSame = (a: Buffer, b: Buffer) => a.length === b.length && timingSafeEqual(a, b);

function tell(sink: CallbackSink, { action, payload, errors }: z.infer<typeof messageSchema>): void {
  sink.checked();
  if (action === "check") return;
  try {
    if (action === "next") return sink.next(resultFrom(payload));
    if (isErrorList(errors) && errors.length > 0) sink.next({ errors });
    sink.end();
  } catch (error) {
    sink.fail(error instanceof StreamFailure ? error : new StreamFailure("garbage", "sent nonsense", error));
  }
}

/** Takes what subgraphs post, however little they can prove: whoever knows no verifier is told nothing. */
export function serveCallbacks(
  app: FastifyInstance,
  receiver: CallbackReceiver | undefined,
  { limitBytes, elsewhere }: { limitBytes: number; elsewhere?: ReceiveElsewhere | undefined },
): void {
  if (!receiver) return;
  app.post<{ Params: { id: string } }>(
    `${CALLBACK_PATH}/:id`,
    { bodyLimit: limitBytes },
    async (request, reply) => {
      const { id } = request.params;
      const here = receiver.receive(id, request.body);
      const status = here === 404 && elsewhere ? await elsewhere(id, request.body) : here;
      if (status === 404)
        throw new CodedError("NOT_FOUND", "No stream is expected here; end the subscription");
      if (status === 400)
        throw new CodedError("BAD_USER_INPUT", "expected {kind, action, id, verifier} of this subscription");
      return reply.code(204).header("subscription-protocol", "callback/1.0").send();
    },
  );
}
