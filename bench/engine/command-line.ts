/** `--NAME VALUE` of the command line. */
export function option(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

export const say = (line: string): void => void process.stdout.write(`${line}\n`);
