import { describe, expect, it } from 'vitest';
import { shareReading } from './shared-reading.ts';

describe('a shared reading', () => {
  const createReading = () => {
    let ms = 0;
    const open: ((value: number) => void)[] = [];
    const fail: ((error: Error) => void)[] = [];
    const read = () =>
      new Promise<number>((resolve, reject) => {
        open.push(resolve);
        fail.push(reject);
      });
    return { ...shareReading(read, () => ms), open, fail, pass: (byMs: number) => (ms += byMs) };
  };

  it('is one for all who ask while it lasts', async () => {
    const { ask, open } = createReading();
    const asked = [ask(), ask(), ask()];
    expect(open.length).toBe(1);
    open[0]!(7);
    expect(await Promise.all(asked)).toEqual([7, 7, 7]);
  });

  it('is made anew only after a rest as long as it took', async () => {
    const { ask, open, pass } = createReading();
    const first = ask();
    pass(300);
    open[0]!(1);
    expect(await first).toBe(1);
    pass(299);
    expect(await ask()).toBe(1);
    pass(1);
    const second = ask();
    expect(open.length).toBe(2);
    open[1]!(2);
    expect(await second).toBe(2);
  });

  it('is made anew without the rest for who asks for that, one at a time', async () => {
    const { ask, askAnew, open, pass } = createReading();
    const first = ask();
    pass(300);
    open[0]!(1);
    await first;
    const asked = [askAnew(), askAnew(), ask()];
    expect(open.length).toBe(2);
    open[1]!(2);
    expect(await Promise.all(asked)).toEqual([2, 2, 2]);
  });

  it('that began before something was changed is nothing for who asks after it', async () => {
    const { ask, forget, open, pass } = createReading();
    const before = ask();
    forget();
    const after = [ask(), ask()];
    expect(open.length).toBe(2);
    pass(10);
    open[0]!(1);
    expect(await before).toBe(1);
    pass(100);
    after.push(ask());
    expect(open.length).toBe(2);
    open[1]!(2);
    expect(await Promise.all(after)).toEqual([2, 2, 2]);
  });

  it('that failed is told to all who waited, and tried again', async () => {
    const { ask, open, fail, pass } = createReading();
    const asked = [ask(), ask()];
    pass(10);
    fail[0]!(new Error('gone'));
    expect(await Promise.allSettled(asked)).toMatchObject([{ reason: { message: 'gone' } }, { status: 'rejected' }]);
    pass(10);
    const again = ask();
    open[1]!(3);
    expect(await again).toBe(3);
  });
});
