// The ledgers that the registry has to know before machines can be born.
import { ok, type Result, refuse } from '@tamc/base/result';
import { bindLedger, bindRegistry, type CallError, type LedgerFacts, type RegisteredLedgerReply } from '@tamc/client';
import { hexToPrincipal, type PrincipalHex, principalToText } from '@tamc/protocol/principal';
import { isPrintableLine, printableLineWanted } from '@tamc/protocol/printable';
import { registryLimits } from '@tamc/protocol/registry';
import type { Deployer } from './canister-steps.ts';
import { ledgerFeeMax } from './configuration-limits.ts';
import type { Step, StepProblem } from './steps.ts';

const notThere: StepProblem = { message: 'the registry was not created', nextStep: 'Deploy again.' };

/** A canister without code, or one that is stopped: an earlier step is open, and so is this one. */
export function openIfRejected(error: CallError): Result<boolean, CallError> {
  return error.kind === 'rejected' ? ok(false) : refuse(error);
}

/** `named`: it becomes the home of machines. `first`: it does where there is none yet; the governor may have chosen another since. */
export type Home = 'named' | 'first' | 'no';

/** `find` tells the ledger once it is there. */
export function ledgerStep(
  { connection, remembered }: Deployer,
  name: string,
  home: Home,
  find: () => Promise<Result<LedgerFacts | null, CallError>>,
): Step {
  return {
    id: `${name}/register`,
    text: `tell the registry of the ledger${name === 'ledger' ? '' : ` ${name}`}`,
    isDone: async () => {
      const id = remembered.idOf('registry');
      const ledger = await find();
      if (!ledger.ok) return openIfRejected(ledger.error);
      if (id === null || ledger.value === null) return ok(false);
      const known = await bindRegistry(connection, id).ledgers();
      if (!known.ok) return openIfRejected(known.error);
      const text = principalToText(ledger.value.id);
      const found = known.value.find((item) => item.ledger.id.toText() === text && !item.retired);
      const isAtHome = found?.home || !becomesHome(home, known.value);
      return ok(found !== undefined && found.ledger.fee === ledger.value.fee && isAtHome);
    },
    run: async () => {
      const id = remembered.idOf('registry');
      const ledger = await find();
      if (!ledger.ok) return ledger;
      if (id === null || ledger.value === null) return refuse(notThere);
      const registry = bindRegistry(connection, id);
      const known = await registry.ledgers();
      if (!known.ok) return known;
      const { symbol, decimals, fee } = ledger.value;
      const args = { id: hexToPrincipal(ledger.value.id), symbol, decimals, fee, home: becomesHome(home, known.value) };
      const added = await registry.add_ledger(args);
      return added.ok ? ok(undefined) : added;
    },
  };
}

function becomesHome(home: Home, known: readonly RegisteredLedgerReply[]): boolean {
  return home === 'named' || (home === 'first' && !known.some((item) => item.home));
}

/** One that is there already, or nothing is begun: whether it is a ledger that machines can use is looked at in the plan. */
export function foreignLedgerStep(deployer: Deployer, id: PrincipalHex, home: Home): Step {
  const name = principalToText(id);
  const find = () => bindLedger(deployer.connection, id).facts();
  const step = ledgerStep(deployer, name, home, find);
  return {
    ...step,
    isDone: async () => {
      const facts = await find();
      const fault = facts.ok ? foreignFault(facts.value) : rejectOf(facts.error);
      if (fault === null) return facts.ok ? await step.isDone() : facts;
      const nextStep = 'Correct its id in "foreignLedgers" of the configuration.';
      return refuse({ message: `${name} is no ledger that machines can use: ${fault}`, nextStep });
    },
  };
}

/** Whatever else went wrong says nothing about the ledger. */
function rejectOf({ kind, code, message }: CallError): string | null {
  return kind === 'rejected' || code === 'AnswerUnreadable' ? message : null;
}

function foreignFault({ symbol, decimals, fee }: LedgerFacts): string | null {
  const { symbolCharsMax, decimalsMax } = registryLimits;
  if (!isPrintableLine(symbol, symbolCharsMax)) return `its symbol is not ${printableLineWanted(symbolCharsMax)}`;
  if (decimals > decimalsMax) return `it has ${decimals} decimals, and at most ${decimalsMax} can be`;
  return fee > ledgerFeeMax ? `its fee of ${fee} is above ${ledgerFeeMax}` : null;
}
