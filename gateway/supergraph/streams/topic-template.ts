import { topicPart } from "../../../lib/broker/topic.ts";
import { badInput } from "../../../lib/errors.ts";
import type { Identity } from "../../../lib/identity.ts";

/** A place in a topic that is filled when somebody subscribes. */
export type Placeholder = { from: "args"; path: readonly string[] } | { from: "claims"; claim: Claim };

/** Topics like `orders.{$claims.tenant}.{$args.orderId}`: texts and what stands between them. */
export type TopicTemplate = readonly (string | Placeholder)[];

const CLAIMS = ["tenant", "subject", "role"] as const;
type Claim = (typeof CLAIMS)[number];

/** What NATS and Redis take as it is, a brace less: everything else has a meaning somewhere. */
const LITERAL = /^[A-Za-z0-9_.\-{}:/=+]*$/;
const LONGEST_BYTES = 512;

/**
 * Reads a template. `{{` and `}}` stand for braces.
 *
 * @throws Error saying what is wrong with it
 * @example parseTopic("orders.{$args.id}") // ["orders.", { from: "args", path: ["id"] }]
 */
export function parseTopic(text: string): TopicTemplate {
  const parts: (string | Placeholder)[] = [];
  let literal = "";
  for (const [token, inside] of text.matchAll(/\{\{|\}\}|\{([^{}]*)\}|[^{}]+|[{}]/g)) {
    if (inside !== undefined) {
      parts.push(literal, placeholderIn(inside.trim(), token));
      literal = "";
    } else if (token === "{" || token === "}") {
      throw new Error(
        `has a ${token} that is not closed; expected {$args.name}, or ${token}${token} for the character`,
      );
    } else literal += token === "{{" || token === "}}" ? token[0] : token;
  }
  const all = [...parts, literal].filter((part) => part !== "");
  const bad = all.find((part) => typeof part === "string" && !LITERAL.test(part));
  if (bad !== undefined)
    throw new Error(
      `has ${JSON.stringify(bad)}; expected letters, digits and any of . _ - : / = + between placeholders`,
    );
  const between = all.find(
    (part, at) =>
      isPlaceholder(all[at - 1]) &&
      (isPlaceholder(part) || (isPlaceholder(all[at + 1]) && !/[.:/=+]/.test(part))),
  );
  if (between !== undefined)
    throw new Error(
      "has placeholders with nothing between them that tells their values apart; expected a dot, or one of : / = +",
    );
  if (/^$|^\.|\.$|\.\./.test(all.map((part) => (typeof part === "string" ? part : "x")).join("")))
    throw new Error("has an empty part; expected something on both sides of each dot");
  return all;
}

const isPlaceholder = (part: unknown): part is Placeholder => typeof part === "object";

function placeholderIn(inside: string, token: string): Placeholder {
  const [root, ...path] = inside.replace(/^\$/, "").split(".");
  if (root === "args" && path.length > 0 && path.every((name) => /^\w+$/.test(name)))
    return { from: "args", path };
  const claim = CLAIMS.find((name) => path.length === 1 && name === path[0]);
  if (root === "claims" && claim) return { from: "claims", claim };
  throw new Error(
    `has ${token}; expected {$args.name} or one of ${CLAIMS.map((name) => `{$claims.${name}}`).join(", ")}`,
  );
}

/**
 * The topic for arguments and a caller. Values are escaped, so that none can be a wildcard or more than one part.
 *
 * @throws CodedError BAD_USER_INPUT naming the argument
 * @example topicOf(parseTopic("orders.{$args.id}"), { args: { id: "1.*" }, identity }) // "orders.1%2E%2A"
 */
export function topicOf(
  template: TopicTemplate,
  given: { args: Readonly<Record<string, unknown>>; identity: Identity },
): string {
  const topic = template
    .map((part) => (typeof part === "string" ? part : topicPart(valueOf(part, given), nameOf(part))))
    .join("");
  if (Buffer.byteLength(topic) <= LONGEST_BYTES) return topic;
  const longest = template.find((part) => typeof part !== "string");
  throw badInput(longest ? nameOf(longest) : "topic", topic, `a topic of ${LONGEST_BYTES} bytes at most`);
}

const nameOf = (part: Placeholder) => (part.from === "args" ? part.path.join(".") : part.claim);

function valueOf(
  part: Placeholder,
  { args, identity }: { args: Readonly<Record<string, unknown>>; identity: Identity },
): unknown {
  if (part.from === "claims") return identity[part.claim];
  return part.path.reduce<unknown>(
    (value, name) =>
      typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined,
    args,
  );
}
