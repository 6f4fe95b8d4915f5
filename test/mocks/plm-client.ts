import { onTestFinished } from "vitest";
import type { Envelope } from "../../mocks/plm/envelope.ts";
import { createPlmMock, type PlmMock, type PlmMockOptions } from "../../mocks/plm/server.ts";

export type CallInit = Omit<RequestInit, "headers"> & { headers?: Record<string, string> };

export interface PlmUnderTest {
  mock: PlmMock;
  url: string;
  /** A request with a good token. */
  call(path: string, init?: CallInit): Promise<Response>;
  get<T>(path: string): Promise<T>;
}

/** A mock PLM for the time of one test. */
export async function startPlm(options: PlmMockOptions = {}): Promise<PlmUnderTest> {
  const plm = await openPlm(options);
  onTestFinished(() => plm.mock.close());
  return plm;
}

/** A mock PLM on a free port and a caller that it knows; close it yourself. */
export async function openPlm(options: PlmMockOptions = {}): Promise<PlmUnderTest> {
  const mock = createPlmMock(options);
  const url = await mock.listen({ host: "127.0.0.1", port: 0 });
  const token = await fetchToken(url);
  const call = (path: string, init: CallInit = {}) =>
    fetch(url + path, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
  return {
    mock,
    url,
    call,
    get: async <T>(path: string) => ((await (await call(path)).json()) as Envelope<T>).data,
  };
}

export const DEV_CREDENTIALS = { client_id: "mrp-dev", client_secret: "mrp-dev-secret" };

export const askForToken = (
  url: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
) => fetch(`${url}/oauth/token`, { method: "POST", headers, body: new URLSearchParams(form) });

async function fetchToken(url: string): Promise<string> {
  const response = await askForToken(url, { grant_type: "client_credentials", ...DEV_CREDENTIALS });
  return ((await response.json()) as { access_token: string }).access_token;
}
