import { inspect } from 'node:util';
import { Endpoint, type HttpAgentRequest, type Identity } from '@dfinity/agent';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { describe, expect, it } from 'vitest';
import { createIdentity, identityFromSeed, openIdentity, type SealedKey, sealIdentity, seedOf } from './identity.ts';

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

  it.each<[string, object]>([
    ['no fields', { form: 'tamc-sealed-key-1' }],
    ['numbers', { form: 'tamc-sealed-key-1', salt: 1, nonce: 2, sealed: 3 }],
    ['nothing in its fields', { form: 'tamc-sealed-key-1', salt: '', nonce: '', sealed: '' }],
    ['another form', { form: 'tamc-sealed-key-2', salt: '00', nonce: '00', sealed: '00' }],
  ])('of which a file holds %s is refused with a sentence', async (_, file) => {
    const opened = await openIdentity(file as SealedKey, 'correct horse');
    expect(opened).toMatchObject({ ok: false, error: expect.stringMatching(/not a sealed key|passphrase is wrong/) });
  });

  it('is never the same twice', async () => {
    const identity = createIdentity();
    const [one, two] = await Promise.all([sealIdentity(identity, 'p'), sealIdentity(identity, 'p')]);
    expect(one).not.toEqual(two);
  });
});

describe('an identity', () => {
  it('is that of the library for the same seed, and signs requests in the same way', async () => {
    const request = {
      request: { headers: {} },
      endpoint: Endpoint.Call,
      body: { request_type: 'call', arg: Uint8Array.of(1, 2), ingress_expiry: 5n } as never,
    } as const;
    for (let i = 0; i < 20; i++) {
      const seed = crypto.getRandomValues(new Uint8Array(32));
      const [ours, theirs] = [identityFromSeed(seed), Ed25519KeyIdentity.generate(seed)];
      expect(ours.getPrincipal().toText()).toBe(theirs.getPrincipal().toText());
      expect(await signed(ours, request)).toEqual(await signed(theirs, request));
      expect(seedOf(ours)).toEqual(seed);
    }
  });

  it('does not show its seed', () => {
    const identity = identityFromSeed(new Uint8Array(32).fill(7));
    expect(inspect(identity, { depth: 9, showHidden: true })).not.toMatch(/7, 7, 7, 7|07070707/);
    expect(JSON.stringify(identity)).not.toMatch(/7,7,7,7|07070707/);
  });
});

/** Its bytes as numbers: the library marks its keys with a field of their own. */
async function signed(identity: Identity, request: HttpAgentRequest): Promise<unknown> {
  const { body } = (await identity.transformRequest(request)) as { body: Record<string, unknown> };
  return Object.entries(body).map(([name, value]) => [name, value instanceof Uint8Array ? [...value] : value]);
}
