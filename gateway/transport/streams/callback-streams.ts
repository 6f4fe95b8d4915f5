import type { ExecutionResult } from "graphql";
import { Agent, request as send } from "undici";
import type { CallbackReceiver } from "./callback-receiver.ts";
import { readWhole, refusalIn, requestFailure } from "./http-answer.ts";
import {
  lookEveryMs,
  notOpenedIn,
  quietLimitMs,
  silentFor,
  StreamFailure,
  type StreamProtocol,
  type StreamSettings,
  type StreamSink,
} from "./stream-protocol.ts";

function refuse(sink: StreamSink, result: ExecutionResult): void {
  sink.next(result);
  sink.end();
}

export interface CallbackStreamsOptions extends StreamSettings {
  receiver: CallbackReceiver;
}

/**
 * Apollo's HTTP callback protocol: the subgraph is given an address of ours and posts its events there, with a check in
 * between at least every quarter of the silence allowed.
 */
export function createCallbackStreams(options: CallbackStreamsOptions): StreamProtocol {
  const { receiver, url } = options;
  const agent = new Agent({ connectTimeout: quietLimitMs(options) });
  return {
    open: ({ payload, headers }, sink) => {
      const abort = new AbortController();
      let heardAtMs = performance.now();
      let isOpen = false;
      const over = (tell: () => void) => {
        if (abort.signal.aborted) return;
        leave();
        tell();
      };
      const stream = receiver.expect({
        checked: () => {
          heardAtMs = performance.now();
          if (!isOpen) sink.opened("callback");
          isOpen = true;
        },
        next: (result) => sink.next(result),
        end: () => over(() => sink.end()),
        fail: (failure) => over(() => sink.fail(failure)),
      });
      const looking = setInterval(() => {
        const quietMs = performance.now() - heardAtMs;
        if (quietMs <= quietLimitMs(options)) return;
        over(() => sink.fail(isOpen ? silentFor(quietMs) : notOpenedIn(quietMs)));
      }, lookEveryMs(options));
      const leave = () => {
        clearInterval(looking);
        stream.forget();
        abort.abort();
      };
      const subscription = {
        callbackUrl: stream.url,
        subscriptionId: stream.id,
        verifier: stream.verifier,
        heartbeatIntervalMs: lookEveryMs(options),
      };
      const body = { ...payload, extensions: { ...payload.extensions, subscription } };
      const ask = async () => {
        const response = await send(url, {
          method: "POST",
          headers: { ...headers, accept: "application/json;callbackSpec=1.0, application/json" },
          body: JSON.stringify(body),
          dispatcher: agent,
          signal: abort.signal,
        });
        const answer = await readWhole(response, options.limitBytes);
        const refusal =
          answer.statusCode === 200 && !/"errors"/.test(answer.text) ? undefined : refusalIn(answer);
        if (refusal instanceof StreamFailure) over(() => sink.fail(refusal));
        else if (refusal) over(() => refuse(sink, refusal));
      };
      ask().catch((error: unknown) => over(() => sink.fail(requestFailure(error, quietLimitMs(options)))));
      return leave;
    },
    close: () => agent.destroy(),
  };
}
