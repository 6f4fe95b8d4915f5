import { WebSocketServer } from "ws";
import type { AddressInfo } from "node:net";
import { answerMeasurements } from "./measure.ts";

/** The limit: every message to every socket as it is, and nothing else. */
const server = new WebSocketServer({
  port: 0,
  host: "127.0.0.1",
  perMessageDeflate: false,
  handleProtocols: () => "graphql-transport-ws",
});
server.on("connection", (socket) => {
  socket.on("message", (data) => {
    if ((data as Buffer).toString().includes("connection_init")) socket.send('{"type":"connection_ack"}');
  });
});
process.on("message", (message) => {
  const { broadcast } = message as { broadcast?: string };
  if (broadcast === undefined) return;
  const bytes = Buffer.from(broadcast);
  for (const socket of server.clients) socket.send(bytes, { binary: false });
});
answerMeasurements();
server.on("listening", () =>
  process.send?.({ ready: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` }),
);
