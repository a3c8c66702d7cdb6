// The books of everybody, looked at together: no unit of money is anywhere but in an account, and every machine's statement says
// of its accounts what the ledger says.
import { type BalanceReply, bindLedger, wordOf } from '@tamc/client';
import { type Account, parseAccount } from '@tamc/protocol/account';
import type { PrincipalHex } from '@tamc/protocol/principal';
import { purses, purseToAccount } from '@tamc/protocol/purse';
import { expect } from 'vitest';
import { expectOk, type Network } from './network.ts';
import type { Person } from './people.ts';

export interface Books {
  /** Made by the minting account and given to somebody. */
  fund(account: Account, amount: bigint): Promise<bigint>;
  balanceOf(account: Account): Promise<bigint>;
  /** Once nothing is on its way any more. */
  check(): Promise<void>;
}

export interface Accounts {
  readonly people: readonly Person[];
  readonly machines: readonly PrincipalHex[];
  readonly others: readonly Account[];
}

const pageMax = 100;

export function createBooks(network: Network, minter: Person, accounts: () => Accounts): Books {
  let minted = 0n;
  const ledger = bindLedger(minter.connection, minter.ledger.id);
  const balanceOf = async (account: Account) => expectOk(await ledger.balanceOf(account));
  return {
    balanceOf,
    fund: async (to, amount) => {
      minted += amount;
      return expectOk(await ledger.transfer({ to, amount, createdNs: network.stampNs() }));
    },
    check: async () => {
      const { people, machines, others } = accounts();
      await network.until('nothing is on its way', async () => {
        const open = await Promise.all(machines.map((id) => openTransfers(minter, id)));
        return open.every((count) => count === 0);
      });
      for (const id of machines) await checkMachine(minter, id, balanceOf);
      const purseAccounts = machines.flatMap((id) => purses.map((purse) => purseToAccount(id, purse)));
      const all = [...people.map(({ account }) => account), ...purseAccounts, ...others];
      const balances = await Promise.all(all.map(balanceOf));
      const supply = expectOk(await ledger.methods.icrc1_total_supply());
      expect(balances.reduce((sum, balance) => sum + balance, 0n)).toBe(supply);
      // What is missing of all that was ever made are fees, whole ones.
      const { fee } = expectOk(await ledger.facts());
      expect((minted - supply) % fee).toBe(0n);
      expect(minted).toBeGreaterThanOrEqual(supply);
    },
  };
}

async function openTransfers(minter: Person, id: PrincipalHex): Promise<number> {
  const machine = minter.machine(id);
  const balances = expectOk(await machine.balances());
  const orders = expectOk(await machine.orders(0, pageMax));
  const moving = orders.filter(({ status }) => 'pulling' in status || 'settling' in status).length;
  return balances.filter(({ reserved }) => reserved > 0n).length + moving;
}

async function checkMachine(minter: Person, id: PrincipalHex, balanceOf: Books['balanceOf']): Promise<void> {
  const machine = minter.machine(id);
  const { entries, next } = expectOk(await machine.statement(0, pageMax));
  expect(entries.length, 'the statement fits one page').toBe(next);
  for (const balance of expectOk(await machine.balances())) {
    const own = entries.filter((entry) => isOf(entry, balance));
    const told = own.reduce((sum, { change }) => sum + change, balance.carried);
    expect(told, `statement of ${wordOf(balance.purse)}`).toBe(balance.booked);
    const account = expectOk(parseAccount(balance.account));
    expect(await balanceOf(account), `${wordOf(balance.purse)} on the ledger`).toBe(balance.booked);
    if ('escrow' in balance.purse) expect(balance.booked).toBe(await heldBy(machine));
  }
}

const isOf = (entry: { ledger: BalanceReply['ledger']; purse: object }, balance: BalanceReply) =>
  entry.ledger.toText() === balance.ledger.toText() && wordOf(entry.purse) === wordOf(balance.purse);

/** What open orders hold, and nothing else, lies in escrow. */
async function heldBy(machine: ReturnType<Person['machine']>): Promise<bigint> {
  const orders = expectOk(await machine.orders(0, pageMax));
  return orders.filter(({ status }) => 'running' in status).reduce((sum, { hold }) => sum + hold, 0n);
}
