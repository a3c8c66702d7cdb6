// The networks one can deploy to, by the word on the command line.
import { ok, type Result, refuse } from '@tamc/base/result';

export interface Network {
  readonly name: string;
  /** Null for the embedded one: its address is that of the process that owns the store. */
  readonly url: string | null;
  /**
   * `embedded`, `local`: for development; cycles are given away, the root key is asked for. `main`: cycles cost money, the root
   * key is known.
   */
  readonly kind: 'embedded' | 'local' | 'main';
}

/** Where `icp network start` and `dfx start` listen. */
const localUrl = 'http://127.0.0.1:8000';
const mainUrl = 'https://icp-api.io';

export function parseNetwork(word: string): Result<Network, string> {
  if (word === 'embedded') return ok({ name: word, url: null, kind: 'embedded' });
  if (word === 'local') return ok({ name: word, url: localUrl, kind: 'local' });
  if (word === 'ic') return ok({ name: word, url: mainUrl, kind: 'main' });
  const url = parseUrl(word);
  if (url === null) return refuse(`"${word}" is no network: write embedded, local, ic, or a URL like ${localUrl}.`);
  return ok({ name: nameOf(url), url: url.origin, kind: isMain(url) ? 'main' : 'local' });
}

function parseUrl(text: string): URL | null {
  if (!/^https?:\/\//.test(text)) return null;
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function isMain({ hostname }: URL): boolean {
  return ['icp-api.io', 'icp0.io', 'ic0.app', 'icp.net'].some(
    (name) => hostname === name || hostname.endsWith(`.${name}`),
  );
}

/** A name that a folder can have: what is remembered of a network is kept by it. */
function nameOf({ host }: URL): string {
  return host.replaceAll(/[^a-z0-9.-]/gi, '-');
}
