// Motoko canisters, compiled from source by the public compiler (the npm package `motoko`, which is pure JavaScript).
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import packaged from 'motoko';

// The package is CommonJS; its types and its code agree on this one name.
const motoko = packaged.default;

const folder = new URL('../canisters/motoko/', import.meta.url);
const sources = ['Counter.mo', 'Factory.mo', 'Cell.mo'] as const;

export async function compileMotoko(name: (typeof sources)[number]): Promise<Uint8Array> {
  for (const source of sources) {
    motoko.write(source, await readFile(fileURLToPath(new URL(source, folder)), 'utf8'));
  }
  const errors = motoko.check(name).filter(({ severity }) => severity === 1);
  if (errors.length > 0) throw new Error(`${name} does not compile: ${JSON.stringify(errors)}`);
  const { wasm } = motoko.wasm(name, 'ic') as { wasm: Uint8Array };
  return wasm;
}
