#!/usr/bin/env node
import { readWanted, type Wanted } from "./command-line.ts";
import { load } from "./load.ts";
import { asText, type Report } from "./report.ts";
import { checkRules, chosenRules } from "./rules.ts";

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function run(wanted: Wanted): Promise<number> {
  const { target, choice, isList, isJson, isStrict } = wanted;
  if (isList) {
    const rows = chosenRules(choice).flatMap(([, rules]) =>
      rules.map(({ id, level, says, source }) => ({ id, level, says, source })),
    );
    say(
      isJson
        ? JSON.stringify(rows, undefined, 2)
        : rows.map(({ id, level, says, source }) => `${id} (${level}): ${says}\n  ${source}`).join("\n"),
    );
    return 0;
  }
  const rules = wanted.load ? [] : await checkRules(target, choice);
  const report: Report = {
    url: target.httpUrl,
    rules,
    load: wanted.load && (await load(target, wanted.load)),
  };
  say(isJson ? JSON.stringify(report, undefined, 2) : asText(report));
  // A server that speaks nothing, or a wrong address, has kept no rule.
  const isNothing = !wanted.load && !rules.some(({ result }) => result !== "skip");
  return isNothing || rules.some(({ result, level }) => result === "fail" && (isStrict || level === "MUST"))
    ? 1
    : 0;
}

/** What is wrong with the command line is told before anything is asked. */
async function start(): Promise<number> {
  let wanted: Wanted;
  try {
    wanted = readWanted();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  return run(wanted).catch((error: unknown) => {
    process.stderr.write(
      `${wanted.target.httpUrl}: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return 1;
  });
}

process.exit(await start());
