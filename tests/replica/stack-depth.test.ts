// How deep calls nest is a property of the module, not of how V8 compiled it or how much stack there was left: cold and
// warm code, queries and updates, the first execution and a repeated one all reach the same depth.
import { createReplica, type Replica } from '@tamc/replica';
import { describe, expect, it } from 'vitest';
import { compileWat, createWith } from '../harness/canisters.ts';
import { startNs } from '../harness/world.ts';

const range = (count: number, each: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => each(i)).join(' ');
const smaller = '(i32.sub (local.get $n) (i32.const 1))';
const isLast = '(if (i32.eqz (local.get $n)) (then (call $bottom) (return (i32.const 0))))';

/** `$deep n` nests n calls and then calls `$bottom`. */
const shapes: Readonly<Record<string, string>> = {
  'a function that calls itself': `(func $deep (param $n i32) (result i32) ${isLast}
    (i32.add (i32.const 1) (call $deep ${smaller})))`,
  'functions that call each other': `(func $deep (param $n i32) (result i32) ${isLast}
      (i32.add (i32.const 1) (call $other ${smaller} (i64.const 3))))
    (func $other (param $n i32) (param $x i64) (result i32) ${isLast}
      (i32.add (i32.wrap_i64 (local.get $x)) (call $third ${smaller})))
    (func $third (param $n i32) (result i32) ${isLast} (i32.add (i32.const 1) (call $deep ${smaller})))`,
  'calls through the table': `(table 1 funcref) (elem (i32.const 0) $deep) (type $t (func (param i32) (result i32)))
    (func $deep (param $n i32) (result i32) ${isLast}
      (i32.add (i32.const 1) (call_indirect (type $t) ${smaller} (i32.const 0))))`,
  'large frames': `(func $deep (param $n i32) (result i32) ${range(400, (i) => `(local $l${i} i64)`)} ${isLast}
    ${range(400, (i) => `(local.set $l${i} (i64.load offset=${i} (local.get $n)))`)}
    (call $deep ${smaller})
    ${range(400, (i) => `(local.get $l${i})`)} ${range(399, () => 'i64.add')} i32.wrap_i64 i32.add)`,
  'many operands': `(func $deep (param $n i32) (result i32) ${isLast}
    ${range(300, (i) => `(i32.load offset=${i} (local.get $n))`)} (call $deep ${smaller}) ${range(300, () => 'i32.add')})`,
};

function moduleWith(deep: string): string {
  return `(module
    (import "ic0" "msg_reply" (func $reply))
    (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
    (import "ic0" "msg_arg_data_copy" (func $copy (param i32 i32 i32)))
    (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
    (import "ic0" "stable64_write" (func $write (param i64 i64 i64)))
    (import "ic0" "stable64_read" (func $read (param i64 i64 i64)))
    (import "ic0" "trap" (func $trap (param i32 i32)))
    (memory 20) (global $count (mut i32) (i32.const 0)) (data (i32.const 1200000) "the text")
    ;; 0 nothing, 1 trap, 2 grow, 3 unreachable
    (func $bottom (local $what i32)
      (local.set $what (i32.load (i32.const 1000004)))
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (i32.store (i32.const 1100000) (global.get $count))
      (drop (call $grow (i64.const 1)))
      (call $write (i64.const 60000) (i64.const 1200000) (i64.const 8))
      (if (i32.eq (local.get $what) (i32.const 1)) (then (call $trap (i32.const 1200000) (i32.const 8))))
      (if (i32.eq (local.get $what) (i32.const 2))
        (then (drop (memory.grow (i32.const 5))) (i32.store (i32.const 1600000) (i32.const 77))))
      (if (i32.eq (local.get $what) (i32.const 3)) (then (unreachable))))
    ${deep}
    (func $enter
      (call $copy (i32.const 1000000) (i32.const 0) (i32.const 8))
      (i32.store (i32.const 1000008) (call $deep (i32.load (i32.const 1000000))))
      (call $append (i32.const 1000008) (i32.const 4)) (call $reply))
    (func (export "canister_update go") (call $enter))
    (func (export "canister_query ask") (call $enter))
    (func (export "canister_update fail") (global.set $count (i32.const 99)) (unreachable))
    (func (export "canister_query look")
      (i32.store (i32.const 0) (global.get $count)) (call $append (i32.const 0) (i32.const 4))
      (call $append (i32.const 1100000) (i32.const 4))
      (i32.store (i32.const 0) (memory.size)) (call $append (i32.const 0) (i32.const 4))
      (call $read (i64.const 0) (i64.const 60000) (i64.const 8)) (call $append (i32.const 0) (i32.const 8)) (call $reply)))`;
}

function input(depth: number, what = 0): Uint8Array {
  return new Uint8Array(Uint32Array.of(depth, what).buffer);
}

async function deepest(replica: Replica, canister: string): Promise<number> {
  let [fits, fails] = [1, 1_000_000];
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    const answer = await replica.query({ canister, method: 'ask', arg: input(middle) });
    if (answer.kind === 'replied') fits = middle;
    else {
      expect(answer).toMatchObject({
        code: 5,
        errorCode: 'IC0502',
        message: expect.stringContaining('stack overflow'),
      });
      fails = middle;
    }
  }
  return fits;
}

const open = () => createReplica({ memory: true, virtualTime: { startNs } });

describe.each(Object.entries(shapes))('recursion by %s', (_, deep) => {
  it('[exec.stack-depth] reaches the same depth in cold and in warm code, and the state does not depend on either', async () => {
    const module = await compileWat(moduleWith(deep));
    const warm = await open();
    const canister = await createWith(warm, module);
    const depth = await deepest(warm, canister);
    expect(depth).toBeGreaterThan(1_000);
    for (let i = 0; i < 500; i++) await warm.query({ canister, method: 'ask', arg: input(200) });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await deepest(warm, canister)).toBe(depth);

    const cold = await open();
    expect(await createWith(cold, module)).toBe(canister);
    for (const replica of [warm, cold]) {
      const answers = [
        replica.call({ canister, method: 'go', arg: input(depth) }),
        replica.call({ canister, method: 'go', arg: input(10) }),
        // What returned in this round is executed again after this trap.
        replica.call({ canister, method: 'fail' }),
        replica.call({ canister, method: 'go', arg: input(depth + 1) }),
        replica.call({ canister, method: 'go', arg: input(depth) }),
      ];
      const kinds = (await Promise.all(answers)).map((answer) =>
        answer.kind === 'replied' ? 'replied' : answer.errorCode,
      );
      expect(kinds).toEqual(['replied', 'replied', 'IC0502', 'IC0502', 'replied']);
    }
    expect(warm.stateHash()).toBe(cold.stateHash());
    await Promise.all([warm.close(), cold.close()]);
  });
});

describe('an execution that needs more stack than the thread has', () => {
  const depths = { shallow: 10, deep: 60_000 };

  async function outcomes(depth: number) {
    const replica = await open();
    const canister = await createWith(replica, await compileWat(moduleWith(shapes['a function that calls itself']!)));
    const seen: unknown[] = [];
    for (const what of [0, 1, 2, 3, 0]) {
      const answer = await replica.call({ canister, method: 'go', arg: input(depth, what) });
      const look = await replica.query({ canister, method: 'look' });
      seen.push(answer.kind === 'replied' ? 'replied' : [answer.errorCode, answer.message]);
      seen.push(look.kind === 'replied' ? Buffer.from(look.data).toString('hex') : look);
    }
    await replica.close();
    return seen;
  }

  it('[exec.stack-depth] ends as one that does not: in its answer, its traps, its heap, globals and stable memory', async () => {
    const shallow = await outcomes(depths.shallow);
    expect(shallow.filter((each) => each === 'replied').length).toBe(3);
    expect(await outcomes(depths.deep)).toEqual(shallow);
  });

  it('[exec.stack-depth] is asked from the depths of a program too', async () => {
    const replica = await open();
    const canister = await createWith(replica, await compileWat(moduleWith(shapes['large frames']!)));
    const ask = (frames: number): ReturnType<Replica['query']> =>
      frames === 0 ? replica.query({ canister, method: 'ask', arg: input(50) }) : ask(frames - 1);
    for (const frames of [10, 2_000, 4_000, 5_000]) expect((await ask(frames)).kind).toBe('replied');
    await replica.close();
  });
});
