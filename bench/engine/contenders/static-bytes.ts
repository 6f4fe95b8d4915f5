import { createServer } from "node:http";
import { contend, listen } from "../contender.ts";

/** What receiving a request and sending 21 KB costs, with nothing in between. */
await contend(() => {
  const body = Buffer.alloc(21_000, "x");
  return listen(
    createServer((request, response) => {
      request.resume();
      request.on("end", () => {
        response.writeHead(200, ["content-type", "application/json", "content-length", String(body.length)]);
        response.end(body);
      });
    }),
  );
});
