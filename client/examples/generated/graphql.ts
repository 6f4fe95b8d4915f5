/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
export type ProjectStatus =
  | 'APPROVED'
  | 'CANCELLED'
  | 'CLARIFYING'
  | 'COMPLETED'
  | 'ESTIMATING'
  | 'EXECUTING'
  | 'IDEATION'
  | 'NEEDS_REVIEW'
  | 'PAUSED'
  | 'PENDING'
  | 'PENDING_APPROVAL'
  | 'PLANNING'
  | 'VALIDATING';

/**
 * What `overrunProbability` says. Critical from the budget's `criticalAt` on (while `reliability` is LOW with a third of the
 * doubt, so 0.92 for 0.76) until it is 0.2 below it, and when nothing is left; warning from `warningAt` on until it is 0.15
 * below it. It worsens at once and improves when a milder status was
 * found twice in a row. Few minutes alone are no danger: every run that lands on its budget has few in the end.
 */
export type RunwayStatus =
  | 'CRITICAL'
  | 'OK'
  /** There is no budget to compare with. */
  | 'UNKNOWN'
  | 'WARNING';

export type ExampleProjectsQueryVariables = Exact<{
  first: number;
}>;


export type ExampleProjectsQuery = { projects: { edges: Array<{ node: { id: string, name: string, status: ProjectStatus } }> } };

export type ExampleBudgetSubscriptionVariables = Exact<{
  projectId: string | number;
}>;


export type ExampleBudgetSubscription = { budgetRunway: { status: RunwayStatus, asOf: string, budget: { usdSpent: number } } };


export const ExampleProjectsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ExampleProjects"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"projects"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}}]}}]}}]} as unknown as DocumentNode<ExampleProjectsQuery, ExampleProjectsQueryVariables>;
export const ExampleBudgetDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"ExampleBudget"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"projectId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"budgetRunway"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"projectId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"projectId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"asOf"}},{"kind":"Field","name":{"kind":"Name","value":"budget"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"usdSpent"}}]}}]}}]}}]} as unknown as DocumentNode<ExampleBudgetSubscription, ExampleBudgetSubscriptionVariables>;
