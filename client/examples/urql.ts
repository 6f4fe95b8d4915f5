import { cacheExchange, Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient, type Sink } from "graphql-ws";
import { BudgetDocument, ProjectsDocument } from "./documents.ts";

/** urql, with subscriptions over graphql-ws: `node urql.ts [address] [token]`. */
const [url = "http://127.0.0.1:4000", token] = process.argv.slice(2);
const say = (text: string) => process.stdout.write(`${text}\n`);
const authorization = token === undefined ? undefined : `Bearer ${token}`;

const sockets = createClient({
  url: `${url.replace("http", "ws")}/graphql`,
  connectionParams: authorization === undefined ? {} : { authorization },
});
const client = new Client({
  url: `${url}/graphql`,
  preferGetMethod: false,
  fetchOptions: authorization === undefined ? {} : { headers: { authorization } },
  exchanges: [
    cacheExchange,
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query = "", variables }) => ({
        subscribe: (sink) => ({ unsubscribe: sockets.subscribe({ query, variables }, sink as Sink) }),
      }),
    }),
  ],
});

const { data, error } = await client.query(ProjectsDocument, { first: 5 });
if (!data) throw error ?? new Error("there is no answer");
for (const { node } of data.projects.edges) say(`${node.id} ${node.name}: ${node.status}`);

const projectId = data.projects.edges[0]?.node.id ?? "";
client.subscription(BudgetDocument, { projectId }).subscribe(({ data: event }) => {
  if (event) say(`${event.budgetRunway.status}: ${event.budgetRunway.budget.usdSpent} USD spent`);
});
