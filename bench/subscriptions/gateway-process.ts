import { createGateway } from "../../gateway/server.ts";
import { readGatewayConfig } from "../../gateway/config.ts";
import { createLog } from "../../lib/log.ts";
import { answerMeasurements } from "./measure.ts";

const gateway = await createGateway(readGatewayConfig(), {
  log: createLog({ name: "gateway", level: "warn" }),
});
const url = await gateway.listen();
answerMeasurements();
process.send?.({ ready: `${url.replace("http", "ws")}/graphql` });
