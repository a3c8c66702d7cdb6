import { ok, refuse } from '@tamc/base/result';
import { expect, it } from 'vitest';
import type { CallError } from './call-error.ts';
import { type MandateReply, readMandates } from './machine-wallet.ts';

const problem = (code: string): CallError => ({ kind: 'rejected', code, message: 'no', nextStep: '' }) as CallError;
const mandateOf = (mandate: number) => ({ mandate }) as MandateReply;

it('mandates that do not fit into one query are read one by one, and those that are gone meanwhile are left out', async () => {
  let one = 0;
  const read = await readMandates({
    mandates: async () => refuse(problem('IC0522')),
    mandate_numbers: async () => ok(Uint32Array.from({ length: 40 }, (_, index) => 40 - index)),
    mandate: async (...given) => {
      const [number] = given;
      expect(given).toHaveLength(1);
      one++;
      return ok(number === 7 ? [] : [mandateOf(number)]);
    },
  });
  expect(one).toBe(40);
  expect(read.ok && read.value.map(({ mandate }) => mandate)).toEqual(
    Array.from({ length: 40 }, (_, index) => index + 1).filter((number) => number !== 7),
  );
});

it('any other problem of reading mandates is told as it is', async () => {
  const never = async () => expect.unreachable();
  for (const code of ['IC0508', 'NetworkUnreachable']) {
    const read = readMandates({ mandates: async () => refuse(problem(code)), mandate_numbers: never, mandate: never });
    expect(await read).toMatchObject({ ok: false, error: { code } });
  }
});
