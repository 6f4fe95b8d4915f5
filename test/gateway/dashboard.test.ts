import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import fastify from "fastify";
import { afterAll, describe, expect, test } from "vitest";
import { serveDashboard } from "../../gateway/http/dashboard.ts";

const folder = mkdtempSync(join(tmpdir(), "dashboard-"));
mkdirSync(join(folder, "assets"));
writeFileSync(join(folder, "index.html"), "<title>page</title>");
writeFileSync(join(folder, "assets/index-abc.js"), "export const x = 1;");
writeFileSync(join(folder, "assets/index-abc.js.br"), brotliCompressSync("export const x = 1;"));
writeFileSync(join(folder, "secret.txt"), "not for the world");

function serve(options: { playground?: boolean; from?: string } = {}) {
  const app = fastify();
  const from = pathToFileURL(`${options.from ?? folder}/`);
  serveDashboard(app, { playground: options.playground ?? false, folder: from });
  return app;
}

describe("the served dashboard", () => {
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    "/",
    "/projects",
    "/projects/",
    "/projects/1",
    "/projects/1/",
    "/portfolio",
    "/portfolio/?alerts.kind=RUNWAY_T5",
    "/models",
    "/admin/plm-health",
    "/gateway/",
  ])("answers %s with the page, asked for anew each time", async (url) => {
    const { statusCode, headers, body } = await serve().inject(url);
    expect(statusCode).toBe(200);
    expect(body).toContain("page");
    expect(headers["cache-control"]).toBe("no-cache");
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
  });

  test.each(["/nowhere", "/projects/1/2/3", "/portfolios", "/admin"])(
    "answers people who ask for %s with the page, and says with 404 that there is none",
    async (url) => {
      const headers = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
      const { statusCode, body } = await serve().inject({ url, headers });
      expect(statusCode).toBe(404);
      expect(body).toContain("page");
      expect((await serve().inject({ url, headers: { accept: "*/*" } })).body).not.toContain("page");
    },
  );

  test.each(["/api/projects/1", "/assets/none.js", "/metrics/more", "/graphql/x"])(
    "leaves what is for programs to them, whoever asks: %s",
    async (url) => {
      const { statusCode, headers } = await serve().inject({ url, headers: { accept: "text/html" } });
      expect(statusCode).toBe(404);
      expect(headers["content-type"]).toContain("json");
    },
  );

  test("lets browsers keep named files for good, and sends them compressed to those who can read that", async () => {
    const { headers, rawPayload } = await serve().inject({
      url: "/assets/index-abc.js",
      headers: { "accept-encoding": "gzip, br" },
    });
    expect(headers).toMatchObject({
      "cache-control": "public, max-age=31536000, immutable",
      "content-encoding": "br",
      "content-type": "text/javascript; charset=utf-8",
    });
    expect(brotliDecompressSync(rawPayload).toString()).toBe("export const x = 1;");
    const plain = await serve().inject("/assets/index-abc.js");
    expect(plain.body).toBe("export const x = 1;");
  });

  test("sends a file as it is when the build has no compressed one", async () => {
    const { headers, body } = await serve().inject({ url: "/", headers: { "accept-encoding": "br" } });
    expect(headers).not.toHaveProperty("content-encoding");
    expect(body).toContain("page");
  });

  test("answers 304 to those who have the page already", async () => {
    const app = serve();
    const { headers } = await app.inject("/");
    const again = await app.inject({ url: "/", headers: { "if-none-match": headers.etag } });
    expect(again.statusCode).toBe(304);
  });

  test.each(["/assets/none.js", "/assets/index-abc.js.br", "/assets/..%2Fsecret.txt", "/secret.txt"])(
    "serves nothing else: %s",
    async (url) => {
      expect((await serve().inject(url)).statusCode).toBe(404);
    },
  );

  test("serves the playground only where it is wanted", async () => {
    expect((await serve({ playground: true }).inject("/playground")).statusCode).toBe(200);
    expect((await serve().inject("/playground")).statusCode).toBe(404);
  });

  test("says how to build the page where there is none yet", async () => {
    const { statusCode, body } = await serve({ from: join(folder, "nowhere") }).inject("/");
    expect(statusCode).toBe(503);
    expect(body).toContain("node dashboard/build.ts");
  });
});
