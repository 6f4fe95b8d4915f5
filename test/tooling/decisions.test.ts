import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";

const folder = resolve(import.meta.dirname, "../../docs/decisions");
const textOf = (file: string) => readFileSync(resolve(folder, file), "utf8");
const pages = readdirSync(folder).filter((file) => /^\d{4}-/.test(file));
const HEAD = /^# (?<number>\d{4}) (?<title>.+)\n\n\*Decided (?<date>\d{4}-\d\d-\d\d)\. (?<status>.+)\.\*\n\n/;

/** The row of a page as the index has to show it. */
function rowOf(file: string): string {
  const { number, title, date, status } = HEAD.exec(textOf(file))?.groups ?? {};
  return `| [${number}](${file}) | ${title} | ${date} | ${status} |`;
}

describe("The decision pages", () => {
  test.each(pages)("%s begins with its number, its title, the day of the decision and its status", (file) => {
    const head = HEAD.exec(textOf(file));
    expect(head?.groups?.["number"]).toBe(file.slice(0, 4));
    expect(head?.groups?.["status"]).toMatch(
      /^(?:In force|Replaced by \d{4}|In force, changed by \d{4}(?:, \d{4})*)$/,
    );
  });

  test("are all in the index, with the words of their pages, and in the order of their numbers", () => {
    const rows = textOf("README.md").match(/^\| \[\d{4}\].*$/gm);
    expect(rows).toEqual(pages.toSorted().map(rowOf));
  });

  test("that another page replaced name a page that exists", () => {
    const named = pages
      .flatMap((file) => [...textOf(file).matchAll(/(?:Replaced|changed) by ([\d, ]+)/g)])
      .flatMap(([, numbers = ""]) => numbers.match(/\d{4}/g) ?? []);
    expect(named.filter((number) => !pages.some((file) => file.startsWith(number)))).toEqual([]);
  });
});
