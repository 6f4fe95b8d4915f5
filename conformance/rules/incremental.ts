import { isDeepStrictEqual } from "node:util";
import { boundaryOf, onStream, partsIn } from "../http-stream.ts";
import { merged, type Payload } from "../merge.ts";
import { given, requireThat, Skipped, type Rule } from "../rule.ts";
import type { Target } from "../target.ts";

/** The two forms in which parts of an answer come. */
const FORMS = {
  "2022": {
    accept: "multipart/mixed;deferSpec=20220824, application/json;q=0.1",
    source: "https://specs.apollo.dev/incremental/v0.1/",
    is: (payloads: readonly Payload[]) =>
      payloads
        .slice(1)
        .some(
          ({ incremental }) =>
            incremental !== undefined && incremental.every(({ path }) => path !== undefined),
        ),
  },
  "2023": {
    accept: "multipart/mixed;incrementalSpec=v0.2, application/json;q=0.1",
    source: "https://github.com/graphql/graphql-spec/pull/1110",
    is: ([first]: readonly Payload[]) => first?.pending !== undefined,
  },
} as const;
const TRANSPORT = "https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md";
type Form = keyof typeof FORMS;
type Directive = "defer" | "stream";

interface Answer {
  payloads: Payload[];
  partHeaders: string[];
  isClosed: boolean;
}

/** @throws Skipped when the server does not answer in that form */
const answerTo = (target: Target, directive: Directive, form: Form): Promise<Answer> =>
  onStream(target, { query: given(target, directive), accept: FORMS[form].accept }, async (stream) => {
    const text = await stream.ended();
    const boundary = boundaryOf(stream.contentType);
    if (boundary === undefined)
      throw new Skipped(`answered ${stream.status} ${stream.contentType}, in one part`);
    const { parts, isClosed } = partsIn(text, boundary);
    const payloads = parts.map(({ body }) => JSON.parse(body) as Payload);
    if (payloads.length < 2) throw new Skipped("the answer came in one part");
    if (!FORMS[form].is(payloads))
      throw new Skipped(`the parts come in another form: ${JSON.stringify(payloads[1]).slice(0, 160)}`);
    return { payloads, partHeaders: parts.map(({ headers }) => headers), isClosed };
  });

/** The same operation, asked for in one piece. */
const wholeAnswerTo = (target: Target, directive: Directive): Promise<Payload> => {
  const query = given(target, directive).replaceAll(/@(defer|stream)(\s*\([^)]*\))?/g, "");
  return onStream(
    target,
    { query, accept: "application/json" },
    async (stream) => JSON.parse(await stream.ended()) as Payload,
  );
};

const rulesOf = (directive: Directive, form: Form): Rule[] => {
  const { source } = FORMS[form];
  const rule = (
    id: string,
    says: string,
    check: (answer: Answer, target: Target) => Promise<void> | void,
  ): Rule => ({
    id: `${directive}-${form}-${id}`,
    level: "MUST",
    says: `@${directive} in the form of ${form}: ${says}`,
    source: id === "parts" ? TRANSPORT : source,
    check: async (target) => check(await answerTo(target, directive, form), target),
  });
  return [
    rule(
      "parts",
      "each part says that it is application/json, and a closing delimiter ends the answer",
      (answer) => {
        const { partHeaders, isClosed } = answer;
        const isJson = partHeaders.every((headers) => /content-type:\s*application\/json/i.test(headers));
        requireThat(isJson, `the headers of a part are ${JSON.stringify(partHeaders)}`);
        requireThat(isClosed, "no closing delimiter came");
      },
    ),
    rule("has-next", "every part but the last says hasNext: true, and the last one false", ({ payloads }) => {
      const told = payloads.map(({ hasNext }) => hasNext);
      const isRight = told.every((each, index) => each === index < told.length - 1);
      requireThat(isRight, `hasNext is ${told.join(", ")}`);
    }),
    rule("whole", "the parts together are the answer that comes without it", async ({ payloads }, target) => {
      const [together, whole] = [merged(payloads), await wholeAnswerTo(target, directive)];
      requireThat(
        isDeepStrictEqual(together, whole.data),
        `${JSON.stringify(together).slice(0, 300)} instead of ${JSON.stringify(whole.data).slice(0, 300)}`,
      );
    }),
    ...(form === "2022"
      ? []
      : [
          rule(
            "pending",
            "what is announced as pending is completed once, and nothing else is told of",
            requirePending,
          ),
        ]),
  ];
};

function requirePending({ payloads }: Answer): void {
  const open = new Set<string>();
  for (const { pending = [], incremental = [], completed = [] } of payloads) {
    for (const { id } of pending) open.add(id);
    for (const { id } of incremental)
      requireThat(id !== undefined && open.has(id), `a part has the id ${id}, which is not pending`);
    for (const { id } of completed) requireThat(open.delete(id), `${id} is completed, and was not pending`);
  }
  requireThat(open.size === 0, `never completed: ${[...open].join(", ")}`);
}

/** Parts of answers over multipart HTTP. */
export const incremental: readonly Rule[] = (["defer", "stream"] as const).flatMap((directive) =>
  (["2022", "2023"] as const).flatMap((form) => rulesOf(directive, form)),
);
