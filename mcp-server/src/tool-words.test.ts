// Refusals of canisters in the words of tools: none that an assistant can meet sends it to a method that it does not have.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { toToolWords } from './tool-words.ts';
import { tools } from './tools/index.ts';

const folder = resolve(import.meta.dirname, '../../protocol/src');
/** Of machines and of births and upgrades: what tools call. */
const files = [
  'commands',
  'compute',
  'control',
  'devices',
  'identity',
  'use',
  'wallet-refusals',
  'registry-refusals',
  'stop',
];
const row = /\n {2}(\w+): \{\n\s+kind: '\w+',\n\s+message:\s+'([^'\n]*)',\n\s+nextStep:\s+'([^'\n]*)'/g;
const refusals = files.flatMap((file) =>
  [...readFileSync(join(folder, `${file}.ts`), 'utf8').matchAll(row)].map(
    ([, code = '', message = '', nextStep = '']) => ({
      code,
      message,
      nextStep,
    }),
  ),
);

/** Said only to devices, operators of code, governors and customers with their own wallets: no tool calls what they answer. */
const elsewhere = new Set([
  ...['ReportFromFuture', 'CodeHashInvalid', 'NoKeyProposed', 'NothingOffered', 'EngineHasNoCycles', 'LayoutInvalid'],
  ...[
    'ChunksMissing',
    'CodeKnown',
    'CodeUnknown',
    'BirthForOther',
    'TooManyStandingMandates',
    'StandingMandateUnknown',
  ],
  ...['BirthUnknown', 'BirthGoesOn', 'BirthOutcomeUnknown', 'UpgradeUnknown', 'UpgradeGoesOn'],
  ...['RequestUnknown', 'PayloadDiffers', 'LedgerUnknown'],
]);

it('every refusal that a tool can meet speaks of tools and arguments, not of methods and minor units', () => {
  expect(refusals.length).toBeGreaterThan(90);
  const names = [...tools.map(({ name }) => name), 'command_id', 'icrc2_approve'].join('|');
  for (const refusal of refusals.filter(({ code }) => !elsewhere.has(code))) {
    const { message, nextStep } = toToolWords(refusal);
    const foreign = `${message} ${nextStep}`
      .replace(new RegExp(`\\b(${names})\\b`, 'g'), '')
      .match(/\w+_\w+|\w+\(|minor/g);
    expect(foreign, `${refusal.code}: ${message} ${nextStep}`).toBeNull();
  }
});

it('a field of a birth is the argument of the call', () => {
  const theirs = {
    code: 'FieldInvalid',
    message: 'births[0].model must be a line',
    nextStep: 'correct births[0].model',
  };
  expect(toToolWords(theirs)).toMatchObject({ message: '`model` must be a line', nextStep: 'correct `model`' });
});
