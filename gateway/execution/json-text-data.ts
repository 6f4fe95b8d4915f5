import type { FormattedExecutionResult } from "graphql";

/** `data` of a result that is JSON text already; stands where Apollo Server expects an object. */
export class JsonTextData {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A result as the body of a response, whether its data is an object or text; the same bytes either way. */
export function stringifyResult({ errors, data, extensions }: FormattedExecutionResult): string {
  const parts: string[] = [];
  if (errors !== undefined) parts.push(`"errors":${JSON.stringify(errors)}`);
  if (data !== undefined)
    parts.push(`"data":${data instanceof JsonTextData ? data.text : JSON.stringify(data)}`);
  if (extensions !== undefined) parts.push(`"extensions":${JSON.stringify(extensions)}`);
  return `{${parts.join(",")}}\n`;
}
