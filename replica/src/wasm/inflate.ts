// The module as uploaded, unpacked: plain WebAssembly as it is, gzip inflated up to a limit and not a byte further.

import { gunzipSync } from 'node:zlib';
import { moduleLimits } from './limits.ts';
import { adviceFor, refuseDecoding, refuseModule } from './refusal.ts';

const gzipBytesMin = 16; // Header and footer are 8 bytes each at least.

export function inflateModule(uploaded: Uint8Array): Uint8Array {
  if (startsWith(uploaded, [0x00, 0x61, 0x73, 0x6d])) {
    if (uploaded.length > moduleLimits.moduleBytes) refuseTooLarge(uploaded.length);
    return uploaded;
  }
  if (startsWith(uploaded, [0x1f, 0x8b, 0x08])) return inflateGzip(uploaded);
  return refuseDecoding('unsupported canister module format');
}

function inflateGzip(uploaded: Uint8Array): Uint8Array {
  if (uploaded.length < gzipBytesMin) refuseDecoding('invalid Wasm module: gzip stream is too short');
  // The footer may lie, so it only bounds what inflating may produce.
  const view = new DataView(uploaded.buffer, uploaded.byteOffset, uploaded.byteLength);
  const stated = view.getUint32(uploaded.length - 4, true);
  if (stated > moduleLimits.moduleBytes) refuseTooLarge(stated);
  const inflated = gunzip(uploaded, stated);
  if (inflated.length !== stated) refuseMismatch(stated);
  return inflated;
}

function gunzip(uploaded: Uint8Array, stated: number): Uint8Array {
  try {
    return gunzipSync(uploaded, { maxOutputLength: Math.max(1, stated) });
  } catch (error) {
    if (error instanceof RangeError) return refuseMismatch(stated);
    const reason = error instanceof Error ? error.message : String(error);
    return refuseDecoding(`failed to decode compressed Wasm module: ${reason}`);
  }
}

function refuseMismatch(stated: number): never {
  refuseDecoding(`specified uncompressed size ${stated} does not match extracted size`);
}

function refuseTooLarge(size: number): never {
  refuseModule(
    `Wasm module size of ${size} exceeds the maximum allowed size of ${moduleLimits.moduleBytes}.`,
    adviceFor(
      'Try shrinking the module using tools like `ic-wasm` or splitting the logic across multiple canisters.',
      'wasm-module-too-large',
    ),
  );
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}
