// A custom section at the end of a module, as tools add metadata.

export function withCustomSection(wasm: Uint8Array, name: string, content: string): Uint8Array {
  const nameBytes = Buffer.from(name);
  const body = [...leb128(nameBytes.length), ...nameBytes, ...Buffer.from(content)];
  return Uint8Array.from([...wasm, 0, ...leb128(body.length), ...body]);
}

function leb128(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb128(value >>> 7)];
}
