import { describe, expect, it } from 'vitest';
import { delegationDomain, domainSeparator, queryResponseDomain, requestDomain, stateRootDomain } from './domain.ts';

describe('a domain separator', () => {
  it.each([
    [requestDomain, '\x0Aic-request'],
    [delegationDomain, '\x1Aic-request-auth-delegation'],
    [queryResponseDomain, '\x0Bic-response'],
    [stateRootDomain, '\x0Dic-state-root'],
    [domainSeparator('ic-sender-info'), '\x0Eic-sender-info'],
    [domainSeparator('ic-hashtree-empty'), '\x11ic-hashtree-empty'],
    [domainSeparator('ic-hashtree-fork'), '\x10ic-hashtree-fork'],
    [domainSeparator('ic-hashtree-labeled'), '\x13ic-hashtree-labeled'],
    [domainSeparator('ic-hashtree-leaf'), '\x10ic-hashtree-leaf'],
  ])('is its length and its name: %# [auth.domains]', (separator, expected) => {
    expect(Buffer.from(separator).toString('latin1')).toBe(expected);
  });
});
