// Who subscribed to a machine is told when it changes, in both revisions and over both ways, by real clients; and nobody else, and no
// longer than they want.
import { Client, InMemoryTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createServerFactory } from '@tamc/mcp-server';
import { serveHttp } from '@tamc/mcp-server/http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { serveTransport } from '../../mcp-server/src/stdio.ts';
import { expectOk } from '../journeys/network.ts';
import { keeperWorld } from './keeper.ts';
import { createWashers } from './machines.ts';
import { createMcpWorld, type McpWorld, settingsOf } from './world.ts';

let world: McpWorld;
let washers: readonly string[];
let closers: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  world = await createMcpWorld();
  washers = await createWashers(await world.assist('first'), 2);
}, 240_000);
afterEach(async () => {
  for (const close of closers.toReversed()) await close();
  closers = [];
});
afterAll(() => world?.close());

const ways = {
  'streams, 2026-07-28': { mode: 'auto', isHttp: false },
  'streams, 2025-11-25': { mode: 'legacy', isHttp: false },
  'HTTP, 2026-07-28': { mode: 'auto', isHttp: true },
  'HTTP, 2025-11-25': { mode: 'legacy', isHttp: true },
} as const;
type Way = keyof typeof ways;

interface Listener {
  readonly told: readonly string[];
  /** Tells how to end it. */
  subscribe(uri: string): Promise<() => Promise<unknown>>;
}

async function connect(way: Way): Promise<Listener> {
  const { mode, isHttp } = ways[way];
  const person = await world.meet(`listener ${way}`);
  const settings = settingsOf(keeperWorld(world, person));
  const factory = createServerFactory(settings);
  const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode } });
  const told: string[] = [];
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => void told.push(params.uri));
  if (isHttp) {
    const endpoint = await serveHttp(() => factory, { port: 0, onFault: settings.onFault });
    closers.push(() => endpoint.close());
    const requestInit = { headers: { authorization: 'Bearer any' } };
    await client.connect(new StreamableHTTPClientTransport(new URL(endpoint.url), { requestInit }));
  } else {
    const [mine, theirs] = InMemoryTransport.createLinkedPair();
    const served = serveTransport(factory, theirs, settings.onFault);
    closers.push(() => served.close());
    await client.connect(mine);
  }
  closers.push(() => client.close());
  expect(client.getServerCapabilities()?.resources?.subscribe).toBe(true);
  return {
    told,
    subscribe: async (uri) => {
      if (mode === 'auto') {
        const listening = await client.listen({ resourceSubscriptions: [uri] });
        return () => listening.close();
      }
      await client.subscribeResource({ uri });
      return () => client.unsubscribeResource({ uri });
    },
  };
}

/** Far more than the pace at which a machine is looked at. */
async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 150 && !isSo(); i++) await pause(100);
  expect(isSo()).toBe(true);
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const describeAnew = async (id: string, charter: string) =>
  expectOk(await world.owner.machine(id).set_charter(charter));

describe.each(Object.keys(ways) as Way[])('a subscription (%s)', (way) => {
  it('tells of changes of that machine alone, until it ends', async () => {
    const [machine, other] = washers as [string, string];
    const { told, subscribe } = await connect(way);
    const uri = `machine://${machine}/statement`;
    const end = await subscribe(uri);
    // Once after the first look: whatever happened before it is not missed.
    await until(() => told.length === 1);
    await describeAnew(other, `other ${way}`);
    await describeAnew(machine, `first ${way}`);
    await until(() => told.length === 2);
    await end();
    await describeAnew(machine, `second ${way}`);
    await pause(3_000);
    expect(told).toEqual([uri, uri]);
  }, 60_000);

  it('to what is no machine is told nothing', async () => {
    const { told, subscribe } = await connect(way);
    for (const uri of ['machine://nobody', 'money://all', 'skill://spin-up-a-fleet/SKILL.md']) {
      // The newer revision has no answer for one address of several.
      if (ways[way].mode === 'auto') await subscribe(uri);
      else await expect(subscribe(uri)).rejects.toThrow('Nothing can be watched there');
    }
    await subscribe(`machine://${world.owner.text}`);
    await pause(3_000);
    expect(told).toEqual([]);
  }, 60_000);
});
