// Finds a Wasm module inside a Candid argument without decoding it: Candid writes a blob as its length in LEB128 and then
// the bytes as they are. A wrong guess costs nothing but a blob that is not shared.

/** How a module begins: plain, or compressed by gzip. */
const beginnings = [
  [0x00, 0x61, 0x73, 0x6d],
  [0x1f, 0x8b, 0x08],
] as const;
/** install_code puts little before the module; a long install argument may stand there, then it is not found. */
const searchedBytes = 4096;

export function findModule(arg: Uint8Array): { start: number; end: number } | null {
  for (let start = 1; start < Math.min(searchedBytes, arg.length); start++) {
    if (!beginnings.some((bytes) => bytes.every((byte, i) => arg[start + i] === byte))) continue;
    const length = lengthBefore(arg, start);
    if (length !== null) return { start, end: start + length };
  }
  return null;
}

/** The LEB128 number that ends just before `end`, if it is the length of what most of the argument consists of. */
function lengthBefore(arg: Uint8Array, end: number): number | null {
  for (let digits = 2; digits <= 4 && digits <= end; digits++) {
    let length = 0;
    for (let i = 0; i < digits; i++) length += (arg[end - digits + i]! & 0x7f) * 128 ** i;
    const isNumber = arg.subarray(end - digits, end - 1).every((byte) => byte >= 0x80) && arg[end - 1]! < 0x80;
    if (isNumber && length > arg.length / 2 && end + length <= arg.length) return length;
  }
  return null;
}
