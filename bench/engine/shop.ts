import { composeServices } from "@apollo/composition";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse, type GraphQLSchema } from "graphql";

/*
 * The shop that public benchmarks of gateways ask: four subgraphs, and one query that goes from users over their reviews to
 * products, their reviews, the authors of those, and on. The schema, the query and the number of objects are those of the
 * public one, so that ratios compare with published ones; the data is our own.
 */
const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@external", "@requires", "@provides", "@shareable"])`;

const SDL = {
  accounts: `${LINK}
    type Query { me: User user(id: ID!): User users: [User] }
    type User @key(fields: "id") { id: ID! name: String username: String @shareable birthday: Int }`,
  inventory: `${LINK}
    type Product @key(fields: "upc") {
      upc: String!
      weight: Int @external
      price: Int @external
      inStock: Boolean
      shippingEstimate: Int @requires(fields: "price weight")
    }`,
  products: `${LINK}
    type Query { topProducts(first: Int = 5): [Product] }
    type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }`,
  reviews: `${LINK}
    type Review @key(fields: "id") { id: ID! body: String author: User @provides(fields: "username") product: Product }
    type User @key(fields: "id") { id: ID! username: String @external reviews: [Review] }
    type Product @key(fields: "upc") { upc: String! reviews: [Review] }`,
} as const;

type ShopSubgraph = keyof typeof SDL;
export const SHOP = Object.keys(SDL) as ShopSubgraph[];

const REVIEW_FIELDS = "...Review author { ...User reviews { ...Review product { ...Product } } }";

export const HEAVY_QUERY = `
  fragment User on User { id username name }
  fragment Review on Review { id body }
  fragment Product on Product { inStock name price shippingEstimate upc weight }
  query Heavy {
    users { ...User reviews { ...Review product { ...Product reviews { ${REVIEW_FIELDS} } } } }
    topProducts { ...Product reviews { ${REVIEW_FIELDS} } }
  }`;

export function composeShop(urls: Readonly<Record<string, string>>): string {
  const result = composeServices(
    SHOP.map((name) => ({ name, url: urls[name] ?? "", typeDefs: parse(SDL[name]) })),
  );
  if (result.errors) throw new Error(result.errors.map(({ message }) => message).join("\n"));
  return result.supergraphSdl;
}

export const shopSchema = (name: string): GraphQLSchema =>
  buildSubgraphSchema([
    { typeDefs: parse(SDL[name as ShopSubgraph]), resolvers: RESOLVERS[name as ShopSubgraph] as never },
  ]);

const list = <T>(length: number, make: (index: number) => T) =>
  Array.from({ length }, (_, index) => make(index));

const users = list(6, (n) => ({
  id: String(n + 1),
  name: `Customer number ${n + 1}`,
  username: `customer${n + 1}`,
  birthday: 900_000_000 + n,
}));

const products = list(9, (n) => ({
  upc: String(n + 1),
  name: `Item ${n + 1}`,
  price: [899, 1299, 15, 499, 1299, 6999, 3999, 100_000, 9999][n],
  weight: [100, 1000, 20, 100, 1000, 300, 2000, 6000, 800][n],
}));

/** How many reviews the first products have; the others have none. */
const REVIEWS_OF = [4, 4, 1, 2];
const SENTENCE = "It came in time, works as the page says, and I would buy it once more. ";
const SENTENCES = [6, 4, 4, 2, 6, 4, 4, 2, 2, 2, 12];
const reviews = REVIEWS_OF.flatMap((count, product) => list(count, () => String(product + 1))).map(
  (upc, n) => ({
    id: String(n + 1),
    body: SENTENCE.repeat(SENTENCES[n] ?? 1),
    author: { id: "1", username: "customer1" },
    product: { upc },
  }),
);

const reviewsOfUser = () => reviews.slice(0, 2);
const byUpc = ({ upc }: { upc: string }) => products.find((product) => product.upc === upc);

const RESOLVERS = {
  accounts: {
    Query: {
      me: () => users[0],
      user: (_: unknown, { id }: { id: string }) => users.find((user) => user.id === id),
      users: () => users,
    },
    User: { __resolveReference: ({ id }: { id: string }) => users.find((user) => user.id === id) },
  },
  inventory: {
    Product: {
      __resolveReference: (product: { upc: string }) => product,
      inStock: ({ upc }: { upc: string }) => Number(upc) % 3 > 0,
      shippingEstimate: ({ price, weight }: { price: number; weight: number }) =>
        price > 1000 ? 0 : Math.floor(weight / 2),
    },
  },
  products: {
    Query: { topProducts: (_: unknown, { first }: { first: number }) => products.slice(0, first) },
    Product: { __resolveReference: byUpc },
  },
  reviews: {
    Review: { __resolveReference: ({ id }: { id: string }) => reviews.find((review) => review.id === id) },
    User: {
      __resolveReference: ({ id }: { id: string }) => ({ id, username: `customer${id}` }),
      reviews: reviewsOfUser,
    },
    Product: {
      __resolveReference: (product: { upc: string }) => product,
      reviews: ({ upc }: { upc: string }) => reviews.filter(({ product }) => product.upc === upc),
    },
  },
};
