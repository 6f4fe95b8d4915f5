import { composed } from "../../support/composed.ts";

/** A way to spell the directives of the federation specification: how to link it, and what each is called then. */
interface Spelling {
  link: string;
  of: (directive: string) => string;
}

const DIRECTIVES = [
  "key",
  "shareable",
  "requiresScopes",
  "authenticated",
  "cost",
  "listSize",
  "inaccessible",
] as const;
const URL = "https://specs.apollo.dev/federation/v2.9";
const linking = (rest: string) => `extend schema @link(url: "${URL}"${rest})`;
const importing = (names: readonly string[]) => linking(`, import: [${names.join(", ")}]`);

const following = (at: number): string => DIRECTIVES[(at + 1) % DIRECTIVES.length] ?? "";

/** Every way in which somebody may spell them; all mean the same. */
export const SPELLINGS: Readonly<Record<string, Spelling>> = {
  "imported as they are": {
    link: importing(DIRECTIVES.map((name) => `"@${name}"`)),
    of: (name) => name,
  },
  "each imported under another name": {
    link: importing(DIRECTIVES.map((name) => `{ name: "@${name}", as: "@my_${name}" }`)),
    of: (name) => `my_${name}`,
  },
  "each imported under the name of the next": {
    link: importing(DIRECTIVES.map((name, at) => `{ name: "@${name}", as: "@${following(at)}" }`)),
    of: (name) => following(DIRECTIVES.findIndex((each) => each === name)),
  },
  "not imported": { link: linking(""), of: (name) => `federation__${name}` },
  "not imported, the specification linked as another": {
    link: linking(`, as: "fed"`),
    of: (name) => `fed__${name}`,
  },
};

/** Two subgraphs that have nothing to do with ours, with scopes on fields, types, enums and every kind of root. */
const SUBGRAPHS = {
  books: `
    type Query { book(isbn: ID!): Book open: Boolean! members: [Member!]! @authenticated
      diary: Diary diaries: [[Diary!]!]! found: [Found!]! @cost(weight: 9) items: [Item] @listSize(assumedSize: 7) vault: Vault secret: Int @inaccessible }
    type Mutation { lend(isbn: ID!): Loan! @requiresScopes(scopes: [["loans:write"]]) }
    type Subscription { lent(isbn: ID!): Loan! @requiresScopes(scopes: [["loans:read"], ["librarian"]]) arrived: Book! }
    interface Item { id: ID! }
    union Found = Book | Member
    type Diary implements Item @requiresScopes(scopes: [["diaries:read"]]) { id: ID! }
    type Leaflet implements Item { id: ID! }
    type Vault @authenticated { number: Int! door: Door }
    type Door { lock: String @inaccessible colour: String }
    enum Condition @requiresScopes(scopes: [["stacks:read"]]) { GOOD TORN }
    type Book @key(fields: "isbn") { isbn: ID! title: String! price: Float @requiresScopes(scopes: [["prices:read", "books:read"]]) condition: Condition }
    type Loan { book: Book! member: Member! @requiresScopes(scopes: [["members:read"]]) }
    type Member @key(fields: "id", resolvable: false) { id: ID! }`,
  members: `
    type Member @key(fields: "id") @requiresScopes(scopes: [["members:read"]]) { id: ID! name: String! fines: Float! @requiresScopes(scopes: [["fines:read"]]) }
    type Book @key(fields: "isbn") { isbn: ID! readers: Int! @requiresScopes(scopes: [["statistics"]]) }`,
};

export const LIBRARY_SUBGRAPHS: readonly string[] = Object.keys(SUBGRAPHS);

/** The supergraph of somebody else's library, its directives spelled in one of the `SPELLINGS`. */
export function librarySupergraph(spelling = "imported as they are"): string {
  const { link, of } = SPELLINGS[spelling] ?? { link: "", of: (name: string) => name };
  const spelled = (sdl: string) => sdl.replaceAll(/@(\w+)/g, (_, name: string) => `@${of(name)}`);
  const subgraphs = Object.entries(SUBGRAPHS).map(([name, sdl]) => [name, link + spelled(sdl)] as const);
  return composed(Object.fromEntries(subgraphs));
}
