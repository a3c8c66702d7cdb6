// The same random life of a machine's wallet on pure rules and in Wasm: payments, mandates, requests and receipts, with the real
// ledger, which is stopped or frozen for a while, and one that lies or is silent.
import { Principal } from '@dfinity/principal';
import type { Random } from '@tamc/base/random';
import { accountOf, accountToCandid } from '@tamc/protocol/account';
import { GetBlocksResultType } from '@tamc/protocol/icrc3-types';
import { hexToPrincipal, type PrincipalHex } from '@tamc/protocol/principal';
import { payloadHash } from '@tamc/protocol/request';
import { afterAll, expect, it } from 'vitest';
import { keyOf } from '../../canisters/machine/test-machine.ts';
import { encode } from '../harness/canisters.ts';
import { secondNs } from '../harness/world.ts';
import { dayNs, delegate, minterOf, operator, paidReply, stranger } from '../machine/money-world.ts';
import { expectKinds, live, type Steps } from './lives.ts';
import { commonSteps, createMoneyTwins, expectSameLife, type MoneyTwins } from './money-twins.ts';

interface WalletWorld extends MoneyTwins {
  /** Sent before, to be repeated. */
  readonly commands: { readonly by: PrincipalHex; readonly method: string; readonly given: { command_id: string } }[];
  readonly minted: bigint[];
}

const ann = keyOf('ann');
const nowhere = Principal.fromUint8Array(Uint8Array.of(1, 2, 3));
const people = [operator, operator, delegate, delegate, delegate, ann, stranger];
const purposes = ['spare parts', 'spare parts', 'spare parts', 'spare parts', 'soap', '', 'two\nlines'];

const ledgerOf = ({ home, second }: WalletWorld, random: Random) =>
  random.pick([home, home, home, home, home, second, second, nowhere]);

const amount = (random: Random) => BigInt(random.pick([0, 1, 40, 40, 90, 250, 250, 400, 900, 5_000, 10 ** 9]));

async function sendNew(world: WalletWorld, by: PrincipalHex, method: string, given: object): Promise<void> {
  const command = { command_id: `c${world.commands.length}`, ...given };
  world.commands.push({ by, method, given: command });
  await world.send(by, method, command);
}

/** What is wrong with some of them. */
const wrongTerms = [
  { allowed_purposes: { only: [''] } },
  { amount_range: { min: 5n, max: 1n } },
  { budget: { amount: 10n, period_ns: 0n } },
  { expires_ns: 1n },
  { ledger: nowhere },
];

function termsOf(world: WalletWorld, random: Random) {
  return world.terms({
    ledger: random.pick([world.home, world.home, world.home, world.second]),
    amount_range: { min: BigInt(random.below(3)), max: BigInt(random.pick([300, 1_000])) },
    budget: { amount: BigInt(random.pick([500, 2_000])), period_ns: random.pick([60n * secondNs, dayNs]) },
    agent_recurrence: random.below(6),
    allowed_payees: random.pick([{ any: null }, { only: [accountToCandid(accountOf(stranger))] }]),
    allowed_purposes: random.pick([{ any: null }, { only: ['spare parts'] }]),
    expires_ns: world.now() + BigInt(random.pick([60, 40_000, 86_400])) * secondNs,
    reserve_floor: BigInt(random.pick([0, 100, 10 ** 6])),
    ask_above: BigInt(random.pick([0, 100, 300])),
    powers: random.pick([[], ['tariff'], ['stop', 'control']]),
  });
}

/** The second ledger's answer to whoever asks for its blocks. */
function shownBlock(index: bigint, to: PrincipalHex): Uint8Array {
  const account = (owner: PrincipalHex) => ({ Array: [{ Blob: hexToPrincipal(owner).toUint8Array() }] });
  const tx: [string, object][] = [
    ['amt', { Nat: 2_000n }],
    ['from', account(stranger)],
    ['to', account(to)],
  ];
  const block: [string, object][] = [
    ['btype', { Text: '1xfer' }],
    ['tx', { Map: tx }],
  ];
  const blocks = [{ id: index, block: { Map: block } }];
  return encode([GetBlocksResultType], [{ log_length: index + 1n, blocks, archived_blocks: [] }]);
}

const steps: Steps<WalletWorld> = {
  ...commonSteps,
  pay: (world, random) =>
    sendNew(world, random.pick([operator, delegate, delegate, ann]), 'pay', {
      ledger: random.pick([world.home, world.home, world.home, world.second]),
      to: accountToCandid(accountOf(stranger)),
      amount: BigInt(random.pick([1, 40, 90, 250, 400])),
      purpose: 'spare parts',
    }),
  'pay oddly': (world, random) =>
    sendNew(world, random.pick(people), 'pay', {
      ledger: ledgerOf(world, random),
      to: accountToCandid(accountOf(random.pick([stranger, ann, world.self, minterOf]))),
      amount: amount(random),
      purpose: random.pick(purposes),
    }),
  repeat: async (world, random) => {
    if (world.commands.length === 0) return;
    const { by, method, given } = random.pick(world.commands);
    await world.send(by, method, random.below(4) === 0 ? { ...given, amount: 7n, reason: 'another' } : given);
  },
  mint: async (world, random) => {
    if (!world.neighbour.isWell()) return;
    world.minted.push(
      await world.mint(
        random.pick(['main', 'main', 'compute', 'escrow', stranger]),
        BigInt(random.pick([0, 5, 5_000])),
      ),
    );
  },
  announce: (world, random) => {
    const block = random.pick([...world.minted, 10n ** 6n, 2n ** 70n]);
    return world.send(random.pick(people), 'announce_receipt', { ledger: ledgerOf(world, random), block });
  },
  grant: (world, random) => {
    const terms = termsOf(world, random);
    return sendNew(world, operator, 'grant_mandate', { delegate: hexToPrincipal(random.pick([delegate, ann])), terms });
  },
  'grant oddly': (world, random) => {
    const terms = { ...termsOf(world, random), ...random.pick(wrongTerms) };
    const to = hexToPrincipal(random.pick([delegate, operator]));
    return sendNew(world, random.pick([operator, delegate]), 'grant_mandate', { delegate: to, terms });
  },
  revoke: (world, random) => {
    const { live: mandates } = world.twin.tables.mandateIndex.get();
    const mandate = mandates[random.below(3)] ?? random.below(20);
    return world.send(random.pick([operator, operator, stranger]), 'revoke_mandate', { mandate });
  },
  ask: (world, random) => {
    const by = random.pick([delegate, ann, ann, stranger, operator]);
    const act = random.pick([
      { release_stop: null },
      { grant_mandate: { delegate: hexToPrincipal(by), terms: termsOf(world, random) } },
    ]);
    return sendNew(world, by, 'ask', { act, reason: random.pick(purposes) });
  },
  approve: (world, random) => {
    const { requests } = world.twin.tables;
    const request = Math.max(0, requests.end() - 1 - random.below(4));
    const found = requests.get(request);
    const isWrong = found === null || random.below(6) === 0;
    const payload_hash = isWrong ? new Uint8Array(random.pick([32, 31])) : payloadHash(found.payload);
    return world.send(random.pick([operator, operator, operator, delegate]), 'approve', { request, payload_hash });
  },
  decline: (world, random) => {
    const request = Math.max(0, world.twin.tables.requests.end() - 1 - random.below(4));
    return world.send(random.pick(people), 'decline', { request });
  },
  'second says': ({ puppet }, random) =>
    puppet.say(random.pick([paidReply(BigInt(random.below(99))), Uint8Array.of(9)])),
  /** It shows money that came in, so that there is some to be paid from. */
  'second shows': async (world) => {
    const block = BigInt(world.commands.length);
    await world.puppet.say(shownBlock(block, world.self));
    await world.send(stranger, 'announce_receipt', { ledger: world.second, block });
  },
  'second hushes': ({ puppet }) => puppet.hush(),
  /** Nobody hears the answers any more. */
  'upgrade over open calls': async (world, random) => {
    await world.puppet.hush();
    await steps.pay!(world, random);
    const ledger = world.second;
    await world.send(stranger, 'announce_receipt', { ledger, block: BigInt(random.below(9)) });
    await world.machine.upgrade();
    await world.puppet.say(paidReply(BigInt(random.below(9))));
  },
  halt: (world, random) =>
    random.below(4) > 0 ? world.send(operator, 'release_stop') : world.send(operator, 'stop', { reason: 'smoke' }),
  'hand over': async (world) => {
    await world.send(operator, 'offer_operation', { to: [hexToPrincipal(ann)] });
    await world.send(ann, 'accept_operation');
    await world.send(ann, 'offer_operation', { to: [hexToPrincipal(operator)] });
    await world.send(operator, 'accept_operation');
  },
};

const weights = {
  ...{ pay: 40, 'pay oddly': 10, repeat: 6, mint: 10, announce: 14, grant: 14, 'grant oddly': 4, revoke: 2 },
  ...{
    ask: 10,
    approve: 16,
    decline: 3,
    'second says': 6,
    'second shows': 6,
    'second hushes': 1,
    'upgrade over open calls': 2,
    'hand over': 1,
    halt: 3,
  },
  ...{ pass: 14, upgrade: 3, stop: 2, freeze: 3, heal: 8 },
};

const eventKinds = [
  ...['MandateGranted', 'MandateRevoked', 'TransferStarted', 'TransferPaid', 'TransferTriedAgain', 'ReceiptBooked'],
  ...['RequestOpened', 'RequestApproved', 'RequestDeclined'],
];

const worlds: WalletWorld[] = [];
afterAll(() => Promise.all(worlds.map((world) => world.close())));

it.each([1, 2])(
  '[machine.same] random life %i of a wallet',
  async (seed) => {
    const world: WalletWorld = { ...(await createMoneyTwins(seed)), commands: [], minted: [] };
    worlds.push(world);
    world.minted.push(await world.mint('main', 10_000n));
    await world.send(stranger, 'announce_receipt', { ledger: world.home, block: world.minted[0]! });
    await world.puppet.say(paidReply(0n));
    for (let i = 0; i < 3; i++) await steps.grant!(world, world.random);
    await live(world, steps, weights, 160);
    await world.puppet.say(paidReply(1n));
    await expectSameLife(world);
  },
  120_000,
);

it('the lives came far', () => {
  expectKinds(worlds, eventKinds);
  expect(worlds.some(({ twin }) => twin.lostCalls() > 0)).toBe(true);
});
