import { CompiledQuery, type Kysely } from "kysely";

/** A table that a statement looks at, how, and at how many of its rows. */
export interface TableRead {
  table: string;
  how: string;
  rows: number;
  /** True for what is worked out once beside the statement, like a count that it tells. */
  isAside: boolean;
}

interface PlanNode {
  "Node Type": string;
  "Relation Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  "Rows Removed by Index Recheck"?: number;
  "Parent Relationship"?: string;
  Plans?: PlanNode[];
}

const nodesOf = (node: PlanNode, isAside: boolean): { node: PlanNode; isAside: boolean }[] => [
  { node, isAside },
  ...(node.Plans ?? []).flatMap((below) =>
    nodesOf(below, isAside || below["Parent Relationship"] === "InitPlan"),
  ),
];

const rowsOf = (node: PlanNode): number =>
  (node["Actual Rows"] +
    (node["Rows Removed by Filter"] ?? 0) +
    (node["Rows Removed by Index Recheck"] ?? 0)) *
  node["Actual Loops"];

/** What a statement reads when it is executed once more. */
export async function readsOf(
  db: Pick<Kysely<unknown>, "executeQuery">,
  query: CompiledQuery,
): Promise<TableRead[]> {
  const text = `explain (analyze, format json) ${query.sql}`;
  const { rows } = await db.executeQuery<{ "QUERY PLAN": [{ Plan: PlanNode }] }>(
    CompiledQuery.raw(text, [...query.parameters]),
  );
  const [row] = rows;
  if (!row) throw new Error("PostgreSQL explained nothing");
  return nodesOf(row["QUERY PLAN"][0].Plan, false).flatMap(({ node, isAside }) => {
    const table = node["Relation Name"];
    return table === undefined ? [] : [{ table, how: node["Node Type"], rows: rowsOf(node), isAside }];
  });
}
