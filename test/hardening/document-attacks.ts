import { INTERNALS, noServerError, only, query, refused, repeat, type Attack } from "./attack.ts";

const nested = (depth: number, field: string, leaf: string) =>
  `{ ${`${field} { `.repeat(depth)}${leaf}${" }".repeat(depth)} }`;

const SUGGESTION = /did you mean/i;

const bomb = () => {
  const levels = repeat(22, (i) => `fragment f${i} on Boat { ...f${i + 1} sister { ...f${i + 1} } }`);
  return query(`{ boat(id: "b1") { ...f0 } } ${levels} fragment f22 on Boat { id }`);
};

/** Rows of the hardening table that attack by what a document says. */
export const DOCUMENT_ATTACKS: readonly Attack[] = [
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
  ...[250, 1_000, 1_500, 2_000, 2_500, 3_000, 3_500].flatMap((levels): Attack[] => [
    {
      id: `H02-fragments-${levels}`,
      what: `${levels} inline fragments in each other around a field`,
      body: query(`{ boat(id: "b1") { ${"... { ".repeat(levels)}id${" }".repeat(levels)} } }`),
      status: refused,
      never: INTERNALS,
    },
    {
      id: `H02-lists-${levels}`,
      what: `${levels} lists in each other as a value`,
      body: query(`{ boat(id: ${"[".repeat(levels)}${"]".repeat(levels)}) { id } }`),
      status: refused,
      never: INTERNALS,
    },
    {
      id: `H02-types-${levels}`,
      what: `a variable of ${levels} lists in each other`,
      body: query(`query($v: ${"[".repeat(levels)}Int${"]".repeat(levels)}) { whoAmI @include(if: $v) }`),
      status: refused,
      never: INTERNALS,
    },
  ]),
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
    id: "H24",
    what: "10,000 unknown variables",
    body: query("{ whoAmI }", {
      variables: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`v${i}`, i])),
    }),
    status: noServerError,
    withinMs: 1_000,
  },
  { id: "H27", what: "a syntax error", body: query("{ whoAmI"), status: only(400), never: INTERNALS },
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
    id: "H33",
    what: "a resolver that throws a secret",
    body: query("{ broken }"),
    status: noServerError,
    never: /hunter2/,
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
    id: "H50",
    what: "2,000 aliased @skip fields",
    body: query(`{ ${repeat(2_000, (i) => `a${i}: whoAmI @skip(if: true)`)} }`),
    status: noServerError,
    withinMs: 1_000,
  },
];
