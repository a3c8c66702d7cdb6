import { describe, expect, it } from 'vitest';
import { parseNetwork } from './networks.ts';

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

  it('refuses anything else with the words there are', () => {
    for (const word of ['', 'main', 'ftp://x', 'http://', '127.0.0.1:8000']) {
      const parsed = parseNetwork(word);
      expect(parsed.ok, word).toBe(false);
      if (!parsed.ok) expect(parsed.error).toContain('embedded, local, ic, or a URL');
    }
  });
});
