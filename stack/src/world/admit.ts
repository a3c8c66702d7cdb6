// What an owner lets an assistant do with machines that it brings to life for them: said once on the network, signed by the owner.
import { ok, type Result } from '@tamc/base/result';
import { bindRegistry, type CallError, type Connection } from '@tamc/client';
import type { CandidMandateTerms } from '@tamc/protocol/mandate';
import { powers } from '@tamc/protocol/powers';
import { hexToPrincipal, type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import { simulatedDollar } from './gifts.ts';
import type { Places } from './places.ts';

const hourNs = 3_600_000_000_000n;
const dayNs = 24n * hourNs;

/** Enough for the errands of a day; a person is asked before what a person would think about. */
export const standingTerms = { budget: 20n * simulatedDollar, askAbove: 5n * simulatedDollar, lifeDays: 365n };

export async function admitAssistant(
  owner: Connection,
  { registry, ledger }: Pick<Places, 'registry' | 'ledger'>,
  assistant: PrincipalHex,
  label: string,
  nowNs: bigint,
): Promise<Result<null, CallError>> {
  const terms = termsOf(ledger, label, nowNs);
  return await bindRegistry(owner, registry).set_standing_mandate({ delegate: hexToPrincipal(assistant), terms });
}

/** What it brings to life from now on is not the owner's. Mandates on machines that are there stay. */
export async function dismissAssistant(
  owner: Connection,
  { registry }: Pick<Places, 'registry'>,
  assistant: PrincipalHex,
): Promise<Result<null, CallError>> {
  const bound = bindRegistry(owner, registry);
  const standing = await bound.standing_mandates(hexToPrincipal(owner.self));
  if (!standing.ok) return standing;
  const isThere = standing.value.some(({ delegate }) => principalToHex(delegate) === assistant);
  return isThere ? await bound.revoke_standing_mandate(hexToPrincipal(assistant)) : ok(null);
}

function termsOf(ledger: PrincipalHex, label: string, nowNs: bigint): CandidMandateTerms {
  const { budget, askAbove, lifeDays } = standingTerms;
  return {
    label,
    ledger: hexToPrincipal(ledger),
    amount_range: { min: 0n, max: budget },
    budget: { amount: budget, period_ns: dayNs },
    agent_recurrence: 100,
    allowed_payees: { any: null },
    allowed_purposes: { any: null },
    // The network's clock need not be that of this computer to the second.
    not_before_ns: nowNs - hourNs,
    expires_ns: nowNs + lifeDays * dayNs,
    reserve_floor: 0n,
    ask_above: askAbove,
    powers: [...powers],
  };
}
