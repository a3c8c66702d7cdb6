import { describe, expect, it } from 'vitest';
import { folderNameOf, parseNetwork } from './networks.ts';

describe('the word for a network', () => {
  it('is one of three names or an address', () => {
    expect(parseNetwork('embedded')).toEqual({ ok: true, value: { name: 'embedded', url: null, kind: 'embedded' } });
    expect(parseNetwork('local')).toMatchObject({ ok: true, value: { url: 'http://127.0.0.1:8000', kind: 'local' } });
    expect(parseNetwork('ic')).toMatchObject({ ok: true, value: { kind: 'main' } });
    expect(parseNetwork('http://127.0.0.1:4943/')).toEqual({
      ok: true,
      value: { name: '127.0.0.1-4943', url: 'http://127.0.0.1:4943', kind: 'local' },
    });
  });

  it('knows the main network by its addresses, so that nobody pays there by accident', () => {
    expect(parseNetwork('https://ic0.app')).toMatchObject({ ok: true, value: { kind: 'main' } });
    expect(parseNetwork('https://a.icp0.io')).toMatchObject({ ok: true, value: { kind: 'main' } });
    expect(parseNetwork('https://notic0.app')).toMatchObject({ ok: true, value: { kind: 'local' } });
  });

  it.each([
    ['ic', ['ic', 'https://icp-api.io', 'https://ic0.app', 'https://icp0.io', 'HTTPS://A.icp0.io']],
    ['127.0.0.1-8000', ['local', 'http://127.0.0.1:8000', 'http://localhost:8000', 'HTTP://[::1]:8000/']],
    ['127.0.0.1-4943', ['http://127.0.0.1:4943', 'http://localhost:4943']],
    ['127.0.0.1', ['http://localhost', 'http://127.0.0.1']],
    ['net.example-8443', ['https://net.example:8443']],
  ])('has one folder, %s, under whatever name: %j', (folder, words) => {
    expect(words.map((word) => folderIn([], word))).toEqual(words.map(() => folder));
  });

  it('finds the folder that an older version made under another name', () => {
    expect(folderIn(['localhost-8000'], 'local')).toBe('localhost-8000');
    expect(folderIn(['local'], 'http://127.0.0.1:8000')).toBe('local');
    expect(folderIn(['---1--4943'], 'http://127.0.0.1:4943')).toBe('---1--4943');
    expect(folderIn(['ic0.app'], 'ic')).toBe('ic0.app');
    expect(folderIn(['a.icp0.io'], 'https://a.icp0.io')).toBe('a.icp0.io');
    // Whoever has several goes on with the one of the word that is given.
    expect(folderIn(['ic', 'ic0.app'], 'https://ic0.app')).toBe('ic0.app');
    expect(folderIn(['127.0.0.1-8000', 'local'], 'local')).toBe('local');
    expect(folderIn(['local'], 'http://127.0.0.1:8001')).toBe('127.0.0.1-8001');
  });

  it('refuses anything else with the words there are', () => {
    for (const word of ['', 'main', 'ftp://x', 'http://', '127.0.0.1:8000']) {
      const parsed = parseNetwork(word);
      expect(parsed.ok, word).toBe(false);
      if (!parsed.ok) expect(parsed.error).toContain('embedded, local, ic, or a URL');
    }
  });
});

function folderIn(present: readonly string[], word: string): string {
  const network = parseNetwork(word);
  if (!network.ok) throw new Error(network.error);
  return folderNameOf(network.value, (name) => present.includes(name));
}
