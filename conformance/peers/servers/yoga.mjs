import { createServer } from "node:http";
import { makeExecutableSchema } from "@graphql-tools/schema";
import { useDeferStream } from "@graphql-yoga/plugin-defer-stream";
import { useServer } from "graphql-ws/use/ws";
import { createYoga } from "graphql-yoga";
import { WebSocketServer } from "ws";
import { ready, resolvers, typeDefs } from "./schema.mjs";

const schema = makeExecutableSchema({ typeDefs, resolvers });
const yoga = createYoga({ schema, logging: false, plugins: [useDeferStream()] });
const server = createServer((request, response) => void yoga(request, response));
const sockets = new WebSocketServer({ server, path: yoga.graphqlEndpoint });
// As the documentation of Yoga has it: operations over sockets run through its plugins.
useServer(
  {
    execute: (args) => args.rootValue.execute(args),
    subscribe: (args) => args.rootValue.subscribe(args),
    onSubscribe: async (ctx, _id, params) => {
      const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        ...ctx,
        req: ctx.extra.request,
        socket: ctx.extra.socket,
        params,
      });
      const args = {
        schema,
        operationName: params.operationName,
        document: parse(params.query),
        variableValues: params.variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      };
      const errors = validate(args.schema, args.document);
      return errors.length > 0 ? errors : args;
    },
  },
  sockets,
);
server.listen(0, "127.0.0.1", () => ready(server));
