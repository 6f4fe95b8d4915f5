import {
  buildClientSchema,
  getIntrospectionQuery,
  type GraphQLSchema,
  type IntrospectionQuery,
} from "graphql";
import { useEffect, useState } from "react";

/** The schema for completion and documentation; a sentence where there is none to be had. */
export function useSchema(token: string | undefined): {
  schema: GraphQLSchema | undefined;
  problem: string | undefined;
} {
  const [found, setFound] = useState<{ schema?: GraphQLSchema; problem?: string }>({});
  useEffect(() => {
    const leaving = new AbortController();
    readSchema(token, leaving.signal).then(
      (schema) => setFound({ schema }),
      (error: unknown) => {
        if (!leaving.signal.aborted)
          setFound({ problem: error instanceof Error ? error.message : String(error) });
      },
    );
    return () => leaving.abort();
  }, [token]);
  return { schema: found.schema, problem: found.problem };
}

async function readSchema(token: string | undefined, signal: AbortSignal): Promise<GraphQLSchema> {
  const response = await fetch("/graphql", {
    method: "POST",
    signal,
    headers: {
      "content-type": "application/json",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({
      query: getIntrospectionQuery({ specifiedByUrl: true, inputValueDeprecation: true }),
    }),
  });
  const { data, errors } = (await response.json()) as {
    data?: IntrospectionQuery;
    errors?: readonly { message: string }[];
  };
  if (data) return buildClientSchema(data);
  throw new Error(`The gateway does not show its schema: ${errors?.[0]?.message ?? response.statusText}`);
}
