/** What a browser shows that opens the address of the API during development: where to write operations, and how to send one. */
export const LANDING_PAGE = {
  headers: [
    "content-type",
    "text/html; charset=utf-8",
    "content-security-policy",
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options",
    "nosniff",
    "referrer-policy",
    "no-referrer",
    "cache-control",
    "no-store",
  ],
  html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>GraphQL API</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}pre{overflow:auto;padding:1rem;background:#eef1f4}@media(prefers-color-scheme:dark){body{background:#14181c;color:#e6eaee}pre{background:#20262c}a{color:#8cc4ff}}</style>
</head>
<body>
<main>
<h1>GraphQL API</h1>
<p>Operations are sent to this address. Write and try them in the <a href="/playground">playground</a>.</p>
<h2>A query</h2>
<pre>curl -H 'content-type: application/json' -d '{"query":"{ __typename }"}' HOST/graphql</pre>
<h2>A subscription, as server-sent events</h2>
<pre>curl -N -H 'accept: text/event-stream' -H 'content-type: application/json' -d '{"query":"subscription { … }"}' HOST/graphql</pre>
<p>Subscriptions run over WebSocket (<code>graphql-transport-ws</code>), too.</p>
</main>
</body>
</html>
`,
} as const;
