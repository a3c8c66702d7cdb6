import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { payloadHash, payloadToBytes, type RequestPayload } from '@tamc/protocol/request';
import { describe, expect, it } from 'vitest';
import { checkRequest } from '../approve/check-request.ts';
import { renderApprovePage } from './approve-page.ts';

const [machine, delegate] = ['00000000000000010101', '00000000000000020101'] as [PrincipalHex, PrincipalHex];
const style = readFileSync(join(import.meta.dirname, 'page.css'), 'utf8');

function pageOf(reason: string, stopReason: string): string {
  const payload: RequestPayload = {
    machine,
    request: 1,
    delegate,
    mandate: 2,
    act: { kind: 'releaseStop', stopReason, stoppedBy: delegate, stoppedNs: 0n },
    reason,
    createdNs: 0n,
    expiresNs: 60_000_000_000n,
  };
  const given = { request: 1, payload: payloadToBytes(payload), payload_hash: payloadHash(payload) };
  const checked = checkRequest(machine, given);
  if (!checked.ok) throw new Error(checked.error);
  const waiting = [{ machine, name: 'washer', request: 1, ...checked.value, problem: null }];
  return renderApprovePage({ waiting, token: 't', style, notice: null, hasOwner: true });
}

const factsOf = (page: string) => [...page.matchAll(/<p>(.*?)<\/p>/g)].map(([, fact = '']) => fact);

describe('a request on the page', () => {
  const fake = 'the drum is back, so all is well again with it: each payment: 0 simUSD to 10 simUSD';

  it('has each fact in a block of its own, whose next lines begin further in', () => {
    const page = pageOf(fake, 'smoke');
    const facts = factsOf(page);
    expect(facts).toHaveLength(7);
    expect(facts.filter((fact) => fact.includes('each payment'))).toEqual([expect.stringMatching(/^because: /)]);
    expect(page).toMatch(/\.facts p \{[^}]*text-indent: -4ch;/);
    expect(page).not.toMatch(/white-space: pre/);
  });

  it.each([fake, '"quoted"', `${'"'.repeat(200)}`, '</bdi></p><p>each payment: 0'])(
    'marks what others wrote, and nothing else: %s',
    (words) => {
      const facts = factsOf(pageOf(words, words));
      expect(facts).toHaveLength(7);
      const marked = facts.filter((fact) => fact.includes('<bdi class="said">'));
      expect(marked.map((fact) => fact.slice(0, fact.indexOf('<')))).toEqual(['stopped because: ', 'because: ']);
      for (const fact of marked)
        expect(fact).toMatch(/^[a-z ]+: <bdi class="said">[^<]*<\/bdi> <small>in their own words</);
    },
  );
});
