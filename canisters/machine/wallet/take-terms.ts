// Taking over the registry's money terms as they are now: a machine that lives learns ledgers and sellers of cycles that came after its
// birth. Only the operator wants it, and only the registry tells them. Nothing is ever dropped: on any ledger money may come in.
import { IDL } from '@dfinity/candid';
import { ok, type Result, refuse } from '@tamc/base/result';
import { commandRefusals } from '@tamc/protocol/commands';
import { type MoneyTerms, moneyTermsMethod, readMoneyTerms } from '@tamc/protocol/money-terms';
import { principalToText } from '@tamc/protocol/principal';
import type { Refusal } from '@tamc/protocol/refusal';
import { type LedgerInfo, walletLimits } from '@tamc/protocol/wallet';
import { walletRefusals as no } from '@tamc/protocol/wallet-refusals';
import type { CallOutcome, Context } from '@tamc/shared/rule';
import { isSameSource, sourceFault, sourceTaken } from '../compute/source.ts';
import { decided, type MachineDecision } from '../decision.ts';
import type { MachineEvent } from '../events.ts';
import { isQuiet, operatorOf, requireOperator, rolesOf } from '../powers.ts';
import type { MachineTables } from '../state.ts';
import { moneyTermsFault } from './money-terms.ts';

const noArguments = new Uint8Array(IDL.encode([], []));

/** Replies the subject: `terms/3`. */
export function takeMoneyTerms(tables: MachineTables, context: Context): MachineDecision<string> {
  const denied = requireOperator(tables, context);
  if (denied !== null) return refuse(denied);
  if (isQuiet(tables, context.nowNs)) return refuse(commandRefusals('UpgradeUnderWay'));
  const taking = (tables.termsTaking.get()?.taking ?? 0) + 1;
  const { registry: callee } = rolesOf(tables);
  const call = { callee, method: moneyTermsMethod, argument: noArguments, cycles: 0n, isRepeatable: true };
  const id = `terms/${taking}`;
  // Whoever wants it is there, and asks again.
  return decided(id, [{ kind: 'MoneyTermsAsked', taking }], [{ ...call, id, attemptsMax: 1 }]);
}

export function onTermsOutcome(
  tables: MachineTables,
  _context: Context,
  id: string,
  outcome: CallOutcome,
): MachineDecision<null> {
  const taking = Number(id.split('/')[1]);
  const known = tables.termsTaking.get();
  if (known === null || known.taking !== taking || known.outcome !== null) return decided(null);
  const told = known.by === operatorOf(tables) ? termsTold(outcome) : refuse('who wanted it operates it no more');
  if (!told.ok) return decided(null, [{ kind: 'MoneyTermsNotTold', taking, reason: told.error.slice(0, 300) }]);
  const { events, ledgers, left } = changesBy(tables, told.value);
  return decided(null, [...events, { kind: 'MoneyTermsTaken', taking, ledgers, left }]);
}

function termsTold(outcome: CallOutcome): Result<MoneyTerms, string> {
  if (outcome.kind === 'unknown') return refuse('it gave no answer');
  if (outcome.kind === 'rejected') return refuse(`it does not tell its terms: ${outcome.message}`);
  const terms = readMoneyTerms(outcome.bytes);
  const fault = terms === null ? null : moneyTermsFault(terms);
  if (fault !== null) return refuse(`${fault.field} must be ${fault.wanted}`);
  return terms === null ? refuse('its answer holds no terms') : ok(terms);
}

function changesBy(tables: MachineTables, { ledgers, source }: MoneyTerms) {
  const known = tables.ledgers.get().map(({ id }) => id);
  const isPaid = ({ id }: LedgerInfo) => source.kind !== 'none' && source.ledger === id;
  const missing = ledgers.filter(({ id }) => !known.includes(id));
  // The ledger on which cycles are bought comes first: without it the machine would run dry.
  const sorted = [...missing.filter(isPaid), ...missing.filter((ledger) => !isPaid(ledger))];
  const room = Math.max(0, walletLimits.ledgersMax - known.length);
  const taken = sorted.slice(0, room);
  const without = sorted.slice(room);
  const admitted = taken.map((ledger): MachineEvent => ({ kind: 'LedgerAdmitted', ledger, isHome: false }));
  const changed = without.some(isPaid) ? nothingTaken : sourceChange(tables, source, ledgers);
  return {
    events: [...admitted, ...changed.events],
    ledgers: taken.map(({ id }) => id),
    left: [...without.map((ledger) => ledgersFull(tables, taken, ledger)), ...changed.left],
  };
}

const nothingTaken: { readonly events: readonly MachineEvent[]; readonly left: readonly Refusal[] } = {
  events: [],
  left: [],
};

function sourceChange(
  tables: MachineTables,
  source: MoneyTerms['source'],
  ledgers: readonly LedgerInfo[],
): typeof nothingTaken {
  if (isSameSource(tables.computeSource.get(), source)) return nothingTaken;
  const fault = sourceFault(tables, source);
  return fault === null ? { events: sourceTaken(tables, source, ledgers), left: [] } : { events: [], left: [fault] };
}

function ledgersFull(tables: MachineTables, taken: readonly LedgerInfo[], { id, symbol }: LedgerInfo): Refusal {
  const ledgers = [...tables.ledgers.get(), ...taken].map((ledger) => ledger.symbol).join(', ');
  const { ledgersMax: max } = walletLimits;
  return no('LedgersFull', { ledger: `${principalToText(id)} (${symbol})`, max, ledgers });
}
