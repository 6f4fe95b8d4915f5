import { describe, expect, test } from "vitest";
import { connectionOf, pageRequest } from "../../subgraphs/kit/pagination.ts";

describe("Relay paging", () => {
  test("defaults to the first 20", () => {
    expect(pageRequest({})).toEqual({ first: 20, after: undefined });
  });

  test.each([0, -1, 101, 1.5, Number.NaN])("refuses first: %s with the allowed range", (first) => {
    expect(() => pageRequest({ first })).toThrow(
      /first: .* is not allowed; expected an integer from 1 to 100/,
    );
  });

  test.each(["", "nonsense", "eyJhIjoxfQ", "x".repeat(10_000)])(
    "refuses a cursor that is not ours",
    (after) => {
      expect(() => pageRequest({ after })).toThrow(/after: .* expected a cursor taken from an earlier page/);
    },
  );

  test("walks all pages by their cursors", () => {
    const all = ["a", "b", "c", "d", "e"];
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page = pageRequest({ first: 2, after });
      const rest = all.filter((item) => page.after === undefined || item > page.after);
      const connection = connectionOf(rest.slice(0, 3), page, {
        key: (item) => item,
        totalCount: all.length,
      });
      seen.push(...connection.edges.map(({ node }) => node));
      expect(connection.pageInfo.hasPreviousPage).toBe(after !== null);
      after = connection.pageInfo.hasNextPage ? connection.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual(all);
  });

  test("has no cursors for an empty page", () => {
    const { edges, pageInfo } = connectionOf([], pageRequest({}), { key: String, totalCount: 0 });
    expect({ edges, ...pageInfo }).toEqual({
      edges: [],
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: null,
      endCursor: null,
    });
  });
});
