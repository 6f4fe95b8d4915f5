import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { messageOf } from "../../../lib/errors.ts";

const LARGEST_BYTES = 1_048_576;

type FileLane = Omit<z.infer<typeof fileSchema>["lanes"][number], "providers"> & {
  providers: { name: string; version: string }[] | undefined;
};

const fileSchema = z.strictObject({
  lanes: z.array(
    z.strictObject({
      id: z.number(),
      name: z.string(),
      maxConcurrent: z.number().optional(),
      /** By name the version. */
      providers: z.record(z.string(), z.string()).optional(),
      gates: z
        .array(
          z.strictObject({
            kpi: z.string(),
            operator: z.string(),
            threshold: z.union([z.number(), z.boolean()]),
          }),
        )
        .optional(),
    }),
  ),
});

/**
 * Defines the lanes of an installation as its file lists them: `{"lanes": [{"id", "name", "maxConcurrent", "providers", "gates"}]}`.
 *
 * @throws Error naming the file and what is wrong with it
 */
export async function applyLanesFile(
  path: string,
  define: (lanes: readonly FileLane[]) => Promise<unknown>,
): Promise<void> {
  try {
    const { size } = await stat(path);
    if (size > LARGEST_BYTES)
      throw new Error(`${size} bytes are not allowed: expected at most ${LARGEST_BYTES}`);
    const { lanes } = parsed(JSON.parse(await readFile(path, "utf8")));
    const inputs = lanes.map(({ providers, ...lane }) => ({
      ...lane,
      providers: providers && Object.entries(providers).map(([name, version]) => ({ name, version })),
    }));
    await define(inputs);
  } catch (cause) {
    throw new Error(`LANES_FILE ${path} cannot be used: ${messageOf(cause)}`, { cause });
  }
}

function parsed(json: unknown): z.infer<typeof fileSchema> {
  const result = fileSchema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Error(`${issue?.path.join(".") || "the file"}: ${issue?.message ?? "not allowed"}`);
}
