import { gzipSync } from "node:zlib";

/** A request as it goes over the wire, and what a safe answer looks like. */
export interface Attack {
  id: string;
  what: string;
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Allowed statuses. */
  status: (status: number) => boolean;
  /** Longest time that the answer may take, in milliseconds. */
  withinMs?: number;
  /** Words that may not be in the answer. */
  never?: RegExp;
  /** What has to be in the answer. */
  has?: RegExp;
  /** Most errors that the answer may list. */
  maxErrors?: number;
}

const json = (body: unknown) => JSON.stringify(body);
const query = (text: string, extra: object = {}) => json({ query: text, ...extra });
const refused = (status: number) => status >= 400 && status < 500;
const noServerError = (status: number) => status < 500;
const only =
  (...allowed: number[]) =>
  (status: number) =>
    allowed.includes(status);
const repeat = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(" ");
const nested = (depth: number, field: string, leaf: string) =>
  `{ ${`${field} { `.repeat(depth)}${leaf}${" }".repeat(depth)} }`;

const SUGGESTION = /did you mean/i;
const INTERNALS = /node_modules|\.ts:|\bat \w+ \(|stacktrace/i;

const bomb = () => {
  const levels = repeat(22, (i) => `fragment f${i} on Boat { ...f${i + 1} sister { ...f${i + 1} } }`);
  return query(`{ boat(id: "b1") { ...f0 } } ${levels} fragment f22 on Boat { id }`);
};

/** The HTTP rows of the hardening table. */
export const ATTACKS: readonly Attack[] = [
  {
    id: "H01",
    what: "a query 50 levels deep",
    body: query(`{ boat(id: "b1") ${nested(50, "sister", "id")} }`),
    status: refused,
    has: /OPERATION_TOO_COMPLEX/,
  },
  {
    id: "H02",
    what: "a query 7,000 levels deep",
    body: query(nested(7000, "a", "b")),
    status: refused,
    never: INTERNALS,
  },
  {
    id: "H03",
    what: "1,000 aliases of __typename",
    body: query(`{ ${repeat(1000, (i) => `a${i}: __typename`)} }`),
    status: refused,
  },
  {
    id: "H04",
    what: "200 aliases of a root field",
    body: query(`{ ${repeat(200, (i) => `a${i}: whoAmI`)} }`),
    status: refused,
  },
  {
    id: "H05",
    what: "10,000 unknown directives",
    body: query(`{ whoAmI ${repeat(10_000, () => "@x")} }`),
    status: noServerError,
    withinMs: 1_000,
    maxErrors: 101,
  },
  {
    id: "H06",
    what: "8,000 repeated fields",
    body: query(`{ ${repeat(8_000, () => "whoAmI")} }`),
    status: noServerError,
    withinMs: 1_000,
  },
  {
    id: "H07",
    what: "a batch of ten",
    body: json(Array.from({ length: 10 }, () => ({ query: "{ whoAmI }" }))),
    status: refused,
  },
  {
    id: "H08",
    what: "circular fragments",
    body: query(`{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }`),
    status: refused,
  },
  { id: "H09", what: "22 nested fragments, 2^22 fields", body: bomb(), status: refused, withinMs: 2_000 },
  { id: "H10", what: "__schema", body: query("{ __schema { types { name } } }"), status: refused },
  { id: "H11", what: "__type", body: query(`{ __type(name: "Boat") { name } }`), status: refused },
  {
    id: "H12",
    what: "circular introspection",
    body: query(`{ __schema { types { fields { type { fields { type { name } } } } } } }`),
    status: refused,
  },
  { id: "H13a", what: "a typo in a field", body: query("{ whoAmi }"), status: refused, never: SUGGESTION },
  {
    id: "H13b",
    what: "a typo in an argument",
    body: query(`{ boat(ids: "b1") { id } }`),
    status: refused,
    never: SUGGESTION,
  },
  {
    id: "H14a",
    what: "a typo in a type",
    body: query("query ($id: IDD!) { boat(id: $id) { id } }"),
    status: refused,
    never: SUGGESTION,
  },
  {
    id: "H14b",
    what: "a typo in a fragment's type",
    body: query(`{ boat(id: "b1") { ... on Boad { id } } }`),
    status: refused,
    never: SUGGESTION,
  },
  {
    id: "H15",
    what: "a mutation by GET",
    method: "GET",
    path: `/graphql?query=${encodeURIComponent(`mutation { rename(id: "b1", name: "x") { id } }`)}`,
    headers: { "apollo-require-preflight": "1" },
    status: only(405),
  },
  {
    id: "H16",
    what: "a GET without a preflight header",
    method: "GET",
    path: `/graphql?query=${encodeURIComponent("{ whoAmI }")}`,
    status: refused,
  },
  {
    id: "H17",
    what: "text/plain",
    headers: { "content-type": "text/plain" },
    body: query("{ whoAmI }"),
    status: refused,
  },
  {
    id: "H18",
    what: "a form",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "query=%7BwhoAmI%7D",
    status: refused,
  },
  {
    id: "H19",
    what: "multipart",
    headers: { "content-type": "multipart/form-data; boundary=x" },
    body: `--x\r\ncontent-disposition: form-data; name="query"\r\n\r\n{whoAmI}\r\n--x--`,
    status: refused,
  },
  {
    id: "H20",
    what: "application/graphql",
    headers: { "content-type": "application/graphql" },
    body: "{ whoAmI }",
    status: refused,
  },
  {
    id: "H21",
    what: "a body of 5 MiB",
    body: query(`{ whoAmI } #${"x".repeat(5 * 1_048_576)}`),
    status: only(413),
  },
  {
    id: "H22",
    what: "a gzip bomb",
    headers: { "content-encoding": "gzip" },
    body: gzipSync(Buffer.alloc(50_000_000, 32)),
    status: only(400, 413, 415),
  },
  {
    id: "H23",
    what: "variables 15,000 levels deep",
    body: `{"query":"{ whoAmI }","variables":{"a":${"[".repeat(15_000)}${"]".repeat(15_000)}}}`,
    status: noServerError,
    withinMs: 2_000,
  },
  {
    id: "H24",
    what: "10,000 unknown variables",
    body: query("{ whoAmI }", {
      variables: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`v${i}`, i])),
    }),
    status: noServerError,
    withinMs: 1_000,
  },
  {
    id: "H25",
    what: "invalid UTF-8",
    body: Buffer.concat([
      Buffer.from('{"query":"{ whoAmI #'),
      Buffer.from([0xff, 0xfe, 0xc0]),
      Buffer.from('\\n}"}'),
    ]),
    status: noServerError,
  },
  { id: "H26", what: "broken JSON", body: `{"query":"{ whoAmI }"`, status: only(400), never: INTERNALS },
  { id: "H27", what: "a syntax error", body: query("{ whoAmI"), status: only(400), never: INTERNALS },
  { id: "H28a", what: "body null", body: "null", status: only(400) },
  { id: "H28b", what: "body []", body: "[]", status: only(400) },
  { id: "H28c", what: 'body "x"', body: '"x"', status: only(400) },
  { id: "H28d", what: "body 1", body: "1", status: only(400) },
  { id: "H28e", what: "body {}", body: "{}", status: only(400) },
  { id: "H28f", what: "query null", body: json({ query: null }), status: only(400) },
  { id: "H28g", what: "query {}", body: json({ query: {} }), status: only(400) },
  { id: "H28h", what: 'variables "x"', body: query("{ whoAmI }", { variables: "x" }), status: only(400) },
  { id: "H28i", what: "variables [1]", body: query("{ whoAmI }", { variables: [1] }), status: only(400) },
  {
    id: "H28j",
    what: "operationName {}",
    body: query("{ whoAmI }", { operationName: {} }),
    status: only(400),
  },
  { id: "H28k", what: 'extensions "x"', body: query("{ whoAmI }", { extensions: "x" }), status: only(400) },
  { id: "H29", what: "two anonymous operations", body: query("{ whoAmI } { whoAmI }"), status: refused },
  {
    id: "H30",
    what: "duplicate operation names",
    body: query("query A { whoAmI } query A { whoAmI }", { operationName: "A" }),
    status: refused,
  },
  {
    id: "H31",
    what: "an unknown operation name",
    body: query("query A { whoAmI }", { operationName: "B" }),
    status: refused,
  },
  {
    id: "H32",
    what: "prototype pollution by variables",
    body: `{"query":"{ whoAmI }","variables":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}`,
    status: noServerError,
  },
  {
    id: "H33",
    what: "a resolver that throws a secret",
    body: query("{ broken }"),
    status: noServerError,
    never: /hunter2/,
  },
  {
    id: "H34",
    what: "a request for traces",
    headers: { "apollo-federation-include-trace": "ftv1" },
    body: query("{ whoAmI }"),
    status: only(200),
    never: /ftv1/,
  },
  { id: "H35", what: "_service", body: query("{ _service { sdl } }"), status: refused },
  {
    id: "H35b",
    what: "_entities",
    body: query(`{ _entities(representations: [{__typename: "Boat", id: "b1"}]) { __typename } }`),
    status: refused,
  },
  {
    id: "H36",
    what: "45,000 tokens",
    body: query(`{ ${repeat(45_000, () => "a")} }`),
    status: refused,
    withinMs: 1_000,
  },
  {
    id: "H36x",
    what: "300,000 tokens",
    body: query(`{ ${repeat(300_000, () => "a")} }`),
    status: refused,
    withinMs: 1_000,
  },
  {
    id: "H37",
    what: "2,000 conflicting fields",
    body: query(`{ ${repeat(2_000, (i) => `a: boat(id: "${i}") { id }`)} }`),
    status: noServerError,
    withinMs: 1_000,
    maxErrors: 101,
  },
  {
    id: "H38",
    what: "1,500 nested equal fields",
    body: query(`{ boat(id: "b1") { ${repeat(1_500, () => "sister { id }")} } }`),
    status: noServerError,
    withinMs: 1_000,
  },
  { id: "H41a", what: "PUT", method: "PUT", body: query("{ whoAmI }"), status: refused },
  { id: "H41b", what: "DELETE", method: "DELETE", status: refused },
  { id: "H41c", what: "PATCH", method: "PATCH", body: query("{ whoAmI }"), status: refused },
  {
    id: "H45",
    what: "an Int that overflows",
    body: query(`{ boat(id: "b1") { ... @include(if: 99999999999) { id } } }`),
    status: noServerError,
  },
  {
    id: "H46",
    what: "NUL and a lone surrogate",
    body: query("query ($id: ID!) { boat(id: $id) { id } }", { variables: { id: "\u0000\ud800" } }),
    status: noServerError,
  },
  {
    id: "H47",
    what: "an APQ hash that does not match",
    body: query("{ whoAmI }", { extensions: { persistedQuery: { version: 1, sha256Hash: "0".repeat(64) } } }),
    status: refused,
  },
  {
    id: "H50",
    what: "2,000 aliased @skip fields",
    body: query(`{ ${repeat(2_000, (i) => `a${i}: whoAmI @skip(if: true)`)} }`),
    status: noServerError,
    withinMs: 1_000,
  },
];
