import { z } from "zod";
import { malformed } from "./failures.ts";

/** Text that is an id or a version. */
export const shortText = z.string().min(1).max(128);
/** The code that people use. */
export const code = z.string().trim().min(1).max(64);
export const name = z.string().trim().min(1).max(200);

export const uniqueCodes = (items: readonly { code: string }[]): boolean =>
  new Set(items.map((item) => item.code)).size === items.length;

/** `data` in the envelope that every answer of the PLM comes in. */
export const envelope = <T extends z.ZodType>(data: T) => z.object({ schemaVersion: shortText, data });

/** @throws PlmFailure MALFORMED naming the first field that is wrong */
export function parsePayload<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw malformed(`${issue?.path.join(".") || "body"}: ${issue?.message ?? "wrong"}`);
}
