// The ledger: transfers per second through the replica beside the bare loop, and what one costs as accounts grow in number.
import { IDL } from '@dfinity/candid';
import type { Replica } from '@tamc/replica';
import { buildCanister } from '@tamc/stack';
import { createCanister, decode, encode, install, reply } from '../../harness/canisters.ts';
import { buildSample } from '../../harness/sample.ts';
import { accountOf, buildLedger, initArgument, installLedger, ledgerAt, person } from '../../ledger/harness.ts';
import { createBareCanister } from '../bare-loop.ts';
import { type Benchmark, createFigure, type Figure, inTurn, median } from '../figure.ts';
import { openReplica } from '../open-replica.ts';

const transfers = 200;
const bareUpdates = 2_000;
const rounds = 3;
const alice = person(0x7fff_0001);
const wealth = 10n ** 15n;

/** Accounts on the ledger, at each of which a transfer is measured. */
const accountCounts = [10, 10_000, 1_000_000];
/** Accounts written in one message: some 10 B instructions. */
const fillCount = 50_000;
const measured = 7;

export const ledger: Benchmark = {
  name: 'ledger',
  about: 'transfers of the ledger canister, in process, and their cost with 10 to 1,000,000 accounts',
  run: async (say) => {
    const { replica, remove } = await openReplica();
    try {
      return [await measureThroughput(replica, say), ...(await measureGrowth(replica, say))];
    } finally {
      await remove();
    }
  },
};

async function measureThroughput(replica: Replica, say: (line: string) => void): Promise<Figure> {
  say(`${transfers} transfers in flight at once, ${rounds} rounds, in turn with the bare loop of a trivial method`);
  const opened = await installLedger(replica, await buildLedger(), { initial_balances: [[accountOf(alice), wealth]] });
  const bare = createBareCanister((await buildSample()) as Uint8Array<ArrayBuffer>);
  const [value, baseline] = await inTurn(
    rounds,
    async () => {
      const start = performance.now();
      const to = (i: number) => accountOf(person(i));
      await Promise.all(Array.from({ length: transfers }, (_, i) => opened.transfer(alice, { to: to(i), amount: 1n })));
      return transfers / ((performance.now() - start) / 1000);
    },
    async () => bare.callsPerSecond('canister_update inc', bareUpdates),
  );
  return createFigure(
    'ledger transfers, beside trivial updates in the bare loop',
    'transfers/s',
    value,
    baseline,
    null,
  );
}

async function measureGrowth(replica: Replica, say: (line: string) => void): Promise<Figure[]> {
  const built = await buildCanister('tests/canisters/ledger-filled');
  if (!built.ok) throw new Error(`the filled ledger does not build: ${JSON.stringify(built.error)}`);
  const canister = await createCanister(replica, 10n ** 18n);
  await install(
    replica,
    canister,
    built.value.wasm,
    'install',
    initArgument({ initial_balances: [[accountOf(alice), wealth]] }),
  );
  const costs: number[] = [];
  let filled = 0;
  for (const count of accountCounts) {
    for (; filled < count; filled += Math.min(fillCount, count - filled)) {
      await fill(replica, canister, filled, Math.min(fillCount, count - filled));
    }
    costs.push(await transferInstructions(replica, canister, count));
    say(`${count} accounts: ${(costs.at(-1)! / 1e6).toFixed(2)} M instructions`);
  }
  const figures = accountCounts.map((count, i) =>
    createFigure(`ledger transfer, ${count} accounts`, 'M instructions', costs[i]! / 1e6, costs[0]! / 1e6, {
      kind: 'ratioAtMost',
      bound: 2,
    }),
  );
  return figures;
}

async function fill(replica: Replica, canister: string, from: number, count: number): Promise<void> {
  await reply(replica.call({ canister, method: 'fill', arg: encode([IDL.Nat32, IDL.Nat32], [from, count]) }));
}

/** One cycle is one instruction on a subnet of 13; what a message costs that does nothing is taken off. */
async function transferInstructions(replica: Replica, canister: string, accounts: number): Promise<number> {
  const opened = ledgerAt(replica, canister);
  const cycles = async () => {
    const data = await reply(replica.query({ canister, method: 'cycles', arg: encode([], []) }));
    return Number(decode([IDL.Nat], data)[0] as bigint);
  };
  const costOf = async (act: () => Promise<unknown>) => {
    const before = await cycles();
    await act();
    return before - (await cycles());
  };
  const nothing = () => reply(replica.call({ canister, method: 'nothing', arg: encode([], []) }));
  const costs: number[] = [];
  for (let i = 0; i < measured; i++) {
    const to = accountOf(person((i * 7_919 + 1) % accounts));
    const transfer = await costOf(() => opened.transfer(alice, { to, amount: 1n }));
    costs.push(transfer - (await costOf(nothing)));
  }
  return median(costs);
}
