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
const mainHosts = ['icp-api.io', 'icp0.io', 'ic0.app', 'icp.net'];
const loopbackHosts = ['127.0.0.1', 'localhost', '[::1]'];

export function parseNetwork(word: string): Result<Network, string> {
  if (word === 'embedded') return ok({ name: word, url: null, kind: 'embedded' });
  if (word === 'local') return ok({ name: word, url: localUrl, kind: 'local' });
  if (word === 'ic') return ok({ name: word, url: mainUrl, kind: 'main' });
  const url = parseUrl(word);
  if (url === null) return refuse(`"${word}" is no network: write embedded, local, ic, or a URL like ${localUrl}.`);
  return ok({ name: nameOf(url), url: url.origin, kind: isMain(url) ? 'main' : 'local' });
}

function parseUrl(text: string): URL | null {
  if (!/^https?:\/\//i.test(text)) return null;
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function isMain({ hostname }: URL): boolean {
  return mainHosts.some((name) => hostname === name || hostname.endsWith(`.${name}`));
}

/** A name that a folder can have. */
function nameOf({ host }: Pick<URL, 'host'>): string {
  return host.replaceAll(/[^a-z0-9.-]/gi, '-');
}

/**
 * The folder in which a network is remembered: one for each, whatever it is called on the command line, because a second one would be a
 * second key and second canisters. Each name once had a folder of its own; what is there is found: that of the same word first.
 */
export function folderNameOf(network: Network, isThere: (name: string) => boolean): string {
  const names = namesOf(network);
  return [network.name, ...names].find(isThere) ?? names[0]!;
}

/** The one for a new folder first. */
function namesOf({ name, url, kind }: Network): readonly string[] {
  if (kind === 'main') return ['ic', ...mainHosts];
  const parsed = url === null ? null : parseUrl(url);
  if (parsed === null || !loopbackHosts.includes(parsed.hostname)) return [name];
  const end = parsed.port === '' ? '' : `:${parsed.port}`;
  const names = loopbackHosts.map((host) => nameOf({ host: `${host}${end}` }));
  return parsed.port === new URL(localUrl).port ? [...names, 'local'] : names;
}
