// The Azle canister that tests and benchmarks use.
import { buildCanister } from '@tamc/stack';

export async function buildSample(): Promise<Uint8Array<ArrayBuffer>> {
  const built = await buildCanister('tests/canisters/sample');
  if (!built.ok) throw new Error(`the sample canister does not build: ${JSON.stringify(built.error)}`);
  return built.value.wasm;
}
