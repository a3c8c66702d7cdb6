// Later versions of the machine, as its developers would make them: the present source, copied and changed in a few lines.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildModule, type Module } from '../../stack/src/deploy/module.ts';
import { root } from '../program.ts';

/** Keeps house rules with who made them. */
export const secondVersion = '0.2.0-journey';
/** Forgets who made the house rules. */
export const lossyVersion = '0.3.0-journey';

const rulesCell = (fields: string) =>
  `  houseRules: defineCell({ number: 51, name: 'houseRules', value: optional(record({ ${fields} })), default: null }),\n};\n`;

const changes: Readonly<Record<string, string>> = {
  [secondVersion]: rulesCell('text: text, by: principal'),
  [lossyVersion]: rulesCell('text: text'),
};

export async function buildMachineVersion(version: string): Promise<Module> {
  return await buildMachineCopy(version, [['stop/tables.ts', /\};\n$/, changes[version]!]]);
}

export type SourceChange = readonly [file: string, from: RegExp, to: string];

/** Kept where builds are kept: a second run of the same source takes the module from there. */
export async function buildMachineCopy(version: string, sourceChanges: readonly SourceChange[]): Promise<Module> {
  const folder = join(root, '.tamc', 'journeys', version);
  mkdirSync(folder, { recursive: true });
  const isSource = (path: string) => !/\.(test\.ts|wasm|did)$/.test(path);
  cpSync(join(root, 'canisters', 'machine'), folder, { recursive: true, filter: isSource });
  change(join(folder, 'version.ts'), /'\d[^']*'/, `'${version}'`);
  for (const [file, from, to] of sourceChanges) change(join(folder, file), from, to);
  const built = await buildModule(folder);
  if (!built.ok) throw new Error(built.error.message);
  return built.value;
}

function change(path: string, from: RegExp, to: string): void {
  const text = readFileSync(path, 'utf8');
  if (!from.test(text)) throw new Error(`${path} has nothing like ${from}`);
  writeFileSync(path, text.replace(from, to));
}
