// Command ids: made once by the first sender of a command; whoever repeats the command repeats the id.
import { bytesToHex } from '@tamc/base/bytes';

/** 128 random bits: no two senders ever meet. */
export function createCommandId(): string {
  return bytesToHex(crypto.getRandomValues(new Uint8Array(16)));
}
