import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Terminal } from './hidden-keys.ts';
import { readSilently } from './passphrase.ts';

/** As the kernel has it: until a program switches that off, what is typed is shown. `atSight`: is typed when something is asked. */
function createTerminal(atSight: string) {
  const keys = new PassThrough();
  let isRaw = false;
  let screen = '';
  let left = atSight;
  const type = (text: string) => {
    if (!isRaw) screen += text;
    keys.write(text);
  };
  const setRawMode = (mode: boolean) => {
    isRaw = mode;
    return keys;
  };
  const terminal: Terminal = {
    input: Object.assign(keys, { setRawMode }),
    output: {
      write: (text: string) => {
        screen += text;
        type(left);
        left = '';
      },
    },
  };
  const hangUp = () => keys.end();
  return { terminal, type, hangUp, screen: () => screen, isRaw: () => isRaw };
}

describe('a passphrase that is typed', () => {
  it('is not shown, typed at the very sight of the question', async () => {
    const { terminal, screen, isRaw } = createTerminal('abcd-efgh\r');
    expect(await readSilently("Owner's passphrase: ", terminal)).toBe('abcd-efgh');
    expect(screen()).toBe("Owner's passphrase: \n");
    expect(isRaw()).toBe(false);
  });

  it('may be typed slowly, and corrected', async () => {
    const { terminal, type, screen } = createTerminal('');
    const read = readSilently('? ', terminal);
    for (const key of ['a', 'x', '\u007f', 'ü', '\b', 'b', '\u001b', '\n']) type(key);
    expect(await read).toBe('ab');
    expect(screen()).toBe('? \n');
  });

  it.each([
    ['Ctrl-C', (_: () => void, type: (text: string) => void) => type('ab\u0003')],
    ['Ctrl-D', (_: () => void, type: (text: string) => void) => type('\u0004')],
    ['a terminal that is closed', (hangUp: () => void) => hangUp()],
  ])('is none after %s, and the terminal is as it was', async (_, leave) => {
    const { terminal, type, hangUp, isRaw } = createTerminal('');
    const read = readSilently('? ', terminal);
    leave(hangUp, type);
    expect(await read).toBeNull();
    expect(isRaw()).toBe(false);
  });
});
