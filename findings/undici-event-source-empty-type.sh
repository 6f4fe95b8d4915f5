#!/usr/bin/env bash
# undici's EventSource gives an event the type of an earlier line where a later one takes it back; other readers do not.
#
# Packages: undici 8.13.1, eventsource 5.1.5, eventsource-parser 3.1.1; of 160 random streams they agree on all but those with this.
# Seen: "event: created", then "event:" and data. The specification sets the type to what the last line says, so to nothing, and
# the event is a "message". eventsource and eventsource-parser tell that; undici dispatches "created". A server that appends
# fields, as one does that overwrites a default, reaches another listener. Exits with 1 when that changes.
set -euo pipefail
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund undici@8.13.1 eventsource@5.1.5 eventsource-parser@3.1.1
cat > try.mjs <<'JS'
import { createServer } from "node:http";
import { EventSource as Undici } from "undici";
import { EventSource as Other } from "eventsource";
import { createParser } from "eventsource-parser";

const TEXT = "event: created\nevent:\ndata: 1\n\nevent: created\ndata: 2\n\n";
const server = createServer((_, response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(TEXT);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const url = `http://127.0.0.1:${server.address().port}/`;

const heard = (Source) =>
  new Promise((done) => {
    const events = [];
    const source = new Source(url);
    const hear = ({ type, data }) => {
      events.push(`${type} ${data}`);
      if (events.length < 2) return;
      source.close();
      done(events.join(", "));
    };
    for (const type of ["message", "created"]) source.addEventListener(type, hear);
  });
const parsed = [];
createParser({ onEvent: ({ event, data }) => parsed.push(`${event || "message"} ${data}`) }).feed(TEXT);
const seen = { "undici": await heard(Undici), "eventsource": await heard(Other), "eventsource-parser": parsed.join(", ") };
for (const [name, events] of Object.entries(seen)) console.log(name.padEnd(20), events);
const { undici, ...others } = seen;
const isAsSeen = undici === "created 1, created 2" && Object.values(others).every((events) => events === "message 1, created 2");
process.exit(isAsSeen ? 0 : 1);
JS
echo "undici 8.13.1:"
npx -y -p node@24.21.0 node --no-warnings try.mjs # undici 8 needs Node 22.19 or later
echo "as it was: an empty event field does not take the type back"
