import { describe, expect, it } from 'vitest';
import { createIdentity, identityFromSeed, openIdentity, sealIdentity, seedOf } from './identity.ts';

describe('a sealed key', () => {
  it('opens with its passphrase to the same identity, and holds nothing of the seed in the clear', async () => {
    const identity = createIdentity();
    const sealed = await sealIdentity(identity, 'correct horse');
    expect(JSON.stringify(sealed)).not.toContain(Buffer.from(seedOf(identity)).toString('hex'));
    const opened = await openIdentity(sealed, 'correct horse');
    expect(opened.ok && opened.value.getPrincipal().toText()).toBe(identity.getPrincipal().toText());
  });

  it('refuses a wrong passphrase and a changed file with a sentence', async () => {
    const sealed = await sealIdentity(identityFromSeed(new Uint8Array(32).fill(7)), 'correct horse');
    expect(await openIdentity(sealed, 'Correct horse')).toMatchObject({
      ok: false,
      error: expect.stringContaining('passphrase is wrong'),
    });
    const flipped = `${sealed.sealed[0] === '0' ? '1' : '0'}${sealed.sealed.slice(1)}`;
    expect((await openIdentity({ ...sealed, sealed: flipped }, 'correct horse')).ok).toBe(false);
    expect(await openIdentity({ ...sealed, nonce: 'xyz' }, 'correct horse')).toMatchObject({ ok: false });
  });

  it('is never the same twice', async () => {
    const identity = createIdentity();
    const [one, two] = await Promise.all([sealIdentity(identity, 'p'), sealIdentity(identity, 'p')]);
    expect(one).not.toEqual(two);
  });
});
