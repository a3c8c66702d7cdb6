// One update over HTTP with an unmodified agent and its defaults: what the server takes, and what the client's own
// checking takes, told apart by timing the same call with the agent's fetch measured.
import { Actor, HttpAgent } from '@dfinity/agent';
import { Ed25519KeyIdentity } from '@dfinity/identity';
import { createWith } from '../../harness/canisters.ts';
import { buildSample } from '../../harness/sample.ts';
import { type Benchmark, createFigure, median } from '../figure.ts';
import { openReplica } from '../open-replica.ts';

const calls = 30;

export const http: Benchmark = {
  name: 'http',
  about: 'one update over HTTP with @dfinity/agent, defaults, one after the other',
  run: async (say) => {
    const wasm = await buildSample();
    const { replica, remove } = await openReplica();
    try {
      const canister = await createWith(replica, wasm);
      const { url } = await replica.listen({ port: 0 });
      const server: number[] = [];
      const timedFetch: typeof fetch = async (input, init) => {
        const start = performance.now();
        const response = await fetch(input, init);
        const body = await response.arrayBuffer();
        if (String(input).includes('/call')) server.push(performance.now() - start);
        const timed = new Response(body, response);
        Object.defineProperty(timed, 'url', { value: response.url });
        return timed;
      };
      const agent = await HttpAgent.create({
        host: url,
        identity: Ed25519KeyIdentity.generate(),
        fetch: timedFetch,
        shouldFetchRootKey: true,
      });
      const actor = Actor.createActor(({ IDL }) => IDL.Service({ inc: IDL.Func([], [IDL.Nat], []) }), {
        agent,
        canisterId: canister,
      });
      const inc = actor.inc as () => Promise<bigint>;
      for (let i = 0; i < 5; i++) await inc();
      server.length = 0;
      const whole: number[] = [];
      say(`${calls} updates`);
      for (let i = 0; i < calls; i++) {
        const start = performance.now();
        await inc();
        whole.push(performance.now() - start);
      }
      return [
        createFigure('update over HTTP, request until response', 'ms', median(server), null, {
          kind: 'valueAtMost',
          bound: 15,
        }),
        createFigure("the client's own signing and checking", 'ms', median(whole) - median(server), null, null),
      ];
    } finally {
      await remove();
    }
  },
};
