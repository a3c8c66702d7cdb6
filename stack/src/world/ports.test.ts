import { createServer } from 'node:http';
import { createReplica } from '@tamc/replica';
import { afterEach, expect, it } from 'vitest';
import { listenOn } from './ports.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function listenWithNode(port: number): Promise<number> {
  const server = createServer();
  closers.push(() => server.close());
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

async function listenWithReplica(port: number): Promise<number> {
  const replica = await createReplica({ memory: true });
  closers.push(() => replica.close());
  return Number(new URL((await replica.listen({ port })).url).port);
}

it.each([listenWithNode, listenWithReplica])('a port that nobody chose gives way: %o', async (listen) => {
  const taken = await listenWithNode(0);
  const port = await listenOn({ port: taken, isChosen: false, option: '--port' }, listen);
  expect(port).toBeGreaterThan(0);
  expect(port).not.toBe(taken);
});

it.each([listenWithNode, listenWithReplica])('one that was chosen is said, with how to choose: %o', async (listen) => {
  const taken = await listenWithNode(0);
  await expect(listenOn({ port: taken, isChosen: true, option: '--mcp-port' }, listen)).rejects.toMatchObject({
    message: expect.stringContaining(String(taken)),
    nextStep: expect.stringContaining('npm start -- --mcp-port 0'),
  });
});
