import { scalars } from "../scalars.ts";

/**
 * GraphQL Code Generator's client preset, as an application of its own sets it up (`graphql-codegen --config codegen.ts`);
 * there, `scalars` come from "lifecycle-gateway-client/scalars". Here `npm run codegen` generates the same.
 */
export default {
  schema: "http://127.0.0.1:4000/graphql",
  documents: "documents.ts",
  generates: {
    "./generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: { scalars, enumType: "string-literal", useTypeImports: true },
    },
  },
  /** Node runs TypeScript as it is, and wants whole names; bundlers do without this. */
  importExtension: ".ts",
};
