import { parseArgs, type ParseArgsConfig } from "node:util";
import { badInput, messageOf } from "./errors.ts";

/**
 * The flags and names of this process's command line, as `parseArgs` has them. `--help` prints the usage and ends the
 * process with 0.
 *
 * @param usage what can be written, in a line or more: `npm run load -- [--projects N]`
 * @throws Error that says what is wrong, with the usage, for anything else than what `config` names
 */
export function readCommandLine<const T extends ParseArgsConfig>(usage: string, config: T) {
  if (process.argv.slice(2).some((arg) => arg === "--help" || arg === "-h")) {
    process.stdout.write(`${usage}\n`);
    process.exit(0);
  }
  try {
    return parseArgs<T>(config);
  } catch (error) {
    const [problem] = messageOf(error).split(". To specify");
    throw new Error(`${problem}\n\n${usage}`, { cause: error });
  }
}

/**
 * An integer that a flag gives.
 *
 * @throws CodedError BAD_USER_INPUT naming the flag, its value and what is allowed
 */
export function integerFlag(name: string, value: string, { min, max }: { min: number; max: number }): number {
  const number = Number(value);
  const isGood = value.trim() !== "" && Number.isInteger(number) && number >= min && number <= max;
  if (!isGood) throw badInput(`--${name}`, value, `an integer from ${min} to ${max}`);
  return number;
}
