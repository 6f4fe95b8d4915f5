import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print, type FormattedExecutionResult } from "graphql";
import { createClient } from "graphql-ws";
import { BudgetDocument, ProjectsDocument } from "./documents.ts";

/** No client at all: fetch, and graphql-ws for subscriptions: `node fetch.ts [address] [token]`. */
const [url = "http://127.0.0.1:4000", token] = process.argv.slice(2);
const say = (text: string) => process.stdout.write(`${text}\n`);
const authorization = token === undefined ? undefined : `Bearer ${token}`;

async function ask<T, V>(document: TypedDocumentNode<T, V>, variables: V): Promise<T> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(authorization && { authorization }) },
    body: JSON.stringify({ query: print(document), variables }),
  });
  const { data, errors } = (await response.json()) as FormattedExecutionResult<T>;
  if (!data) throw new Error(errors?.map(({ message }) => message).join("; ") ?? "there is no answer");
  return data;
}

const sockets = createClient({
  url: `${url.replace("http", "ws")}/graphql`,
  connectionParams: authorization === undefined ? {} : { authorization },
});
async function* follow<T, V extends Record<string, unknown>>(
  document: TypedDocumentNode<T, V>,
  variables: V,
) {
  for await (const { data } of sockets.iterate<T>({ query: print(document), variables }))
    if (data) yield data;
}

const { projects } = await ask(ProjectsDocument, { first: 5 });
for (const { node } of projects.edges) say(`${node.id} ${node.name}: ${node.status}`);

const projectId = projects.edges[0]?.node.id ?? "";
for await (const { budgetRunway } of follow(BudgetDocument, { projectId }))
  say(`${budgetRunway.status}: ${budgetRunway.budget.usdSpent} USD spent`);
