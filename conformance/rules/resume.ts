import { waitFor } from "../../lib/wait.ts";
import { eventsIn, onStream } from "../http-stream.ts";
import { given, requireThat, Skipped, type Rule } from "../rule.ts";
import { onSocket, type Message } from "../socket.ts";
import type { Target } from "../target.ts";

/** Said by the specification of EventSource; which ids, and what is told of a gap, is this suite's to define: README.md. */
const SSE = "https://html.spec.whatwg.org/multipage/server-sent-events.html#the-last-event-id-header";
const OWN = "README.md#resume";
const accept = "text/event-stream";

interface Event {
  id: string | undefined;
  gap: boolean;
}

/** The first `count` events of a subscription over server-sent events. */
const eventsOverHttp = (
  target: Target,
  count: number,
  headers: Record<string, string> = {},
): Promise<Event[]> =>
  onStream(target, { query: given(target, "large"), accept, method: "GET", headers }, async (stream) => {
    if (!stream.contentType.startsWith(accept)) throw new Skipped("the server does not speak it");
    return stream.until(`${count} events`, (text) => {
      const events = eventsIn(text).filter(({ event }) => event === "next");
      return (
        events.length >= count &&
        events.slice(0, count).map(({ id, data }) => ({ id, gap: isGap(JSON.parse(data)) }))
      );
    });
  });

const extensionsOf = (payload: unknown) =>
  (payload as { extensions?: { eventId?: string; gap?: boolean } } | undefined)?.extensions;
const isGap = (payload: unknown): boolean => extensionsOf(payload)?.gap === true;
const eventOf = ({ payload }: Message): Event => ({
  id: extensionsOf(payload)?.eventId,
  gap: isGap(payload),
});

const eventsOverSocket = (target: Target, count: number, extensions: object): Promise<Event[]> =>
  onSocket(target, async (socket) => {
    socket.subscribe("r", given(target, "large"), { extensions });
    const there = () => socket.of("r").filter(({ type }) => type === "next");
    await waitFor(() => there().length >= count, { timeoutMs: target.timeoutMs, what: `${count} events` });
    return there().slice(0, count).map(eventOf);
  });

/** After the last event that was seen, one that was not has to come; with the others in between, or word of a gap. */
function requireContinuation(seen: readonly Event[], last: Event, back: readonly Event[]): void {
  const [first] = back;
  const ids = seen.map(({ id }) => id);
  requireThat(first !== undefined && (first.gap || first.id !== last.id), `the event ${last.id} comes again`);
  if (first.gap) return;
  const expected = ids[ids.indexOf(last.id) + 1];
  requireThat(
    expected === undefined || first.id === expected,
    `after ${last.id} comes ${first.id} instead of ${expected}, without word of a gap`,
  );
}

/** Subscriptions that go on after a cut where they were; a server without event ids does not claim to. */
export const resume: readonly Rule[] = [
  {
    id: "resume-sse",
    level: "MUST",
    says: "where events have an id, one who comes back with Last-Event-ID gets the next event, or is told of a gap",
    source: SSE,
    check: async (target) => {
      const seen = await eventsOverHttp(target, 3);
      const [, last] = seen;
      if (last?.id === undefined) throw new Skipped("events have no id");
      requireContinuation(seen, last, await eventsOverHttp(target, 2, { "last-event-id": last.id }));
    },
  },
  {
    id: "resume-ws",
    level: "MUST",
    says: "where events have extensions.eventId, one who comes back with extensions.lastEventId gets the next event, or is told of a gap",
    source: OWN,
    check: async (target) => {
      const seen = await eventsOverSocket(target, 3, {});
      const [, last] = seen;
      if (last?.id === undefined) throw new Skipped("events have no extensions.eventId");
      requireContinuation(seen, last, await eventsOverSocket(target, 2, { lastEventId: last.id }));
    },
  },
  {
    id: "resume-unknown",
    level: "MUST",
    says: "one who comes back with an id that the server cannot know is told of a gap",
    source: OWN,
    check: async (target) => {
      const [first] = await eventsOverSocket(target, 1, {});
      if (first?.id === undefined) throw new Skipped("events have no extensions.eventId");
      const [back] = await eventsOverSocket(target, 1, { lastEventId: "0.0.of-another-world" });
      requireThat(back?.gap === true, "the first event says nothing of a gap");
    },
  },
];
