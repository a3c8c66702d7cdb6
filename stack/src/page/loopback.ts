// What every answer of the page server has in common: who may ask, how much may be sent, and what a browser may do with the answer.
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly location?: string;
}

/** A call holds a method's name and a few words; a decision a few ids and a passphrase. */
export const bodyLengthMax = 16_384;

/**
 * A page of somebody else's, open in the same browser, must not press our buttons: neither by a name that resolves to
 * loopback (Host) nor by a request across origins (Origin). Nor may it keep this server busy by what it loads (Sec-Fetch).
 */
export function isLoopback({ headers }: IncomingMessage): boolean {
  const isOurs = (host: string) => /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
  const origin = headers.origin;
  return (
    isOurs(headers.host ?? '') && (origin === undefined || origin === `http://${headers.host}`) && !isPart(headers)
  );
}

/** A picture, a frame or a script of a page of others. A link in it that a person follows is none. Programs say nothing of it. */
function isPart({ 'sec-fetch-site': site, 'sec-fetch-dest': destination }: IncomingHttpHeaders): boolean {
  return (site === 'cross-site' || site === 'same-site') && destination !== 'document';
}

/** Null when it is longer than anything that belongs here. */
export async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > bodyLengthMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function json(status: number, content: unknown): Answer {
  return { status, type: 'application/json', body: JSON.stringify(content) };
}

export function html(status: number, body: string): Answer {
  return { status, type: 'text/html; charset=utf-8', body };
}

export function send(response: ServerResponse, { status, type, body, location }: Answer): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'content-security-policy': policyOf(body),
    ...(location === undefined ? {} : { location }),
  });
  response.end(body);
}

/** Only what stands in the page itself runs there, named by its hash; it talks to this server and to nobody else. */
function policyOf(body: string): string {
  const hashes = (tag: string) => {
    const found = [...body.matchAll(new RegExp(`<${tag}\\b[^>]*>([\\s\\S]*?)</${tag}>`, 'g'))];
    const sources = found.map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
    return sources.length === 0 ? "'none'" : sources.join(' ');
  };
  return [
    "default-src 'none'",
    `script-src ${hashes('script')}`,
    `style-src ${hashes('style')}`,
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}
