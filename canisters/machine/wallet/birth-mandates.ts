// The mandates with which a machine is born: what its operator said beforehand about whoever brought it to life. They are checked as
// any grant, against what the machine is born with.

import { ok, type Result, refuse } from '@tamc/base/result';
import type { MachineInit } from '@tamc/protocol/identity';
import { type CandidGrant, mandateLimits, parseMandateTerms } from '@tamc/protocol/mandate';
import { anonymous, managementCanister, principalToHex } from '@tamc/protocol/principal';
import type { FieldFault } from '@tamc/protocol/refusal';
import { walletLimits } from '@tamc/protocol/wallet';
import type { Context } from '@tamc/shared/rule';
import type { MachineEvent } from '../events.ts';
import type { Grant } from './grant.ts';

type Init = Pick<MachineInit, 'mandates' | 'ledgers' | 'operator' | 'registry'>;

/** One that is over already gives nothing and is passed by: it expired on the way here. */
export function mandatesOfBirth(context: Context, init: Init): Result<readonly MachineEvent[], FieldFault> {
  const { mandatesOfBirthMax } = walletLimits;
  if (init.mandates.length > mandatesOfBirthMax)
    return refuse({ field: 'mandates', wanted: `at most ${mandatesOfBirthMax} mandates` });
  const grants: Grant[] = [];
  for (const [i, given] of init.mandates.entries()) {
    const grant = parseGrant(context, init, given, grants);
    if (!grant.ok) return refuse({ ...grant.error, field: `mandates[${i}].${grant.error.field}` });
    grants.push(grant.value);
  }
  const inForce = grants.filter(({ terms }) => terms.expiresNs > context.nowNs);
  return ok(inForce.map((grant, i) => ({ kind: 'MandateGranted', mandate: i + 1, ...grant })));
}

function parseGrant(
  { self, nowNs }: Context,
  init: Init,
  given: CandidGrant,
  before: readonly Grant[],
): Result<Grant, FieldFault> {
  const parsed = parseMandateTerms(given.terms);
  if (!parsed.ok) return parsed;
  const grant = { delegate: principalToHex(given.delegate), terms: parsed.value };
  const wrong = (field: string, wanted: string) => refuse({ field, wanted });
  const nobodies = [anonymous, managementCanister, self, principalToHex(init.operator), principalToHex(init.registry)];
  if (nobodies.includes(grant.delegate)) return wrong('delegate', 'somebody else who acts for the operator');
  const { ledger, expiresNs } = grant.terms;
  if (!init.ledgers.some(({ id }) => principalToHex(id) === ledger)) return wrong('ledger', 'one of the ledgers');
  if (expiresNs > nowNs + mandateLimits.lifeNsMax) return wrong('expires_ns', 'within the next three years');
  const isDouble = before.some((other) => other.delegate === grant.delegate && other.terms.ledger === ledger);
  return isDouble ? wrong('ledger', 'one on which this delegate has no other mandate') : ok(grant);
}
