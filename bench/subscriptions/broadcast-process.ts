import { WebSocketServer } from "ws";
import type { AddressInfo } from "node:net";
import { answerMeasurements } from "./measure.ts";

/**
 * The limit: every message to every socket as it is, and nothing else. With `WELCOME` each subscription is answered with that
 * payload at once.
 */
const welcome = process.env["WELCOME"];
const server = new WebSocketServer({
  port: 0,
  host: "127.0.0.1",
  perMessageDeflate: false,
  handleProtocols: () => "graphql-transport-ws",
});
server.on("connection", (socket) => {
  socket.on("message", (data) => {
    const text = (data as Buffer).toString();
    if (text.includes("connection_init")) socket.send('{"type":"connection_ack"}');
    else if (welcome !== undefined) {
      const { id } = JSON.parse(text) as { id: string };
      socket.send(`{"id":"${id}","type":"next","payload":${welcome}}`);
    }
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
