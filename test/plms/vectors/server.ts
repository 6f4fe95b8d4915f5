/** What a server said. */
export interface Answer {
  status: number;
  headers: Headers;
  /** Undefined when it is no JSON. */
  body: unknown;
}

/** A server of the façade, whoever wrote it. */
export interface Server {
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** Posts JSON; a body of `undefined` is an empty one that says that it is JSON. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
}

const TIMEOUT_MS = 60_000;

/** @param url like `http://localhost:6100`; every call carries the token, if there is one */
export function serverAt(url: string, token: string | undefined): Server {
  const call = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(new URL(path, url), { signal: AbortSignal.timeout(TIMEOUT_MS), ...init });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parsed(text) };
  };
  const known = { ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  return {
    get: (path, headers) => call(path, { headers: { ...known, ...headers } }),
    post: (path, body, headers) =>
      call(path, {
        method: "POST",
        headers: { ...known, "content-type": "application/json", ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
