// A machine of real Wasm with money: the real ledger, the simulated desk, and a second ledger that a test makes lie or hang.
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { accountToCandid } from '@tamc/protocol/account';
import { hexToPrincipal, type PrincipalHex, principalToHex } from '@tamc/protocol/principal';
import { type Purse, purses, purseToAccount } from '@tamc/protocol/purse';
import { DeskInitType } from '@tamc/protocol/simulated-desk';
import { deviceKey, init, keyOf, operator, stranger } from '../../canisters/machine/test-machine.ts';
import { createCanister, encode, install } from '../harness/canisters.ts';
import { createTestWorld, secondNs, type TestWorld } from '../harness/world.ts';
import { buildLedger, installLedger, minter } from '../ledger/harness.ts';
import { buildMachine, createMachine, type Value } from './machine-world.ts';
import { createPuppet } from './puppet.ts';

export const guest = keyOf('guest');
export const delegate = keyOf('delegate');
export { deviceKey, operator, stranger };
/** Who pays it burns. */
export const minterOf = principalToHex(minter.owner);
export const fee = 10n;
export const dayNs = 86_400n * secondNs;
export const cyclesPerUnit = 1_000_000n;

export type MoneyWorld = Awaited<ReturnType<typeof createMoneyWorld>>;

export interface MoneyWorldParts<World extends TestWorld> {
  readonly world: World;
  /** Where the source of the machine and of the desk lies. */
  readonly machineFolder: string;
  readonly deskFolder: string;
}

export async function createMoneyWorld() {
  const world = await createTestWorld();
  return createMoneyWorldIn({ world, machineFolder: 'canisters/machine', deskFolder: 'canisters/simulated-desk' });
}

export async function createMoneyWorldIn<World extends TestWorld>(parts: MoneyWorldParts<World>) {
  const { world, machineFolder, deskFolder } = parts;
  const { replica } = world;
  const ledger = await installLedger(replica, await buildLedger(), { transfer_fee: fee });
  const puppet = await createPuppet(world);
  const desk = await createCanister(replica);
  const home = Principal.fromText(ledger.canister);
  const second = Principal.fromText(puppet.canister);
  const { wasm } = await buildMachine(deskFolder);
  await install(
    replica,
    desk,
    wasm,
    'install',
    encode([DeskInitType], [{ ledger: home, cycles_per_unit: cyclesPerUnit }]),
  );
  const machine = await createMachine(world, machineFolder, {
    ...init,
    ledgers: [
      { id: home, symbol: 'USD', decimals: 6, fee },
      { id: second, symbol: 'LIE', decimals: 2, fee: 1n },
    ],
    home_ledger: home,
    compute: { simulated_desk: { desk: Principal.fromText(desk) } },
  });
  // What it earns stays in its wallet: those who test compute say otherwise.
  await machine.done(operator, 'set_compute', { target: 0n, low_cycles: 0n, floor_cycles: 0n, top_up_amount: 0n });
  const self = principalToHex(Principal.fromText(machine.canister));
  const accountOf = (purse: Purse) => accountToCandid(purseToAccount(self, purse)) as never;
  let ids = 0;

  async function mint(to: PrincipalHex | Purse, amount: bigint): Promise<bigint> {
    const purse = purses.find((one) => one === to);
    const account =
      purse === undefined ? { owner: hexToPrincipal(to as PrincipalHex), subaccount: [] } : accountOf(purse);
    const result = await ledger.transfer(minter.owner, { to: account, amount });
    if ('Err' in result) throw new Error(`not minted: ${Object.keys(result.Err).join()}`);
    return result.Ok;
  }

  return {
    ...world,
    ledger,
    puppet,
    desk,
    machine,
    home,
    second,
    self,
    mint,
    now: () => replica.time.nowNs(),
    fund: async (amount: bigint, purse: Purse = 'main') => {
      const block = await mint(purse, amount);
      return machine.done(stranger, 'announce_receipt', { ledger: home, block });
    },
    approve: (who: PrincipalHex, amount: bigint) => {
      const spender = { owner: Principal.fromText(machine.canister), subaccount: [] };
      return ledger.approve(hexToPrincipal(who), { spender, amount });
    },
    balanceOf: (who: PrincipalHex): Promise<bigint> => ledger.balance({ owner: hexToPrincipal(who), subaccount: [] }),
    inPurse: (purse: Purse): Promise<bigint> => ledger.balance(accountOf(purse)),
    booked: async (purse: Purse, on = home): Promise<Value> => {
      const balances: Value[] = await machine.query('balances');
      return balances.find((one) => purse in one.purse && one.ledger.toText() === on.toText());
    },
    payment: (amount: bigint, more: object = {}) => {
      const to = { owner: hexToPrincipal(stranger), subaccount: [] };
      return { command_id: `p${ids++}`, ledger: home, to, amount, purpose: 'spare parts', ...more };
    },
    order: (quantity: bigint, tariff = 0) => ({ command_id: `o${ids++}`, tariff, quantity, subaccount: [] }),
    terms: (more: object = {}) => ({
      label: 'buyer',
      ledger: home,
      amount_range: { min: 1n, max: 500n },
      budget: { amount: 1_000n, period_ns: dayNs },
      agent_recurrence: 10,
      allowed_payees: { any: null },
      allowed_purposes: { only: ['spare parts'] },
      not_before_ns: 0n,
      expires_ns: replica.time.nowNs() + 30n * dayNs,
      reserve_floor: 100n,
      ask_above: 300n,
      powers: ['tariff'],
      ...more,
    }),
    /** What the machine has to spend on computing. */
    cycles: async (): Promise<bigint> => (await machine.query('compute')).cycles,
  };
}

/** The reply of a ledger that pays: its block. */
export function paidReply(block: bigint): Uint8Array {
  return encode([IDL.Variant({ Ok: IDL.Nat, Err: IDL.Reserved })], [{ Ok: block }]);
}
