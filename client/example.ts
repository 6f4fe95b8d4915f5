import { print } from "graphql";
import { BudgetRunwayDocument, ProjectsDocument } from "../schema/generated/documents.ts";
import type { BudgetRunwaySubscription, ProjectsQuery } from "../schema/generated/documents.ts";
import { createLiveClient } from "./live-client.ts";

/** Lists projects, then follows the budget of the first: `npm run example -- [address] [token]`. */
const [address = "http://127.0.0.1:4000", token] = process.argv.slice(2);
const say = (text: string) => process.stdout.write(`${text}\n`);

const response = await fetch(`${address}/graphql`, {
  method: "POST",
  headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
  body: JSON.stringify({ query: print(ProjectsDocument), variables: { first: 5 } }),
});
const { data } = (await response.json()) as { data: ProjectsQuery };
for (const { node } of data.projects.edges) say(`${node.id} ${node.name}: ${node.status}`);

const live = createLiveClient({ url: `${address.replace("http", "ws")}/graphql`, token: () => token });
const projectId = data.projects.edges[0]?.node.id;
live.subscribe<BudgetRunwaySubscription>(
  { query: print(BudgetRunwayDocument), variables: { projectId } },
  {
    next: ({ data }) =>
      data && say(`${data.budgetRunway.status}: ${data.budgetRunway.budget.usdSpent} USD spent`),
    error: (errors) => say(errors.map(({ message }) => message).join("; ")),
    complete: () => say("There is no more."),
  },
);
