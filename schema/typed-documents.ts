import { readdirSync, readFileSync } from "node:fs";
import { codegen } from "@graphql-codegen/core";
import * as typedDocumentNode from "@graphql-codegen/typed-document-node";
import * as typescriptOperations from "@graphql-codegen/typescript-operations";
import { Kind, parse, validate, type DocumentNode, type GraphQLSchema } from "graphql";

/** A file that is generated. */
export interface Output {
  path: string;
  content: string;
}

export interface Operation {
  location: string;
  document: DocumentNode;
}

/**
 * The operations of a folder's `*.graphql`, by name of the file.
 *
 * @throws Error naming a file that is no GraphQL
 */
export function readOperations(folder: string): Operation[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".graphql"));
  return files.sort().map((file) => {
    const location = `${folder}/${file}`;
    try {
      return { location, document: parse(readFileSync(location, "utf8")) };
    } catch (error) {
      throw new Error(`${location}: ${(error as Error).message}`, { cause: error });
    }
  });
}

/** Operations that the schema does not allow, as sentences. */
export function breakages(operations: readonly Operation[], schema: GraphQLSchema): string[] {
  return operations.flatMap(({ location, document }) =>
    validate(schema, document).map(
      (error) => `${location}: the schema breaks this operation: ${error.message}`,
    ),
  );
}

/**
 * Operations as documents that know the types of their variables and of their answers.
 *
 * @param scalars TypeScript types of the schema's own scalars as they come over the wire; others are `unknown`
 */
export async function typedDocuments(
  path: string,
  operations: readonly Operation[],
  { schema, scalars = {} }: { schema: GraphQLSchema; scalars?: Readonly<Record<string, string>> },
): Promise<Output> {
  const content = await codegen({
    filename: path,
    documents: operations.map(({ location, document }) => ({ location, document })),
    schema: { kind: Kind.DOCUMENT, definitions: [] },
    schemaAst: schema,
    plugins: [{ operations: {} }, { documents: {} }],
    pluginMap: { operations: typescriptOperations, documents: typedDocumentNode },
    config: {
      enumsAsTypes: true,
      useTypeImports: true,
      scalars,
      documentMode: "documentNode",
    },
  });
  return { path, content };
}
