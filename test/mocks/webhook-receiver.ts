import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { verifyWebhook } from "../../lib/webhook-signature.ts";

interface Receipt {
  receipt_id: string;
  task_id: string;
  lane_id: number;
  provider: string;
  tokens: number;
  duration_ms: number;
  cost_usd: number;
  echo_cos: number;
  status: string;
  occurred_at: string;
}

export interface Received {
  path: string;
  webhookId: string;
  isGenuine: boolean;
  body: { run_id: string; receipts?: Receipt[] } & Record<string, unknown>;
  status: number;
}

export interface WebhookReceiver {
  url: string;
  messages: Received[];
  /** Receipts of genuine, accepted messages in the order of arrival. */
  receipts(): Receipt[];
  completions(): Received[];
}

export const WEBHOOK_SECRET = `whsec_${Buffer.from("a-secret-for-tests-only-24+").toString("base64")}`;

/**
 * A PLMS of few words for the time of one test: takes what is signed well with 202, refuses the rest with 401, or
 * answers as told.
 */
export async function startReceiver(statusFor?: (message: Received) => number): Promise<WebhookReceiver> {
  const messages: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      const message = read(request.url ?? "", request.headers, text);
      message.status = statusFor?.(message) ?? message.status;
      messages.push(message);
      response.writeHead(message.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const accepted = () => messages.filter(({ status }) => status === 202);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    messages,
    receipts: () => accepted().flatMap(({ body }) => body.receipts ?? []),
    completions: () => accepted().filter(({ path }) => path === "/webhooks/pas/completion"),
  };
}

function read(path: string, headers: IncomingHttpHeaders, text: string): Received {
  const isGenuine = isSigned(headers, text);
  const webhookId = String(headers["webhook-id"]);
  return {
    path,
    webhookId,
    isGenuine,
    body: JSON.parse(text) as Received["body"],
    status: isGenuine ? 202 : 401,
  };
}

function isSigned(headers: IncomingHttpHeaders, body: string): boolean {
  try {
    verifyWebhook([WEBHOOK_SECRET], headers, { body, nowSeconds: Date.now() / 1000 });
    return true;
  } catch {
    return false;
  }
}
