// The help texts, made from the table of commands.
import type { CommandRow } from './commands.ts';

export function renderHelp(commands: readonly CommandRow[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    'tamc: an Internet Computer on your machine, and the Autonomous Machine Cloud on it',
    '',
    'Usage: tamc COMMAND [OPTIONS]',
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    '`tamc COMMAND --help` shows the options of one command, `tamc --version` the version.',
  ].join('\n');
}

export function renderCommandHelp({ name, summary, positionals, options, examples }: CommandRow): string {
  const rows = [...options, { name: 'help', value: null, text: 'show this' }].map((option) => ({
    form: `--${option.name}${option.value === null ? '' : ` ${option.value}`}`,
    text: option.text,
  }));
  const width = Math.max(...rows.map(({ form }) => form.length));
  return [
    `tamc ${name}: ${summary}`,
    '',
    `Usage: ${['tamc', name, ...positionals, '[OPTIONS]'].join(' ')}`,
    '',
    ...rows.map(({ form, text }) => `  ${form.padEnd(width)}  ${text}`),
    '',
    ...examples.map((example) => `  ${example}`),
  ].join('\n');
}
