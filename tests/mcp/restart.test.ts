// A network that goes away under the server and comes back: said so, with what to do; the next call works, and an act is done once.
import { ok } from '@tamc/base/result';
import { bindLedger, connect, identityFromSeed } from '@tamc/client';
import { sha256 } from '@tamc/protocol/hash';
import { principalToText } from '@tamc/protocol/principal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectOk } from '../journeys/network.ts';
import { keeperWorld } from './keeper.ts';
import { createWashers } from './machines.ts';
import { type Assistant, createMcpWorld, dollar, type McpWorld } from './world.ts';

let world: McpWorld;
let assistant: Assistant;
let machine: string;
let opened = 0;
/** What happens to a request on its way: it comes through, finds nobody, or its answer gets lost. */
let way: 'open' | 'away' | 'calls lose their answer' = 'open';

const fetchOn: typeof fetch = async (...request) => {
  if (way === 'away') throw new TypeError('fetch failed');
  const answer = await world.replica.fetch(...request);
  if (way === 'open' || !String(request[0]).endsWith('/call')) return answer;
  throw new TypeError('socket hang up');
};

beforeAll(async () => {
  world = await createMcpWorld();
  const identity = identityFromSeed(sha256(new Uint8Array([7])));
  const attach = async () => {
    opened++;
    const { rootKey } = world.replica;
    return expectOk(await connect({ url: 'http://127.0.0.1', fetch: fetchOn, rootKey, identity }));
  };
  let connection: Awaited<ReturnType<typeof attach>> | null = null;
  const person = { ...world.owner, id: (await attach()).self };
  opened = 0;
  const mine = {
    ...keeperWorld(world, person),
    open: async () => {
      connection ??= await attach();
      return ok({ connection, registry: world.registry, owner: person.id, nowNs: world.nowNs });
    },
    lost: () => {
      connection = null;
    },
  };
  assistant = await world.assist('restarted', 'auto', { world: mine });
  [machine = ''] = await createWashers(assistant, 1);
}, 240_000);
afterAll(() => world?.close());

describe('a network that goes away', () => {
  it('is said to be away, with what to do, and is looked for again by the next call', async () => {
    expect((await assistant.call('network')).facts).not.toBe(null);
    expect(opened).toBe(1);
    way = 'away';
    const { facts, text } = await assistant.call('machines');
    expect(facts).toBe(null);
    expect(text).toMatch(/^NetworkUnreachable: .*\nNext: .*try again/);
    way = 'open';
    expect((await assistant.call('machines')).facts).toMatchObject({ machines: [{ id: machine }] });
    expect(opened).toBe(2);
  }, 120_000);

  it('in the middle of an act leaves open whether it was done; repeated with its command id it is done once', async () => {
    const { ledger, minter, owner } = world;
    const to = principalToText(owner.id);
    const balance = async () => expectOk(await bindLedger(minter.connection, ledger).balanceOf(owner.account));
    const before = await balance();
    await world.fundMachine(machine, 5n * dollar);
    const payment = { machine, to, amount: '1', purpose: 'rent', command_id: 'rent' };
    const planned = await assistant.call('pay', payment);
    way = 'calls lose their answer';
    const lost = await assistant.call('pay', { ...payment, confirm: planned.facts!.confirm });
    way = 'open';
    expect(lost.text).toMatch(/\nNext: It may have been done\. .* command_id "rent"/);
    expect((await assistant.act('pay', payment)).facts, lost.text).toMatchObject({ status: 'paid' });
    expect((await balance()) - before).toBe(dollar);
  }, 120_000);
});
