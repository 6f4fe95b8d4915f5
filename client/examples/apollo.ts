import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient } from "graphql-ws";
import { OperationTypeNode } from "graphql";
import { BudgetDocument, ProjectsDocument } from "./documents.ts";

/** Apollo Client 4, with subscriptions over graphql-ws: `node apollo.ts [address] [token]`. */
const [url = "http://127.0.0.1:4000", token] = process.argv.slice(2);
const say = (text: string) => process.stdout.write(`${text}\n`);
const authorization = token === undefined ? undefined : `Bearer ${token}`;

const sockets = new GraphQLWsLink(
  createClient({
    url: `${url.replace("http", "ws")}/graphql`,
    connectionParams: authorization === undefined ? {} : { authorization },
  }),
);
const http = new HttpLink({
  uri: `${url}/graphql`,
  headers: authorization === undefined ? {} : { authorization },
});
const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    sockets,
    http,
  ),
});

const { data } = await client.query({ query: ProjectsDocument, variables: { first: 5 } });
if (!data) throw new Error("there is no answer");
for (const { node } of data.projects.edges) say(`${node.id} ${node.name}: ${node.status}`);

const projectId = data.projects.edges[0]?.node.id ?? "";
client.subscribe({ query: BudgetDocument, variables: { projectId } }).subscribe(({ data: event }) => {
  if (event) say(`${event.budgetRunway.status}: ${event.budgetRunway.budget.usdSpent} USD spent`);
});
