import { describe, expect, it } from 'vitest';
import type { CommandRow } from './commands.ts';
import { commands } from './commands.ts';
import { nearest, parseArguments, parsePort } from './parse-arguments.ts';
import { renderCommandHelp, renderHelp } from './render-help.ts';

const row: CommandRow = {
  name: 'sail',
  summary: 'go somewhere',
  positionals: ['WHERE', '[CARGO …]'],
  options: [
    { name: 'speed', value: 'N', text: 'knots' },
    { name: 'night', value: null, text: 'sail at night' },
  ],
  examples: [],
  load: () => Promise.reject(new Error('not run here')),
};

const refusalOf = (...words: string[]) => {
  const given = parseArguments(row, words);
  return given.ok ? 'accepted' : given.error;
};

describe('a command line', () => {
  it('is checked against the row of its command', () => {
    const given = parseArguments(row, ['Lisbon', '--speed=7', 'salt', '--night', '--', '--fish']);
    expect(given).toEqual({
      ok: true,
      value: { values: { speed: '7' }, switches: new Set(['night']), positionals: ['Lisbon', 'salt', '--fish'] },
    });
    expect(parseArguments(row, ['Lisbon', '--speed', '7']).ok).toBe(true);
  });

  it('is refused with what to type instead', () => {
    expect(refusalOf('Lisbon', '--sped', '7')).toBe(
      'There is no option --sped. Did you mean --speed? `tamc sail --help` lists them.',
    );
    expect(refusalOf('Lisbon', '--anchor')).toBe('There is no option --anchor. `tamc sail --help` lists them.');
    expect(refusalOf('Lisbon', '--speed')).toBe('--speed needs a value: --speed N.');
    expect(refusalOf('Lisbon', '--speed', '')).toBe('--speed needs a value: --speed N.');
    expect(refusalOf('Lisbon', '--speed=')).toBe('--speed needs a value: --speed N.');
    expect(refusalOf('Lisbon', '--night=1')).toBe('--night takes no value; write just --night.');
    expect(refusalOf()).toBe('WHERE is missing: tamc sail WHERE [CARGO …]');
  });

  it('has ports from 0 to 65535', () => {
    expect(parsePort(undefined, 7)).toEqual({ ok: true, value: 7 });
    expect(parsePort('0', 7)).toEqual({ ok: true, value: 0 });
    for (const wrong of ['65536', '-1', '1.5', '', 'http']) expect(parsePort(wrong, 7).ok).toBe(false);
  });

  it('is guessed only when it is close', () => {
    expect(nearest('replcia', ['start', 'replica'])).toBe('replica');
    expect(nearest('deploy', ['start', 'replica'])).toBeNull();
  });
});

describe('the help', () => {
  it('shows every command, and every option of each', () => {
    const help = renderHelp(commands);
    for (const command of commands) {
      expect(help).toContain(command.summary);
      const own = renderCommandHelp(command);
      for (const { name, text } of command.options) {
        expect(own).toContain(`--${name}`);
        expect(own).toContain(text);
      }
    }
  });
});
