import { boundaryOf, onStream, type HttpStream } from "./http-stream.ts";
import { outcomeOf, Skipped, type Outcome, type Rule } from "./rule.ts";
import { incremental } from "./rules/incremental.ts";
import { multipart, SUBSCRIPTIONS } from "./rules/multipart.ts";
import { resume } from "./rules/resume.ts";
import { EVENT_STREAM, serverSentEvents } from "./rules/server-sent-events.ts";
import { slowReaders } from "./rules/slow-readers.ts";
import { socketConnection } from "./rules/socket-connection.ts";
import { socketMessages } from "./rules/socket-messages.ts";
import { socketOperations } from "./rules/socket-operations.ts";
import { onSocket } from "./socket.ts";
import type { Target } from "./target.ts";

/** Rules of one protocol. */
interface Group {
  rules: readonly Rule[];
  /**
   * Nobody has to speak every protocol.
   *
   * @throws Error saying what the server answers that shows that it does not speak this one
   */
  requireSpoken?: (target: Target) => Promise<unknown>;
}

const overHttp =
  (accept: string, isSpoken: (stream: HttpStream) => boolean) =>
  (target: Target): Promise<void> =>
    onStream(target, { query: target.subscription ?? "{ __typename }", accept }, async (stream) => {
      if (!isSpoken(stream)) throw new Error(`answers ${stream.status} ${stream.contentType}`);
    });

/** Every rule, by the name of its group. */
export const GROUPS: Readonly<Record<string, Group>> = {
  ws: {
    rules: [...socketConnection, ...socketMessages, ...socketOperations],
    requireSpoken: (target) => onSocket(target, async () => {}),
  },
  sse: {
    rules: serverSentEvents,
    requireSpoken: overHttp(EVENT_STREAM, ({ contentType }) => contentType.startsWith(EVENT_STREAM)),
  },
  multipart: {
    rules: multipart,
    requireSpoken: overHttp(SUBSCRIPTIONS, ({ contentType }) => boundaryOf(contentType) !== undefined),
  },
  incremental: { rules: incremental },
  resume: { rules: resume },
  slow: { rules: slowReaders },
};

export interface Choice {
  /** Groups and ids of rules; undefined for all. */
  only: readonly string[] | undefined;
  /** Groups that the server has to speak: where it does not, their rules are broken and not skipped. */
  required: readonly string[];
}

/** The rules that are chosen, by group. */
export const chosenRules = ({ only }: Pick<Choice, "only">): [string, Rule[]][] =>
  Object.entries(GROUPS).map(([group, { rules }]) => [
    group,
    rules.filter(({ id }) => only === undefined || only.includes(group) || only.includes(id)),
  ]);

/** Checks the rules one after the other: what one does to the server is no business of the next. */
export async function checkRules(target: Target, choice: Choice): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [group, rules] of chosenRules(choice)) {
    const silence =
      rules.length > 0 && !choice.required.includes(group) ? await notSpoken(group, target) : undefined;
    for (const rule of rules) {
      const check = () => Promise.reject(new Skipped(`the server does not speak it: ${silence}`));
      outcomes.push(await outcomeOf(silence === undefined ? rule : { ...rule, check }, target));
    }
  }
  return outcomes;
}

async function notSpoken(group: string, target: Target): Promise<string | undefined> {
  try {
    await GROUPS[group]?.requireSpoken?.(target);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
