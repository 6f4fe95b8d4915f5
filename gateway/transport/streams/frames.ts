import { createParser } from "eventsource-parser";
import { parsedJson, resultFrom, StreamFailure, tooLargeEvent, type StreamSink } from "./stream-protocol.ts";

/** What a streaming answer says, as its bytes come in. */
export interface FrameReader {
  /** @throws StreamFailure for what cannot be read or is too large */
  feed(text: string): void;
}

/** Where the frames go: signs of life are everything that is no event. */
export interface FrameSink extends Pick<StreamSink, "next" | "end"> {
  beat(): void;
}

/** Server-sent events as graphql-sse has them in its mode of distinct connections. */
export function eventStreamReader(sink: FrameSink, limitBytes: number): FrameReader {
  const parser = createParser({
    maxBufferSize: limitBytes,
    onComment: () => sink.beat(),
    onEvent: ({ event = "next", data }) => {
      if (event === "complete") return sink.end();
      if (event !== "next" && event !== "message")
        throw new StreamFailure(
          "garbage",
          `sent a server-sent event named ${JSON.stringify(event).slice(0, 40)}`,
        );
      if (data === "") return sink.beat();
      return sink.next(resultFrom(parsedJson(data)));
    },
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded") throw tooLargeEvent(limitBytes);
    },
  });
  return { feed: (text) => parser.feed(text) };
}

/**
 * Parts of `multipart/mixed`: Apollo's subscription protocol, whose results are in `payload` and whose `{}` is a sign
 * of life, and servers that send the results as they are.
 */
export function multipartReader(boundary: string, sink: FrameSink, limitBytes: number): FrameReader {
  const delimiter = `\r\n--${boundary}`;
  // The first delimiter may begin the body.
  let buffer = "\r\n";
  let searchedTo = 0;
  return {
    feed: (text) => {
      buffer += text;
      for (;;) {
        const at = buffer.indexOf(delimiter, searchedTo);
        if (at < 0) break;
        const rest = buffer.slice(at + delimiter.length, at + delimiter.length + 2);
        // What follows the delimiter tells whether it is the last one.
        if (rest.length < 2) return;
        takePart(buffer.slice(0, at), sink);
        if (rest === "--") return sink.end();
        buffer = buffer.slice(at + delimiter.length);
        searchedTo = 0;
      }
      searchedTo = Math.max(0, buffer.length - delimiter.length);
      if (buffer.length > limitBytes) throw tooLargeEvent(limitBytes);
    },
  };
}

function takePart(part: string, sink: FrameSink): void {
  const headersEnd = part.indexOf("\r\n\r\n");
  const body = headersEnd < 0 ? "" : part.slice(headersEnd).trim();
  if (body === "") return sink.beat();
  const value = parsedJson(body);
  if (typeof value !== "object" || value === null)
    throw new StreamFailure("garbage", "sent a part that is no object");
  if (Object.keys(value).length === 0) return sink.beat();
  const { payload, errors } = value as { payload?: unknown; errors?: unknown };
  if (payload !== undefined && payload !== null) return sink.next(resultFrom(payload));
  // Errors beside an empty payload are those of the transport, and end the stream; an empty payload alone does, too.
  if (payload === null && errors === undefined) return sink.end();
  return sink.next(resultFrom(payload === null ? { errors } : value));
}
