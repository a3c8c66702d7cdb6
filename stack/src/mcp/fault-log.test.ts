import { expect, it } from 'vitest';
import { createFaultLog } from './fault-log.ts';

function open() {
  const lines: string[] = [];
  let ms = 0;
  const log = createFaultLog(
    (line) => lines.push(line),
    () => ms,
  );
  return { lines, log, pass: (more: number) => (ms += more) };
}

it('a refusal is one line, whatever was sent; a fault of ours has its stack', () => {
  const { lines, log } = open();
  log(new Error('Unsupported Media Type: Content-Type must be application/json'));
  log(Object.assign(new TypeError('write'), { code: 'ENOSPC' }));
  log(new Error(`Unknown message type: a\nb\u001b[2J${'x'.repeat(1_000)}`));
  log('an assistant is left out: its file');
  log(new TypeError('undefined is not a function'));
  const [media, system, long, said, fault] = lines;
  expect([media, system, said]).toEqual([
    'Unsupported Media Type: Content-Type must be application/json',
    'write',
    'an assistant is left out: its file',
  ]);
  expect(long).toMatch(/^Unknown message type: a b \[2Jx+$/);
  expect(long).toHaveLength(300);
  expect(fault).toMatch(/^TypeError: undefined is not a function\n {4}at /);
});

it('a flood is some lines a minute, and then how many more there were', () => {
  const { lines, log, pass } = open();
  for (let i = 0; i < 1_000; i++) log(new Error(`refused ${i}`));
  expect(lines).toHaveLength(20);
  pass(60_000);
  log(new Error('again'));
  expect(lines.slice(20)).toEqual(['980 more like these were left out', 'again']);
});
