import { readFileSync } from "node:fs";
import { join } from "node:path";
import { codegen } from "@graphql-codegen/core";
import { preset } from "@graphql-codegen/client-preset";
import { Kind, lexicographicSortSchema, parse, type GraphQLSchema } from "graphql";
import type { Output } from "./typed-documents.ts";

/** A configuration of GraphQL Code Generator that has one file of documents and the client preset for one folder. */
interface PresetConfig {
  documents: string;
  generates: Record<string, { presetConfig: object; config: object }>;
  importExtension: string;
}

/** A document as `graphql()` is given it. */
const DOCUMENT = /\bgraphql\(`([^`]*)`\)/g;

/**
 * What `graphql-codegen --config codegen.ts` writes in a folder, without its command line.
 *
 * @param folder where the configuration stands
 * @param schema instead of the address that the configuration names
 */
export async function clientPreset(
  folder: string,
  { documents, generates, importExtension }: PresetConfig,
  schema: GraphQLSchema,
): Promise<Output[]> {
  const location = join(folder, documents);
  const schemaAst = lexicographicSortSchema(schema);
  const sources = [...readFileSync(location, "utf8").matchAll(DOCUMENT)].map(([, rawSDL = ""]) => rawSDL);
  const outputs = Object.entries(generates).map(async ([target, { presetConfig, config }]) => {
    const files = await preset.buildGeneratesSection({
      baseOutputDir: join(folder, target),
      schema: { kind: Kind.DOCUMENT, definitions: [] },
      schemaAst,
      documents: sources.map((rawSDL) => ({ location, rawSDL, document: parse(rawSDL) })),
      plugins: [],
      pluginMap: {},
      presetConfig,
      config: { ...config, importExtension, emitLegacyCommonJSImports: false },
    });
    return Promise.all(
      files.map(async (file) => {
        const content = await codegen({ ...file, schemaAst });
        return { path: file.filename, content: `${content.trimEnd()}\n` };
      }),
    );
  });
  return (await Promise.all(outputs)).flat();
}
