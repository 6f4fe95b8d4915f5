import { graphql } from "./generated/gql.ts";

/** What the examples ask: `graphql()` gives every document the types of its answer and of its variables. */
export const ProjectsDocument = graphql(`
  query ExampleProjects($first: Int!) {
    projects(first: $first) {
      edges {
        node {
          id
          name
          status
        }
      }
    }
  }
`);

/** The state of a budget now and after every change. */
export const BudgetDocument = graphql(`
  subscription ExampleBudget($projectId: ID!) {
    budgetRunway(projectId: $projectId) {
      status
      asOf
      budget {
        usdSpent
      }
    }
  }
`);
