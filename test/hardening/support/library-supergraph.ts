import { composeServices } from "@apollo/composition";
import { parse } from "graphql";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@requiresScopes", "@authenticated"])`;

/** Two subgraphs that have nothing to do with ours, with scopes on fields, types, enums and every kind of root. */
const SUBGRAPHS = {
  books: `
    type Query { book(isbn: ID!): Book open: Boolean! members: [Member!]! @authenticated }
    type Mutation { lend(isbn: ID!): Loan! @requiresScopes(scopes: [["loans:write"]]) }
    type Subscription { lent(isbn: ID!): Loan! @requiresScopes(scopes: [["loans:read"], ["librarian"]]) arrived: Book! }
    enum Condition @requiresScopes(scopes: [["stacks:read"]]) { GOOD TORN }
    type Book @key(fields: "isbn") { isbn: ID! title: String! price: Float @requiresScopes(scopes: [["prices:read", "books:read"]]) condition: Condition }
    type Loan { book: Book! member: Member! @requiresScopes(scopes: [["members:read"]]) }
    type Member @key(fields: "id", resolvable: false) { id: ID! }`,
  members: `
    type Member @key(fields: "id") @requiresScopes(scopes: [["members:read"]]) { id: ID! name: String! fines: Float! @requiresScopes(scopes: [["fines:read"]]) }
    type Book @key(fields: "isbn") { isbn: ID! readers: Int! @requiresScopes(scopes: [["statistics"]]) }`,
};

export const LIBRARY_SUBGRAPHS: readonly string[] = Object.keys(SUBGRAPHS);

/** The supergraph of somebody else's library. */
export function librarySupergraph(): string {
  const result = composeServices(
    Object.entries(SUBGRAPHS).map(([name, sdl]) => ({
      name,
      url: `http://127.0.0.1:1/${name}`,
      typeDefs: parse(LINK + sdl),
    })),
  );
  if (result.errors) throw new Error(result.errors.map(({ message }) => message).join("\n"));
  return result.supergraphSdl;
}
