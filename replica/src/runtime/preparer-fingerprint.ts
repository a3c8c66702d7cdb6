// What the rewriting of modules is like in this version, as one number: kept beside what it has rewritten, so that no
// other version takes that for its own. It is the hash of what becomes of a sample module that uses nearly every
// instruction once, and of what the functions of the System API cost.
import { createHash } from 'node:crypto';
import { encodeRecord } from '../codec/record.ts';
import { apiSignature } from '../system-api/imports.ts';
import { apiTable, apiTable32, apiTableExtra } from '../system-api/table.ts';
import { executionVersion } from '../version.ts';
import { prepareModule } from '../wasm/prepare.ts';

/** Every numeric operation and conversion, loads and stores, bulk operations, each kind of jump, calls, globals, data. */
const sample = Buffer.from(
  'AGFzbQEAAAABFARgAX8Bf2AAAGACf38AYAN+fn4AAkIDA2ljMAltc2dfcmVwbHkAAQNpYzAVbXNnX3JlcGx5X2RhdGFfYXBwZW5kAAIDaWMwDn' +
    'N0YWJsZTY0X3dyaXRlAAMDBwYAAQEBAQEEBAFwAAEFBQEBA4QHBiQFfwFBAQt+AUJ/C30BQwAAwD8LfAFEAAAAAAAABMALfwBBAwsHWAUGbWVt' +
    'b3J5AgATY2FuaXN0ZXJfdXBkYXRlIGFsbAAEEGNhbmlzdGVyX3F1ZXJ5IHEABg1jYW5pc3Rlcl9pbml0AAcSY2FuaXN0ZXJfaGVhcnRiZWF0AA' +
    'gIAQUJBwEAQQALAQMMAQIKxQgGCgAgACAALQAAagulCAQBfwF+AX0BfCAAZxogAGgaIABpGiAAwBogAMEaIABFGiACqBogAvwAGiAAshogAqka' +
    'IAL8ARogALMaIAOqGiAD/AIaIAC3GiADqxogA/wDGiAAuBogAXkaIAF6GiABexogAcIaIAHDGiABUBogAq4aIAL8BBogAbQaIAKvGiAC/AUaIA' +
    'G1GiADsBogA/wGGiABuRogA7EaIAP8BxogAboaIAHEGiABpxogAKwaIACtGiADthogArsaIAK8GiADvRogAL4aIAG/GiACixogAowaIAKNGiAC' +
    'jhogAo8aIAKQGiACkRogA5kaIAOaGiADmxogA5waIAOdGiADnhogA58aIAAgAGoaIAAgAGsaIAAgAGwaIAAgAG0aIAAgAG4aIAAgAG8aIAAgAH' +
    'AaIAAgAHEaIAAgAHIaIAAgAHMaIAAgAHQaIAAgAHUaIAAgAHYaIAAgAHcaIAAgAHgaIAAgAEYaIAAgAEcaIAAgAEgaIAAgAEkaIAAgAEoaIAAg' +
    'AEsaIAAgAEwaIAAgAE0aIAAgAE4aIAAgAE8aIAEgAXwaIAEgAX0aIAEgAX4aIAEgAX8aIAEgAYAaIAEgAYEaIAEgAYIaIAEgAYMaIAEgAYQaIA' +
    'EgAYUaIAEgAYYaIAEgAYcaIAEgAYgaIAEgAYkaIAEgAYoaIAEgAVEaIAEgAVIaIAEgAVMaIAEgAVQaIAEgAVUaIAEgAVYaIAEgAVcaIAEgAVga' +
    'IAEgAVkaIAEgAVoaIAIgApIaIAIgApMaIAIgApQaIAIgApUaIAIgApYaIAIgApcaIAIgApgaIAIgAlsaIAIgAlwaIAIgAl0aIAIgAl4aIAIgAl' +
    '8aIAIgAmAaIAMgA6AaIAMgA6EaIAMgA6IaIAMgA6MaIAMgA6QaIAMgA6UaIAMgA6YaIAMgA2EaIAMgA2IaIAMgA2MaIAMgA2QaIAMgA2UaIAMg' +
    'A2YaIAAoAggaIAAgADYCgIAEIAAiACEAIwAkACAAIAAgABsaIAApAwgaIAAgATcDgIAEIAEiASEBIwEkASABIAEgABsaIAAqAggaIAAgAjgCgI' +
    'AEIAIiAiECIwIkAiACIAIgABsaIAArAwgaIAAgAzkDgIAEIAMiAyEDIwMkAyADIAMgABsaIAAgADoAACAALAAAGiAALQAAGiAAIAA7AQAgAC4B' +
    'ABogAC8BABogACABPAAAIAAwAAAaIAAxAAAaIAAgAT0BACAAMgEAGiAAMwEAGiAAIAE+AgAgADQCABogADUCABogACAAIAD8CwAgACAAIAD8Cg' +
    'AAIAAgACAA/AgBAPwJAT8AGiAAQAAaAQJAA0AgAA0AIAAOAgEAAQsLIAAEf0EBBUF5CxogABADGiAAQQARAAAaEAAgACAAEAEgASABIAEQAiAA' +
    'BEAACyAABEAPCwNAQQAoAgANAAsLBgBBAiQACwQAEAALAgALAgALCxcCAEHwogQLBmFjdGl2ZQEHcGFzc2l2ZQ==',
  'base64',
);

let known: string | null = null;

export function preparerFingerprint(): string {
  known ??= createHash('sha256')
    .update(encodeRecord([executionVersion, prepareSample(), costs()]))
    .digest('hex')
    .slice(0, 16);
  return known;
}

function prepareSample(): unknown {
  const prepared = prepareModule(sample, apiSignature);
  if (!prepared.ok) return prepared.error.message;
  const { compile: _, ...rest } = prepared.value;
  return rest;
}

function costs(): [string, number][] {
  return [...apiTable, ...apiTableExtra, ...apiTable32].map(({ name, overhead }) => [name, overhead]);
}
