import { startGateway } from "../../test/gateway/support/start-gateway.ts";
import { contend } from "../engine/contender.ts";

/** A gateway in production settings before two small subgraphs, in a process of its own. */
await contend(async () => `${(await startGateway({ NODE_ENV: "production" })).url}/graphql`);
