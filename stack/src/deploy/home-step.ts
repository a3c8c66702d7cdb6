// The step that keeps a deployment from giving machines a second money: which ledger is their home is changed by who names it, not by
// a deployment that says nothing of ledgers.
import { ok, refuse } from '@tamc/base/result';
import { bindRegistry, type RegisteredLedgerReply } from '@tamc/client';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import type { Deployer } from './canister-steps.ts';
import type { Configuration } from './configuration.ts';
import { openIfRejected } from './registry-steps.ts';
import type { Step, StepProblem } from './steps.ts';

export function isHomeNamed({ named }: Pick<Configuration, 'named'>): boolean {
  return named.includes('ownLedger') || named.includes('foreignLedgers');
}

/** The first of all: a ledger that was created is there, whatever is found out later. None where machines have no money yet. */
export function homeSteps({ connection, remembered }: Deployer, configuration: Configuration): readonly Step[] {
  const registry = remembered.idOf('registry');
  if (registry === null || isHomeNamed(configuration)) return [];
  const { ownLedger, foreignLedgers } = configuration;
  const wanted = () => (ownLedger === null ? (foreignLedgers[0] ?? null) : remembered.idOf('ledger'));
  const step: Step = {
    id: 'money/home',
    text: 'see that machines keep the money that they have',
    isDone: async () => {
      const known = await bindRegistry(connection, registry).ledgers();
      if (!known.ok) {
        const open = openIfRejected(known.error);
        return open.ok ? ok(true) : open;
      }
      const home = known.value.find((item) => item.home);
      return home === undefined || isKnown(known.value, wanted()) ? ok(true) : refuse(secondMoney(home));
    },
    run: async () => ok(undefined),
  };
  return [step];
}

function isKnown(ledgers: readonly RegisteredLedgerReply[], id: PrincipalHex | null): boolean {
  return id !== null && ledgers.some(({ ledger }) => ledger.id.toText() === hexToPrincipal(id).toText());
}

function secondMoney({ ledger: { id, symbol } }: RegisteredLedgerReply): StepProblem {
  return {
    message: `machines here have ${symbol} of the ledger ${id.toText()} as their money, and this deployment would give them another one`,
    nextStep: `Deploy with the --config that this network was first deployed with, for example {"ownLedger":null,"foreignLedgers":["${id.toText()}"]}: it is kept from then on.`,
  };
}
