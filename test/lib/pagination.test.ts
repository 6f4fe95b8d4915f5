import { describe, expect, it } from "vitest";
import { connectionOf, pageRequest } from "../../lib/pagination.ts";

describe("Relay paging", () => {
  it("defaults to the first 20", () => {
    expect(pageRequest({})).toEqual({ first: 20, after: undefined });
  });

  it.each([0, -1, 101, 1.5, Number.NaN])("refuses first: %s with the allowed range", (first) => {
    expect(() => pageRequest({ first })).toThrow(
      /first: .* is not allowed; expected an integer from 1 to 100/,
    );
  });

  it.each(["", "nonsense", "eyJhIjoxfQ", "x".repeat(10_000)])(
    "refuses a cursor that is not ours",
    (after) => {
      expect(() => pageRequest({ after })).toThrow(/after: .* expected a cursor taken from an earlier page/);
    },
  );

  it("walks all pages by their cursors", () => {
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

  it("has no cursors for an empty page", () => {
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
