import { z } from "zod";
import type { Clock } from "../../../../../lib/clock.ts";
import { failureOfStatus, malformed } from "./failures.ts";
import type { PlmHttp } from "./http.ts";

export interface TokenSource {
  /** A token that is good for a while; one request to the PLM however many ask. */
  current(): Promise<string>;
  /** Another token than the one that the PLM has just refused. */
  replace(refused: string): Promise<string>;
}

export interface TokenSourceConfig {
  clientId: string;
  clientSecret: string;
  deadlineMs: number;
}

interface HeldToken {
  value: string;
  refreshAtMs: number;
  expiresAtMs: number;
}

const REFRESH_AT_SHARE_OF_LIFE = 0.8;

/** Believed of a token that does not say how long it lives; a refusal brings the next one in any case. */
const DEFAULT_LIFE_SECONDS = 300;

const grantSchema = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{1,8192}$/),
  token_type: z.string().regex(/^bearer$/i),
  /** Only recommended (RFC 6749 §5.1); some servers write it as text. */
  expires_in: z.coerce.number().positive().default(DEFAULT_LIFE_SECONDS),
});

/** OAuth 2 client credentials (RFC 6749 §4.4), with the credentials in a Basic header. */
export function createTokenSource(
  config: TokenSourceConfig,
  deps: { http: PlmHttp; clock: Clock },
): TokenSource {
  const { http, clock } = deps;
  let held: HeldToken | undefined;
  let underWay: Promise<HeldToken> | undefined;

  const request = async (): Promise<HeldToken> => {
    const askedAtMs = clock.monotonicMs();
    const response = await http.send({
      method: "POST",
      path: "/oauth/token",
      headers: {
        authorization: `Basic ${basicCredentials(config)}`,
        "content-type": "application/x-www-form-urlencoded",
        accept: "application/json",
      },
      body: "grant_type=client_credentials",
      // Its own deadline: many callers may wait for this one request.
      signal: AbortSignal.timeout(config.deadlineMs),
    });
    // RFC 6749 §5.2: bad credentials may come as 400 or 401, and both mean the same here.
    if (response.status >= 400 && response.status < 404) throw failureOfStatus(401);
    const grant = grantSchema.safeParse(await response.json());
    if (!grant.success) throw malformed(`the token lacks ${grant.error.issues[0]?.path.join(".")}`);
    const lifeMs = grant.data.expires_in * 1000;
    return {
      value: grant.data.access_token,
      refreshAtMs: askedAtMs + lifeMs * REFRESH_AT_SHARE_OF_LIFE,
      expiresAtMs: askedAtMs + lifeMs,
    };
  };

  const renew = async (): Promise<string> => {
    underWay ??= request().finally(() => (underWay = undefined));
    held = await underWay;
    return held.value;
  };

  return {
    current: async () => {
      const token = held;
      const nowMs = clock.monotonicMs();
      if (token && nowMs < token.refreshAtMs) return token.value;
      if (!token || nowMs >= token.expiresAtMs) return renew();
      return renew().catch(() => token.value);
    },
    replace: async (refused) => {
      if (held && held.value !== refused) return held.value;
      return renew();
    },
  };
}

function basicCredentials({ clientId, clientSecret }: TokenSourceConfig): string {
  const formEncoded = [clientId, clientSecret].map((part) => encodeURIComponent(part).replaceAll("%20", "+"));
  return Buffer.from(formEncoded.join(":")).toString("base64");
}
