import { badInput } from "../lib/errors.ts";
import { integerFlag, readCommandLine } from "../lib/command-line.ts";
import type { LoadOptions } from "./load.ts";
import { chosenRules, GROUPS, type Choice } from "./rules.ts";
import type { Target } from "./target.ts";

const USAGE = `graphql-subscription-conformance URL [options]

Checks a GraphQL server against the rules of graphql-transport-ws, server-sent events, multipart subscriptions and incremental
delivery. Exit code: 0 when no MUST is broken, 1 when one is or nothing could be checked, 2 when the command line is wrong.

  URL                     http(s):// or ws(s)://; the other one is the same with the other scheme
  --ws URL, --http URL    where the two are not at one address
  --subscription TEXT     a subscription that sends its first event by itself
  --ending TEXT           one that comes to its end by itself
  --large TEXT            one that goes on sending events; large ones, for slow readers
  --defer TEXT            a query with @defer
  --stream TEXT           a query with @stream
  --header 'NAME: VALUE'  of every request; may be repeated
  --init JSON             payload of connection_init
  --bad-init JSON         one that has to be refused
  --only LIST             groups or rules: ${Object.keys(GROUPS).join(",")}, or ids, as ws-ack,sse-get
  --require LIST          groups that the server has to speak; without it those that it does not speak are skipped
  --timeout-ms N          for what has to come (5000)
  --init-timeout-ms N     for 4408 (15000)
  --strict                a broken SHOULD counts, too
  --json                  the report as JSON
  --list                  prints the rules, and asks nobody

A load in place of the rules, with --subscription on each socket:
  --sockets N             how many sockets (asks for a load)
  --subscriptions N       on each (1)
  --seconds N             how long to count (10)
  --at PATH               where the data has the time it was made, as tick.at, in ms since 1970
  --pid N                 the server's process, for its CPU and memory`;

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;
const OPTIONS = {
  ws: text,
  http: text,
  subscription: text,
  ending: text,
  large: text,
  defer: text,
  stream: text,
  init: text,
  "bad-init": text,
  header: { type: "string", multiple: true, default: [] as string[] },
  only: text,
  require: { ...text, default: "" },
  "timeout-ms": { ...text, default: "5000" },
  "init-timeout-ms": { ...text, default: "15000" },
  strict: flag,
  json: flag,
  list: flag,
  sockets: text,
  subscriptions: { ...text, default: "1" },
  seconds: { ...text, default: "10" },
  at: text,
  pid: text,
} as const;

export interface Wanted {
  target: Target;
  choice: Choice;
  load: LoadOptions | undefined;
  isStrict: boolean;
  isJson: boolean;
  isList: boolean;
}

const MINUTE_MS = 60_000;
const QUIET_MS = 300;

/** @throws Error naming the option, its value and what is allowed, with the usage */
export function readWanted(): Wanted {
  const { values, positionals } = readCommandLine(USAGE, { options: OPTIONS, allowPositionals: true });
  const [url] = positionals;
  if (url === undefined && !values.list) throw new Error(`URL is missing\n\n${USAGE}`);
  const { subscription, ending, large, defer, stream } = values;
  const address = url ?? "http://list.invalid";
  return {
    target: {
      httpUrl: addressOf(values.http === undefined ? "URL" : "--http", values.http ?? address, "http"),
      socketUrl: addressOf("--ws", values.ws ?? address, "ws"),
      headers: Object.fromEntries(values.header.map(headerOf)),
      init: objectOf("--init", values.init),
      badInit: objectOf("--bad-init", values["bad-init"]),
      subscription,
      ending,
      large,
      defer,
      stream,
      timeoutMs: integerFlag("timeout-ms", values["timeout-ms"], { min: 100, max: 5 * MINUTE_MS }),
      initTimeoutMs: integerFlag("init-timeout-ms", values["init-timeout-ms"], {
        min: 100,
        max: 5 * MINUTE_MS,
      }),
      quietMs: QUIET_MS,
    },
    choice: { only: onlyOf(values.only), required: requiredOf(values.require) },
    load:
      values.sockets === undefined
        ? undefined
        : {
            sockets: integerFlag("sockets", values.sockets, { min: 1, max: 100_000 }),
            subscriptions: integerFlag("subscriptions", values.subscriptions, { min: 1, max: 10_000 }),
            seconds: integerFlag("seconds", values.seconds, { min: 1, max: 3_600 }),
            at: values.at?.split("."),
            pid:
              values.pid === undefined ? undefined : integerFlag("pid", values.pid, { min: 1, max: 2 ** 31 }),
          },
    isStrict: values.strict,
    isJson: values.json,
    isList: values.list,
  };
}

/** The address with the scheme that is needed. */
function addressOf(option: string, value: string, scheme: "http" | "ws"): string {
  if (!/^(http|ws)s?:\/\//.test(value) || !URL.canParse(value))
    throw badInput(option, value, "an address with http(s):// or ws(s)://");
  return value.replace(/^(http|ws)/, scheme);
}

function headerOf(value: string): [string, string] {
  const at = value.indexOf(":");
  if (at < 1) throw badInput("--header", value, "NAME: VALUE");
  return [value.slice(0, at).trim().toLowerCase(), value.slice(at + 1).trim()];
}

function objectOf(option: string, value: string | undefined): Record<string, unknown> | undefined {
  if (value === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {
    // Told like every other value that is no object.
  }
  throw badInput(option, value, "a JSON object");
}

function onlyOf(value: string | undefined): string[] | undefined {
  const names = value === undefined ? undefined : namesIn(value);
  const known = new Set(
    chosenRules({ only: undefined }).flatMap(([group, rules]) => [group, ...rules.map(({ id }) => id)]),
  );
  const unknown = names?.filter((name) => !known.has(name)) ?? [];
  if (unknown.length > 0)
    throw badInput("--only", unknown.join(","), `names of groups (${GROUP_NAMES}) or of rules (--list)`);
  return names;
}

function requiredOf(value: string): string[] {
  const names = namesIn(value);
  const unknown = names.filter((name) => !Object.hasOwn(GROUPS, name));
  if (unknown.length > 0) throw badInput("--require", unknown.join(","), `names of groups (${GROUP_NAMES})`);
  return names;
}

const GROUP_NAMES = Object.keys(GROUPS).join(", ");
const namesIn = (list: string): string[] =>
  list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
